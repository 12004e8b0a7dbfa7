/*
 * The weighted median of what a pixel is told by the values around it; see snap.h.
 *
 * For one pixel, or for a vector of them, each told by the same number of values. Who includes this says which: vf is
 * a float and vi a mask for each pixel, KB3D_VF(v) is v for each, and KB3D_LOAD(to, from), KB3D_LESS(to, a, b),
 * KB3D_SELECT_F(mask, a, b) and KB3D_MASKED(v, mask), which is v or 0, do what they say.
 */
#ifndef KB3D_MATH_VOTES_H
#define KB3D_MATH_VOTES_H

#include "snap.h"

enum { KB3D_VOTES_MAX = 176 };

typedef struct kb3d_votes {
    int count;
    vf value[KB3D_VOTES_MAX], weight[KB3D_VOTES_MAX];
    vf low, high, total;
} kb3d_votes;

KB3D_FN void kb3d_votes_begin(kb3d_votes *v) {
    v->count = 0;
    v->low = KB3D_VF(3.0e38f);
    v->high = KB3D_VF(-3.0e38f);
    v->total = KB3D_VF(0);
}

/* Weight of a colour that differs by d2, squared, from the pixel's: 1 / (1 + d2 / 2 sigma^2)^2, with the constant
   handed in, and at least `least`. A bell would make noise of 3 sigma a stranger. */
KB3D_FN void kb3d_votes_likeness(const vf *d2, float half_inverse_variance, float least, vf *to) {
    vf t = 1 / (1 + *d2 * half_inverse_variance);
    *to = t * t + least;
}

KB3D_FN void kb3d_votes_add(kb3d_votes *v, const vf *value, const vf *weight) {
    vi is_less, is_more;
    v->value[v->count] = *value;
    v->weight[v->count++] = *weight;
    KB3D_LESS(is_less, *value, v->low);
    KB3D_LESS(is_more, v->high, *value);
    v->low = KB3D_SELECT_F(is_less, *value, v->low);
    v->high = KB3D_SELECT_F(is_more, *value, v->high);
    v->total += *weight;
}

/* The mean of the values that lie within `grain` of the median. */
KB3D_FN void kb3d_votes_median(const kb3d_votes *v, float grain, vf *to) {
    vf low = v->low, high = v->high, half = v->total * KB3D_SNAP_HALF;
    vi mask;
    for (int i = 0; i < KB3D_SNAP_HALVINGS; i++) {
        vf middle = 0.5f * (low + high), below = KB3D_VF(0);
        for (int k = 0; k < v->count; k++) {
            KB3D_LESS(mask, v->value[k], middle);
            below += KB3D_MASKED(v->weight[k], mask);
        }
        KB3D_LESS(mask, below, half);
        low = KB3D_SELECT_F(mask, middle, low);
        high = KB3D_SELECT_F(mask, high, middle);
    }
    vf from = low - grain, until = high + grain, sum = KB3D_VF(0), norm = KB3D_VF(0);
    for (int k = 0; k < v->count; k++) {
        vi is_more;
        KB3D_LESS(mask, from, v->value[k]);
        KB3D_LESS(is_more, v->value[k], until);
        vf w = KB3D_MASKED(v->weight[k], mask & is_more);
        sum += w * v->value[k];
        norm += w;
    }
    vf none = KB3D_VF(0), middle = 0.5f * (low + high);
    KB3D_LESS(mask, none, norm);
    *to = KB3D_SELECT_F(mask, sum / norm, middle);
}

/* Snapping a map to its own guide. */
typedef struct kb3d_snapping {
    kb3d_depth_map map;
    float jump, half_inverse_variance;
    float nearness[2 * KB3D_SNAP_RADIUS + 1][2 * KB3D_SNAP_RADIUS + 1];
    float *to;
} kb3d_snapping;

