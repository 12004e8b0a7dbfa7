/* A flight, frame by frame, into files. */
#ifndef KB3D_TOOLS_EXPORT_H
#define KB3D_TOOLS_EXPORT_H

#include "io/sink.h"
#include "tool.h"

typedef struct kb3d_export_params {
    const char *picture; /* for messages */
    const char *output;  /* a video; NULL: none */
    const char *frames;  /* a folder; NULL: none */
    int frame_count;
    kb3d_video_params video;
} kb3d_export_params;

/* Prepares the path for this size and renders all frames, each kept no longer than it is written. Reports. */
kb3d_exit kb3d_export(kb3d_tool *tool, kb3d_path *path, const kb3d_export_params *params);

#endif
