/*
 * Each kernel against a plain reference, written from its contract in kernels.h and not from its code.
 * Every output lies between guard bands; every case runs at every SIMD level that this machine has.
 */
#ifndef KB3D_TESTS_CHECKKERNELS_H
#define KB3D_TESTS_CHECKKERNELS_H

#include "../check.h"

#include <kernels.h>
#include <math/snap.h>
#include <stdlib.h>

/* In turn: one after the other, from the last to the first, on three threads. */
extern kb3d_parallel parallels[3];
enum { PARALLELS = 3 };

uint32_t random_next(void);
double random_in(double low, double high);

/* Memory between guard bands, filled with a pattern; ends the program when there is none. */
void *guarded(size_t bytes);
/* Whether the bands still stand; frees it. */
int guards_stand(void *memory);

/* A texture with random texels and its apron, in guarded memory. */
kb3d_texture make_texture(kb3d_texel texel, int width, int height);
int free_texture(kb3d_texture *texture); /* whether the guards stood */

double texel_at(const void *data, kb3d_texel texel, ptrdiff_t i);
double texel_one(kb3d_texel texel); /* the value of 1.0 */

/* Groups and patches of a surface, by the kernel. */
void cut(const kb3d_kernels *k, const kb3d_parallel *par, kb3d_surface *surface);
int free_cut(kb3d_surface *surface);

/* A map with its memory, guarded. */
typedef struct depth_map {
    kb3d_depth_map map;
    void *memory;
} depth_map;
extern const kb3d_snap_params snap_params;
depth_map make_map(const kb3d_kernels *k, const kb3d_parallel *par, int width, int height, const float *disp,
                   const float *guide);

/* A picture and its inverse depth split into two layers, in guarded memory. */
typedef struct split {
    kb3d_texture before, behind;
    float *disp, *before_disp, *behind_disp;
    uint8_t *soft, *mask;
    int64_t found;
} split;
split run_split(const kb3d_kernels *k, const kb3d_parallel *par, const kb3d_texture *picture, const float *disp,
                const kb3d_matte_params *params);
void check_same_split(const split *a, const split *b, int width, int height);
int free_split(split *split);

/* A texel of a texture, as a share of 1.0. */
void set_texel(const kb3d_texture *texture, int x, int y, int c, double v);

/* Whether a value may be the median of these; sorts them. */
typedef struct vote {
    double value, weight;
} vote;
int is_median(vote *votes, int count, double got);
double likeness(const float *a, const float *b, double least); /* of two colours */
double nearness(double e, double reach);

/* That every level gives these bytes; to be called in the same order at all of them. */
void check_same_everywhere(const float *values, size_t count);

/* Prints nanoseconds a pixel of what `work` does, the best of some rounds. */
void measure(const kb3d_kernels *k, const char *name, double pixels, void (*work)(void *), void *arg);

/* Each answers how many of its checks have failed so far. */
typedef int (*kernel_test)(const kb3d_kernels *k);
int check_area(const kb3d_kernels *k), check_surface(const kb3d_kernels *k), check_render(const kb3d_kernels *k);
int check_fill(const kb3d_kernels *k), check_textures(const kb3d_kernels *k), check_export(const kb3d_kernels *k);
int check_snap(const kb3d_kernels *k), check_upsample(const kb3d_kernels *k), check_behind(const kb3d_kernels *k);
int check_weave(const kb3d_kernels *k), check_matte(const kb3d_kernels *k);

/* A backend's answers against the CPU's: everything the same, colours within a level. */
int check_same_as_cpu(const kb3d_kernels *k);

typedef void (*kernel_benchmark)(const kb3d_kernels *k);
void bench_area(const kb3d_kernels *k), bench_surface(const kb3d_kernels *k), bench_render(const kb3d_kernels *k);
void bench_fill(const kb3d_kernels *k), bench_textures(const kb3d_kernels *k), bench_export(const kb3d_kernels *k);
void bench_snap(const kb3d_kernels *k), bench_upsample(const kb3d_kernels *k), bench_weave(const kb3d_kernels *k);
void bench_matte(const kb3d_kernels *k);

#endif
