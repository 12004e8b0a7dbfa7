/* From light to a print: noise out, tones in. */
#ifndef DEMO_DEVELOP_H
#define DEMO_DEVELOP_H

#include "trace.h"

/* One step of the filter: reads `from`'s light from around, writes `to`'s. Steps have strides 1, 2, 4, ... */
void develop_smooth_row(const pixel *from, pixel *to, int y, int width, int height, int stride);
/* 8 bit sRGB with a little noise against banding. */
void develop_row(const pixel *row, const vec *glow, int y, int width, int height, unsigned char *rgb);
/* Bright light spreads in a lens: a blurred copy of what is brighter than white. Returned memory is the caller's.
 */
vec *develop_glow(const pixel *pixels, int width, int height);

#endif
