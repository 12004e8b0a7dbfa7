/* Planes into the host's image. */
#include "level.h"

#include "../math/export.h"

#include <formats.h>

#include <string.h>

typedef struct export {
    const kb3d_planes *planes;
    const kb3d_pixels *to;
    kb3d_export_way way;
} export;

static void *row_at(const export *e, int plane, int y) {
    return (char *)e->to->data[plane] + y * e->to->stride[plane];
}

static void packed_row(void *arg, int y) {
    const export *e = arg;
    int width = e->planes->width;
    uint8_t *b = row_at(e, 0, y);
    uint16_t *s = row_at(e, 0, y);
    float *f = row_at(e, 0, y);
    for (int x = 0; x < width; x++) {
        float v[4];
        kb3d_export_pixel(&e->way, e->planes, (ptrdiff_t)y * width + x, v);
        switch (e->to->format) {
        case KB3D_FORMAT_GRAY8: *b++ = kb3d_export_u8(kb3d_export_gray(v)); break;
        case KB3D_FORMAT_RGB8:
        case KB3D_FORMAT_RGBA8:
            for (int c = 0; c < (e->to->format == KB3D_FORMAT_RGB8 ? 3 : 4); c++)
                *b++ = kb3d_export_u8(v[c]);
            break;
        case KB3D_FORMAT_BGR8:
        case KB3D_FORMAT_BGRA8:
            for (int c = 2; c >= 0; c--)
                *b++ = kb3d_export_u8(v[c]);
            if (e->to->format == KB3D_FORMAT_BGRA8)
                *b++ = kb3d_export_u8(v[3]);
            break;
        case KB3D_FORMAT_RGB16:
        case KB3D_FORMAT_RGBA16:
            for (int c = 0; c < (e->to->format == KB3D_FORMAT_RGB16 ? 3 : 4); c++)
                *s++ = kb3d_export_u16(v[c]);
            break;
        default:
            for (int c = 0; c < (e->to->format == KB3D_FORMAT_RGBF32 ? 3 : 4); c++)
                *f++ = v[c];
        }
    }
}

/* Opaque 8 bit colours, the way most frames go. */
static void packed_row_u8(void *arg, int y) {
    const export *e = arg;
    int width = e->planes->width;
    const uint32_t *from = (const uint32_t *)e->planes->color + (ptrdiff_t)y * width;
    uint8_t *to = row_at(e, 0, y);
    switch (e->to->format) {
    case KB3D_FORMAT_RGBA8:
    case KB3D_FORMAT_BGRA8:
        for (int x = 0; x < width; x++) {
            uint32_t c = from[x];
            if (c >> 24 != 255) {
                packed_row(arg, y);
                return;
            }
            if (e->to->format == KB3D_FORMAT_BGRA8)
                c = (c & 0xff00ff00u) | (c & 255) << 16 | (c >> 16 & 255);
            memcpy(to + 4 * (ptrdiff_t)x, &c, 4);
        }
        break;
    case KB3D_FORMAT_RGB8:
        for (int x = 0; x < width; x++) {
            to[3 * x] = (uint8_t)from[x];
            to[3 * x + 1] = (uint8_t)(from[x] >> 8);
            to[3 * x + 2] = (uint8_t)(from[x] >> 16);
        }
        break;
    default:
        for (int x = 0; x < width; x++) {
            to[3 * x] = (uint8_t)(from[x] >> 16);
            to[3 * x + 1] = (uint8_t)(from[x] >> 8);
            to[3 * x + 2] = (uint8_t)from[x];
        }
    }
}

/* A row of 8 bit colours as 0xAABBGGRR, converted when the planes hold others. */
static const uint32_t *row_u8(const export *e, int y, uint32_t *buffer, int x0, int count) {
    ptrdiff_t at = (ptrdiff_t)y * e->planes->width + x0;
    if (e->planes->texel == KB3D_TEXEL_U8 && e->way.linear == e->way.to_linear)
        return (const uint32_t *)e->planes->color + at;
    for (int x = 0; x < count; x++)
        buffer[x] = kb3d_export_packed(&e->way, e->planes, at + x);
    return buffer;
}

enum { CHUNK = 256 }; /* pixels converted at a time, even */

