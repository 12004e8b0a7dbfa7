/*
 * The pixel work: one table of functions a backend fills.
 *
 * Kernels allocate nothing and know nothing of lib: memory, sizes and threads
 * come in as arguments. Every kernel gives the same bytes for any number of
 * threads and any SIMD level. Strides are counted in elements unless a name
 * says bytes. tests/checkkernels holds each slot against a plain reference.
 */
#ifndef KB3D_KERNELS_H
#define KB3D_KERNELS_H

#include "math/patch.h"
#include "math/warp.h"

#include <kb3d/image.h>

#include <stddef.h>
#include <stdint.h>

/* One piece of a parallel loop. */
typedef void (*kb3d_task_fn)(void *arg, int index);

/* A parallel loop over 0 .. count - 1, handed in by the caller. */
typedef struct kb3d_parallel {
    void (*run)(void *impl, int count, kb3d_task_fn task, void *arg);
    void *impl;
    int threads; /* tasks that may run at the same time; 1 or more */
} kb3d_parallel;

/* How samples lie in memory. The value is the number of bytes. */
typedef enum kb3d_texel { KB3D_TEXEL_U8 = 1, KB3D_TEXEL_U16 = 2, KB3D_TEXEL_F32 = 4 } kb3d_texel;

/* Pixels around a texture that repeat its border, so that filters need no bounds. */
enum { KB3D_APRON = 4 };

/* Colour of a layer: RGBA, premultiplied. */
typedef struct kb3d_texture {
    kb3d_texel texel;
    int width, height;
    ptrdiff_t stride; /* pixels from a row to the next */
    void *data;       /* the picture's first pixel; the apron lies around it */
} kb3d_texture;

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

enum { KB3D_MATTE_REACH_MAX = 8 };

typedef struct kb3d_matte_params {
    float jump;
    int reach;      /* pixels on both sides of a tear that may be mixed; 2 to KB3D_MATTE_REACH_MAX */
    int is_blurred; /* the map's edges climb in steps */
} kb3d_matte_params;

/* A layer whose pixels beside tears are mixed of two surfaces, to be split into two layers; see math/matte.h. */
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

/* How holes are filled; see math/fill.h. */
typedef struct kb3d_fill_params {
    double epipole[3]; /* the displacement of a pixel at (x, y) as its depth changes is epipole.xy - (x, y) epipole.z */
    float jump;        /* difference of inverse depth between surfaces, in the frame's units */
    int reach;         /* pixels along the line to look for something opaque */
    int mirror;        /* non-zero: the background's texture is mirrored into the hole, else its rim is carried across */
    int under;         /* non-zero: what lies under silhouettes is wanted, they are not blended over it */
} kb3d_fill_params;

enum { KB3D_SMOOTH_RADIUS_MAX = 8 };

/* Smoothing of what was filled, within one surface. */
typedef struct kb3d_smooth_params {
    float jump;
    float sigma;    /* pixels */
    float strength; /* 0..1: share of the smoothed colour */
} kb3d_smooth_params;

/* Texture for what was filled; see math/weave.h. */
typedef struct kb3d_weave_params {
    float jump;
    int reach;    /* pixels around one of a hole's that are searched */
    float sigma;  /* pixels; coarser than this, `guided` of the colours' difference is the fill's */
    float guided; /* 0..1 */
} kb3d_weave_params;

/* A strided image of the host's or a decoded file's, in public formats. */
typedef struct kb3d_pixels {
    kb3d_format format;
    int width, height;
    void *data[3];
    ptrdiff_t stride[3]; /* bytes */
} kb3d_pixels;

/* An inverse depth map, all known, with the picture's colours at its size: planes that map_prepare
   lays out in the caller's memory; see math/snap.h. */
typedef struct kb3d_depth_map {
    int width, height;
    ptrdiff_t stride;
    float *disp;
    float *slope_x, *slope_y; /* of the surface that the value lies on, a pixel */
    float *spread;            /* of the 3x3 values around; above a jump it is at an edge */
    float *trust;             /* 1 amid a surface, near 0 on the slope of an edge, 0 outside the map */
    float *guide[3];
} kb3d_depth_map;

typedef struct kb3d_snap_params {
    float jump;        /* spread of inverse depth that makes an edge */
    float color_sigma; /* difference of colour, 0..1, that tells two things apart */
} kb3d_snap_params;

