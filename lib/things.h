/* Which pixels of a map stand as one thing: found in masks, told apart by depth. Inside of
   adjusting. */
#ifndef KB3D_LIB_THINGS_H
#define KB3D_LIB_THINGS_H

#include "segment.h"

/* Pixels beside an outline where networks mix both sides. */
enum { KB3D_RIM = 5, KB3D_INNER = 4 };

typedef struct kb3d_thing {
    kb3d_class kind;
    int is_given;       /* by the host */
    int x0, y0, x1, y1; /* its box, the last row and column included */
    int area;
    float share;        /* mean of its pixels */
    float level, across, down; /* its plane, see kb3d_thing_fit */
    float thickness;    /* how far it may rise from there */
} kb3d_thing;

/* Inline, as the C library's are not. */
static inline float less(float a, float b) {
    return a < b ? a : b;
}
static inline float more(float a, float b) {
    return a > b ? a : b;
}

/* All of the map's size. */
typedef struct kb3d_things {
    int width, height;
    float *disp;
    float *guide;     /* the picture's area average, RGB */
    float *share;     /* of the mask that a pixel is in */
    uint16_t *label;  /* 0: none, else the number of its thing + 1 */
    uint16_t *edge;   /* to the nearest pixel that is of another thing or none; a frame is no edge */
    uint16_t *apart;  /* to the nearest pixel of a mask ... */
    int32_t *nearest; /* ... and which that is */
    int32_t *beyond;  /* the nearest pixel that is clear of all masks and their rims; -1: there is none */
    float relief;     /* range of the scene's inverse depth */
    float jump;       /* a difference between neighbours that tears */
    float focal;      /* roughly, in pixels */
    int count;
    kb3d_thing *items;
} kb3d_things;

/* `map` and `picture` as kb3d_adjust_depth takes them; disp is the map's own memory. Given
   back by kb3d_things_free in any case. */
kb3d_status kb3d_things_find(kb3d_ctx *ctx, const kb3d_raster *picture, const kb3d_segments *segments,
                             const kb3d_raster *map, kb3d_things *things, kb3d_call *call);
void kb3d_things_free(kb3d_ctx *ctx, kb3d_things *things);

#endif
