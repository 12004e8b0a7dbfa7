/* Where frames go, one after the other: a video, a GIF, a folder of pictures. */
#ifndef KB3D_TOOLS_SINK_H
#define KB3D_TOOLS_SINK_H

#include "../report.h"

#include <kb3d/image.h>

typedef struct kb3d_sink kb3d_sink;

/* All of them report what goes wrong. */
struct kb3d_sink {
    const char *path;
    int sample_count; /* frames, spread over the video, that are wanted by `sample` before the first one */
    kb3d_exit (*sample)(kb3d_sink *sink, const kb3d_image *image);
    kb3d_exit (*begin)(kb3d_sink *sink, kb3d_image *image); /* answers where to render the next frame to */
    kb3d_exit (*end)(kb3d_sink *sink, const kb3d_image *image); /* the frame is there */
    kb3d_exit (*finish)(kb3d_sink *sink);                       /* all frames are: the file takes its name */
    void (*close)(kb3d_sink *sink);                             /* frees; removes what was not finished */
};

typedef struct kb3d_video_params {
    int width;
    int height;
    int fps_numerator;
    int fps_denominator;
    int threads;    /* 0: the encoder's choice */
    bool has_alpha; /* keep it where the format can */
} kb3d_video_params;

#endif
