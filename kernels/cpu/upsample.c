/* A small inverse depth map at a picture's size. */
#include "level.h"

#include "sample.h"
#include "votes.h"

typedef struct upsampling {
    const kb3d_depth_map *map;
    const kb3d_texture *texture;
    float *to;
    float jump, half_inverse_variance;
    float scale_x, scale_y; /* pixels of the map in one of the picture */
    float unit;             /* texture value of 1.0 */
} upsampling;

#define REACH (KB3D_UPSAMPLE_RADIUS + 0.5f)

/* Eight neighbouring pixels, or as many as are left in the row. */
typedef struct run {
    int count;
    float map_x[KB3D_LANES], map_y; /* positions on the map, counted from its first pixel's centre */
    int32_t is_busy[KB3D_LANES];    /* all ones: an edge is near */
    float disp[KB3D_LANES];
} run;

/* Whether there is an edge among the values around a position. */
static int is_at_edge(const upsampling *u, int x0, int y0) {
    const kb3d_depth_map *m = u->map;
    float most = 0;
    for (int y = y0 - 1; y <= y0 + 2; y++)
        for (int x = x0 - 1; x <= x0 + 2; x++)
            most = kb3d_max_f(most, m->spread[y * m->stride + x]);
    return most > u->jump;
}

/* Interpolates between the four nearest values; answers whether any pixel is near an edge. */
static int interpolate(const upsampling *u, int x, int y, run *r) {
    const kb3d_depth_map *m = u->map;
    int last = INT32_MIN, any = 0, is_busy = 0;
    r->map_y = ((float)y + 0.5f) * u->scale_y - 0.5f;
    int y0 = kb3d_floor_i(r->map_y);
    float fy = r->map_y - (float)y0;
    const float *row = m->disp + y0 * m->stride;
    for (int i = 0; i < KB3D_LANES; i++) {
        int at = kb3d_min_i(i, r->count - 1);
        r->map_x[i] = ((float)(x + at) + 0.5f) * u->scale_x - 0.5f;
        int x0 = kb3d_floor_i(r->map_x[i]);
        if (x0 != last) { /* the next column of the map */
            last = x0;
            is_busy = is_at_edge(u, x0, y0);
            any |= is_busy;
        }
        r->is_busy[i] = -is_busy;
        float fx = r->map_x[i] - (float)x0;
        float top = row[x0] + (row[x0 + 1] - row[x0]) * fx;
        float bottom = row[m->stride + x0] + (row[m->stride + x0 + 1] - row[m->stride + x0]) * fx;
        r->disp[i] = top + (bottom - top) * fy;
    }
    return any;
}

/* Mean colours of pixels and their neighbours, so that noise makes no speckles. */
static inline void mean_colors(const upsampling *u, kb3d_texel texel, int x, int y, vf color[3]) {
    const kb3d_texture *t = u->texture;
    float share = 1 / (9 * u->unit);
    for (int c = 0; c < 3; c++) {
        float columns[KB3D_LANES + 2], mean[KB3D_LANES];
        for (int i = 0; i < KB3D_LANES + 2; i++) { /* past the row's end the last ones are not used */
            ptrdiff_t at = 4 * ((y - 1) * t->stride + x + i - 1) + c;
            columns[i] = load_texel(t->data, texel, at) + load_texel(t->data, texel, at + 4 * t->stride) +
                         load_texel(t->data, texel, at + 8 * t->stride);
        }
        for (int i = 0; i < KB3D_LANES; i++)
            mean[i] = (columns[i] + columns[i + 1] + columns[i + 2]) * share;
        KB3D_LOAD(color[c], mean);
    }
}

static void load_colors(const upsampling *u, int x, int y, vf color[3]) {
    switch (u->texture->texel) {
    case KB3D_TEXEL_U8: mean_colors(u, KB3D_TEXEL_U8, x, y, color); break;
    case KB3D_TEXEL_U16: mean_colors(u, KB3D_TEXEL_U16, x, y, color); break;
    case KB3D_TEXEL_F32: mean_colors(u, KB3D_TEXEL_F32, x, y, color); break;
    }
}

