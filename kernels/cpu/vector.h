/* Eight lanes by the compiler's vector extension; lowered to what the level has. */
#ifndef KB3D_CPU_VECTOR_H
#define KB3D_CPU_VECTOR_H

#include <stdint.h>
#include <string.h>

enum { KB3D_LANES = 8 };

typedef float vf __attribute__((vector_size(32)));
typedef uint32_t vu __attribute__((vector_size(32)));
typedef int32_t vi __attribute__((vector_size(32)));

typedef float vec4 __attribute__((vector_size(16)));
typedef uint32_t vu4 __attribute__((vector_size(16)));

/* No vector is passed to or from a function by value: that would depend on the level's ABI. */
#define KB3D_LOAD(to, from) memcpy(&(to), (from), sizeof(to))
#define KB3D_STORE(to, from) memcpy((to), &(from), sizeof(from))

/* A value in every lane, and that of the lanes of a mask. */
#define KB3D_VF(value) ((vf){0} + (value))
#define KB3D_MASKED(v, mask) ((vf)((vi)(v) & (mask)))

/* Lane by lane: mask ? a : b, for masks of all ones or zeros. */
#define KB3D_SELECT_I(mask, a, b) (((mask) & (a)) | (~(mask) & (b)))
#define KB3D_SELECT_F(mask, a, b) ((vf)(((mask) & (vi)(a)) | (~(mask) & (vi)(b))))

/* to = a < b, lane by lane. Where vectors are half as long, GCC compares these lane after lane with branches. */
#if defined(__AVX__)
#define KB3D_LESS(to, a, b) ((to) = (a) < (b))
#else
typedef int32_t vi4 __attribute__((vector_size(16)));
static inline void kb3d_less(vi *to, const vf *a, const vf *b) {
    vec4 halves[4];
    memcpy(halves, a, sizeof *a);
    memcpy(halves + 2, b, sizeof *b);
    vi4 masks[2] = {halves[0] < halves[2], halves[1] < halves[3]};
    memcpy(to, masks, sizeof *to);
}
#define KB3D_LESS(to, a, b) kb3d_less(&(to), &(a), &(b))
#endif

/* Whether any bit of a mask is set. */
#if defined(__AVX__)
#include <immintrin.h>
#define KB3D_ANY(mask) (!_mm256_testz_si256((__m256i)(mask), (__m256i)(mask)))
#else
static inline int kb3d_any(const vi *mask) {
    int64_t parts[4];
    memcpy(parts, mask, sizeof parts);
    return (parts[0] | parts[1] | parts[2] | parts[3]) != 0;
}
#define KB3D_ANY(mask) kb3d_any(&(mask))
#endif

#endif
