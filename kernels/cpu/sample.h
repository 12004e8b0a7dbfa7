/* One filtered colour from a texture, for the three kinds of texels. */
#ifndef KB3D_CPU_SAMPLE_H
#define KB3D_CPU_SAMPLE_H

#include "../math/sample.h"
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

/* For a byte shuffle: bytes i and i + 1 into the low half of 32 bits, zeros above. */
#define PAIR(i) ((int)0xffff0000 | ((i) + 1) << 8 | (i))

/* (u, v): 24.8 fixed point, counted from the centre of the first pixel. */
static inline void sample_u8(const kb3d_texture *t, cubic_table table, int u, int v, uint8_t out[4]) {
    const uint8_t *at = (const uint8_t *)t->data + 4 * (((v >> 8) - 1) * t->stride + (u >> 8) - 1);
    const int16_t *wx = table[u & 255], *wy = table[v & 255];
    ptrdiff_t step = 4 * t->stride;
#if defined(__AVX512BW__)
    const __m512i near_pair = _mm512_broadcast_i32x4(
        _mm_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1));
    const __m512i far_pair = _mm512_broadcast_i32x4(
        _mm_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1));
    /* each row's own weight, in the low half of every 32 bits */
    const __m512i row_weight = _mm512_inserti64x4(
        _mm512_castsi256_si512(_mm256_setr_epi32(PAIR(0), PAIR(0), PAIR(0), PAIR(0), PAIR(2), PAIR(2), PAIR(2), PAIR(2))),
        _mm256_setr_epi32(PAIR(4), PAIR(4), PAIR(4), PAIR(4), PAIR(6), PAIR(6), PAIR(6), PAIR(6)), 1);
    __m128i x4 = _mm_loadl_epi64((const __m128i *)wx), y4 = _mm_loadl_epi64((const __m128i *)wy);
    __m512i rows = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)at));
    rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(at + step)), 1);
    rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(at + 2 * step)), 2);
    rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(at + 3 * step)), 3);
    __m512i h = _mm512_add_epi32(
        _mm512_madd_epi16(_mm512_shuffle_epi8(rows, near_pair), _mm512_broadcastd_epi32(x4)),
        _mm512_madd_epi16(_mm512_shuffle_epi8(rows, far_pair), _mm512_broadcastd_epi32(_mm_srli_si128(x4, 4))));
    h = _mm512_srai_epi32(_mm512_add_epi32(h, _mm512_set1_epi32(32)), 6);
    h = _mm512_madd_epi16(h, _mm512_shuffle_epi8(_mm512_broadcast_i32x4(y4), row_weight));
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(h), _mm512_extracti64x4_epi64(h, 1));
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 17)), 18);
    sum = _mm_packs_epi32(sum, sum);
    int rgba = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
    memcpy(out, &rgba, 4);
