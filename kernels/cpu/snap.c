/* A small inverse depth map on the edges of a picture of its size. */
#include "level.h"

#include "vector.h"

#include "../math/votes.h"

typedef struct preparing {
    const kb3d_depth_map *map;
    kb3d_map_source source;
} preparing;

size_t kb3d_map_bytes(int width, int height) {
    return kb3d_map_size(width, height);
}

static void prepare_row(void *arg, int row) {
    const preparing *p = arg;
    for (int x = -KB3D_MAP_BORDER; x < p->map->width + KB3D_MAP_BORDER; x++)
        kb3d_map_fill(p->map, &p->source, x, row - KB3D_MAP_BORDER);
}

void kb3d_map_prepare(const kb3d_parallel *par, const float *disp, const float *guide, float jump, void *memory,
                      kb3d_depth_map *map) {
    preparing p = {map, {disp, guide, jump}};
    kb3d_map_lay_out(map, memory);
    par->run(par->impl, map->height + 2 * KB3D_MAP_BORDER, prepare_row, &p);
}

static void snap_row(void *arg, int y) {
    const kb3d_snapping *s = arg;
    const kb3d_depth_map *m = &s->map;
    kb3d_votes v;
    for (int x = 0; x < m->width; x += KB3D_LANES) {
        ptrdiff_t at = y * m->stride + x;
        vi is_busy;
        vf disp, median;
        KB3D_LOAD(disp, m->disp + at);
        kb3d_snap_find_edges(s, at, &is_busy);
        if (KB3D_ANY(is_busy)) {
            kb3d_snap_ask(s, at, &v);
            kb3d_votes_median(&v, 0.5f * s->jump, &median);
            disp = KB3D_SELECT_F(is_busy, median, disp);
        }
        size_t count = (size_t)kb3d_min_i(KB3D_LANES, m->width - x);
        memcpy(s->to + (size_t)y * m->width + x, &disp, count * sizeof *s->to);
    }
}

void kb3d_map_snap(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params, float *to) {
    kb3d_snapping s;
    kb3d_snap_begin(&s, map, params, to);
    par->run(par->impl, map->height, snap_row, &s);
}
