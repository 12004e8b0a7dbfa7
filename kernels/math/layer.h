/* Layers, their clouds, and the planes of a frame. */
#ifndef KB3D_MATH_LAYER_H
#define KB3D_MATH_LAYER_H

#include "patch.h"
#include "texture.h"
#include "warp.h"

/* The cloud of one layer: its pixels with inverse depth, as patches. */
typedef struct kb3d_surface {
    int width, height;
    float jump;           /* difference of inverse depth that tears it */
    float tolerance;      /* how far a patch's plane may lie off a pixel's inverse depth */
    const float *disp;    /* width * height */
    const uint8_t *mask;  /* width * height, non-zero where there is a point; NULL: everywhere */
    const float *before;  /* of a farther layer: the nearer one's inverse depth, where it may go on; the texture has
                             no colours where the mask is zero */
    const uint8_t *soft;  /* width * height of kb3d_soft, none of it NONE within two pixels of a tear; NULL: nothing
                             is seen through */
    kb3d_patch *patches;  /* group by group */
    kb3d_group *groups;   /* row by row, and after them groups_y groups of whole rows */
    int groups_x, groups_y;
    uint32_t patch_count;
} kb3d_surface;

/* A layer before a frame's camera. */
typedef struct kb3d_layer {
    const kb3d_surface *surface;
    kb3d_warp warp;
    const kb3d_texture *texture;
    const kb3d_texture *half; /* the texture at half its size, or NULL */
    int half_share;           /* 0..255: how much of `half` goes into a sample */
    int is_painted;           /* its points were painted in */
    float behind;             /* inverse depth by which its points give way to others' */
    const float *channels;    /* kb3d_planes::channel_count a pixel of the box, interleaved; NULL: zeros */
    int channels_x, channels_y, channels_width, channels_height; /* the surface's pixels that have any; else zeros */
} kb3d_layer;

/* Layers of one frame; of equally near points the lower layer's is seen. */
enum { KB3D_LAYER_MAX = 16 };

/* Patches of one surface that a frame can tell apart. */
enum { KB3D_PATCH_COUNT_MAX = 1 << 27 };

/* A frame being made. Tightly packed, width * height of each. */
typedef struct kb3d_planes {
    int width, height;
    kb3d_texel texel;
    void *color;      /* RGBA, premultiplied by alpha, and where cover < 255 by cover / 255 too */
    float *disp;      /* inverse depth seen from the frame's camera, 0 where nothing is */
    uint8_t *cover;   /* 255: something opaque lies here; less: a silhouette over a hole, or a hole */
    uint8_t *painted; /* non-zero: from a painted layer, or filled */
    int channel_count; /* further channels of the layers, such as a network's features */
    float *channels;   /* interleaved, seen and blended like the colour; NULL: none */
} kb3d_planes;

/* kb3d_planes::painted where the fill has written. */
enum { KB3D_FILLED = 255 };

#endif
