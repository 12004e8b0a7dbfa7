#include <kernels.h>

#include <stdlib.h>
#include <string.h>

extern const kb3d_kernels kb3d_kernels_cpu_none;

#if defined(__x86_64__)
extern const kb3d_kernels kb3d_kernels_cpu_sse4, kb3d_kernels_cpu_avx2, kb3d_kernels_cpu_avx512;

static int detected_level(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        return 3;
    if (__builtin_cpu_supports("avx2"))
        return 2;
    return __builtin_cpu_supports("sse4.1") ? 1 : 0;
}

const kb3d_kernels *kb3d_kernels_cpu(void) {
    static const kb3d_kernels *const tables[] = {&kb3d_kernels_cpu_none, &kb3d_kernels_cpu_sse4,
                                                 &kb3d_kernels_cpu_avx2, &kb3d_kernels_cpu_avx512};
    int level = detected_level();
    const char *wanted = getenv("KB3D_SIMD");
    for (int i = 0; wanted && i < level; i++)
        if (!strcmp(wanted, tables[i]->simd))
            level = i;
    return tables[level];
}
#else
const kb3d_kernels *kb3d_kernels_cpu(void) {
    return &kb3d_kernels_cpu_none;
}
#endif
