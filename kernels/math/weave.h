/*
 * Weaving texture into what was filled: every pixel of a hole gets a source, a pixel that the frame shows and whose
 * surroundings are like its own (PatchMatch: Barnes, Shechtman, Finkelstein and Goldman, 2009), from coarse
 * to fine (Wexler, Shechtman and Irani, 2007). A source lies on the surface that was filled, or little behind
 * it, and never before it.
 */
#ifndef KB3D_MATH_WEAVE_H
#define KB3D_MATH_WEAVE_H

#include "fill.h"

enum {
    KB3D_WEAVE_RADIUS = 3, /* of a patch */
    KB3D_WEAVE_ROWS = 2 * KB3D_WEAVE_RADIUS + 1,
    KB3D_WEAVE_ROW = 8,    /* pixels of a patch's row that are read; the last one never counts */
    KB3D_WEAVE_LEVELS = 5, /* sizes, each half of the one before */
    KB3D_WEAVE_GUIDED = 2, /* from this level on a source is to be of the fill's colour */
    KB3D_WEAVE_TURNS = 4,  /* of the search, at each level but the last */
    KB3D_WEAVE_LAST_TURNS = 3,
    KB3D_WEAVE_TRIES = 24  /* to find a first source by chance */
};

/* Texture for what was filled. */
typedef struct kb3d_weave_params {
    float jump;
    int reach;    /* pixels around one of a hole's that are searched */
    float sigma;  /* pixels; coarser than this, `guided` of the colours' difference is the fill's */
    float guided; /* 0..1 */
} kb3d_weave_params;

/* The surroundings of a hole's pixel, channel by channel. */
typedef struct kb3d_weave_patch {
    int16_t value[KB3D_WEAVE_ROWS][4 * KB3D_WEAVE_ROW];
    int16_t weight[KB3D_WEAVE_ROWS][4 * KB3D_WEAVE_ROW]; /* 2: known, 1: filled, 0: before it, or no pixel */
    int32_t weight_sum;                                  /* of its pixels */
} kb3d_weave_patch;

/* The same numbers for the same pixel everywhere; each bit depends on all of them. */
KB3D_FN uint32_t kb3d_weave_random(uint32_t pixel, uint32_t turn) {
    uint32_t x = pixel * 0x9e3779b9u ^ (turn * 0x85ebca6bu + 0x27d4eb2fu);
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    return x ^ x >> 16;
}

/* From -reach to reach. */
KB3D_FN int kb3d_weave_step(uint32_t random, int reach) {
    return (int)(random & 0xffff) % (2 * reach + 1) - reach;
}

/* Whether a source's inverse depth is near enough to what was filled. */
KB3D_FN int kb3d_weave_fits(float source, float filled, float jump) {
    float off = source - filled;
    return off <= jump && off >= -2 * jump;
}

/* What each of a patch's pixels costs besides for a source that fits: textures change with depth. */
KB3D_FN int32_t kb3d_weave_depth_cost(float source, float filled, float jump) {
    float off = kb3d_abs_f(source - filled);
    return off > 0 ? (int32_t)(60 * (off / jump)) : 0;
}

/* Squared difference of two colours. */
KB3D_FN int32_t kb3d_weave_color_cost(const uint8_t *a, const uint8_t *b) {
    int32_t sum = 0;
    for (int c = 0; c < 4; c++)
        sum += (a[c] - b[c]) * (a[c] - b[c]);
    return sum;
}

/* The same, of a patch and the pixels around a source, whose rows are `stride` bytes apart. */
KB3D_FN int32_t kb3d_weave_patch_cost(const kb3d_weave_patch *p, const uint8_t *around, ptrdiff_t stride) {
    int32_t sum = 0;
    for (int r = 0; r < KB3D_WEAVE_ROWS; r++, around += stride)
        for (int i = 0; i < 4 * KB3D_WEAVE_ROW; i++) {
            int16_t off = (int16_t)(around[i] - p->value[r][i]);
            sum += (int16_t)(off * p->weight[r][i]) * off;
        }
    return sum;
}

#endif
