/* One view of a flight, filled, as points of its path. Inside of extending. */
#ifndef KB3D_LIB_EXTEND_VIEW_H
#define KB3D_LIB_EXTEND_VIEW_H

#include "path.h"

enum { KB3D_SAMPLE_MAX = 17 };

typedef struct kb3d_extension {
    kb3d_path *path;
    kb3d_ctx *ctx;
    kb3d_call *call;
    kb3d_job job;
    int width, height;        /* of the frames to come */
    kb3d_camera frames[KB3D_SAMPLE_MAX]; /* of the flight, evenly in time */
    int frame_count;
    double fraction;          /* of the stage, done */
    kb3d_model *model;        /* the inpainting network, or NULL: the classical way alone */
    kb3d_model *depth_model;  /* one for inverse depth alone beside it, or NULL */
} kb3d_extension;

/* Renders the view of one of the frames, somewhat larger, and makes its holes a layer. */
kb3d_status kb3d_extend_view(kb3d_extension *extension, int frame);

#endif
