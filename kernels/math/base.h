/* What C and CUDA need to compile these headers alike. */
#ifndef KB3D_MATH_BASE_H
#define KB3D_MATH_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__CUDACC__)
#define KB3D_FN static __host__ __device__ inline
#else
#define KB3D_FN static inline
#endif

KB3D_FN int kb3d_min_i(int a, int b) {
    return a < b ? a : b;
}

KB3D_FN int kb3d_max_i(int a, int b) {
    return a > b ? a : b;
}

KB3D_FN int kb3d_clamp_i(int v, int low, int high) {
    return v < low ? low : v > high ? high : v;
}

KB3D_FN float kb3d_min_f(float a, float b) {
    return a < b ? a : b;
}

KB3D_FN float kb3d_max_f(float a, float b) {
    return a > b ? a : b;
}

KB3D_FN float kb3d_abs_f(float a) {
    return a < 0 ? -a : a;
}

/* Largest integer not above v, for |v| < 2^31. */
KB3D_FN int kb3d_floor_i(double v) {
    int i = (int)v;
    return i - (v < i);
}

#endif
