/* PNG files: grey 8 and 16 bit, RGB and RGBA 8 bit. */
#ifndef KB3D_TOOLS_PNG_H
#define KB3D_TOOLS_PNG_H

#include "output.h"

#include <kb3d/image.h>

/* The image is GRAY8, GRAY16, RGB8 or RGBA8. The file is committed. */
kb3d_exit kb3d_png_write(const char *path, const kb3d_image *image);

#endif