#elif defined(__AVX2__)
    const __m256i near_pair = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1));
    const __m256i far_pair = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1));
    /* each row's own weight, in the low half of every 32 bits */
    const __m256i weights01 =
        _mm256_setr_epi32(PAIR(0), PAIR(0), PAIR(0), PAIR(0), PAIR(2), PAIR(2), PAIR(2), PAIR(2));
    const __m256i weights23 =
        _mm256_setr_epi32(PAIR(4), PAIR(4), PAIR(4), PAIR(4), PAIR(6), PAIR(6), PAIR(6), PAIR(6));
    __m128i x4 = _mm_loadl_epi64((const __m128i *)wx);
    __m256i y4 = _mm256_broadcastsi128_si256(_mm_loadl_epi64((const __m128i *)wy));
    __m256i x01 = _mm256_broadcastd_epi32(x4), x23 = _mm256_broadcastd_epi32(_mm_srli_si128(x4, 4));
    __m256i rows01 = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)at)),
                                             _mm_loadu_si128((const __m128i *)(at + step)), 1);
    __m256i rows23 = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(at + 2 * step))),
        _mm_loadu_si128((const __m128i *)(at + 3 * step)), 1);
    __m256i h01 = _mm256_add_epi32(_mm256_madd_epi16(_mm256_shuffle_epi8(rows01, near_pair), x01),
                                   _mm256_madd_epi16(_mm256_shuffle_epi8(rows01, far_pair), x23));
    __m256i h23 = _mm256_add_epi32(_mm256_madd_epi16(_mm256_shuffle_epi8(rows23, near_pair), x01),
                                   _mm256_madd_epi16(_mm256_shuffle_epi8(rows23, far_pair), x23));
    const __m256i round = _mm256_set1_epi32(32);
    h01 = _mm256_srai_epi32(_mm256_add_epi32(h01, round), 6);
    h23 = _mm256_srai_epi32(_mm256_add_epi32(h23, round), 6);
    __m256i h = _mm256_add_epi32(_mm256_madd_epi16(h01, _mm256_shuffle_epi8(y4, weights01)),
                                 _mm256_madd_epi16(h23, _mm256_shuffle_epi8(y4, weights23)));
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));
    sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 17)), 18);
    sum = _mm_packs_epi32(sum, sum);
    int rgba = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
    memcpy(out, &rgba, 4);
#elif defined(__SSE4_1__)
    const __m128i near_pair = _mm_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1);
    const __m128i far_pair = _mm_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1);
    __m128i x4 = _mm_loadl_epi64((const __m128i *)wx), y4 = _mm_loadl_epi64((const __m128i *)wy);
    __m128i x01 = _mm_shuffle_epi32(x4, 0x00), x23 = _mm_shuffle_epi32(x4, 0x55), h[4];
    for (int r = 0; r < 4; r++) {
        __m128i row = _mm_loadu_si128((const __m128i *)(at + r * step));
        __m128i sum = _mm_add_epi32(_mm_madd_epi16(_mm_shuffle_epi8(row, near_pair), x01),
                                    _mm_madd_epi16(_mm_shuffle_epi8(row, far_pair), x23));
        h[r] = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(32)), 6);
    }
    __m128i rows02 = _mm_packs_epi32(h[0], h[2]), rows13 = _mm_packs_epi32(h[1], h[3]);
    __m128i sum = _mm_add_epi32(
        _mm_madd_epi16(_mm_unpacklo_epi16(rows02, rows13), _mm_shuffle_epi32(y4, 0x00)),
        _mm_madd_epi16(_mm_unpackhi_epi16(rows02, rows13), _mm_shuffle_epi32(y4, 0x55)));
    sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << 17)), 18);
    sum = _mm_packs_epi32(sum, sum);
    int rgba = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
    memcpy(out, &rgba, 4);
#else
    for (int c = 0; c < 4; c++) {
        int taps[4][4];
        for (int r = 0; r < 4; r++)
            for (int i = 0; i < 4; i++)
                taps[r][i] = at[r * step + 4 * i + c];
        out[c] = kb3d_cubic_u8(taps, wx, wy);
    }
#endif
}

#undef PAIR

/* 16 bit and float texels as float; four channels at once. */

static inline float load_texel(const void *data, kb3d_texel texel, ptrdiff_t i) {
    return texel == KB3D_TEXEL_F32 ? ((const float *)data)[i]
           : texel == KB3D_TEXEL_U16 ? (float)((const uint16_t *)data)[i]
                                     : (float)((const uint8_t *)data)[i];
}

static inline void store_texel(void *data, kb3d_texel texel, ptrdiff_t i, float v) {
    if (texel == KB3D_TEXEL_F32)
        ((float *)data)[i] = v;
    else if (texel == KB3D_TEXEL_U16)
        ((uint16_t *)data)[i] = (uint16_t)(v <= 0 ? 0 : v >= 65535 ? 65535 : v + 0.5f);
    else
        ((uint8_t *)data)[i] = (uint8_t)(v <= 0 ? 0 : v >= 255 ? 255 : v + 0.5f);
}

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
