/* A small inverse depth map at a picture's size. */
#include "level.h"

#include "vector.h"

#include "../math/votes.h"

/* Eight neighbouring pixels, or as many as are left in the row. */
typedef struct run {
    int count;
    float map_x[KB3D_LANES], map_y; /* positions on the map, counted from its first pixel's centre */
    int32_t is_busy[KB3D_LANES];    /* all ones: an edge is near */
    float disp[KB3D_LANES];
} run;

/* Interpolates between the four nearest values; answers whether any pixel is near an edge. */
static int interpolate(const kb3d_upsampling *u, int x, int y, run *r) {
    int last = INT32_MIN, any = 0, is_busy = 0;
    r->map_y = kb3d_upsample_position(y, u->scale_y);
    int y0 = kb3d_floor_i(r->map_y);
    for (int i = 0; i < KB3D_LANES; i++) {
        r->map_x[i] = kb3d_upsample_position(x + kb3d_min_i(i, r->count - 1), u->scale_x);
        int x0 = kb3d_floor_i(r->map_x[i]);
        if (x0 != last) { /* the next column of the map */
            last = x0;
            is_busy = kb3d_upsample_is_at_edge(u, x0, y0);
            any |= is_busy;
        }
        r->is_busy[i] = -is_busy;
        r->disp[i] = kb3d_upsample_between(&u->map, x0, y0, r->map_x[i] - (float)x0, r->map_y - (float)y0);
    }
    return any;
}

/* Mean colours of pixels and their neighbours, so that noise makes no speckles. */
static inline void mean_colors(const kb3d_upsampling *u, kb3d_texel texel, int x, int y, vf color[3]) {
    float share = 1 / (9 * kb3d_texel_one(texel));
    for (int c = 0; c < 3; c++) {
        float columns[KB3D_LANES + 2], mean[KB3D_LANES];
        for (int i = 0; i < KB3D_LANES + 2; i++) /* past the row's end the last ones are not used */
            columns[i] = kb3d_upsample_column(&u->texture, texel, x + i - 1, y, c);
        for (int i = 0; i < KB3D_LANES; i++)
            mean[i] = (columns[i] + columns[i + 1] + columns[i + 2]) * share;
        KB3D_LOAD(color[c], mean);
    }
}

static void load_colors(const kb3d_upsampling *u, int x, int y, vf color[3]) {
    switch (u->texture.texel) {
    case KB3D_TEXEL_U8: mean_colors(u, KB3D_TEXEL_U8, x, y, color); break;
    case KB3D_TEXEL_U16: mean_colors(u, KB3D_TEXEL_U16, x, y, color); break;
    case KB3D_TEXEL_F32: mean_colors(u, KB3D_TEXEL_F32, x, y, color); break;
    }
}

static void upsample_row(void *arg, int y) {
    const kb3d_upsampling *u = arg;
    int width = u->texture.width, most = kb3d_upsample_run(u, KB3D_LANES);
    run r;
    kb3d_votes v;
    for (int x = 0; x < width; x += r.count) {
        r.count = kb3d_min_i(most, width - x);
        if (interpolate(u, x, y, &r)) {
            vf disp, median, map_x, color[3];
            vi is_busy;
            KB3D_LOAD(disp, r.disp);
            KB3D_LOAD(is_busy, r.is_busy);
            KB3D_LOAD(map_x, r.map_x);
            load_colors(u, x, y, color);
            kb3d_upsample_ask(u, color, &map_x, r.map_y, r.map_x[0], r.map_x[r.count - 1], &v);
            kb3d_votes_median(&v, 0.5f * u->jump, &median);
            disp = KB3D_SELECT_F(is_busy, median, disp);
            KB3D_STORE(r.disp, disp);
        }
        memcpy(u->to + (size_t)y * width + x, r.disp, sizeof(float) * (size_t)r.count);
    }
}

void kb3d_upsample(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params,
                   const kb3d_texture *texture, float *to) {
    kb3d_upsampling u;
    kb3d_upsample_begin(&u, map, params, texture, to);
    par->run(par->impl, texture->height, upsample_row, &u);
}
