/* Depth that keeps things whole: people, animals and vehicles in one piece. */
#ifndef KB3D_LIB_ADJUST_H
#define KB3D_LIB_ADJUST_H

#include "segment.h"

/* Changes `map` (inverse depth, all known, F32, one channel) where segments but the sky say so.
   `picture` is the whole picture, of any size. */
kb3d_status kb3d_adjust_depth(kb3d_ctx *ctx, const kb3d_raster *picture, const kb3d_segments *segments,
                              kb3d_raster *map, kb3d_call *call);

#endif
