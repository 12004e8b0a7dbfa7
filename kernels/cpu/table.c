#include "level.h"

extern const kb3d_kernels KB3D_AT_LEVEL(kb3d_kernels_cpu);

const kb3d_kernels KB3D_AT_LEVEL(kb3d_kernels_cpu) = {
    .simd = KB3D_TEXT(KB3D_LEVEL),
    .area_average = kb3d_area_average,
};
