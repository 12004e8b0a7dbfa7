/*
 * Interpolation: Catmull-Rom (Keys 1981, a = -1/2), at positions of 1/256 pixel.
 *
 * 8 bit colours are filtered in integers, so that every SIMD level and CUDA give
 * the same bytes: weights of 12 bits, 6 bits kept between the two passes.
 */
#ifndef KB3D_MATH_SAMPLE_H
#define KB3D_MATH_SAMPLE_H

#include "base.h"

enum { KB3D_WEIGHT_ONE = 4096 };

/* The four weights at f / 256 between the second and third pixel; they add up to
   KB3D_WEIGHT_ONE exactly. */
KB3D_FN void kb3d_cubic_weights(int f, int16_t w[4]) {
    /* with t = f / 256: twice the weights times 256^3 are whole numbers below 2^26 */
    int64_t t = f, t2 = t * t, t3 = t2 * t;
    int64_t w0 = -t * 65536 + 2 * 256 * t2 - t3;
    int64_t w2 = t * 65536 + 4 * 256 * t2 - 3 * t3;
    int64_t w3 = -256 * t2 + t3;
    w[0] = (int16_t)((w0 - 4096) / 8192); /* never above zero: rounded to nearest away from it */
    w[2] = (int16_t)((w2 + 4096) / 8192);
    w[3] = (int16_t)((w3 - 4096) / 8192);
    w[1] = (int16_t)(KB3D_WEIGHT_ONE - w[0] - w[2] - w[3]);
}

/* One channel from four rows of four 8 bit values, not yet clamped. */
KB3D_FN int kb3d_cubic_u8(int taps[4][4], const int16_t wx[4], const int16_t wy[4]) {
    int sum = 1 << 17;
    for (int r = 0; r < 4; r++) {
        int h = taps[r][0] * wx[0] + taps[r][1] * wx[1] + taps[r][2] * wx[2] + taps[r][3] * wx[3];
        sum += ((h + 32) >> 6) * wy[r];
    }
    return sum >> 18;
}

/* Clamps a premultiplied colour that is seen through. Where the filter overshoots its share does too, and the
   colour goes back with it; no colour is brighter than its share. */
KB3D_FN void kb3d_clamp_soft_u8(int color[4]) {
    int share = kb3d_max_i(color[3], 0), most = kb3d_min_i(share, 255);
    for (int c = 0; c < 3; c++)
        color[c] = kb3d_clamp_i(share > 255 ? (2 * 255 * color[c] + share) / (2 * share) : color[c], 0, most);
    color[3] = most;
}

/* The same of texels whose largest is `one`; those of HDR pictures may be brighter. */
KB3D_FN void kb3d_clamp_soft(float color[4], float one, int is_hdr) {
    float share = kb3d_max_f(color[3], 0), down = share > one ? one / share : 1;
    for (int c = 0; c < 3; c++) {
        color[c] = kb3d_max_f(color[c] * down, 0);
        if (!is_hdr)
            color[c] = kb3d_min_f(color[c], share);
    }
    color[3] = kb3d_min_f(share, one);
}

/* `coverage` of a over b, of which `share` is hidden, both premultiplied. */
KB3D_FN int kb3d_blend_u8(int a, int b, int coverage, int share) {
    return (a * coverage + b * (255 - share) + 127) / 255;
}

#endif
