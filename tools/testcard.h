/* A picture with depth drawn in memory, for measurements that need no file. */
#ifndef KB3D_TOOLS_TESTCARD_H
#define KB3D_TOOLS_TESTCARD_H

#include "picture.h"

/* A textured ground that runs to the horizon, discs at several depths before it. RGB8 and GRAYF32. Reports. */
kb3d_exit kb3d_testcard_draw(kb3d_image *picture, kb3d_image *depth, int width, int height);

#endif
