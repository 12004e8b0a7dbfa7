/* A layer at half its size. */
#include "level.h"

#include "../math/halve.h"

static void halve_row(void *arg, int y) {
    const kb3d_halving *h = arg;
    for (int x = 0; x < h->to.width; x++)
        kb3d_halve_pixel(h, x, y);
}

void kb3d_halve(const kb3d_parallel *par, const kb3d_texture *from, const float *disp, float jump,
                const kb3d_texture *to, float *half_disp) {
    kb3d_halving h = {*from, *to, disp, half_disp, jump};
    par->run(par->impl, to->height, halve_row, &h);
    kb3d_fill_apron(to);
}
