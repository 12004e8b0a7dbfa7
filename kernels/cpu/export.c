/* Planes into the host's image. */
#include "level.h"

#include "../math/pixel.h"
#include "sample.h"

typedef struct export {
    const kb3d_planes *planes;
    const kb3d_pixels *to;
    int linear, to_linear;
} export;

/* Straight colour and alpha, 0..1, of a pixel, in the wanted transfer. */
static void read_pixel(const export *e, ptrdiff_t at, float rgba[4]) {
    const kb3d_planes *p = e->planes;
    float scale = p->texel == KB3D_TEXEL_U8 ? 1.0f / 255 : p->texel == KB3D_TEXEL_U16 ? 1.0f / 65535 : 1.0f;
    for (int c = 0; c < 4; c++)
        rgba[c] = load_texel(p->color, p->texel, 4 * at + c) * scale;
    int keep_alpha = e->to->format == KB3D_FORMAT_RGBA8 || e->to->format == KB3D_FORMAT_BGRA8 ||
                     e->to->format == KB3D_FORMAT_RGBA16 || e->to->format == KB3D_FORMAT_RGBAF32;
    for (int c = 0; c < 3; c++) {
        if (keep_alpha && rgba[3] > 0 && rgba[3] < 1)
            rgba[c] /= rgba[3];
        if (e->linear != e->to_linear)
            rgba[c] = e->linear ? kb3d_srgb_from_linear(rgba[c]) : kb3d_linear_from_srgb(rgba[c]);
    }
}

static uint8_t to_u8(float v) {
    return (uint8_t)(v > 0 ? v < 1 ? v * 255 + 0.5f : 255 : 0);
}

static uint16_t to_u16(float v) {
    return (uint16_t)(v > 0 ? v < 1 ? v * 65535 + 0.5f : 65535 : 0);
}

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
        read_pixel(e, (ptrdiff_t)y * width + x, v);
        switch (e->to->format) {
        case KB3D_FORMAT_GRAY8: *b++ = to_u8(0.2126f * v[0] + 0.7152f * v[1] + 0.0722f * v[2]); break;
        case KB3D_FORMAT_RGB8:
        case KB3D_FORMAT_RGBA8:
            for (int c = 0; c < (e->to->format == KB3D_FORMAT_RGB8 ? 3 : 4); c++)
                *b++ = to_u8(v[c]);
            break;
        case KB3D_FORMAT_BGR8:
        case KB3D_FORMAT_BGRA8:
            for (int c = 2; c >= 0; c--)
                *b++ = to_u8(v[c]);
            if (e->to->format == KB3D_FORMAT_BGRA8)
                *b++ = to_u8(v[3]);
            break;
        case KB3D_FORMAT_RGB16:
        case KB3D_FORMAT_RGBA16:
            for (int c = 0; c < (e->to->format == KB3D_FORMAT_RGB16 ? 3 : 4); c++)
                *s++ = to_u16(v[c]);
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
    if (e->planes->texel == KB3D_TEXEL_U8 && e->linear == e->to_linear)
        return (const uint32_t *)e->planes->color + at;
    for (int x = 0; x < count; x++) {
        float v[4];
        read_pixel(e, at + x, v);
        buffer[x] = (uint32_t)to_u8(v[0]) | (uint32_t)to_u8(v[1]) << 8 | (uint32_t)to_u8(v[2]) << 16;
    }
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
    export e = {planes, to, linear, to_linear};
    if (to->format == KB3D_FORMAT_I420 || to->format == KB3D_FORMAT_NV12) {
        par->run(par->impl, (planes->height + 1) / 2, yuv_rows, &e);
        return;
    }
    int bytes = to->format == KB3D_FORMAT_RGB8 || to->format == KB3D_FORMAT_BGR8 ||
                to->format == KB3D_FORMAT_RGBA8 || to->format == KB3D_FORMAT_BGRA8;
    int direct = bytes && planes->texel == KB3D_TEXEL_U8 && linear == to_linear;
    par->run(par->impl, planes->height, direct ? packed_row_u8 : packed_row, &e);
}
