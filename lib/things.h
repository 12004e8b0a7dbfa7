/* Which pixels of a map stand as one thing: found in masks, told apart by depth. Inside of
   adjusting. */
#ifndef KB3D_LIB_THINGS_H
#define KB3D_LIB_THINGS_H

#include "segment.h"

enum {
    KB3D_RIM = 5,   /* pixels outside of an outline where networks mix both sides */
    KB3D_INNER = 4, /* and inside of it */
    KB3D_CLEAR = 255
};

typedef struct kb3d_thing {
    kb3d_class kind;
    int is_given;       /* by the host */
    int x0, y0, x1, y1; /* its box, the last row and column included */
    int area;
    float share;        /* mean of its pixels */
    int inside;         /* edge of the pixels that show it alone is this or more */
    int length;         /* pixels of its outline; this and the next by kb3d_outline_judge */
    float doubtful;     /* share of them that nothing bears out */
    float level, across, down; /* its plane; this and the rest by kb3d_thing_fit */
    float thickness;    /* how far it may rise from there */
    float strength;     /* by how much it is adjusted, 0..1 */
    float seen;         /* how much of its inside the estimate shows before its background, 0..1 */
} kb3d_thing;

/* All of the map's size. */
typedef struct kb3d_things {
    int width, height;
    float *disp;
    float *guide;     /* the picture's area average, RGB */
    float *share;     /* of the mask that a pixel is in */
    uint16_t *label;  /* 0: none, else the number of its thing + 1 */
    uint16_t *edge;   /* of a thing's pixels, to the nearest of any outline; a frame is none */
    uint8_t *apart;   /* squared distance to the nearest pixel of a mask, or KB3D_CLEAR beyond KB3D_RIM ... */
    int32_t *nearest; /* ... and which that is */
    int32_t *beyond;  /* the nearest pixel that is clear of all masks and their rims; -1: there is none */
    int32_t *outline; /* pixels of things beside others or none */
    int outline_count;
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

/* Gives every pixel the number of its segment + 1, outlines of a network's brought to the
   picture's edges. */
kb3d_status kb3d_things_label(kb3d_ctx *ctx, const kb3d_segments *segments, kb3d_things *things, kb3d_call *call);

/* Pixels within a small distance, nearest first not promised. */
enum { KB3D_DISC_MAX = 81 };

typedef struct kb3d_disc {
    int count, radius; /* radius at most 5 */
    int8_t x[KB3D_DISC_MAX], y[KB3D_DISC_MAX];
    uint8_t away[KB3D_DISC_MAX]; /* squared distance */
} kb3d_disc;

kb3d_disc kb3d_disc_of(int radius);

/* Inline, as the C library's are not. */
static inline float kb3d_less(float a, float b) {
    return a < b ? a : b;
}
static inline float kb3d_more(float a, float b) {
    return a > b ? a : b;
}

#endif
