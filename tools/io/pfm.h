/* Portable float maps: one channel, little-endian, rows from bottom to top. */
#ifndef KB3D_TOOLS_PFM_H
#define KB3D_TOOLS_PFM_H

#include "output.h"

#include <kb3d/image.h>

/* The image is KB3D_FORMAT_GRAYF32. The file is committed. */
kb3d_exit kb3d_pfm_write(const char *path, const kb3d_image *image);

#endif
