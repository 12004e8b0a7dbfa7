/* Inverse depth maps: a host's values, unknown ones, their range. */
#ifndef KB3D_LIB_DEPTH_H
#define KB3D_LIB_DEPTH_H

#include "ctx.h"
#include "raster.h"

#include <kb3d/scene.h>

/* Turns a map's values (one channel of F32) into inverse depth in place; unknown
   ones become NaN. */
void kb3d_depth_interpret(kb3d_raster *map, kb3d_depth_kind kind);

/* The step between neighbouring values of a map that came from 8 bits, else 0. */
float kb3d_depth_step(const kb3d_raster *map);

/* Replaces NaN by the farther of the nearest known values to the left and right,
   rows without any by the nearest row. A map without any known value is refused. */
kb3d_status kb3d_depth_fill_unknown(kb3d_raster *map, kb3d_call *call);

typedef struct kb3d_depth_range {
    float min, max;
    float far, near; /* percentiles 0.5 and 99.5 */
} kb3d_depth_range;

kb3d_depth_range kb3d_depth_measure(const float *disp, size_t count);

#endif
