/* The band beside tears whose pixels may be mixed: what finding it leaves to splitting it. */
#ifndef KB3D_MATH_MATTE_BAND_H
#define KB3D_MATH_MATTE_BAND_H

#include "matte.h"
#include "patch.h"
#include "texture.h"

enum { KB3D_MATTE_REACH_MAX = 8 };

typedef struct kb3d_matte_params {
    float jump;
    int reach;      /* pixels on both sides of a tear that may be mixed; 2 to KB3D_MATTE_REACH_MAX */
    int is_blurred; /* the map's edges climb in steps */
    float most;     /* as bright as a surface can be, of 1: white */
} kb3d_matte_params;

/* A layer whose pixels beside tears are mixed of two surfaces, to be split into two layers. */
typedef struct kb3d_matte {
    kb3d_matte_params params;
    const kb3d_texture *texture; /* the picture, opaque; then the nearer layer's, seen through where it is mixed */
    const float *disp;           /* the picture's inverse depth */
    float *before_disp;          /* a copy of disp; then the nearer layer's */
    uint8_t *soft;               /* the nearer layer's kb3d_surface::soft, zeros before */
    const kb3d_texture *behind;  /* the farther layer, only beside tears; its mask zeros before */
    float *behind_disp;
    uint8_t *behind_mask;
} kb3d_matte;

enum {
    KB3D_MATTE_NEAR_END = 1,
    KB3D_MATTE_FAR_END = 2,      /* a pixel with a farther, a nearer neighbour beyond a tear */
    KB3D_MATTE_WHOLE = 1,        /* as alpha: a pixel of the band with one surface alone */
    KB3D_MATTE_SURROUNDINGS = 3, /* pixels beyond the reach that hear of a tear: a filter there may meet the band */
    KB3D_MATTE_NOWHERE = 255,    /* squared distance to the tear: beyond the band */
    KB3D_MATTE_AROUND_MAX = 49   /* pixels that an estimate looks at */
};

/* What a pixel gives to its neighbours' estimates. */
typedef struct kb3d_matte_offset {
    int x, y;
    float weight;
} kb3d_matte_offset;

typedef struct kb3d_matting {
    kb3d_matte m;
    float *disp; /* settled: a pixel that hangs between two surfaces goes to the likest one, as in surface_cut */
    uint8_t *ends, *alpha;
    uint8_t *distance, *to_near, *to_far; /* squared, to the closest end; to one of a nearer, of a farther surface */
    int *row_count;                       /* ends in each row, of a backend that counts so */
    kb3d_matte_offset around[KB3D_MATTE_AROUND_MAX];
    int around_count;
    int band;                         /* the largest squared distance of a pixel that may be mixed */
    float purity[256], trust[2][256]; /* by squared distance; trust on the farther and the nearer side */
} kb3d_matting;

KB3D_FN size_t kb3d_matting_bytes(int width, int height) {
    return ((size_t)width * (5 + sizeof(float)) + sizeof(int)) * (size_t)height;
}

KB3D_FN void kb3d_matting_bind(kb3d_matting *w, const kb3d_matte *m, void *memory) {
    size_t pixels = (size_t)m->texture->width * (size_t)m->texture->height;
    w->m = *m;
    w->band = (m->params.reach + 1) * (m->params.reach + 1);
    w->row_count = (int *)memory;
    w->disp = (float *)(w->row_count + m->texture->height);
    w->ends = (uint8_t *)(w->disp + pixels);
    w->alpha = w->ends + pixels;
    w->distance = w->alpha + pixels;
    w->to_near = w->distance + pixels;
    w->to_far = w->to_near + pixels;
}

/* Whether a pixel is an end, from its row and the ones beside it. */
KB3D_FN uint8_t kb3d_matting_end_in(const float **rows, int left, int x, int right, float jump) {
    float least = rows[1][x], most = least;
    for (int i = 0; i < 3; i++) {
        least = kb3d_min_f(kb3d_min_f(least, rows[i][left]), kb3d_min_f(rows[i][x], rows[i][right]));
        most = kb3d_max_f(kb3d_max_f(most, rows[i][left]), kb3d_max_f(rows[i][x], rows[i][right]));
    }
    int is_near = rows[1][x] - least > jump, is_far = most - rows[1][x] > jump;
    return (uint8_t)(is_near * KB3D_MATTE_NEAR_END | is_far * KB3D_MATTE_FAR_END);
}

/* The rows of inverse depth around one; beyond the picture, its border's. */
KB3D_FN void kb3d_matting_rows(const kb3d_matting *w, const float *disp, int y, const float **rows) {
    for (int i = 0; i < 3; i++)
        rows[i] = disp + (size_t)kb3d_clamp_i(y + i - 1, 0, w->m.texture->height - 1) * w->m.texture->width;
}

KB3D_FN uint8_t kb3d_matting_end_at(const kb3d_matting *w, const float *disp, int x, int y) {
    const float *rows[3];
    int last = w->m.texture->width - 1;
    kb3d_matting_rows(w, disp, y, rows);
    return kb3d_matting_end_in(rows, kb3d_max_i(x - 1, 0), x, kb3d_min_i(x + 1, last), w->m.params.jump);
}

KB3D_FN float kb3d_matting_settle(const kb3d_matting *w, int x, int y) {
    const kb3d_texture *t = w->m.texture;
    return kb3d_settled_disp(w->m.disp, NULL, t->width, t->height, x, y, w->m.params.jump);
}

/* Pixels to both sides of a circle's middle at the square of a height; below 0: none. */
KB3D_FN int kb3d_matting_half_chord(int radius, int up) {
    int across = -1;
    while ((across + 1) * (across + 1) + up <= radius * radius)
        across++;
    return across;
}

/* A pixel that has not heard yet. */
KB3D_FN void kb3d_matting_begin(const kb3d_matting *w, size_t at) {
    w->distance[at] = w->to_near[at] = w->to_far[at] = KB3D_MATTE_NOWHERE;
}

/* What an end tells a pixel of the band: where it is of another surface, that one's inverse depth. Of
   nearer surfaces the closest one counts, over whose edge a pixel lies. Of farther ones it does too; but where the
   map's edges are blurred the farthest one, and pixels between two surfaces tell nothing. */
KB3D_FN void kb3d_matting_hear(const kb3d_matting *w, size_t at, size_t end, int square) {
    const kb3d_matte *m = &w->m;
    float jump = m->params.jump, here = w->disp[at], there = w->disp[end];
    if (m->params.is_blurred && w->ends[end] == (KB3D_MATTE_NEAR_END | KB3D_MATTE_FAR_END))
        return;
    if ((w->ends[end] & KB3D_MATTE_NEAR_END) && there - here > jump && square < w->to_near[at]) {
        w->to_near[at] = (uint8_t)square;
        m->before_disp[at] = there;
    }
    if (!(w->ends[end] & KB3D_MATTE_FAR_END) || !(here - there > jump))
        return;
    if (m->params.is_blurred ? w->to_far[at] == KB3D_MATTE_NOWHERE || there < m->behind_disp[at]
                             : square < w->to_far[at]) {
        w->to_far[at] = (uint8_t)square;
        m->behind_disp[at] = there;
    }
}

/* Whether a pixel lies beside a tear, and may be mixed. */
KB3D_FN int kb3d_matting_is_in_band(const kb3d_matting *w, size_t at) {
    return w->distance[at] <= w->band;
}

#endif