KB3D_FN void kb3d_snap_begin(kb3d_snapping *s, const kb3d_depth_map *map, const kb3d_snap_params *params, float *to) {
    s->map = *map;
    s->jump = params->jump;
    s->half_inverse_variance = 0.5f / (params->color_sigma * params->color_sigma);
    s->to = to;
    for (int dy = -KB3D_SNAP_RADIUS; dy <= KB3D_SNAP_RADIUS; dy++)
        for (int dx = -KB3D_SNAP_RADIUS; dx <= KB3D_SNAP_RADIUS; dx++)
            s->nearness[dy + KB3D_SNAP_RADIUS][dx + KB3D_SNAP_RADIUS] =
                kb3d_snap_nearness((float)dx, KB3D_SNAP_REACH) * kb3d_snap_nearness((float)dy, KB3D_SNAP_REACH);
}

/* Which pixels have an edge within the window. */
KB3D_FN void kb3d_snap_find_edges(const kb3d_snapping *s, ptrdiff_t at, vi *is_busy) {
    vf most = KB3D_VF(0);
    for (int dy = -KB3D_SNAP_RADIUS; dy <= KB3D_SNAP_RADIUS; dy++)
        for (int dx = -KB3D_SNAP_RADIUS; dx <= KB3D_SNAP_RADIUS; dx++) {
            vf spread;
            vi is_more;
            KB3D_LOAD(spread, s->map.spread + at + dy * s->map.stride + dx);
            KB3D_LESS(is_more, most, spread);
            most = KB3D_SELECT_F(is_more, spread, most);
        }
    vf jump = KB3D_VF(s->jump);
    KB3D_LESS(*is_busy, jump, most);
}

KB3D_FN void kb3d_snap_ask(const kb3d_snapping *s, ptrdiff_t at, kb3d_votes *v) {
    const kb3d_depth_map *m = &s->map;
    vf color[3];
    for (int c = 0; c < 3; c++)
        KB3D_LOAD(color[c], m->guide[c] + at);
    kb3d_votes_begin(v);
    for (int dy = -KB3D_SNAP_RADIUS; dy <= KB3D_SNAP_RADIUS; dy++)
        for (int dx = -KB3D_SNAP_RADIUS; dx <= KB3D_SNAP_RADIUS; dx++) {
            ptrdiff_t from = at + dy * m->stride + dx;
            vf disp, slope_x, slope_y, trust, weight, d2 = KB3D_VF(0);
            KB3D_LOAD(disp, m->disp + from);
            KB3D_LOAD(slope_x, m->slope_x + from);
            KB3D_LOAD(slope_y, m->slope_y + from);
            KB3D_LOAD(trust, m->trust + from);
            for (int c = 0; c < 3; c++) {
                vf e;
                KB3D_LOAD(e, m->guide[c] + from);
                e -= color[c];
                d2 += e * e;
            }
            kb3d_votes_likeness(&d2, s->half_inverse_variance, KB3D_SNAP_UNLIKE, &weight);
            weight *= trust * s->nearness[dy + KB3D_SNAP_RADIUS][dx + KB3D_SNAP_RADIUS];
            disp -= slope_x * (float)dx + slope_y * (float)dy;
            kb3d_votes_add(v, &disp, &weight);
        }
    vf own, trust;
    KB3D_LOAD(own, m->disp + at);
    KB3D_LOAD(trust, m->trust + at);
    trust *= v->total * KB3D_SNAP_OWN;
    kb3d_votes_add(v, &own, &trust);
}

/* Bringing a map to a texture's size. */
typedef struct kb3d_upsampling {
    kb3d_depth_map map;
    kb3d_texture texture;
    float *to;
    float jump, half_inverse_variance;
    float scale_x, scale_y; /* pixels of the map in one of the picture */
} kb3d_upsampling;

KB3D_FN void kb3d_upsample_begin(kb3d_upsampling *u, const kb3d_depth_map *map, const kb3d_snap_params *params,
                                 const kb3d_texture *texture, float *to) {
    u->map = *map;
    u->texture = *texture;
    u->to = to;
    u->jump = params->jump;
    u->half_inverse_variance = 0.5f / (params->color_sigma * params->color_sigma);
    u->scale_x = (float)map->width / (float)texture->width;
    u->scale_y = (float)map->height / (float)texture->height;
}

