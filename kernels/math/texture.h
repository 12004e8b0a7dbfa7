/* Textures: the colours of a layer, and its texels as floats. */
#ifndef KB3D_MATH_TEXTURE_H
#define KB3D_MATH_TEXTURE_H

#include "base.h"

/* How samples lie in memory. The value is the number of bytes. */
typedef enum kb3d_texel { KB3D_TEXEL_U8 = 1, KB3D_TEXEL_U16 = 2, KB3D_TEXEL_F32 = 4 } kb3d_texel;

/* Pixels around a texture that repeat its border, so that filters need no bounds. */
enum { KB3D_APRON = 4 };

/* Colour of a layer: RGBA, premultiplied. */
typedef struct kb3d_texture {
    kb3d_texel texel;
    int width, height;
    ptrdiff_t stride; /* pixels from a row to the next */
    void *data;       /* the picture's first pixel; the apron lies around it */
} kb3d_texture;

/* The value of 1.0. */
KB3D_FN float kb3d_texel_one(kb3d_texel texel) {
    return texel == KB3D_TEXEL_U8 ? 255.0f : texel == KB3D_TEXEL_U16 ? 65535.0f : 1.0f;
}

KB3D_FN float load_texel(const void *data, kb3d_texel texel, ptrdiff_t i) {
    return texel == KB3D_TEXEL_F32 ? ((const float *)data)[i]
           : texel == KB3D_TEXEL_U16 ? (float)((const uint16_t *)data)[i]
                                     : (float)((const uint8_t *)data)[i];
}

KB3D_FN void store_texel(void *data, kb3d_texel texel, ptrdiff_t i, float v) {
    if (texel == KB3D_TEXEL_F32)
        ((float *)data)[i] = v;
    else if (texel == KB3D_TEXEL_U16)
        ((uint16_t *)data)[i] = (uint16_t)(v <= 0 ? 0 : v >= 65535 ? 65535 : v + 0.5f);
    else
        ((uint8_t *)data)[i] = (uint8_t)(v <= 0 ? 0 : v >= 255 ? 255 : v + 0.5f);
}

/* One pixel of RGBA. */
KB3D_FN void kb3d_copy_pixel(void *to, ptrdiff_t to_pixel, const void *from, ptrdiff_t from_pixel, kb3d_texel texel) {
    if (texel == KB3D_TEXEL_U8) {
        ((uint32_t *)to)[to_pixel] = ((const uint32_t *)from)[from_pixel];
        return;
    }
    for (int c = 0; c < 4; c++)
        if (texel == KB3D_TEXEL_U16)
            ((uint16_t *)to)[4 * to_pixel + c] = ((const uint16_t *)from)[4 * from_pixel + c];
        else
            ((float *)to)[4 * to_pixel + c] = ((const float *)from)[4 * from_pixel + c];
}

#endif
