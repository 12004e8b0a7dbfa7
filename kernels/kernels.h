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

#include <kb3d/status.h>

#include <stddef.h>
#include <stdint.h>

/* One piece of a parallel loop. */
typedef void (*kb3d_task_fn)(void *arg, int index);

/* A parallel loop over 0 .. count - 1, handed in by the caller. */
typedef struct kb3d_parallel {
    void (*run)(void *impl, int count, kb3d_task_fn task, void *arg);
    void *impl;
} kb3d_parallel;

/* How samples lie in memory. The value is the number of bytes. */
typedef enum kb3d_texel { KB3D_TEXEL_U8 = 1, KB3D_TEXEL_U16 = 2, KB3D_TEXEL_F32 = 4 } kb3d_texel;

typedef struct kb3d_kernels {
    const char *simd; /* "none", "sse4", "avx2", "avx512" */

    /* Exact area average of interleaved pixels: every source pixel counts with the
       area it covers. u8 and u16 are scaled to 0..1, f32 taken as it is; the
       result has `to_channels` (1 or 3) channels of float: 3 from 1 repeats grey,
       alpha is dropped. to_width <= width and to_height <= height are not
       required; enlarging repeats pixels by area likewise. */
    void (*area_average)(const kb3d_parallel *par, const void *from, kb3d_texel texel, int channels, int width,
                         int height, float *to, int to_channels, int to_width, int to_height);
} kb3d_kernels;

/* The CPU table for the best SIMD level here, lowered by KB3D_SIMD. */
const kb3d_kernels *kb3d_kernels_cpu(void);

#endif
