/* One of the host's pixels into a texture: RGBA, premultiplied. */
#ifndef KB3D_MATH_IMPORT_H
#define KB3D_MATH_IMPORT_H

#include "texture.h"

/* Where a pixel's samples lie among its channels; alpha -1: none. */
typedef struct kb3d_import_layout {
    kb3d_texel texel;
    int channels;
    int red, green, blue, alpha;
} kb3d_import_layout;

/* Pixel x of both rows. Answers whether it is not opaque. */
KB3D_FN int kb3d_import_u8(const kb3d_import_layout *l, const uint8_t *from, uint8_t *to, ptrdiff_t x) {
    from += x * l->channels;
    to += 4 * x;
    int a = l->alpha < 0 ? 255 : from[l->alpha];
    int rgb[3] = {from[l->red], from[l->green], from[l->blue]};
    for (int c = 0; c < 3; c++)
        to[c] = (uint8_t)(a == 255 ? rgb[c] : (rgb[c] * a + 127) / 255);
    to[3] = (uint8_t)a;
    return a != 255;
}

/* The same for 16 bit and float samples. */
KB3D_FN int kb3d_import_any(const kb3d_import_layout *l, const void *from, void *to, ptrdiff_t x) {
    float one = kb3d_texel_one(l->texel);
    ptrdiff_t at = x * l->channels;
    float a = l->alpha < 0 ? one : load_texel(from, l->texel, at + l->alpha);
    a = a > 0 ? a < one ? a : one : 0; /* NaN becomes 0 */
    const int order[3] = {l->red, l->green, l->blue};
    for (int c = 0; c < 3; c++) {
        float v = load_texel(from, l->texel, at + order[c]);
        v = v >= -1e6f && v <= 1e6f ? v : v > 1e6f ? 1e6f : 0; /* no infinity gets into a filter */
        store_texel(to, l->texel, 4 * x + c, v * (a / one));
    }
    store_texel(to, l->texel, 4 * x + 3, a);
    return a < one;
}

#endif
