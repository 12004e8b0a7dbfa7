/* One filtered colour from a texture, for the three kinds of texels. */
#ifndef KB3D_CPU_SAMPLE_H
#define KB3D_CPU_SAMPLE_H

#include "../math/sample.h"
#include "../math/texture.h"
#include "vector.h"

#include <kernels.h>


#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

/* Weights for each of the 256 positions between two pixels. */
typedef int16_t cubic_table[256][4];

static inline void fill_cubic_table(cubic_table table) {
    for (int f = 0; f < 256; f++)
        kb3d_cubic_weights(f, table[f]);
}

/* (u, v): 24.8 fixed point, counted from the centre of the first pixel. */
#if defined(__SSE4_1__)
/* The four channels as 32 bit numbers, not yet clamped. */
static inline __m128i sample_channels(const kb3d_texture *t, cubic_table table, int u, int v) {
    const uint8_t *at = (const uint8_t *)t->data + 4 * (((v >> 8) - 1) * t->stride + (u >> 8) - 1);
    ptrdiff_t step = 4 * t->stride;
    int x01_bits, x23_bits;
    memcpy(&x01_bits, table[u & 255], 4);
    memcpy(&x23_bits, table[u & 255] + 2, 4);
    /* the same channel of two neighbours side by side, ready to be multiplied and added */
    const __m128i near4 = _mm_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1);
    const __m128i far4 = _mm_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1);
#if defined(__AVX2__) /* two rows at a time */
    const __m256i near_pair = _mm256_broadcastsi128_si256(near4), far_pair = _mm256_broadcastsi128_si256(far4);
    const __m256i round = _mm256_set1_epi32(32);
    /* each row's own weight, in the low half of every 32 bits */
#define KB3D_PAIR(i) ((int)0xffff0000 | ((i) + 1) << 8 | (i))
    const __m256i weights01 = _mm256_setr_epi32(KB3D_PAIR(0), KB3D_PAIR(0), KB3D_PAIR(0), KB3D_PAIR(0), KB3D_PAIR(2),
                                                KB3D_PAIR(2), KB3D_PAIR(2), KB3D_PAIR(2));
    const __m256i weights23 = _mm256_setr_epi32(KB3D_PAIR(4), KB3D_PAIR(4), KB3D_PAIR(4), KB3D_PAIR(4), KB3D_PAIR(6),
                                                KB3D_PAIR(6), KB3D_PAIR(6), KB3D_PAIR(6));
#undef KB3D_PAIR
    int64_t y_bits;
    memcpy(&y_bits, table[v & 255], 8);
    __m256i x01 = _mm256_set1_epi32(x01_bits), x23 = _mm256_set1_epi32(x23_bits), y4 = _mm256_set1_epi64x(y_bits);
    __m256i h[2];
    for (int r = 0; r < 2; r++, at += 2 * step) {
        __m256i rows = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)at)),
                                               _mm_loadu_si128((const __m128i *)(at + step)), 1);
        h[r] = _mm256_add_epi32(_mm256_madd_epi16(_mm256_shuffle_epi8(rows, near_pair), x01),
                                _mm256_madd_epi16(_mm256_shuffle_epi8(rows, far_pair), x23));
        h[r] = _mm256_srai_epi32(_mm256_add_epi32(h[r], round), 6);
    }
    __m256i sums = _mm256_add_epi32(_mm256_madd_epi16(h[0], _mm256_shuffle_epi8(y4, weights01)),
                                    _mm256_madd_epi16(h[1], _mm256_shuffle_epi8(y4, weights23)));
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
#else
    __m128i x01 = _mm_set1_epi32(x01_bits), x23 = _mm_set1_epi32(x23_bits), h[4];
    __m128i y4 = _mm_loadl_epi64((const __m128i *)(const void *)table[v & 255]);
    for (int r = 0; r < 4; r++, at += step) {
        __m128i row = _mm_loadu_si128((const __m128i *)at);
        h[r] = _mm_add_epi32(_mm_madd_epi16(_mm_shuffle_epi8(row, near4), x01),
                             _mm_madd_epi16(_mm_shuffle_epi8(row, far4), x23));
        h[r] = _mm_srai_epi32(_mm_add_epi32(h[r], _mm_set1_epi32(32)), 6);
    }
    __m128i rows02 = _mm_packs_epi32(h[0], h[2]), rows13 = _mm_packs_epi32(h[1], h[3]);
    __m128i sum = _mm_add_epi32(
        _mm_madd_epi16(_mm_unpacklo_epi16(rows02, rows13), _mm_shuffle_epi32(y4, 0x00)),
        _mm_madd_epi16(_mm_unpackhi_epi16(rows02, rows13), _mm_shuffle_epi32(y4, 0x55)));
