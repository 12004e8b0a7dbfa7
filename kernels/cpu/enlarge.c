/* A map at a larger size, whatever the picture shows. */
#include "level.h"

#include <math/base.h>

typedef struct enlarging {
    const float *from;
    int width, height;
    float *to;
    int to_width, to_height;
} enlarging;

static void enlarge_row(void *arg, int y) {
    const enlarging *e = arg;
    float scale_x = (float)e->width / (float)e->to_width, scale_y = (float)e->height / (float)e->to_height;
    float from_y = ((float)y + 0.5f) * scale_y - 0.5f;
    int y0 = kb3d_floor_i(from_y);
    float fy = from_y - (float)y0;
    const float *top = e->from + (size_t)kb3d_clamp_i(y0, 0, e->height - 1) * e->width;
    const float *bottom = e->from + (size_t)kb3d_clamp_i(y0 + 1, 0, e->height - 1) * e->width;
    float *to = e->to + (size_t)y * e->to_width;
    for (int x = 0; x < e->to_width; x++) {
        float from_x = ((float)x + 0.5f) * scale_x - 0.5f;
        int x0 = kb3d_floor_i(from_x);
        float fx = from_x - (float)x0;
        int left = kb3d_clamp_i(x0, 0, e->width - 1), right = kb3d_clamp_i(x0 + 1, 0, e->width - 1);
        float t = top[left] + (top[right] - top[left]) * fx, b = bottom[left] + (bottom[right] - bottom[left]) * fx;
        to[x] = t + (b - t) * fy;
    }
}

void kb3d_enlarge(const kb3d_parallel *par, const float *from, int width, int height, float *to, int to_width,
                  int to_height) {
    enlarging e = {from, width, height, to, to_width, to_height};
    par->run(par->impl, to_height, enlarge_row, &e);
}
