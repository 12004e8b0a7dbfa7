/*
 * One pixel between formats.
 *
 * sRGB: IEC 61966-2-1. YCbCr: ITU-R BT.709, limited range, 8 bit, with
 * coefficients of 16 bits.
 */
#ifndef KB3D_MATH_PIXEL_H
#define KB3D_MATH_PIXEL_H

#include "base.h"

#include <math.h>

KB3D_FN float kb3d_srgb_from_linear(float v) {
    if (!(v > 0))
        return 0;
    return v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1.0f / 2.4f) - 0.055f;
}

KB3D_FN float kb3d_linear_from_srgb(float v) {
    if (!(v > 0))
        return 0;
    return v <= 0.04045f ? v * (1.0f / 12.92f) : powf((v + 0.055f) * (1.0f / 1.055f), 2.4f);
}

KB3D_FN int kb3d_luma(int r, int g, int b) {
    return ((11966 * r + 40254 * g + 4064 * b + 32768) >> 16) + 16;
}

/* From sums of `1 << shift` pixels. */
KB3D_FN int kb3d_chroma_blue(int r, int g, int b, int shift) {
    return ((-6596 * r - 22189 * g + 28785 * b + (1 << (15 + shift))) >> (16 + shift)) + 128;
}

KB3D_FN int kb3d_chroma_red(int r, int g, int b, int shift) {
    return ((28785 * r - 26145 * g - 2640 * b + (1 << (15 + shift))) >> (16 + shift)) + 128;
}

#endif
