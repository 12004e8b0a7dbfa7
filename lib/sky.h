/* The sky: farthest, up to the very edge of what stands before it. */
#ifndef KB3D_LIB_SKY_H
#define KB3D_LIB_SKY_H

#include "segment.h"

#include <kernels.h>

/* The sky of all segments as one plane of 0..1 of the map's size, without what is hardly
   sky: bits in windows, and where the depth says that something near is shown. data is
   NULL when nothing is left. */
kb3d_status kb3d_sky_find(kb3d_ctx *ctx, const kb3d_segments *segments, const kb3d_raster *map, kb3d_raster *sky,
                          kb3d_call *call);

/* Lowers the map's sky (inverse depth, of the sky's size) to the far end of the rest. */
kb3d_status kb3d_sky_lower(kb3d_ctx *ctx, const kb3d_raster *sky, kb3d_raster *map, kb3d_call *call);

/* The same at the picture's size, after refinement, along the picture's edges, and without
   a rim of depths between: what stands before the sky has its own depth up to its edge. */
kb3d_status kb3d_sky_finish(kb3d_ctx *ctx, const kb3d_raster *sky, const kb3d_raster *picture,
                            const kb3d_texture *texture, float *disp, kb3d_call *call);

#endif
