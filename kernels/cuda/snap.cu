#include "work.h"

#include "scalar.h"

#include "../math/votes.h"

namespace {

/* Pixels of a row that the CPU asks together, and so here, for the same answers. */
enum { LANES = 8 };

struct prepare {
    kb3d_depth_map map;
    kb3d_map_source source;

    KB3D_DEVICE void operator()(int x, int y) const {
        kb3d_map_fill(&map, &source, x - KB3D_MAP_BORDER, y - KB3D_MAP_BORDER);
    }
};

struct snap {
    kb3d_snapping s;

    KB3D_DEVICE void operator()(int x, int y) const {
        ptrdiff_t at = y * s.map.stride + x;
        float disp = s.map.disp[at];
        int is_busy;
        kb3d_snap_find_edges(&s, at, &is_busy);
        if (is_busy) {
            kb3d_votes v;
            kb3d_snap_ask(&s, at, &v);
            kb3d_votes_median(&v, 0.5f * s.jump, &disp);
        }
        s.to[(size_t)y * s.map.width + x] = disp;
    }
};

struct upsample {
    kb3d_upsampling u;

    KB3D_DEVICE void operator()(int x, int y) const {
        const kb3d_texture *t = &u.texture;
        float map_x = kb3d_upsample_position(x, u.scale_x), map_y = kb3d_upsample_position(y, u.scale_y);
        int x0 = kb3d_floor_i(map_x), y0 = kb3d_floor_i(map_y);
        float disp = kb3d_upsample_between(&u.map, x0, y0, map_x - (float)x0, map_y - (float)y0);
        if (kb3d_upsample_is_at_edge(&u, x0, y0)) {
            int most = kb3d_upsample_run(&u, LANES), first = x / most * most;
            int last = kb3d_min_i(first + most, t->width) - 1;
            float color[3], share = 1 / (9 * kb3d_texel_one(t->texel));
            for (int c = 0; c < 3; c++)
                color[c] = (kb3d_upsample_column(t, t->texel, x - 1, y, c) + kb3d_upsample_column(t, t->texel, x, y, c) +
                            kb3d_upsample_column(t, t->texel, x + 1, y, c)) * share;
            kb3d_votes v;
            kb3d_upsample_ask(&u, color, &map_x, map_y, kb3d_upsample_position(first, u.scale_x),
                              kb3d_upsample_position(last, u.scale_x), &v);
            kb3d_votes_median(&v, 0.5f * u.jump, &disp);
        }
        u.to[(size_t)y * t->width + x] = disp;
    }
};

} // namespace

size_t kb3d_cuda_map_bytes(int width, int height) {
    return kb3d_map_size(width, height);
}

void kb3d_cuda_map_prepare(const kb3d_parallel *par, const float *disp, const float *guide, float jump, void *memory,
                           kb3d_depth_map *map) {
    kb3d_work work(par);
    size_t pixels = (size_t)map->width * map->height;
    kb3d_map_lay_out(map, memory);
    prepare k = {*map, {work.read(disp, pixels), work.read(guide, 3 * pixels), jump}};
    void *here = work.write_bytes(memory, kb3d_map_size(map->width, map->height));
    if (!here)
        return;
    kb3d_map_lay_out(&k.map, here);
    work.run(map->width + 2 * KB3D_MAP_BORDER, map->height + 2 * KB3D_MAP_BORDER, k);
}

void kb3d_cuda_map_snap(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params,
                        float *to) {
    kb3d_work work(par);
    kb3d_depth_map m = work.read(map);
    snap k;
    kb3d_snap_begin(&k.s, &m, params, work.write(to, (size_t)map->width * map->height));
    work.run(map->width, map->height, k);
}

void kb3d_cuda_upsample(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params,
                        const kb3d_texture *texture, float *to) {
    kb3d_work work(par);
    kb3d_depth_map m = work.read(map);
    kb3d_texture t = work.read(texture);
    upsample k;
    kb3d_upsample_begin(&k.u, &m, params, &t, work.write(to, (size_t)texture->width * texture->height));
    work.run(texture->width, texture->height, k);
}
