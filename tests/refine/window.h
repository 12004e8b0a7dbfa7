/* What the candidates share: a pixel's place on the small map and its colour. */
#ifndef KB3D_TESTS_REFINE_WINDOW_H
#define KB3D_TESTS_REFINE_WINDOW_H

#include "candidates.h"

#include <math.h>

/* In pixels of the small map, counted from the centre of the first. */
static inline float low_position(int at, int low_size, int size) {
    return ((float)at + 0.5f) * (float)low_size / (float)size - 0.5f;
}

static inline int clamp_int(int v, int low, int high) {
    return v < low ? low : v > high ? high : v;
}

static inline void pixel_color(const refine_input *in, int x, int y, float color[3]) {
    const uint8_t *p = (const uint8_t *)in->texture.data + 4 * (y * in->texture.stride + x);
    for (int c = 0; c < 3; c++)
        color[c] = (float)p[c] * (1 / 255.0f);
}

static inline float color_distance2(const float a[3], const float b[3]) {
    float d0 = a[0] - b[0], d1 = a[1] - b[1], d2 = a[2] - b[2];
    return d0 * d0 + d1 * d1 + d2 * d2;
}

/* A plane of the small map's size at a position on it. */
static inline float interpolate(const float *plane, int width, int height, float lx, float ly) {
    int x0 = (int)floorf(lx), y0 = (int)floorf(ly);
    float fx = lx - (float)x0, fy = ly - (float)y0;
    int xs[2] = {clamp_int(x0, 0, width - 1), clamp_int(x0 + 1, 0, width - 1)};
    const float *top = plane + (size_t)clamp_int(y0, 0, height - 1) * (size_t)width;
    const float *bottom = plane + (size_t)clamp_int(y0 + 1, 0, height - 1) * (size_t)width;
    float t = top[xs[0]] + (top[xs[1]] - top[xs[0]]) * fx, b = bottom[xs[0]] + (bottom[xs[1]] - bottom[xs[0]]) * fx;
    return t + (b - t) * fy;
}

#endif
