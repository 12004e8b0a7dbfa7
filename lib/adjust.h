/* Depth that keeps things whole: people, animals and vehicles in one piece, the sky farthest. */
#ifndef KB3D_LIB_ADJUST_H
#define KB3D_LIB_ADJUST_H

#include "segment.h"

/* Changes `map` (inverse depth, all known, F32, one channel) where segments say so.
   `picture` is the whole picture, of any size. */
kb3d_status kb3d_adjust_depth(kb3d_ctx *ctx, const kb3d_raster *picture, const kb3d_segments *segments,
                              kb3d_raster *map, kb3d_call *call);

/* After refinement: the sky is one far plane up to the very edge of what stands before it.
   `disp` has the texture's size. */
kb3d_status kb3d_adjust_sky(kb3d_ctx *ctx, const kb3d_segments *segments, const kb3d_texture *texture, float *disp,
                            kb3d_call *call);

#endif
