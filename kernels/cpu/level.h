/* Names of one SIMD level: KB3D_AT_LEVEL(f) is f_avx2 where KB3D_LEVEL is avx2. */
#ifndef KB3D_CPU_LEVEL_H
#define KB3D_CPU_LEVEL_H

#include <kernels.h>

#define KB3D_JOIN_(a, b) a##_##b
#define KB3D_JOIN(a, b) KB3D_JOIN_(a, b)
#define KB3D_TEXT_(a) #a
#define KB3D_TEXT(a) KB3D_TEXT_(a)
#define KB3D_AT_LEVEL(name) KB3D_JOIN(name, KB3D_LEVEL)

#define kb3d_area_average KB3D_AT_LEVEL(kb3d_area_average)

void kb3d_area_average(const kb3d_parallel *par, const void *from, kb3d_texel texel, int channels, int width,
                       int height, float *to, int to_channels, int to_width, int to_height);

#endif
