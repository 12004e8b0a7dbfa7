/* Which patch is seen at which pixel. */
#include "level.h"

#include "raster.h"
#include "vector.h"

static size_t plane_pixels(int width) {
    return ((size_t)width + 2 * KB3D_LANES) / KB3D_LANES * KB3D_LANES * KB3D_BAND_ROWS;
}

size_t kb3d_band_bytes(int width) {
    return plane_pixels(width) * (4 * 4 + KB3D_FRINGES * (4 * 4 + 1));
}

void kb3d_band_bind(kb3d_band *band, int width, void *memory) {
    size_t pixels = plane_pixels(width);
    band->width = width;
    band->stride = (int)(pixels / KB3D_BAND_ROWS);
    float *at = memory;
    kb3d_zbuffer *buffers[1 + KB3D_FRINGES] = {&band->solid, &band->fringe[0], &band->fringe[1]};
    for (int i = 0; i <= KB3D_FRINGES; i++, at += 4 * pixels) {
        buffers[i]->disp = at;
        buffers[i]->id = (uint32_t *)(at + pixels);
        buffers[i]->u = (int32_t *)(at + 2 * pixels);
        buffers[i]->v = (int32_t *)(at + 3 * pixels);
    }
    for (int i = 0; i < KB3D_FRINGES; i++)
        band->fringe_cover[i] = (uint8_t *)at + (size_t)i * pixels;
}

void kb3d_band_clear(kb3d_band *band, int row_begin, int row_end) {
    band->row_begin = row_begin;
    band->row_end = row_end;
    size_t pixels = (size_t)band->stride * (size_t)(row_end - row_begin);
    for (size_t i = 0; i < pixels; i++)
        band->solid.disp[i] = band->fringe[0].disp[i] = band->fringe[1].disp[i] = -1;
    memset(band->solid.id, 0xff, pixels * sizeof *band->solid.id);
}

/* Texture positions count from the first pixel's centre; patches from their own.
   The offset keeps what is truncated above zero. */
#define FIXED_OFFSET (64 * 256)

static void lay_solid(kb3d_band *band, const kb3d_warped *w, uint32_t id, int u_center, int v_center) {
    const vf lanes = {0, 1, 2, 3, 4, 5, 6, 7};
    const vi new_id = (vi){0} + (int32_t)id;
    const vf rounding = (vf){0} + (FIXED_OFFSET + 0.5f);
    for (int y = w->y0; y < w->y1; y++) {
        float fy = (float)(y - w->y0);
        ptrdiff_t row = (ptrdiff_t)(y - band->row_begin) * band->stride;
        for (int x = w->x0; x < w->x1; x += KB3D_LANES) {
            ptrdiff_t at = row + x;
            vf fx = lanes + (float)(x - w->x0), u, v, disp, old;
            KB3D_WARPED_AT(w, fx, fy, u, v, disp);
            disp = KB3D_SELECT_F(disp > 0, disp, (vf){0});
            KB3D_LOAD(old, band->solid.disp + at);
            vi seen = (u >= w->u_min) & (u < w->u_max) & (v >= w->v_min) & (v < w->v_max) & (disp > old);
            if (!KB3D_ANY(seen))
                continue;
            vi old_id, old_u, old_v;
            KB3D_LOAD(old_id, band->solid.id + at);
            KB3D_LOAD(old_u, band->solid.u + at);
            KB3D_LOAD(old_v, band->solid.v + at);
            vi new_u = __builtin_convertvector(u * 256.0f + rounding, vi) + (u_center - FIXED_OFFSET);
            vi new_v = __builtin_convertvector(v * 256.0f + rounding, vi) + (v_center - FIXED_OFFSET);
            disp = KB3D_SELECT_F(seen, disp, old);
            old_id = KB3D_SELECT_I(seen, new_id, old_id);
            old_u = KB3D_SELECT_I(seen, new_u, old_u);
            old_v = KB3D_SELECT_I(seen, new_v, old_v);
            KB3D_STORE(band->solid.disp + at, disp);
            KB3D_STORE(band->solid.id + at, old_id);
            KB3D_STORE(band->solid.u + at, old_u);
            KB3D_STORE(band->solid.v + at, old_v);
        }
    }
}

/* Lays a patch that may show what lies behind it: `fringe` 0, the nearest of all; 1, the nearest that lies more than
   its own jump behind that one, so is of another surface. */
