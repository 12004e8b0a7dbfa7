/*
 * Weaving on one size of the frame: what each of its pixels does, in the order of this file. Memory of all sizes is
 * laid out first. No function reads what it writes at another pixel, so that their order does not matter.
 */
#ifndef KB3D_MATH_WEAVE_LEVEL_H
#define KB3D_MATH_WEAVE_LEVEL_H

#include "weave.h"

enum { KB3D_WEAVE_NONE = -1 };

/* The frame at one size. */
typedef struct kb3d_weave_level {
    int width, height;
    float *disp; /* of the first level the frame's own */
    uint8_t *is_hole;
    uint8_t *color;  /* RGBA; in holes as far as it is known */
    uint8_t *filled; /* the same before the search; only from KB3D_WEAVE_GUIDED on */
    int32_t *source; /* index of a hole's source, or NONE; a known pixel's own where it may be one */
} kb3d_weave_level;

typedef struct kb3d_weaving {
    kb3d_planes planes;
    kb3d_weave_params params;
    void *to;
    kb3d_weave_level levels[KB3D_WEAVE_LEVELS];
    int level_count, number; /* of the level worked on */
    int turn, parity;
    int radius; /* of the blur */
    float weight[KB3D_SMOOTH_RADIUS_MAX + 1];
} kb3d_weaving;

KB3D_FN size_t kb3d_weave_padded(size_t bytes) {
    return (bytes + 63) & ~(size_t)63;
}

/* Lays out the levels; answers their bytes. Without memory it only counts. */
KB3D_FN size_t kb3d_weave_lay_out(kb3d_weaving *w, int width, int height, char *memory) {
    size_t bytes = 0;
    for (int l = 0; l < KB3D_WEAVE_LEVELS; l++, width = (width + 1) / 2, height = (height + 1) / 2) {
        if (l && kb3d_min_i(width, height) < 4 * KB3D_WEAVE_ROW)
            break;
        size_t pixels = (size_t)width * (size_t)height, wide = kb3d_weave_padded(4 * pixels);
        size_t flags = kb3d_weave_padded(pixels), disp = l ? wide : 0, filled = l >= KB3D_WEAVE_GUIDED ? wide : 0;
        if (memory) {
            char *at = memory + bytes;
            kb3d_weave_level *to = &w->levels[l];
            to->width = width;
            to->height = height;
            to->color = (uint8_t *)at;
            to->source = (int32_t *)(void *)(at + wide);
            to->disp = l ? (float *)(void *)(at + 2 * wide) : w->planes.disp;
            to->filled = (uint8_t *)at + 2 * wide + disp;
            to->is_hole = (uint8_t *)at + 2 * wide + disp + filled;
            w->level_count = l + 1;
        }
        bytes += 2 * wide + disp + filled + flags;
    }
    return bytes;
}

KB3D_FN void kb3d_weave_take(const kb3d_weaving *w, int x, int y) {
    const kb3d_planes *p = &w->planes;
    const kb3d_weave_level *to = &w->levels[0];
    ptrdiff_t at = (ptrdiff_t)y * p->width + x;
    float scale = p->texel == KB3D_TEXEL_F32 ? 255.0f : 255.0f / 65535.0f;
    to->is_hole[at] = p->cover[at] != 255;
    if (p->texel == KB3D_TEXEL_U8)
        kb3d_copy_pixel(to->color, at, p->color, at, p->texel);
    else
        for (int c = 0; c < 4; c++)
            store_texel(to->color, KB3D_TEXEL_U8, 4 * at + c, scale * load_texel(p->color, p->texel, 4 * at + c));
}