typedef struct kb3d_kernels {
    const char *simd; /* "none", "sse4", "avx2", "avx512" */

    /* Exact area average of interleaved pixels: every source pixel counts with the
       area it covers. u8 and u16 are scaled to 0..1, f32 taken as it is; the
       result has `to_channels` (1 or 3) channels of float: 3 from 1 repeats grey,
       alpha is dropped. to_width <= width and to_height <= height are not
       required; enlarging repeats pixels by area likewise. */
    void (*area_average)(const kb3d_parallel *par, const void *from, kb3d_texel texel, int channels, int width,
                         int height, float *to, int to_channels, int to_width, int to_height);

    /* Cuts a surface into patches. First call with patches == NULL: fills the
       groups (first, count, disp range) and patch_count; second call: fills the
       patches. */
    void (*surface_cut)(const kb3d_parallel *par, kb3d_surface *surface);

    /* Bytes of memory that the next two need. */
    size_t (*matte_bytes)(int width, int height);

    /* Finds tears, and answers how many pixels lie beside them. Reads the params, disp and the
       texture's size. */
    int64_t (*matte_find)(const kb3d_parallel *par, const kb3d_matte *matte, void *memory);

    /* Splits the pixels beside the tears that matte_find has left in memory: the nearer layer over the farther
       one is the picture again. */
    void (*matte_split)(const kb3d_parallel *par, const kb3d_matte *matte, void *memory);

    /* Bytes of scratch that render needs for a frame of this width and `threads`. */
    size_t (*render_scratch)(int width, int threads);

    /* Renders layers into planes: nearest surface, coverage at silhouettes, one
       cubic resampling. All planes are written. Answers the number of pixels whose
       cover is below 255. */
    int64_t (*render)(const kb3d_parallel *par, const kb3d_layer *layers, int layer_count,
                      const kb3d_planes *planes, void *scratch);

    /* Fills every pixel whose cover is below 255; cover stays as it is. */
    void (*fill)(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_fill_params *params);

    /* Copies colour and inverse depth, those of filled pixels smoothed. */
    void (*smooth)(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_smooth_params *params,
                   void *color, float *disp);

    /* Bytes of memory that weave needs. */
    size_t (*weave_bytes)(int width, int height);

    /* Copies colour; filled pixels get the texture of known ones whose surroundings are like theirs and that lie at
       their inverse depth or behind it. Where there is none they stay as they are. */
    void (*weave)(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_weave_params *params, void *memory,
                  void *color);

    /* Moves filled pixels back until none hides what the picture shows: where one
       would be seen before the picture's surface from the picture's own camera, it
       gets that surface's depth, or that of `behind`, which has points where the picture is seen through, or is
       NULL. `warp` leads from the planes' pixels to the picture's. */
    void (*keep_behind)(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_warp *warp,
                        const kb3d_surface *picture, const kb3d_surface *behind);

    /* A host's or decoded pixels into a texture: premultiplied, with its apron.
       Answers non-zero when some pixel is not opaque. */
    int (*import_texture)(const kb3d_parallel *par, const kb3d_pixels *from, const kb3d_texture *to);

    /* Repeats the border of a texture into its apron. */
    void (*fill_apron)(const kb3d_texture *texture);

    /* A texture and its inverse depth at half the size, (w + 1) / 2 x (h + 1) / 2:
       of four pixels the second nearest counts (at the right and lower ends of thick
       things the third), and the colours of its surface. */
    void (*halve)(const kb3d_parallel *par, const kb3d_texture *from, const float *disp, float jump,
                  const kb3d_texture *to, float *half_disp);

    /* Planes into a host's image. `linear`: the planes' values are proportional to
       light; `to_linear`: the image's shall be. Formats without alpha show the
       picture over black. */
    void (*export_color)(const kb3d_parallel *par, const kb3d_planes *planes, int linear, int to_linear,
                         const kb3d_pixels *to);

    /* A map (one channel) at a larger size: bilinear, the border repeated. */
    void (*enlarge)(const kb3d_parallel *par, const float *from, int width, int height, float *to, int to_width,
                    int to_height);

    /* Bytes of memory for the planes of a map. */
    size_t (*map_bytes)(int width, int height);

    /* Fills a map whose size is set. `disp` and `guide` (RGB, the picture's area average) are of its
       size and not needed afterwards. */
    void (*map_prepare)(const kb3d_parallel *par, const float *disp, const float *guide, float jump, void *memory,
                        kb3d_depth_map *map);

    /* Inverse depth of the map's size, its edges made steps and moved to the guide's: a median of the
       values around, each carried along its slope, weighted by likeness of colour and by trust. What
       has no edge within KB3D_SNAP_RADIUS stays as it is. */
    void (*map_snap)(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params, float *to);

    /* Inverse depth at the texture's size: where no edge is near, bilinear; else such a median of the
       values up to KB3D_UPSAMPLE_RADIUS away. */
    void (*upsample)(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params,
                     const kb3d_texture *texture, float *to);
} kb3d_kernels;

/* The CPU table for the best SIMD level here, lowered by KB3D_SIMD. */
const kb3d_kernels *kb3d_kernels_cpu(void);

#endif
