/* Depth on the picture's edges, by a network. */
#ifndef KB3D_LIB_REFINE_NETWORK_H
#define KB3D_LIB_REFINE_NETWORK_H

#include "model.h"
#include "pool.h"
#include "raster.h"

/* Asks the network. *answer: one channel of F32, of whatever size the network answered, in
   the map's units and within its range. Stage "refine". */
kb3d_status kb3d_refine_by_network(kb3d_ctx *ctx, kb3d_model *model, const kb3d_raster *picture,
                                   const kb3d_raster *map, kb3d_raster *answer, kb3d_call *call);

/* A map at another size: area average where it shrinks, bilinear where it grows. */
kb3d_status kb3d_map_resize(kb3d_ctx *ctx, const float *from, int width, int height, float *to, int to_width,
                            int to_height, kb3d_job *job, kb3d_call *call);

#endif
