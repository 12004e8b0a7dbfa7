/* The band beside tears whose pixels may be mixed: what finding it leaves to splitting it. */
#ifndef KB3D_CPU_MATTE_BAND_H
#define KB3D_CPU_MATTE_BAND_H

#include "level.h"

#include "../math/matte.h"

#include <string.h>

enum {
    NEAR_END = 1,
    FAR_END = 2,   /* a pixel with a farther, a nearer neighbour beyond a tear */
    WHOLE = 1,     /* as alpha: a pixel of the band with one surface alone */
    SURROUNDINGS = 3, /* pixels beyond the reach that hear of a tear: a filter there may meet the band */
    NOWHERE = 255, /* squared distance to the tear: beyond the band */
    SIDE_MAX = 2 * (KB3D_MATTE_REACH_MAX + KB3D_MATTE_BEYOND) + 1
};

/* What a pixel gives to its neighbours' estimates. */
typedef struct offset {
    int x, y;
    float weight;
} offset;

typedef struct matting {
    const kb3d_matte *m;
    float *disp; /* settled: a pixel that hangs between two surfaces goes to the likest one, as in surface_cut */
    uint8_t *ends, *alpha;
    uint8_t *distance, *to_near, *to_far; /* squared, to the closest end; to one of a nearer, of a farther surface */
    int *row_count;                       /* ends in each row */
    offset around[SIDE_MAX * SIDE_MAX];
    int around_count;
    int band;                      /* the largest squared distance of a pixel that may be mixed */
    float purity[256], trust[2][256]; /* by squared distance; trust on the farther and the nearer side */
} matting;

/* Whether a pixel lies beside a tear, and may be mixed. */
static inline int is_in_band(const matting *w, size_t at) {
    return w->distance[at] <= w->band;
}

/* The first pixel from x on that lies beside a tear, its surroundings included, or the width. */
static inline int next_beside(const uint8_t *distance, int x, int width) {
    for (uint64_t eight; x + 8 <= width; x += 8) {
        memcpy(&eight, distance + x, sizeof eight);
        if (~eight)
            break;
    }
    while (x < width && distance[x] == NOWHERE)
        x++;
    return x;
}

#define kb3d_matting_bind KB3D_AT_LEVEL(kb3d_matting_bind)
#define kb3d_matting_find_band KB3D_AT_LEVEL(kb3d_matting_find_band)

/* Divides the memory of kb3d_kernels::matte_find among the planes. */
void kb3d_matting_bind(matting *w, const kb3d_matte *m, void *memory);

/* Fills distance, to_near and to_far of a row. */
void kb3d_matting_find_band(void *arg, int y);

#endif
