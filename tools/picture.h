/* Pixels that the command owns. */
#ifndef KB3D_TOOLS_PICTURE_H
#define KB3D_TOOLS_PICTURE_H

#include "report.h"

#include <kb3d/image.h>

/* Tightly packed and zeroed; I420 and the packed formats. Reports when memory is out. */
kb3d_exit kb3d_picture_alloc(kb3d_image *image, kb3d_format format, int width, int height);

/* Also of an image that is all zero. */
void kb3d_picture_free(kb3d_image *image);

#endif
