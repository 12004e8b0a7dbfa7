/* A map at a larger size, whatever the picture shows. */
#ifndef KB3D_MATH_ENLARGE_H
#define KB3D_MATH_ENLARGE_H

#include "base.h"

typedef struct kb3d_enlarging {
    const float *from;
    int width, height;
    float *to;
    int to_width, to_height;
} kb3d_enlarging;

KB3D_FN float kb3d_enlarge_at(const kb3d_enlarging *e, int x, int y) {
    float scale_x = (float)e->width / (float)e->to_width, scale_y = (float)e->height / (float)e->to_height;
    float from_x = ((float)x + 0.5f) * scale_x - 0.5f, from_y = ((float)y + 0.5f) * scale_y - 0.5f;
    int x0 = kb3d_floor_i(from_x), y0 = kb3d_floor_i(from_y);
    float fx = from_x - (float)x0, fy = from_y - (float)y0;
    const float *top = e->from + (size_t)kb3d_clamp_i(y0, 0, e->height - 1) * e->width;
    const float *bottom = e->from + (size_t)kb3d_clamp_i(y0 + 1, 0, e->height - 1) * e->width;
    int left = kb3d_clamp_i(x0, 0, e->width - 1), right = kb3d_clamp_i(x0 + 1, 0, e->width - 1);
    float t = top[left] + (top[right] - top[left]) * fx, b = bottom[left] + (bottom[right] - bottom[left]) * fx;
    return t + (b - t) * fy;
}

#endif
