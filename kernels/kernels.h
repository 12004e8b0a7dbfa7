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

#include "math/fill.h"
#include "math/layer.h"
#include "math/matte_band.h"
#include "math/snap.h"
#include "math/weave.h"

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
    void *queue; /* of a backend that has its own threads and memory, which uses it alone; see module.h */
} kb3d_parallel;

/* A strided image of the host's or a decoded file's, in public formats. */
typedef struct kb3d_pixels {
    kb3d_format format;
    int width, height;
    void *data[3];
    ptrdiff_t stride[3]; /* bytes */
    int is_on_device;
} kb3d_pixels;

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
       groups' first and count, and patch_count; second call: fills the patches,
       and the groups' disp range and fringes. */
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
       cover is below 255; -1 when there may be some, from a queue that does not wait. */
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

    /* Inverse depth as floats, and where the planes are painted as 0 or 255, into the host's images of one channel;
       either may be NULL. */
    void (*export_maps)(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_pixels *depth,
                        const kb3d_pixels *painted);

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
