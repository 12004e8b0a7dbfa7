/* Depth from the context's network. */
#ifndef KB3D_LIB_ESTIMATE_H
#define KB3D_LIB_ESTIMATE_H

#include "ctx.h"
#include "raster.h"

/* Runs the depth network on the picture (any raster) at the network's own size:
   area average down, manifest's order, mean and std; the answer turned into
   inverse depth and normalised (conventions: 99.5th percentile = 1, 0.5th =
   0.05, clamped below to 0). *estimate: one channel of F32, the network output's size.
   *name: the model's name, alive as long as the context. */
kb3d_status kb3d_estimate_depth(kb3d_ctx *ctx, const kb3d_raster *picture, kb3d_raster *estimate,
                                const char **name, kb3d_call *call);

#endif