static void luma_row(const uint32_t *from, int count, uint8_t *to) {
    for (int x = 0; x < count; x++) {
        uint32_t c = from[x];
        to[x] = (uint8_t)kb3d_luma((int)(c & 255), (int)(c >> 8 & 255), (int)(c >> 16 & 255));
    }
}

/* Two rows; chroma sits on the left luma sample of each pair, between the rows:
   horizontally 1 2 1, vertically 1 1 (Poynton, Digital Video and HD, ch. 12). */
static void yuv_rows(void *arg, int pair) {
    const export *e = arg;
    int width = e->planes->width, height = e->planes->height;
    int y0 = 2 * pair, y1 = kb3d_min_i(y0 + 1, height - 1);
    int planar = e->to->format == KB3D_FORMAT_I420;
    uint8_t *blue = row_at(e, 1, pair), *red = planar ? (uint8_t *)row_at(e, 2, pair) : blue + 1;
    int step = planar ? 1 : 2;
    for (int x0 = 0; x0 < width; x0 += CHUNK) {
        uint32_t buffers[2][CHUNK + 2];
        int before = x0 > 0, count = kb3d_min_i(CHUNK, width - x0);
        int loaded = kb3d_min_i(CHUNK + 1, width - x0) + before;
        const uint32_t *top = row_u8(e, y0, buffers[0], x0 - before, loaded) + before;
        const uint32_t *bottom = row_u8(e, y1, buffers[1], x0 - before, loaded) + before;
        luma_row(top, count, (uint8_t *)row_at(e, 0, y0) + x0);
        if (y1 != y0)
            luma_row(bottom, count, (uint8_t *)row_at(e, 0, y1) + x0);
        for (int x = 0; x < count; x += 2) {
            int l = x0 + x > 0 ? x - 1 : x, n = x0 + x + 1 < width ? x + 1 : x;
            int rb = 0, g = 0; /* red and blue side by side */
            const uint32_t *rows[2] = {top, bottom};
            for (int r = 0; r < 2; r++) {
                rb += (int)((rows[r][l] & 0xff00ffu) + 2 * (rows[r][x] & 0xff00ffu) + (rows[r][n] & 0xff00ffu));
                g += (int)((rows[r][l] >> 8 & 255) + 2 * (rows[r][x] >> 8 & 255) + (rows[r][n] >> 8 & 255));
            }
            int to = (x0 + x) / 2 * step;
            blue[to] = (uint8_t)kb3d_chroma_blue(rb & 0xffff, g, rb >> 16, 3);
            red[to] = (uint8_t)kb3d_chroma_red(rb & 0xffff, g, rb >> 16, 3);
        }
    }
}

void kb3d_export_color(const kb3d_parallel *par, const kb3d_planes *planes, int linear, int to_linear,
                       const kb3d_pixels *to) {
    export e = {planes, to, {kb3d_format_has_alpha(to->format), linear, to_linear}};
    if (to->format == KB3D_FORMAT_I420 || to->format == KB3D_FORMAT_NV12) {
        par->run(par->impl, (planes->height + 1) / 2, yuv_rows, &e);
        return;
    }
    int bytes = to->format == KB3D_FORMAT_RGB8 || to->format == KB3D_FORMAT_BGR8 ||
                to->format == KB3D_FORMAT_RGBA8 || to->format == KB3D_FORMAT_BGRA8;
    int direct = bytes && planes->texel == KB3D_TEXEL_U8 && linear == to_linear;
    par->run(par->impl, planes->height, direct ? packed_row_u8 : packed_row, &e);
}

typedef struct maps {
    const kb3d_planes *planes;
    const kb3d_pixels *depth, *painted;
} maps;

static void maps_row(void *arg, int y) {
    const maps *m = arg;
    const kb3d_planes *p = m->planes;
    size_t at = (size_t)y * p->width;
    if (m->depth)
        memcpy((char *)m->depth->data[0] + y * m->depth->stride[0], p->disp + at, (size_t)p->width * sizeof *p->disp);
    if (m->painted)
        for (int x = 0; x < p->width; x++)
            ((uint8_t *)m->painted->data[0])[y * m->painted->stride[0] + x] = kb3d_export_mask(p, at + x);
}

void kb3d_export_maps(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_pixels *depth,
                      const kb3d_pixels *painted) {
    maps m = {planes, depth, painted};
    par->run(par->impl, planes->height, maps_row, &m);
}
