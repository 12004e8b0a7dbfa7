/* Depth from the context's network. */
#ifndef KB3D_LIB_ESTIMATE_H
#define KB3D_LIB_ESTIMATE_H

#include "model.h"
#include "raster.h"

/* Runs the depth network on the picture (any raster) at the network's own size:
   area average, the manifest's order, mean and std; the answer turned into
   inverse depth and, but for metric networks, normalised. High quality: the mean
   of several runs. *estimate: one channel of F32 of the network output's size;
   NaN where the answer is no number. Stage "depth", 0..1. */
kb3d_status kb3d_estimate_depth(kb3d_ctx *ctx, const kb3d_raster *picture, kb3d_depth_quality quality,
                                kb3d_raster *estimate, kb3d_model **made_by, kb3d_call *call);

/* Brings inverse depth of any scale and shift onto ours: the 99.5th percentile of
   the known values becomes 1, the 0.5th 0.05; outliers are held in 0..2. Equal
   values all become 1. NaN and infinite values become NaN; false when there is
   nothing else. `scratch` holds as many values. */
bool kb3d_estimate_normalise(float *inverse_depth, size_t count, float *scratch);

#endif
