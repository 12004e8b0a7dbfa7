/* The host's pixels into a texture. */
#include "level.h"

#include "sample.h"

#include <stdatomic.h>

typedef struct layout {
    kb3d_texel texel;
    int channels;
    int red, green, blue, alpha; /* alpha -1: none */
} layout;

static layout layout_of(kb3d_format format) {
    switch (format) {
    case KB3D_FORMAT_GRAY8: return (layout){KB3D_TEXEL_U8, 1, 0, 0, 0, -1};
    case KB3D_FORMAT_GRAY16: return (layout){KB3D_TEXEL_U16, 1, 0, 0, 0, -1};
    case KB3D_FORMAT_GRAYF32: return (layout){KB3D_TEXEL_F32, 1, 0, 0, 0, -1};
    case KB3D_FORMAT_RGB8: return (layout){KB3D_TEXEL_U8, 3, 0, 1, 2, -1};
    case KB3D_FORMAT_BGR8: return (layout){KB3D_TEXEL_U8, 3, 2, 1, 0, -1};
    case KB3D_FORMAT_RGBA8: return (layout){KB3D_TEXEL_U8, 4, 0, 1, 2, 3};
    case KB3D_FORMAT_BGRA8: return (layout){KB3D_TEXEL_U8, 4, 2, 1, 0, 3};
    case KB3D_FORMAT_RGB16: return (layout){KB3D_TEXEL_U16, 3, 0, 1, 2, -1};
    case KB3D_FORMAT_RGBA16: return (layout){KB3D_TEXEL_U16, 4, 0, 1, 2, 3};
    case KB3D_FORMAT_RGBF32: return (layout){KB3D_TEXEL_F32, 3, 0, 1, 2, -1};
    default: return (layout){KB3D_TEXEL_F32, 4, 0, 1, 2, 3};
    }
}

typedef struct import {
    const kb3d_pixels *from;
    const kb3d_texture *to;
    layout layout;
    atomic_int has_alpha;
} import;

static int import_row_u8(const import *im, const uint8_t *from, uint8_t *to) {
    const layout *l = &im->layout;
    int transparent = 0;
    for (int x = 0; x < im->to->width; x++, from += l->channels, to += 4) {
        int a = l->alpha < 0 ? 255 : from[l->alpha];
        int rgb[3] = {from[l->red], from[l->green], from[l->blue]};
        for (int c = 0; c < 3; c++)
            to[c] = (uint8_t)(a == 255 ? rgb[c] : (rgb[c] * a + 127) / 255);
        to[3] = (uint8_t)a;
        transparent |= a != 255;
    }
    return transparent;
}

static int import_row_any(const import *im, const void *from, void *to) {
    const layout *l = &im->layout;
    float one = l->texel == KB3D_TEXEL_U16 ? 65535.0f : 1.0f;
    int transparent = 0;
    for (int x = 0; x < im->to->width; x++) {
        ptrdiff_t at = (ptrdiff_t)x * l->channels;
        float a = l->alpha < 0 ? one : load_texel(from, l->texel, at + l->alpha);
        a = a > 0 ? a < one ? a : one : 0; /* NaN becomes 0 */
        const int order[3] = {l->red, l->green, l->blue};
        for (int c = 0; c < 3; c++) {
            float v = load_texel(from, l->texel, at + order[c]);
            v = v >= -1e6f && v <= 1e6f ? v : v > 1e6f ? 1e6f : 0; /* no infinity gets into a filter */
            store_texel(to, l->texel, 4 * (ptrdiff_t)x + c, v * (a / one));
        }
        store_texel(to, l->texel, 4 * (ptrdiff_t)x + 3, a);
        transparent |= a < one;
    }
    return transparent;
}

static void import_row(void *arg, int y) {
    import *im = arg;
    const char *from = (const char *)im->from->data[0] + y * im->from->stride[0];
    char *to = (char *)im->to->data + 4 * (ptrdiff_t)im->to->texel * im->to->stride * y;
    int transparent = im->layout.texel == KB3D_TEXEL_U8
                          ? import_row_u8(im, (const uint8_t *)from, (uint8_t *)to)
                          : import_row_any(im, from, to);
    if (transparent)
        atomic_store(&im->has_alpha, 1);
}

void kb3d_fill_apron(const kb3d_texture *t) {
    size_t pixel = 4 * (size_t)t->texel;
    ptrdiff_t step = (ptrdiff_t)pixel * t->stride;
    char *first = t->data;
    for (int y = 0; y < t->height; y++) {
        char *row = first + step * y;
        for (int i = 1; i <= KB3D_APRON; i++) {
            memcpy(row - i * (ptrdiff_t)pixel, row, pixel);
            memcpy(row + (t->width - 1 + i) * (ptrdiff_t)pixel, row + (t->width - 1) * (ptrdiff_t)pixel, pixel);
        }
    }
    size_t row_bytes = pixel * (size_t)(t->width + 2 * KB3D_APRON);
    first -= KB3D_APRON * (ptrdiff_t)pixel;
    for (int i = 1; i <= KB3D_APRON; i++) {
        memcpy(first - step * i, first, row_bytes);
        memcpy(first + step * (t->height - 1 + i), first + step * (t->height - 1), row_bytes);
    }
}

int kb3d_import_texture(const kb3d_parallel *par, const kb3d_pixels *from, const kb3d_texture *to) {
    import im = {.from = from, .to = to, .layout = layout_of(from->format)};
    atomic_init(&im.has_alpha, 0);
    par->run(par->impl, to->height, import_row, &im);
    kb3d_fill_apron(to);
    return atomic_load(&im.has_alpha);
}
