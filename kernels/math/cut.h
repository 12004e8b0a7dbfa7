/* Cutting a layer into patches: pixels beside tears, and squares where inverse depth is planar. */
#ifndef KB3D_MATH_CUT_H
#define KB3D_MATH_CUT_H

#include "layer.h"

KB3D_FN int kb3d_cut_has_point(const kb3d_surface *s, int x, int y) {
    return x >= 0 && y >= 0 && x < s->width && y < s->height &&
           (!s->mask || s->mask[(size_t)y * s->width + x]);
}

KB3D_FN float kb3d_cut_disp_at(const kb3d_surface *s, int x, int y) {
    return s->disp[(size_t)y * s->width + x];
}

/* A neighbour, 0..7, clockwise from the top: where it is, and its bits of covers and reach. */
typedef struct kb3d_neighbour {
    int x, y;
    uint8_t cover, reach;
} kb3d_neighbour;

KB3D_FN kb3d_neighbour kb3d_neighbour_at(int i) {
    const int side[8] = {0, 1, 1, 1, 0, -1, -1, -1};
    kb3d_neighbour n = {side[i], side[(i + 6) & 7], (uint8_t)(1 << i), (uint8_t)(i & 1 ? 0 : 1 << (i >> 1))};
    return n;
}

/* Slope along one axis from the neighbours that are joined. */
KB3D_FN float kb3d_cut_slope(const kb3d_surface *s, int x, int y, int dx, int dy) {
    float here = kb3d_cut_disp_at(s, x, y), sum = 0;
    int count = 0;
    for (int sign = -1; sign <= 1; sign += 2) {
        int nx = x + sign * dx, ny = y + sign * dy;
        if (kb3d_cut_has_point(s, nx, ny) && !kb3d_is_torn(here, kb3d_cut_disp_at(s, nx, ny), s->jump)) {
            sum += (kb3d_cut_disp_at(s, nx, ny) - here) * (float)sign;
            count++;
        }
    }
    return count ? sum / (float)count : 0;
}

KB3D_FN float kb3d_cut_settled_disp(const kb3d_surface *s, int x, int y) {
    return kb3d_settled_disp(s->disp, s->mask, s->width, s->height, x, y, s->jump);
}

KB3D_FN void kb3d_cut_pixel_patch(const kb3d_surface *s, int x, int y, kb3d_patch *p) {
    p->x = x;
    p->y = y;
    p->size = 1;
    p->reach = 0;
    p->disp = kb3d_cut_settled_disp(s, x, y);
    p->disp_x = kb3d_cut_slope(s, x, y, 1, 0);
    p->disp_y = kb3d_cut_slope(s, x, y, 0, 1);
    p->covers = 255;
    p->soft = s->soft ? s->soft[(size_t)y * s->width + x] : (uint8_t)(s->before ? KB3D_SOFT_GUARD : KB3D_SOFT_NONE);
    p->is_edge = p->soft != KB3D_SOFT_NONE;
    for (int i = 0; i < 8; i++) {
        kb3d_neighbour n = kb3d_neighbour_at(i);
        int nx = x + n.x, ny = y + n.y;
        if (nx < 0 || ny < 0 || nx >= s->width || ny >= s->height)
            continue; /* the picture's border is not a silhouette */
        int there = kb3d_cut_has_point(s, nx, ny);
        float disp = there ? kb3d_cut_disp_at(s, nx, ny) : 0;
        if (there && kb3d_is_torn(p->disp, disp, s->jump))
            disp = kb3d_cut_settled_disp(s, nx, ny);
        if (there && !kb3d_is_torn(p->disp, disp, s->jump))
            continue;
        p->is_edge = 1;
        if (s->before && !kb3d_is_torn(p->disp, s->before[(size_t)ny * s->width + nx], s->jump))
            continue; /* it goes on there */
        if (there && disp < p->disp)
            p->covers &= (uint8_t)~n.cover;
        else if (there && s->soft && s->soft[(size_t)ny * s->width + nx] >= KB3D_SOFT)
            continue; /* the farther layer goes on behind it */
        p->reach |= n.reach;
    }
    /* a corner between two sides that are covered is no silhouette */
    for (int i = 1; i < 8; i += 2) {
        int sides = 1 << (i - 1) | 1 << ((i + 1) & 7);
        if ((p->covers & sides) == sides)
            p->covers |= (uint8_t)(1 << i);
    }
}

/* Whether a plane of bytes is zero within a rectangle. */
KB3D_FN int kb3d_cut_is_zero(const kb3d_surface *s, const uint8_t *plane, int x0, int y0, int x1, int y1) {
    for (int y = y0; y < y1; y++) {
        uint8_t any = 0;
        for (int x = x0; x < x1; x++)
            any |= plane[(size_t)y * s->width + x];
        if (any)
            return 0;
    }
    return 1;
}

