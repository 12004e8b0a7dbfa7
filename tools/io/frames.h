/* A folder of pictures: frame_00001.png, frame_00002.png, ... */
#ifndef KB3D_TOOLS_FRAMES_H
#define KB3D_TOOLS_FRAMES_H

#include "sink.h"

/* Makes the folder if need be. */
kb3d_exit kb3d_frames_open(kb3d_sink **sink, const char *path, const kb3d_video_params *params);

#endif