/* Every value of the map that is near to one of the pixels; to the others it counts nothing. */
static void ask_around(const upsampling *u, int x, int y, const run *r, votes *v) {
    const kb3d_depth_map *m = u->map;
    vf color[3], map_x;
    load_colors(u, x, y, color);
    KB3D_LOAD(map_x, r->map_x);
    int x0 = kb3d_floor_i(r->map_x[0] + 0.5f) - KB3D_UPSAMPLE_RADIUS;
    int x1 = kb3d_floor_i(r->map_x[r->count - 1] + 0.5f) + KB3D_UPSAMPLE_RADIUS;
    int y0 = kb3d_floor_i(r->map_y + 0.5f) - KB3D_UPSAMPLE_RADIUS;
    votes_begin(v);
    for (int my = y0; my <= y0 + 2 * KB3D_UPSAMPLE_RADIUS; my++)
        for (int mx = x0; mx <= x1; mx++) {
            ptrdiff_t at = my * m->stride + mx;
            float dy = r->map_y - (float)my, trust = m->trust[at] * kb3d_snap_nearness(dy, REACH);
            if (!(trust > 0))
                continue;
            vf dx = map_x - (float)mx, rest = 1 - dx * dx * (1 / (REACH * REACH)), none = {0}, d2 = {0}, weight;
            vi is_near;
            KB3D_LESS(is_near, none, rest);
            rest = KB3D_SELECT_F(is_near, rest, none);
            for (int c = 0; c < 3; c++) {
                vf e = color[c] - m->guide[c][at];
                d2 += e * e;
            }
            votes_likeness(&d2, u->half_inverse_variance, KB3D_UPSAMPLE_UNLIKE, &weight);
            weight *= rest * rest * trust;
            vf value = m->disp[at] + m->slope_x[at] * dx + m->slope_y[at] * dy;
            votes_add(v, &value, &weight);
        }
}

static void upsample_row(void *arg, int y) {
    const upsampling *u = arg;
    int width = u->texture->width;
    /* the values that a run asks must find room: fewer pixels at a time where the map is larger than the picture */
    int side = 2 * KB3D_UPSAMPLE_RADIUS + 1, columns = VOTES_MAX / side - side - 1;
    int most = kb3d_clamp_i((int)((float)columns / u->scale_x), 1, KB3D_LANES);
    run r;
    votes v;
    for (int x = 0; x < width; x += r.count) {
        r.count = kb3d_min_i(most, width - x);
        if (interpolate(u, x, y, &r)) {
            vf disp, median;
            vi is_busy;
            KB3D_LOAD(disp, r.disp);
            KB3D_LOAD(is_busy, r.is_busy);
            ask_around(u, x, y, &r, &v);
            votes_median(&v, 0.5f * u->jump, &median);
            disp = KB3D_SELECT_F(is_busy, median, disp);
            KB3D_STORE(r.disp, disp);
        }
        memcpy(u->to + (size_t)y * width + x, r.disp, sizeof(float) * (size_t)r.count);
    }
}

void kb3d_upsample(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params,
                   const kb3d_texture *texture, float *to) {
    upsampling u = {.map = map,
                    .texture = texture,
                    .to = to,
                    .jump = params->jump,
                    .half_inverse_variance = 0.5f / (params->color_sigma * params->color_sigma),
                    .scale_x = (float)map->width / (float)texture->width,
                    .scale_y = (float)map->height / (float)texture->height,
                    .unit = texture->texel == KB3D_TEXEL_U8    ? 255.0f
                            : texture->texel == KB3D_TEXEL_U16 ? 65535.0f
                                                               : 1.0f};
    par->run(par->impl, texture->height, upsample_row, &u);
}
