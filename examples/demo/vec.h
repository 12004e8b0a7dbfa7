/* Three floats and the few operations on them that drawing needs. The world is x right, y up, z forward, metres. */
#ifndef DEMO_VEC_H
#define DEMO_VEC_H

#include <math.h>
#include <stdint.h>

typedef struct vec {
    float x, y, z;
} vec;

static const float pi = 3.14159265f;

static inline vec v3(float x, float y, float z) {
    return (vec){x, y, z};
}
static inline vec add(vec a, vec b) {
    return v3(a.x + b.x, a.y + b.y, a.z + b.z);
}
static inline vec sub(vec a, vec b) {
    return v3(a.x - b.x, a.y - b.y, a.z - b.z);
}
static inline vec mul(vec a, vec b) {
    return v3(a.x * b.x, a.y * b.y, a.z * b.z);
}
static inline vec scale(vec a, float s) {
    return v3(a.x * s, a.y * s, a.z * s);
}
static inline vec madd(vec a, vec b, float s) {
    return v3(a.x + b.x * s, a.y + b.y * s, a.z + b.z * s);
}
static inline float dot(vec a, vec b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline vec cross(vec a, vec b) {
    return v3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}
static inline float length(vec a) {
    return sqrtf(dot(a, a));
}
static inline vec unit(vec a) {
    return scale(a, 1.0f / (length(a) + 1e-20f));
}
static inline vec mix(vec a, vec b, float t) {
    return madd(a, sub(b, a), t);
}
static inline float mixf(float a, float b, float t) {
    return a + (b - a) * t;
}

/* Comparisons instead of fminf and fmaxf: these become one instruction each without -ffast-math. */
static inline float minf(float a, float b) {
    return a < b ? a : b;
}
static inline float maxf(float a, float b) {
    return a > b ? a : b;
}
static inline float clampf(float x, float low, float high) {
    return minf(maxf(x, low), high);
}
static inline float step(float from, float to, float x) {
    float t = clampf((x - from) / (to - from), 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}
static inline int floor_int(float x) {
    int i = (int)x;
    return i - ((float)i > x);
}
static inline float fraction(float x) {
    return x - (float)floor_int(x);
}

/* Two directions that stand at right angles on a unit vector (Duff et al. 2017). */
static inline void tangents(vec n, vec *s, vec *t) {
    float sign = n.z < 0 ? -1.0f : 1.0f, a = -1.0f / (sign + n.z), b = n.x * n.y * a;
    *s = v3(1.0f + sign * n.x * n.x * a, sign * b, -sign * n.x);
    *t = v3(b, sign + n.y * n.y * a, -n.y);
}

/* The same numbers for the same seed on every machine. */
static inline uint32_t hash32(uint32_t x) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return x ^ x >> 16;
}
static inline float unit_float(uint32_t bits) {
    return (float)(bits >> 8) * 0x1p-24f;
}
static inline float next_float(uint32_t *state) {
    *state += 0x9e3779b9u;
    return unit_float(hash32(*state));
}
static inline float between(uint32_t *state, float low, float high) {
    return low + (high - low) * next_float(state);
}

#endif
