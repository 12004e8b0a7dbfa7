/* What networks see of pictures and maps: dense planes. */
#ifndef KB3D_LIB_TENSOR_H
#define KB3D_LIB_TENSOR_H

#include "model.h"
#include "raster.h"

/* A picture as 1x3xHxW for a network: exact area average to width x height, sRGB-encoded
   values clamped to 0..1, then the manifest's channel order, mean and std. The memory is
   kb3d_model_free's. */
kb3d_status kb3d_tensor_from_picture(kb3d_ctx *ctx, kb3d_model *model, const kb3d_raster *picture, int width,
                                     int height, kb3d_tensor *tensor, kb3d_call *call);

/* The same from planes of red, green and blue, 0..1 and sRGB-encoded, of the network's size. */
kb3d_status kb3d_tensor_from_planes(kb3d_ctx *ctx, kb3d_model *model, const float *rgb, int width, int height,
                                    kb3d_tensor *tensor, kb3d_call *call);

float kb3d_srgb_encode(float linear);
float kb3d_srgb_decode(float encoded);

/* Whether a tensor is one map: 1x1xHxW, 1xHxW or HxW with sides 1..8192. */
int kb3d_tensor_is_map(const kb3d_tensor *tensor, int *width, int *height);

#endif
