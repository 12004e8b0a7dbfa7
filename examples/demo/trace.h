/* Light towards the eye, sample by sample. */
#ifndef DEMO_TRACE_H
#define DEMO_TRACE_H

#include "mesh.h"

/* One picture element: what is known exactly, and the light from the surroundings, which is known with noise. */
typedef struct pixel {
    vec direct; /* sun, candle, mirrored and own light, through the air */
    vec color;  /* the surface's colour, through the air */
    vec around; /* light from all sides on the surface */
    vec normal; /* leads the filter */
    float inverse_depth;
} pixel;

/* Draws one row, seen from `aside` metres to the right; the result depends on these and the seed alone. */
void trace_row(const forest *f, pixel *row, int y, int width, int height, uint32_t seed,
               float aside);

#endif