/* A hole where one of four pixels is one, and of them the farthest surface alone. */
KB3D_FN void kb3d_weave_halve(const kb3d_weaving *w, int x, int y) {
    const kb3d_weave_level *to = &w->levels[w->number], *from = to - 1;
    size_t at = (size_t)y * to->width + x, parts[4];
    int is_hole = 0, sum[4] = {0, 0, 0, 0}, count = 0;
    float farthest = 3.0e38f, disp_sum = 0;
    for (int k = 0; k < 4; k++) {
        int fx = kb3d_min_i(2 * x + k % 2, from->width - 1), fy = kb3d_min_i(2 * y + k / 2, from->height - 1);
        parts[k] = (size_t)fy * from->width + fx;
        is_hole |= from->is_hole[parts[k]];
    }
    for (int k = 0; k < 4; k++)
        if (from->is_hole[parts[k]] == is_hole)
            farthest = kb3d_min_f(farthest, from->disp[parts[k]]);
    for (int k = 0; k < 4; k++) {
        if (from->is_hole[parts[k]] != is_hole || from->disp[parts[k]] - farthest > w->params.jump)
            continue;
        for (int c = 0; c < 4; c++)
            sum[c] += from->color[4 * parts[k] + c];
        disp_sum += from->disp[parts[k]];
        count++;
    }
    for (int c = 0; c < 4; c++)
        to->color[4 * at + c] = (uint8_t)((sum[c] + count / 2) / count);
    to->disp[at] = disp_sum / (float)count;
    to->is_hole[at] = (uint8_t)is_hole;
    if (w->number >= KB3D_WEAVE_GUIDED)
        kb3d_copy_pixel(to->filled, (ptrdiff_t)at, to->color, (ptrdiff_t)at, KB3D_TEXEL_U8);
}

/* Whether a hole's pixel may take (x, y) for its source. */
KB3D_FN int kb3d_weave_may_use(const kb3d_weaving *w, size_t target, int x, int y) {
    const kb3d_weave_level *l = &w->levels[w->number];
    if (x < 0 || y < 0 || x >= l->width || y >= l->height)
        return 0;
    size_t s = (size_t)y * l->width + x;
    return !l->is_hole[s] && l->source[s] != KB3D_WEAVE_NONE && kb3d_weave_fits(l->disp[s], l->disp[target], w->params.jump);
}

KB3D_FN int kb3d_weave_has_room(const kb3d_weave_level *l, int x, int y) {
    return x >= KB3D_WEAVE_RADIUS && x <= l->width + KB3D_WEAVE_RADIUS - KB3D_WEAVE_ROW && y >= KB3D_WEAVE_RADIUS &&
           y + KB3D_WEAVE_RADIUS < l->height;
}

/* Known pixels with a patch around them within the frame may be sources. Holes have none yet. */
KB3D_FN void kb3d_weave_begin(const kb3d_weaving *w, int x, int y) {
    const kb3d_weave_level *l = &w->levels[w->number];
    int at = y * l->width + x;
    l->source[at] = kb3d_weave_has_room(l, x, y) && !l->is_hole[at] ? at : KB3D_WEAVE_NONE;
}

/* Holes: the sources of the level of half the size. */
KB3D_FN void kb3d_weave_descend(const kb3d_weaving *w, int x, int y) {
    const kb3d_weave_level *l = &w->levels[w->number], *coarse = l + 1;
    size_t at = (size_t)y * l->width + x;
    int32_t s = coarse->source[(size_t)(y / 2) * coarse->width + x / 2];
    if (!l->is_hole[at] || s == KB3D_WEAVE_NONE)
        return;
    int sx = 2 * (s % coarse->width) + x % 2, sy = 2 * (s / coarse->width) + y % 2;
    if (kb3d_weave_may_use(w, at, sx, sy))
        l->source[at] = sy * l->width + sx;
}