/* Pixels of a row that ask the same values, `lanes` or as many as find room for their values: fewer where the map is
   larger than the picture. */
KB3D_FN int kb3d_upsample_run(const kb3d_upsampling *u, int lanes) {
    int side = 2 * KB3D_UPSAMPLE_RADIUS + 1, columns = KB3D_VOTES_MAX / side - side - 1;
    return kb3d_clamp_i((int)((float)columns / u->scale_x), 1, lanes);
}

/* Position on the map, counted from its first pixel's centre. */
KB3D_FN float kb3d_upsample_position(int at, float scale) {
    return ((float)at + 0.5f) * scale - 0.5f;
}

/* Whether there is an edge among the values around a position. */
KB3D_FN int kb3d_upsample_is_at_edge(const kb3d_upsampling *u, int x0, int y0) {
    const kb3d_depth_map *m = &u->map;
    float most = 0;
    for (int y = y0 - 1; y <= y0 + 2; y++)
        for (int x = x0 - 1; x <= x0 + 2; x++)
            most = kb3d_max_f(most, m->spread[y * m->stride + x]);
    return most > u->jump;
}

/* Between the four nearest values. */
KB3D_FN float kb3d_upsample_between(const kb3d_depth_map *m, int x0, int y0, float fx, float fy) {
    const float *row = m->disp + y0 * m->stride;
    float top = row[x0] + (row[x0 + 1] - row[x0]) * fx;
    float bottom = row[m->stride + x0] + (row[m->stride + x0 + 1] - row[m->stride + x0]) * fx;
    return top + (bottom - top) * fy;
}

/* The sum of three texels above each other. */
KB3D_FN float kb3d_upsample_column(const kb3d_texture *t, kb3d_texel texel, int x, int y, int c) {
    ptrdiff_t at = 4 * ((y - 1) * t->stride + x) + c;
    return load_texel(t->data, texel, at) + load_texel(t->data, texel, at + 4 * t->stride) +
           load_texel(t->data, texel, at + 8 * t->stride);
}

/* Every value of the map that is near to one of a run's pixels, which reach from `first` to `last` on it; to the
   others it counts nothing. */
KB3D_FN void kb3d_upsample_ask(const kb3d_upsampling *u, const vf color[3], const vf *map_x, float map_y, float first,
                               float last, kb3d_votes *v) {
    const kb3d_depth_map *m = &u->map;
    const float reach = KB3D_UPSAMPLE_RADIUS + 0.5f;
    int x0 = kb3d_floor_i(first + 0.5f) - KB3D_UPSAMPLE_RADIUS, x1 = kb3d_floor_i(last + 0.5f) + KB3D_UPSAMPLE_RADIUS;
    int y0 = kb3d_floor_i(map_y + 0.5f) - KB3D_UPSAMPLE_RADIUS;
    kb3d_votes_begin(v);
    for (int my = y0; my <= y0 + 2 * KB3D_UPSAMPLE_RADIUS; my++)
        for (int mx = x0; mx <= x1; mx++) {
            ptrdiff_t at = my * m->stride + mx;
            float dy = map_y - (float)my, trust = m->trust[at] * kb3d_snap_nearness(dy, reach);
            if (!(trust > 0))
                continue;
            vf dx = *map_x - (float)mx, rest = 1 - dx * dx * (1 / (reach * reach)), none = KB3D_VF(0);
            vf d2 = KB3D_VF(0), weight;
            vi is_near;
            KB3D_LESS(is_near, none, rest);
            rest = KB3D_SELECT_F(is_near, rest, none);
            for (int c = 0; c < 3; c++) {
                vf e = color[c] - m->guide[c][at];
                d2 += e * e;
            }
            kb3d_votes_likeness(&d2, u->half_inverse_variance, KB3D_UPSAMPLE_UNLIKE, &weight);
            weight *= rest * rest * trust;
            vf value = m->disp[at] + m->slope_x[at] * dx + m->slope_y[at] * dy;
            kb3d_votes_add(v, &value, &weight);
        }
}

#endif
