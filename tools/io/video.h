/* Files written through libav: .mp4 (H.264), .webm (VP9), .avi (MPEG-4) and .gif. */
#ifndef KB3D_TOOLS_VIDEO_H
#define KB3D_TOOLS_VIDEO_H

#include "sink.h"

/* One kind of file. */
typedef struct kb3d_video_kind {
    const char *extension;
    const char *encoder; /* libav's name */
    const char *options; /* of the encoder, as libav reads them */
    const char *tag;     /* four characters; empty: libav's own */
    const char *text;    /* for --help and kb3d info */
    bool even;           /* both sides have to be */
} kb3d_video_kind;

/* By a path's extension, whatever its case; NULL: none. */
const kb3d_video_kind *kb3d_video_find_kind(const char *path);

/* One after the other from 0; NULL: no more. */
const kb3d_video_kind *kb3d_video_list_kinds(int index);

/* Whether this libav has the kind's encoder. */
bool kb3d_video_can_write(const kb3d_video_kind *kind);

/* Keeps libav quiet; its own lines come with --verbose. */
void kb3d_video_set_log(bool verbose);

kb3d_exit kb3d_video_open(kb3d_sink **sink, const char *path, const kb3d_video_params *params);

#endif