KB3D_FN void kb3d_weave_take_patch(const kb3d_weaving *w, int x, int y, kb3d_weave_patch *patch) {
    const kb3d_weave_level *l = &w->levels[w->number];
    float nearest = l->disp[(size_t)y * l->width + x] + w->params.jump;
    int weights[KB3D_WEAVE_ROW] = {0, 0, 0, 0, 0, 0, 0, 0};
    patch->weight_sum = 0;
    for (int r = 0; r < KB3D_WEAVE_ROWS; r++) {
        int qy = y + r - KB3D_WEAVE_RADIUS;
        size_t row = (size_t)kb3d_clamp_i(qy, 0, l->height - 1) * l->width;
        for (int i = 0; i < KB3D_WEAVE_ROWS; i++) {
            int qx = kb3d_clamp_i(x + i - KB3D_WEAVE_RADIUS, 0, l->width - 1);
            int is_there = qx == x + i - KB3D_WEAVE_RADIUS && qy >= 0 && qy < l->height && l->disp[row + qx] <= nearest;
            weights[i] = is_there ? 2 - l->is_hole[row + qx] : 0;
            patch->weight_sum += weights[i];
            for (int c = 0; c < 4; c++)
                patch->value[r][4 * i + c] = l->color[4 * (row + qx) + c];
        }
        for (int i = 0; i < 4 * KB3D_WEAVE_ROW; i++)
            patch->weight[r][i] = (int16_t)weights[i / 4];
        for (int i = 4 * KB3D_WEAVE_ROWS; i < 4 * KB3D_WEAVE_ROW; i++)
            patch->value[r][i] = 0;
    }
}

typedef struct kb3d_weave_search {
    const kb3d_weaving *w;
    kb3d_weave_patch patch;
    size_t target;
    int x, y; /* the best source so far; x below 0: none */
    int32_t cost;
} kb3d_weave_search;

KB3D_FN void kb3d_weave_try(kb3d_weave_search *s, int x, int y) {
    const kb3d_weave_level *l = &s->w->levels[s->w->number];
    if (!kb3d_weave_may_use(s->w, s->target, x, y) || (x == s->x && y == s->y))
        return;
    size_t at = (size_t)y * l->width + x;
    int32_t pixel = kb3d_weave_depth_cost(l->disp[at], l->disp[s->target], s->w->params.jump);
    if (s->w->number >= KB3D_WEAVE_GUIDED)
        pixel += kb3d_weave_color_cost(l->color + 4 * at, l->filled + 4 * s->target);
    const uint8_t *around = l->color + 4 * (at - (size_t)KB3D_WEAVE_RADIUS * (size_t)l->width - KB3D_WEAVE_RADIUS);
    int32_t cost = kb3d_weave_patch_cost(&s->patch, around, 4 * (ptrdiff_t)l->width) + s->patch.weight_sum * pixel;
    if (s->x < 0 || cost < s->cost) {
        s->x = x;
        s->y = y;
        s->cost = cost;
    }
}

KB3D_FN void kb3d_weave_try_near(kb3d_weave_search *s, int x, int y, int reach, uint32_t turn) {
    uint32_t random = kb3d_weave_random((uint32_t)s->target, turn);
    kb3d_weave_try(s, x + kb3d_weave_step(random, reach), y + kb3d_weave_step(random >> 16, reach));
}

