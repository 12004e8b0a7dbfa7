/* Distances on a grid, and what is nearest. */
#ifndef KB3D_LIB_NEAREST_H
#define KB3D_LIB_NEAREST_H

#include <stdint.h>

/* Distances count in thirds of a pixel. */
enum { KB3D_PIXEL = 3, KB3D_NOWHERE = 60000, KB3D_CLOSED = 65535 };

/* Chamfer distances, 3 to a neighbour and 4 to a diagonal one (Borgefors, 1986). On entry
   `distance` is 0 at the sources, KB3D_NOWHERE elsewhere, and KB3D_CLOSED where no way leads
   and none is wanted; `nearest` (NULL: not wanted) is their own index at the sources. With
   `region` (else NULL) nothing spreads between pixels of different numbers. */
void kb3d_nearest_spread(int width, int height, uint16_t *distance, int32_t *nearest, const uint16_t *region);

#endif
