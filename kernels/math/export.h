/* Planes' pixels as the host's formats want them. */
#ifndef KB3D_MATH_EXPORT_H
#define KB3D_MATH_EXPORT_H

#include "layer.h"
#include "pixel.h"

/* How a frame's colours are handed over. */
typedef struct kb3d_export_way {
    int keep_alpha;        /* straight colour and alpha; else shown over black */
    int linear, to_linear; /* the planes' values, and the image's, are proportional to light */
} kb3d_export_way;

/* A pixel, 0..1. */
KB3D_FN void kb3d_export_pixel(const kb3d_export_way *way, const kb3d_planes *p, ptrdiff_t at, float rgba[4]) {
    float scale = p->texel == KB3D_TEXEL_U8 ? 1.0f / 255 : p->texel == KB3D_TEXEL_U16 ? 1.0f / 65535 : 1.0f;
    for (int c = 0; c < 4; c++)
        rgba[c] = load_texel(p->color, p->texel, 4 * at + c) * scale;
    for (int c = 0; c < 3; c++) {
        if (way->keep_alpha && rgba[3] > 0 && rgba[3] < 1)
            rgba[c] /= rgba[3];
        if (way->linear != way->to_linear)
            rgba[c] = way->linear ? kb3d_srgb_from_linear(rgba[c]) : kb3d_linear_from_srgb(rgba[c]);
    }
}

KB3D_FN uint8_t kb3d_export_u8(float v) {
    return (uint8_t)(v > 0 ? v < 1 ? v * 255 + 0.5f : 255 : 0);
}

KB3D_FN uint16_t kb3d_export_u16(float v) {
    return (uint16_t)(v > 0 ? v < 1 ? v * 65535 + 0.5f : 65535 : 0);
}

KB3D_FN float kb3d_export_gray(const float rgba[4]) {
    return 0.2126f * rgba[0] + 0.7152f * rgba[1] + 0.0722f * rgba[2];
}

/* 8 bit colours as 0xAABBGGRR, over black. */
KB3D_FN uint32_t kb3d_export_packed(const kb3d_export_way *way, const kb3d_planes *p, ptrdiff_t at) {
    float v[4];
    if (p->texel == KB3D_TEXEL_U8 && way->linear == way->to_linear)
        return ((const uint32_t *)p->color)[at];
    kb3d_export_pixel(way, p, at, v);
    return (uint32_t)kb3d_export_u8(v[0]) | (uint32_t)kb3d_export_u8(v[1]) << 8 | (uint32_t)kb3d_export_u8(v[2]) << 16;
}

KB3D_FN uint8_t kb3d_export_mask(const kb3d_planes *p, size_t at) {
    return p->painted[at] ? 255 : 0;
}

#endif
