/* Rendering a frame: bands of rows, each laid, then coloured. */
#include "level.h"

#include "../math/shade.h"
#include "raster.h"
#include "sample.h"
#include "vector.h"

#include <stdatomic.h>

typedef struct frame {
    const kb3d_layer *layers;
    int layer_count;
    const kb3d_planes *planes;
    char *scratch;
    size_t slot_bytes;
    atomic_int next_band;
    _Atomic int64_t hole_count;
    int band_count;
} frame;

static size_t slot_bytes(int width) {
    return (kb3d_band_bytes(width) + sizeof(cubic_table) + 63) & ~(size_t)63;
}

size_t kb3d_render_scratch(int width, int threads) {
    return slot_bytes(width) * (size_t)threads;
}

/* The sixteen taps of a sample beside a tear: the edge pixel's own colour in place
   of what belongs to another surface. */
static inline void gather_edge(const kb3d_layer *layer, const kb3d_patch *p, int u, int v, char *tile, size_t pixel_bytes) {
    const kb3d_surface *s = layer->surface;
    const kb3d_texture *t = layer->texture;
    const char *data = t->data;
    ptrdiff_t bytes = (ptrdiff_t)pixel_bytes, own = (p->y * t->stride + p->x) * bytes;
    for (int r = 0; r < 4; r++) {
        int y = kb3d_clamp_i((v >> 8) - 1 + r, 0, s->height - 1);
        for (int i = 0; i < 4; i++, tile += bytes) {
            int x = kb3d_clamp_i((u >> 8) - 1 + i, 0, s->width - 1);
            memcpy(tile, data + (kb3d_is_own(layer, p, x, y) ? (y * t->stride + x) * bytes : own), pixel_bytes);
        }
    }
}

/* The same, four 8 bit pixels at a time, where no border is near. */
static int gather_edge_u8(const kb3d_layer *layer, const kb3d_patch *p, int u, int v, uint32_t tile[16]) {
    const kb3d_surface *s = layer->surface;
    const kb3d_texture *t = layer->texture;
    int x = (u >> 8) - 1, y = (v >> 8) - 1;
    if (s->mask || x < 0 || y < 0 || x + 4 > s->width || y + 4 > s->height)
        return 0;
    const uint32_t *colors = (const uint32_t *)t->data + y * t->stride + x;
    const float *disp = s->disp + (size_t)y * s->width + x;
    const vu4 own = (vu4){0} + ((const uint32_t *)t->data)[p->y * t->stride + p->x];
    const vu4 least = (vu4){0} + (kb3d_is_whole(s, p) ? 0xff000000u : 0);
    const vec4 steps = (vec4){0, 1, 2, 3} + (float)(x - p->x);
    for (int r = 0; r < 4; r++, colors += t->stride, disp += s->width) {
        vec4 d;
        vu4 c;
        KB3D_LOAD(d, disp);
        KB3D_LOAD(c, colors);
        vec4 off = d - (steps * p->disp_x + (p->disp + p->disp_y * (float)(y + r - p->y)));
        vu4 torn = (vu4)((off > s->jump) | (-off > s->jump)) | (vu4)(c < least);
        c = (torn & own) | (~torn & c);
        KB3D_STORE(tile + 4 * r, c);
    }
    return 1;
}

static inline void shade(const kb3d_layer *layer, cubic_table table, uint32_t id, int u, int v, void *color,
                         ptrdiff_t pixel) {
    const kb3d_texture *t = layer->texture;
    int is_edge = id >= KB3D_ID_EDGE, is_soft = is_edge && layer->surface->patches[id & KB3D_ID_PATCH].soft >= KB3D_SOFT;
    float value[4], tile[4 * 16]; /* room for any texel */
    kb3d_texture small = {.texel = t->texel, .width = 4, .height = 4, .stride = 4};
    if (is_edge) {
        small.data = (char *)tile + 5 * 4 * t->texel; /* sampled between its second and third pixels */
        const kb3d_patch *p = &layer->surface->patches[id & KB3D_ID_PATCH];
        if (t->texel == KB3D_TEXEL_U16)
            gather_edge(layer, p, u, v, (char *)tile, 8);
        else if (t->texel == KB3D_TEXEL_F32)
            gather_edge(layer, p, u, v, (char *)tile, 16);
        else if (!gather_edge_u8(layer, p, u, v, (uint32_t *)(void *)tile))
            gather_edge(layer, p, u, v, (char *)tile, 4);
        t = &small;
        u &= 255;
        v &= 255;
    }
    if (t->texel == KB3D_TEXEL_U8) {
        uint8_t *out = (uint8_t *)color + 4 * pixel;
        if (is_soft)
            sample_soft_u8(t, table, u, v, out);
        else
            sample_u8(t, table, u, v, out);
        if (layer->half_share && !is_edge) {
            uint8_t coarse[4];
            sample_u8(layer->half, table, kb3d_halved(u), kb3d_halved(v), coarse);
            for (int c = 0; c < 4 && !(layer->surface->soft && coarse[3] < 255); c++)
                out[c] = (uint8_t)((out[c] * (256 - layer->half_share) + coarse[c] * layer->half_share + 128) >> 8);
        }
        return;
    } else {
        sample_float(t, table, u, v, value);
        if (is_soft)
            kb3d_clamp_soft(value, kb3d_texel_one(t->texel), t->texel == KB3D_TEXEL_F32);
        if (layer->half_share && !is_edge) {
            float coarse[4], share = (float)layer->half_share * (1.0f / 256);
            sample_float(layer->half, table, kb3d_halved(u), kb3d_halved(v), coarse);
            for (int c = 0; c < 4 && !(layer->surface->soft && coarse[3] < value[3]); c++)
                value[c] += (coarse[c] - value[c]) * share;
        }
    }
    for (int c = 0; c < 4; c++)
        store_texel(color, t->texel, 4 * pixel + c, value[c]);
}