/* The least and the most inverse depth of a rectangle, in lanes. */
KB3D_FN void kb3d_cut_range(const kb3d_surface *s, int x0, int y0, int x1, int y1, float *low, float *high) {
    enum { LANES = 8 };
    float lows[LANES], highs[LANES];
    for (int k = 0; k < LANES; k++)
        lows[k] = highs[k] = kb3d_cut_disp_at(s, x0, y0);
    for (int y = y0; y < y1; y++) {
        const float *row = s->disp + (size_t)y * s->width;
        int x = x0;
        for (; x + LANES <= x1; x += LANES)
            for (int k = 0; k < LANES; k++) {
                lows[k] = kb3d_min_f(lows[k], row[x + k]);
                highs[k] = kb3d_max_f(highs[k], row[x + k]);
            }
        for (; x < x1; x++) {
            lows[0] = kb3d_min_f(lows[0], row[x]);
            highs[0] = kb3d_max_f(highs[0], row[x]);
        }
    }
    *low = lows[0];
    *high = highs[0];
    for (int k = 1; k < LANES; k++) {
        *low = kb3d_min_f(*low, lows[k]);
        *high = kb3d_max_f(*high, highs[k]);
    }
}

/* Whether a square is one surface and planar within the tolerance. */
KB3D_FN int kb3d_cut_is_planar(const kb3d_surface *s, int x0, int y0, int size, kb3d_patch *p) {
    int x1 = x0 + size, y1 = y0 + size;
    if (x1 > s->width || y1 > s->height || s->before)
        return 0;
    /* Beside a tear every pixel is a patch of its own: look one pixel further. */
    int wx0 = kb3d_max_i(x0 - 1, 0), wy0 = kb3d_max_i(y0 - 1, 0);
    int wx1 = kb3d_min_i(x1 + 1, s->width), wy1 = kb3d_min_i(y1 + 1, s->height);
    if (s->soft && !kb3d_cut_is_zero(s, s->soft, x0, y0, x1, y1))
        return 0;
    float low, high;
    kb3d_cut_range(s, wx0, wy0, wx1, wy1, &low, &high);
    if (s->mask) {
        for (int y = wy0; y < wy1; y++)
            for (int x = wx0; x < wx1; x++)
                if (!s->mask[(size_t)y * s->width + x])
                    return 0;
    }
    if (high - low > s->jump && !s->soft) /* it may be torn: look at the pairs */
        for (int y = wy0; y < wy1; y++)
            for (int x = wx0; x < wx1; x++) {
                float d = kb3d_cut_disp_at(s, x, y);
                if (x + 1 < wx1 && kb3d_is_torn(d, kb3d_cut_disp_at(s, x + 1, y), s->jump))
                    return 0;
                if (y + 1 >= wy1)
                    continue;
                if (kb3d_is_torn(d, kb3d_cut_disp_at(s, x, y + 1), s->jump) ||
                    (x + 1 < wx1 && kb3d_is_torn(d, kb3d_cut_disp_at(s, x + 1, y + 1), s->jump)) ||
                    (x > wx0 && kb3d_is_torn(d, kb3d_cut_disp_at(s, x - 1, y + 1), s->jump)))
                    return 0;
            }
    /* Least squares plane on a regular grid: mean and two independent slopes. */
    float middle = 0.5f * (float)(size - 1), sum = 0, sum_x = 0, sum_y = 0, norm = 0;
    for (int y = 0; y < size; y++) {
        float row = 0;
        for (int x = 0; x < size; x++) {
            float d = kb3d_cut_disp_at(s, x0 + x, y0 + y);
            row += d;
            sum_x += d * ((float)x - middle);
        }
        sum += row;
        sum_y += row * ((float)y - middle);
        norm += ((float)y - middle) * ((float)y - middle);
    }
    norm *= (float)size;
    p->disp = sum / (float)(size * size);
    p->disp_x = sum_x / norm;
    p->disp_y = sum_y / norm;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            float plane = p->disp + p->disp_x * ((float)x - middle) + p->disp_y * ((float)y - middle);
            if (kb3d_abs_f(kb3d_cut_disp_at(s, x0 + x, y0 + y) - plane) > s->tolerance)
                return 0;
        }
    p->x = x0;
    p->y = y0;
    p->size = (uint8_t)size;
    p->is_edge = p->reach = p->soft = 0;
    p->covers = 255;
    return 1;
}

/* A group of no patches yet. */
KB3D_FN kb3d_group kb3d_cut_empty(uint32_t first) {
    kb3d_group g = {first, 0, 0, 3.0e38f, -3.0e38f};
    return g;
}

/* What a patch adds to its group but its number. */
KB3D_FN void kb3d_cut_note(kb3d_group *g, const kb3d_patch *p) {
    float spread = (kb3d_abs_f(p->disp_x) + kb3d_abs_f(p->disp_y)) * (0.5f * (float)p->size + 0.5f);
    g->disp_min = kb3d_min_f(g->disp_min, p->disp - spread);
    g->disp_max = kb3d_max_f(g->disp_max, p->disp + spread);
    g->fringes += (uint32_t)kb3d_is_fringe(p);
}

#endif
