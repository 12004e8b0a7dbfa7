/* Depth as colours, to be looked at. */
#ifndef KB3D_TOOLS_FALSECOLOR_H
#define KB3D_TOOLS_FALSECOLOR_H

#include "report.h"

#include <kb3d/image.h>

/*
 * Draws a GRAYF32 map into an RGB8 picture of its size: from dark blue, the far end, over violet and red to light
 * yellow, the near end. Equal steps of inverse depth are equal steps of lightness. The map's 0.5th and 99.5th
 * percentile are the ends, so that a few odd values do not take the range. Reports when memory is out.
 */
kb3d_exit kb3d_false_color(const kb3d_image *map, kb3d_image *color);

#endif