/* What the neighbours' sources suggest, then chance: around the pixel, and ever nearer to the best source. */
KB3D_FN void kb3d_weave_search_pixel(const kb3d_weaving *w, int x, int y) {
    const int sides[5][2] = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    const kb3d_weave_level *l = &w->levels[w->number];
    kb3d_weave_search s;
    s.w = w;
    s.target = (size_t)y * l->width + x;
    s.x = s.y = -1;
    s.cost = 0;
    kb3d_weave_take_patch(w, x, y, &s.patch);
    for (int k = 0; k < 5; k++) {
        int qx = x + sides[k][0], qy = y + sides[k][1];
        if (qx < 0 || qy < 0 || qx >= l->width || qy >= l->height)
            continue;
        int32_t source = l->source[(size_t)qy * l->width + qx];
        if (source != KB3D_WEAVE_NONE)
            kb3d_weave_try(&s, source % l->width - sides[k][0], source / l->width - sides[k][1]);
    }
    uint32_t turn = (uint32_t)w->turn * 64;
    int reach = kb3d_clamp_i(w->params.reach >> w->number, 2, 32767);
    for (int tries = s.x < 0 ? KB3D_WEAVE_TRIES : 1; tries > 0; tries--)
        kb3d_weave_try_near(&s, x, y, tries > KB3D_WEAVE_TRIES / 2 ? reach / 2 : reach, turn++);
    for (; reach > 0 && s.x >= 0; reach /= 2)
        kb3d_weave_try_near(&s, s.x, s.y, reach, turn++);
    l->source[s.target] = s.x < 0 ? KB3D_WEAVE_NONE : s.y * l->width + s.x;
}

/* A hole's colour: the mean of what its own source and its neighbours' suggest. */
KB3D_FN void kb3d_weave_vote(const kb3d_weaving *w, int x, int y) {
    const kb3d_weave_level *l = &w->levels[w->number];
    size_t at = (size_t)y * l->width + x;
    int sum[4] = {0, 0, 0, 0}, count = 0;
    if (!l->is_hole[at])
        return;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            int qx = x + dx, qy = y + dy;
            if (qx < 0 || qy < 0 || qx >= l->width || qy >= l->height)
                continue;
            int32_t s = l->source[(size_t)qy * l->width + qx];
            if (s == KB3D_WEAVE_NONE || !kb3d_weave_may_use(w, at, s % l->width - dx, s / l->width - dy))
                continue;
            const uint8_t *from = l->color + 4 * ((ptrdiff_t)s - (ptrdiff_t)dy * l->width - dx);
            for (int c = 0; c < 4; c++)
                sum[c] += from[c];
            count++;
        }
    for (int c = 0; c < 4 && count; c++)
        l->color[4 * at + c] = (uint8_t)((sum[c] + count / 2) / count);
}

/* Copies a pixel; a hole's colour is its source's, with the blurred difference to the fill taken off. */
KB3D_FN void kb3d_weave_finish(const kb3d_weaving *w, int x, int y) {
    const kb3d_planes *p = &w->planes;
    const int32_t *source = w->levels[0].source;
    ptrdiff_t at = (ptrdiff_t)y * p->width + x;
    float sum[4] = {0, 0, 0, 0}, norm = 0;
    if (p->cover[at] == 255 || source[at] == KB3D_WEAVE_NONE) {
        kb3d_copy_pixel(w->to, at, p->color, at, p->texel);
        return;
    }
    int y0 = kb3d_max_i(y - w->radius, 0), y1 = kb3d_min_i(y + w->radius, p->height - 1);
    int x0 = kb3d_max_i(x - w->radius, 0), x1 = kb3d_min_i(x + w->radius, p->width - 1);
    for (int qy = y0; qy <= y1; qy++)
        for (int qx = x0; qx <= x1; qx++) {
            ptrdiff_t q = (ptrdiff_t)qy * p->width + qx;
            if (kb3d_is_torn(p->disp[q], p->disp[at], w->params.jump))
                continue;
            float weight = kb3d_gauss_at(w->weight, qx - x, qy - y);
            norm += weight;
            if (p->cover[q] == 255 || source[q] == KB3D_WEAVE_NONE)
                continue;
            for (int c = 0; c < 4; c++)
                sum[c] += (load_texel(p->color, p->texel, 4 * q + c) -
                           load_texel(p->color, p->texel, 4 * (ptrdiff_t)source[q] + c)) * weight;
        }
    for (int c = 0; c < 4; c++)
        store_texel(w->to, p->texel, 4 * at + c, load_texel(p->color, p->texel, 4 * (ptrdiff_t)source[at] + c) +
                                                     sum[c] / norm * w->params.guided);
}

#endif