#endif
    return _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 17)), 18);
}

static inline void sample_u8(const kb3d_texture *t, cubic_table table, int u, int v, uint8_t out[4]) {
    __m128i sum = sample_channels(t, table, u, v);
    sum = _mm_packs_epi32(sum, sum);
    int rgba = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
    memcpy(out, &rgba, 4);
}

static inline void sample_unclamped_u8(const kb3d_texture *t, cubic_table table, int u, int v, int out[4]) {
    __m128i sum = sample_channels(t, table, u, v);
    memcpy(out, &sum, sizeof sum);
}
#else
static inline void sample_unclamped_u8(const kb3d_texture *t, cubic_table table, int u, int v, int out[4]) {
    const uint8_t *at = (const uint8_t *)t->data + 4 * (((v >> 8) - 1) * t->stride + (u >> 8) - 1);
    for (int c = 0; c < 4; c++) {
        int taps[4][4];
        for (int r = 0; r < 4; r++)
            for (int i = 0; i < 4; i++)
                taps[r][i] = at[r * 4 * t->stride + 4 * i + c];
        out[c] = kb3d_cubic_u8(taps, table[u & 255], table[v & 255]);
    }
}

static inline void sample_u8(const kb3d_texture *t, cubic_table table, int u, int v, uint8_t out[4]) {
    int sums[4];
    sample_unclamped_u8(t, table, u, v, sums);
    for (int c = 0; c < 4; c++)
        out[c] = (uint8_t)kb3d_clamp_i(sums[c], 0, 255);
}
#endif

/* A colour that is seen through. */
static inline void sample_soft_u8(const kb3d_texture *t, cubic_table table, int u, int v, uint8_t out[4]) {
    int sums[4];
    sample_unclamped_u8(t, table, u, v, sums);
    kb3d_clamp_soft_u8(sums);
    for (int c = 0; c < 4; c++)
        out[c] = (uint8_t)sums[c];
}

/* A row of samples. */
static inline void sample_u8_run(const kb3d_texture *t, cubic_table table, const int32_t *u, const int32_t *v,
                                 int count, uint8_t *out) {
    int i = 0;
#if defined(__SSE4_1__)
    for (; i + 4 <= count; i += 4) {
        __m128i a = sample_channels(t, table, u[i], v[i]), b = sample_channels(t, table, u[i + 1], v[i + 1]);
        __m128i c = sample_channels(t, table, u[i + 2], v[i + 2]), d = sample_channels(t, table, u[i + 3], v[i + 3]);
        _mm_storeu_si128((__m128i *)(void *)(out + 4 * i),
                         _mm_packus_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d)));
    }
#endif
    for (; i < count; i++)
        sample_u8(t, table, u[i], v[i], out + 4 * i);
}

/* 16 bit and float texels as float; four channels at once. */

/* The four channels of a pixel. */
static inline vec4 load_pixel(const void *data, kb3d_texel texel, ptrdiff_t pixel) {
    ptrdiff_t i = 4 * pixel;
    return (vec4){load_texel(data, texel, i), load_texel(data, texel, i + 1), load_texel(data, texel, i + 2),
                  load_texel(data, texel, i + 3)};
}

static inline void sample_float(const kb3d_texture *t, cubic_table table, int u, int v, float out[4]) {
    ptrdiff_t at = ((v >> 8) - 1) * t->stride + (u >> 8) - 1;
    const int16_t *wx = table[u & 255], *wy = table[v & 255];
    vec4 sum = {0};
    for (int r = 0; r < 4; r++, at += t->stride) {
        vec4 tap[4];
        for (int i = 0; i < 4; i++)
            tap[i] = load_pixel(t->data, t->texel, at + i);
        vec4 h = tap[0] * (float)wx[0] + tap[1] * (float)wx[1] + tap[2] * (float)wx[2] + tap[3] * (float)wx[3];
        sum += h * (float)wy[r];
    }
    sum *= 1.0f / ((float)KB3D_WEIGHT_ONE * KB3D_WEIGHT_ONE);
    memcpy(out, &sum, sizeof sum);
}

#endif
