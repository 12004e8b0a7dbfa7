/* The evening sky: light from the sun and from the air, clouds, and the air between the eye and things. */
#ifndef DEMO_SKY_H
#define DEMO_SKY_H

#include "vec.h"

extern const vec sun_direction, sun_light;

vec sky_clear(vec direction);
/* With clouds, from the panorama that sky_paint_row has filled. */
vec sky_seen(vec direction);
/* The sky's light on a surface that looks along a normal. */
vec sky_ambient(vec normal);
/* What is left of a colour after `far` metres of air from height y0 to y1, and the air's own light. */
vec sky_through_air(vec color, vec direction, float far, float y0, float y1, vec *kept);

int sky_panorama_begin(int width); /* returns the number of rows to paint */
void sky_paint_row(int row);

#endif
