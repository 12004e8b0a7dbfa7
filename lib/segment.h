/* Which parts of a picture are people, animals, vehicles and sky. */
#ifndef KB3D_LIB_SEGMENT_H
#define KB3D_LIB_SEGMENT_H

#include "model.h"
#include "raster.h"

enum { KB3D_MASK_MAX = 256 };

/* One plane of 0..1. From a network a plane holds all of a class, from the host one thing. */
typedef struct kb3d_segment {
    kb3d_class kind;
    int is_one_thing; /* the host's: not to be split into its connected parts */
    int width, height;
    float *share; /* how likely, or how much, a pixel belongs to it */
} kb3d_segment;

typedef struct kb3d_segments {
    int count;
    kb3d_segment items[KB3D_MASK_MAX];
} kb3d_segments;

/* By the context's segmentation network. Without one, or where the picture shows none of
   the classes, the count is 0; *made_by is the network that was asked, or NULL. */
kb3d_status kb3d_segment_picture(kb3d_ctx *ctx, const kb3d_raster *picture, kb3d_segments *segments,
                                 kb3d_model **made_by, kb3d_call *call);

/* From the host's masks. */
kb3d_status kb3d_segment_masks(kb3d_ctx *ctx, const kb3d_mask *const *masks, int count, kb3d_segments *segments,
                               kb3d_call *call);

void kb3d_segments_free(kb3d_ctx *ctx, kb3d_segments *segments);

#endif
