/* Gradient noise (Perlin 2002), about -1 .. 1, and its sums over octaves. */
#ifndef DEMO_NOISE_H
#define DEMO_NOISE_H

#include "vec.h"

void noise_init(uint32_t seed);
float noise2(float x, float y);
float noise3(vec p);
float fbm2(float x, float y, int octaves);
float fbm3(vec p, int octaves);
/* Sharp crests, 0 .. 1: mountains (Musgrave's ridged multifractal). */
float ridged2(float x, float y, int octaves);

#endif
