/* GIF: one palette for the whole flight, chosen from frames spread over it, and ordered dithering. */
#ifndef KB3D_TOOLS_GIF_H
#define KB3D_TOOLS_GIF_H

#include "video.h"

kb3d_exit kb3d_gif_open(kb3d_sink **sink, const char *path, const kb3d_video_kind *kind,
                        const kb3d_video_params *params);

#endif
