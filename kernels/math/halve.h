/* A layer at half its size. */
#ifndef KB3D_MATH_HALVE_H
#define KB3D_MATH_HALVE_H

#include "layer.h"

typedef struct kb3d_halving {
    kb3d_texture from, to;
    const float *disp;
    float *half_disp;
    float jump;
} kb3d_halving;

/* The second and the third nearest of four. */
KB3D_FN void kb3d_middle_two(const float d[4], float *second, float *third) {
    float a = kb3d_max_f(d[0], d[1]), b = kb3d_min_f(d[0], d[1]);
    float e = kb3d_max_f(d[2], d[3]), f = kb3d_min_f(d[2], d[3]);
    *second = a > e ? kb3d_max_f(b, e) : kb3d_max_f(a, f);
    *third = b < f ? kb3d_min_f(a, f) : kb3d_min_f(b, e);
}

/* Inverse depth of four pixels (left and right of the upper row, then the lower).
   Two of them make a surface, so that thin things do not break up; but a thick
   one that ends here on its right or lower side is cut off, as it grows on its left
   and upper side: it keeps its width. */
KB3D_FN float kb3d_halve_disp(const kb3d_halving *h, int x, int y, const float d[4]) {
    float near_disp, far_disp;
    kb3d_middle_two(d, &near_disp, &far_disp);
    if (!kb3d_is_torn(near_disp, far_disp, h->jump))
        return near_disp;
    const float *before; /* the pixel on the surface's other side */
    if (d[0] > far_disp && d[2] > far_disp && x > 0)
        before = h->disp + (size_t)y * h->from.width + x - 1;
    else if (d[0] > far_disp && d[1] > far_disp && y > 0)
        before = h->disp + (size_t)(y - 1) * h->from.width + x;
    else
        return near_disp;
    return kb3d_is_torn(*before, near_disp, h->jump) ? near_disp : far_disp;
}

KB3D_FN void kb3d_halve_pixel(const kb3d_halving *h, int x, int y) {
    const kb3d_texture *t = &h->from;
    int x1 = kb3d_min_i(2 * x + 1, t->width - 1), y1 = kb3d_min_i(2 * y + 1, t->height - 1), count = 0;
    const int px[4] = {2 * x, x1, 2 * x, x1}, py[4] = {2 * y, 2 * y, y1, y1};
    float d[4], sum[4] = {0, 0, 0, 0};
    for (int i = 0; i < 4; i++)
        d[i] = h->disp[(size_t)py[i] * t->width + px[i]];
    float disp = kb3d_halve_disp(h, 2 * x, 2 * y, d);
    for (int i = 0; i < 4; i++) {
        if (kb3d_is_torn(d[i], disp, h->jump))
            continue;
        ptrdiff_t at = 4 * (py[i] * t->stride + px[i]);
        for (int c = 0; c < 4; c++)
            sum[c] += load_texel(t->data, t->texel, at + c);
        count++;
    }
    ptrdiff_t to = 4 * (y * h->to.stride + x);
    for (int c = 0; c < 4; c++)
        store_texel(h->to.data, t->texel, to + c, sum[c] / (float)count);
    h->half_disp[(size_t)y * h->to.width + x] = disp;
}

#endif