static void lay_fringe(kb3d_band *band, const kb3d_warped *w, const kb3d_patch *p, int fringe, float jump, uint32_t id,
                       int u_center, int v_center) {
    for (int y = w->y0; y < w->y1; y++) {
        float fy = (float)(y - w->y0);
        ptrdiff_t row = (ptrdiff_t)(y - band->row_begin) * band->stride;
        for (int x = w->x0; x < w->x1; x++) {
            ptrdiff_t at = row + x;
            float fx = (float)(x - w->x0), u, v, disp;
            KB3D_WARPED_AT(w, fx, fy, u, v, disp);
            if (!(u >= w->u_min && u < w->u_max && v >= w->v_min && v < w->v_max))
                continue;
            disp = disp > 0 ? disp : 0;
            if (fringe && !(disp > band->fringe[1].disp[at] && disp < band->fringe[0].disp[at] - jump))
                continue;
            int cover = (int)(kb3d_edge_coverage(p->covers, u, v) * 255.0f + 0.5f);
            int is_whole = cover >= 255 && p->soft < KB3D_SOFT;
            if (cover < (p->soft == KB3D_SOFT_END ? 255 : 1) || (fringe && is_whole))
                continue;
            kb3d_zbuffer *z = is_whole ? &band->solid : &band->fringe[fringe];
            if (!(disp > z->disp[at]))
                continue;
            z->disp[at] = disp;
            z->id[at] = id;
            z->u[at] = (int)(u * 256.0f + (FIXED_OFFSET + 0.5f)) + (u_center - FIXED_OFFSET);
            z->v[at] = (int)(v * 256.0f + (FIXED_OFFSET + 0.5f)) + (v_center - FIXED_OFFSET);
            if (!is_whole)
                band->fringe_cover[fringe][at] = (uint8_t)cover;
        }
    }
}

/* Whether any pixel of a group, `columns` wide, can lie in the band's rows. */
static int may_see(const kb3d_band *band, const kb3d_layer *layer, const kb3d_group *g, int x, int y, int columns) {
    const kb3d_surface *s = layer->surface;
    const float u[2] = {(float)x - 1, (float)kb3d_min_i(x + columns, s->width) + 1};
    const float v[2] = {(float)y - 1, (float)kb3d_min_i(y + KB3D_GROUP_HEIGHT, s->height) + 1};
    const float disp[2] = {g->disp_min, g->disp_max};
    float first, last;
    if (!g->count)
        return 0;
    if (!kb3d_warp_rows(&layer->warp, u, v, disp, &first, &last))
        return 1;
    return last + 1 >= (float)band->row_begin && first - 1 <= (float)band->row_end;
}

static void lay_group(kb3d_band *band, const kb3d_layer *layer, const kb3d_group *g, int fringe, uint32_t layer_bits) {
    for (uint32_t i = g->first; i < g->first + g->count; i++) {
        const kb3d_patch *p = &layer->surface->patches[i];
        kb3d_warped w;
        int is_fringe = kb3d_is_fringe(p);
        if ((fringe && !is_fringe) ||
            !kb3d_warp_patch(&layer->warp, p, band->width, band->row_begin, band->row_end, &w))
            continue;
        w.e0 -= layer->behind;
        int u_center = (2 * p->x + p->size - 1) * 128, v_center = (2 * p->y + p->size - 1) * 128;
        uint32_t id = layer_bits | i | (p->is_edge ? KB3D_ID_EDGE : 0);
        if (is_fringe)
            lay_fringe(band, &w, p, fringe, layer->surface->jump, id, u_center, v_center);
        else
            lay_solid(band, &w, id, u_center, v_center);
    }
}

void kb3d_band_lay(kb3d_band *band, const kb3d_layer *layer, int layer_index, int fringe) {
    const kb3d_surface *s = layer->surface;
    uint32_t layer_bits = (uint32_t)layer_index << KB3D_ID_LAYER_SHIFT;
    const kb3d_group *g = s->groups, *row = g + (size_t)s->groups_x * s->groups_y;
    for (int y = 0; y < s->groups_y; y++, row++) {
        if ((fringe && !row->fringes) || !may_see(band, layer, row, 0, y * KB3D_GROUP_HEIGHT, s->width)) {
            g += s->groups_x;
            continue;
        }
        for (int x = 0; x < s->groups_x; x++, g++)
            if ((!fringe || g->fringes) &&
                may_see(band, layer, g, x * KB3D_GROUP_WIDTH, y * KB3D_GROUP_HEIGHT, KB3D_GROUP_WIDTH))
                lay_group(band, layer, g, fringe, layer_bits);
    }
}
