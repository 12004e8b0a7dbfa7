/* A small inverse depth map on the edges of a picture of its size. */
#include "level.h"

#include "votes.h"

enum { BORDER = 16 }; /* around a plane: what a vector beside its end reads, and more than any window reaches */

typedef struct preparing {
    const kb3d_depth_map *map;
    const float *disp, *guide;
    float jump;
} preparing;

enum { PLANES = 8 };

size_t kb3d_map_bytes(int width, int height) {
    return PLANES * sizeof(float) * (size_t)(width + 2 * BORDER) * (size_t)(height + 2 * BORDER);
}

static void prepare_row(void *arg, int row) {
    const preparing *p = arg;
    const kb3d_depth_map *m = p->map;
    int y = row - BORDER, width = m->width, height = m->height;
    ptrdiff_t at = y * m->stride;
    for (int x = -BORDER; x < width + BORDER; x++) {
        int is_inside = x >= 0 && x < width && y >= 0 && y < height;
        float slope_x = 0, slope_y = 0, spread = 0, trust = 0; /* nothing outside is asked */
        size_t from = (size_t)kb3d_clamp_i(y, 0, height - 1) * width + kb3d_clamp_i(x, 0, width - 1);
        if (is_inside) {
            float low = p->disp[from], high = low;
            for (int ny = kb3d_max_i(y - 1, 0); ny <= kb3d_min_i(y + 1, height - 1); ny++)
                for (int nx = kb3d_max_i(x - 1, 0); nx <= kb3d_min_i(x + 1, width - 1); nx++) {
                    float d = p->disp[(size_t)ny * width + nx];
                    low = kb3d_min_f(low, d);
                    high = kb3d_max_f(high, d);
                }
            spread = high - low;
            trust = kb3d_snap_trust(p->disp[from], low, high, p->jump);
            slope_x = kb3d_snap_slope(p->disp + (size_t)y * width, width, 1, x);
            slope_y = kb3d_snap_slope(p->disp + x, height, width, y);
            float keep = kb3d_snap_is_surface(slope_x, slope_y, p->jump);
            slope_x *= keep;
            slope_y *= keep;
        }
        m->disp[at + x] = p->disp[from];
        m->slope_x[at + x] = slope_x;
        m->slope_y[at + x] = slope_y;
        m->spread[at + x] = spread;
        m->trust[at + x] = trust;
        for (int c = 0; c < 3; c++)
            m->guide[c][at + x] = p->guide[3 * from + c];
    }
}

void kb3d_map_prepare(const kb3d_parallel *par, const float *disp, const float *guide, float jump, void *memory,
                      kb3d_depth_map *map) {
    map->stride = map->width + 2 * BORDER;
    size_t plane = (size_t)map->stride * (size_t)(map->height + 2 * BORDER);
    float *first = (float *)memory + BORDER * map->stride + BORDER;
    map->disp = first;
    map->slope_x = first + plane;
    map->slope_y = first + 2 * plane;
    map->spread = first + 3 * plane;
    map->trust = first + 4 * plane;
    for (int c = 0; c < 3; c++)
        map->guide[c] = first + (5 + c) * plane;
    preparing p = {map, disp, guide, jump};
    par->run(par->impl, map->height + 2 * BORDER, prepare_row, &p);
}

typedef struct snapping {
    const kb3d_depth_map *map;
    float jump, half_inverse_variance;
    float nearness[2 * KB3D_SNAP_RADIUS + 1][2 * KB3D_SNAP_RADIUS + 1];
    float *to;
} snapping;

/* Which of eight pixels have an edge within the window. */
static void find_edges(const snapping *s, ptrdiff_t at, vi *is_busy) {
    vf most = {0};
    for (int dy = -KB3D_SNAP_RADIUS; dy <= KB3D_SNAP_RADIUS; dy++)
        for (int dx = -KB3D_SNAP_RADIUS; dx <= KB3D_SNAP_RADIUS; dx++) {
            vf spread;
            vi is_more;
            KB3D_LOAD(spread, s->map->spread + at + dy * s->map->stride + dx);
            KB3D_LESS(is_more, most, spread);
            most = KB3D_SELECT_F(is_more, spread, most);
        }
    vf jump = (vf){0} + s->jump;
    KB3D_LESS(*is_busy, jump, most);
}

static void ask_around(const snapping *s, ptrdiff_t at, votes *v) {
    const kb3d_depth_map *m = s->map;
    vf color[3];
    for (int c = 0; c < 3; c++)
        KB3D_LOAD(color[c], m->guide[c] + at);
    votes_begin(v);
    for (int dy = -KB3D_SNAP_RADIUS; dy <= KB3D_SNAP_RADIUS; dy++)
        for (int dx = -KB3D_SNAP_RADIUS; dx <= KB3D_SNAP_RADIUS; dx++) {
            ptrdiff_t from = at + dy * m->stride + dx;
            vf disp, slope_x, slope_y, trust, weight, d2 = {0};
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
            votes_likeness(&d2, s->half_inverse_variance, KB3D_SNAP_UNLIKE, &weight);
            weight *= trust * s->nearness[dy + KB3D_SNAP_RADIUS][dx + KB3D_SNAP_RADIUS];
            disp -= slope_x * (float)dx + slope_y * (float)dy;
            votes_add(v, &disp, &weight);
        }
    vf own, trust;
    KB3D_LOAD(own, m->disp + at);
    KB3D_LOAD(trust, m->trust + at);
    trust *= v->total * KB3D_SNAP_OWN;
    votes_add(v, &own, &trust);
}

static void snap_row(void *arg, int y) {
    const snapping *s = arg;
    const kb3d_depth_map *m = s->map;
    votes v;
    for (int x = 0; x < m->width; x += KB3D_LANES) {
        ptrdiff_t at = y * m->stride + x;
        vi is_busy;
        vf disp, median;
        KB3D_LOAD(disp, m->disp + at);
        find_edges(s, at, &is_busy);
        if (KB3D_ANY(is_busy)) {
            ask_around(s, at, &v);
            votes_median(&v, 0.5f * s->jump, &median);
            disp = KB3D_SELECT_F(is_busy, median, disp);
        }
        size_t count = (size_t)kb3d_min_i(KB3D_LANES, m->width - x);
        memcpy(s->to + (size_t)y * m->width + x, &disp, count * sizeof *s->to);
    }
}

void kb3d_map_snap(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params, float *to) {
    snapping s = {.map = map,
                  .jump = params->jump,
                  .half_inverse_variance = 0.5f / (params->color_sigma * params->color_sigma),
                  .to = to};
    for (int dy = -KB3D_SNAP_RADIUS; dy <= KB3D_SNAP_RADIUS; dy++)
        for (int dx = -KB3D_SNAP_RADIUS; dx <= KB3D_SNAP_RADIUS; dx++)
            s.nearness[dy + KB3D_SNAP_RADIUS][dx + KB3D_SNAP_RADIUS] =
                kb3d_snap_nearness((float)dx, KB3D_SNAP_REACH) * kb3d_snap_nearness((float)dy, KB3D_SNAP_REACH);
    par->run(par->impl, map->height, snap_row, &s);
}
