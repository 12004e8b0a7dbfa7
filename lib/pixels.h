/* The host's strided views: checked, and as kernels take them. */
#ifndef KB3D_LIB_PIXELS_H
#define KB3D_LIB_PIXELS_H

#include "ctx.h"
#include "raster.h"

#include <kb3d/image.h>

/* Which formats a view may have. */
typedef enum kb3d_pixels_use {
    KB3D_USE_PICTURE, /* colours to read */
    KB3D_USE_DEPTH,   /* one channel to read */
    KB3D_USE_FRAME,   /* colours to write */
    KB3D_USE_ON_DEVICE = 16 /* to be or-ed: they may lie there */
} kb3d_pixels_use;

/* Checks a host's image and turns it into kernels' terms; `what` names it. */
kb3d_status kb3d_pixels_from_image(kb3d_pixels *pixels, const kb3d_image *image, kb3d_pixels_use use,
                                   const char *what, kb3d_call *call);

/* What a context allows besides. */
kb3d_pixels_use kb3d_pixels_allow(const kb3d_ctx *ctx, kb3d_pixels_use use);

/* The same for decoded pixels of one, three or four channels. */
kb3d_pixels kb3d_pixels_from_raster(const kb3d_raster *raster);

/* A view's pixels as a raster of three channels, or for a depth map of one
   channel of float (8 bit v / 255, 16 bit v / 65535). */
kb3d_status kb3d_raster_from_pixels(kb3d_raster *raster, kb3d_ctx *ctx, const kb3d_pixels *pixels, kb3d_call *call);

#endif