/* Lays a silhouette's colour over what is there, of which it hides a share. */
static void blend(void *color, kb3d_texel texel, ptrdiff_t pixel, const void *over, int cover, int share) {
    for (int c = 0; c < 4; c++) {
        ptrdiff_t i = 4 * pixel + c;
        if (texel == KB3D_TEXEL_U8) {
            uint8_t *out = (uint8_t *)color + i;
            *out = (uint8_t)kb3d_min_i(kb3d_blend_u8(((const uint8_t *)over)[c], *out, cover, share), 255);
        } else {
            float a = load_texel(over, texel, c), b = load_texel(color, texel, i);
            store_texel(color, texel, i, kb3d_lay_over(a, b, cover, share));
        }
    }
}

/* Makes a colour whole that silhouettes cover but for a little. */
static void complete(void *color, kb3d_texel texel, ptrdiff_t pixel, int cover) {
    for (int c = 0; c < 4; c++) {
        ptrdiff_t i = 4 * pixel + c;
        store_texel(color, texel, i, kb3d_completed(load_texel(color, texel, i), cover));
    }
}

/* Pixels from x on that all show the inner part of one layer with nothing over it. */
static int plain_run(const frame *f, const kb3d_band *band, ptrdiff_t at, int x) {
    uint32_t layer = band->solid.id[at] >> KB3D_ID_LAYER_SHIFT;
    if (layer >= (uint32_t)f->layer_count) /* the edge bit, or nothing there */
        return 0;
    int count = 1, width = f->planes->width - x;
    const float *solid = band->solid.disp + at, *fringe = band->fringe[0].disp + at;
    const uint32_t *id = band->solid.id + at;
    for (; count + KB3D_LANES <= width; count += KB3D_LANES) {
        vu ids;
        vf over, under;
        KB3D_LOAD(ids, id + count);
        KB3D_LOAD(over, fringe + count);
        KB3D_LOAD(under, solid + count);
        vi other = (vi)(ids >> KB3D_ID_LAYER_SHIFT != layer) | (over > under);
        if (KB3D_ANY(other))
            break;
    }
    while (count < width && id[count] >> KB3D_ID_LAYER_SHIFT == layer && !(fringe[count] > solid[count]))
        count++;
    return count;
}

/* Such a run from an 8 bit texture, the way almost every pixel goes. */
static void color_run(const frame *f, const kb3d_band *band, cubic_table table, ptrdiff_t from, ptrdiff_t to,
                      int count) {
    const kb3d_planes *p = f->planes;
    const kb3d_layer *layer = &f->layers[band->solid.id[from] >> KB3D_ID_LAYER_SHIFT];
    const kb3d_texture texture = *layer->texture;
    sample_u8_run(&texture, table, band->solid.u + from, band->solid.v + from, count, (uint8_t *)p->color + 4 * to);
    for (int i = 0; i < count; i++)
        p->disp[to + i] = band->solid.disp[from + i] + layer->behind;
    memset(p->cover + to, 255, (size_t)count);
    memset(p->painted + to, layer->is_painted, (size_t)count);
}

