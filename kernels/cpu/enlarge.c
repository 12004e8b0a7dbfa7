/* A map at a larger size. */
#include "level.h"

#include "../math/enlarge.h"

static void enlarge_row(void *arg, int y) {
    const kb3d_enlarging *e = arg;
    float *to = e->to + (size_t)y * e->to_width;
    for (int x = 0; x < e->to_width; x++)
        to[x] = kb3d_enlarge_at(e, x, y);
}

void kb3d_enlarge(const kb3d_parallel *par, const float *from, int width, int height, float *to, int to_width,
                  int to_height) {
    kb3d_enlarging e = {from, width, height, to, to_width, to_height};
    par->run(par->impl, to_height, enlarge_row, &e);
}