/* Answers the number of pixels that are not covered. */
static int64_t color_row(const frame *f, const kb3d_band *band, cubic_table table, int y) {
    const kb3d_planes *p = f->planes;
    ptrdiff_t from = (ptrdiff_t)(y - band->row_begin) * band->stride, to = (ptrdiff_t)y * p->width;
    int64_t holes = 0;
    int plain_texels = p->texel == KB3D_TEXEL_U8 && !f->layers[0].half_share;
    for (int x = 0; x < p->width; x++, from++, to++) {
        uint32_t id = band->solid.id[from];
        float disp = band->solid.disp[from];
        int run = plain_texels && !(band->fringe[0].disp[from] > disp) ? plain_run(f, band, from, x) : 0;
        if (run) {
            color_run(f, band, table, from, to, run);
            x += run - 1;
            from += run - 1;
            to += run - 1;
            continue;
        }
        int is_hole = id == KB3D_ID_NONE, cover = is_hole ? 0 : 255, painted = 0;
        if (!is_hole) {
            const kb3d_layer *layer = &f->layers[(id >> KB3D_ID_LAYER_SHIFT) & (KB3D_LAYER_MAX - 1)];
            shade(layer, table, id, band->solid.u[from], band->solid.v[from], p->color, to);
            painted = layer->is_painted;
            disp += layer->behind;
        } else {
            memset((char *)p->color + 4 * to * (ptrdiff_t)p->texel, 0, 4 * (size_t)p->texel);
            disp = 0;
        }
        for (int k = KB3D_FRINGES - 1; k >= 0; k--) {
            const kb3d_zbuffer *fringe = &band->fringe[k];
            if (!(fringe->disp[from] > band->solid.disp[from]))
                continue;
            const kb3d_layer *layer = &f->layers[(fringe->id[from] >> KB3D_ID_LAYER_SHIFT) & (KB3D_LAYER_MAX - 1)];
            float over[4]; /* one pixel of any texel */
            shade(layer, table, fringe->id[from], fringe->u[from], fringe->v[from], over, 0);
            uint8_t *whole = &band->fringe_cover[k][from];
            const kb3d_patch *patch = &layer->surface->patches[fringe->id[from] & KB3D_ID_PATCH];
            int share = kb3d_hidden_share(patch, load_texel(over, p->texel, 3), p->texel, *whole);
            blend(p->color, p->texel, to, over, *whole, share);
            *whole = (uint8_t)share;
            cover += ((255 - cover) * share + 127) / 255;
            if (share >= 128)
                painted = layer->is_painted;
            if (share >= 128 || (is_hole && share > 0))
                disp = fringe->disp[from] + layer->behind;
        }
        if (cover >= KB3D_NEARLY_COVERED && cover < 255) {
            complete(p->color, p->texel, to, cover);
            cover = 255;
        }
        holes += cover < 255;
        p->disp[to] = disp;
        p->cover[to] = (uint8_t)cover;
        p->painted[to] = (uint8_t)painted;
    }
    return holes;
}

static void render_bands(void *arg, int slot) {
    frame *f = arg;
    const kb3d_planes *p = f->planes;
    int16_t(*table)[4] = (int16_t(*)[4])(f->scratch + f->slot_bytes * (size_t)slot);
    kb3d_band band;
    fill_cubic_table(table);
    kb3d_band_bind(&band, p->width, (char *)table + sizeof(cubic_table));
    for (;;) {
        int i = atomic_fetch_add(&f->next_band, 1);
        if (i >= f->band_count)
            return;
        int row = i * KB3D_BAND_ROWS, end = kb3d_min_i(row + KB3D_BAND_ROWS, p->height);
        kb3d_band_clear(&band, row, end);
        for (int fringe = 0; fringe < KB3D_FRINGES; fringe++)
            for (int l = 0; l < f->layer_count; l++)
                kb3d_band_lay(&band, &f->layers[l], l, fringe);
        int64_t holes = 0;
        for (int y = row; y < end; y++) {
            holes += color_row(f, &band, table, y);
            if (p->channels)
                kb3d_channels_row(&band, f->layers, p, table, y);
        }
        atomic_fetch_add(&f->hole_count, holes);
    }
}

int64_t kb3d_render(const kb3d_parallel *par, const kb3d_layer *layers, int layer_count, const kb3d_planes *planes,
                    void *scratch) {
    frame f = {.layers = layers,
               .layer_count = layer_count,
               .planes = planes,
               .scratch = scratch,
               .slot_bytes = slot_bytes(planes->width),
               .band_count = (planes->height + KB3D_BAND_ROWS - 1) / KB3D_BAND_ROWS};
    atomic_init(&f.next_band, 0);
    atomic_init(&f.hole_count, 0);
    par->run(par->impl, par->threads, render_bands, &f);
    return atomic_load(&f.hole_count);
}
