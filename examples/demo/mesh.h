/* Triangles, the tree that finds them (a bounding volume hierarchy), and instances: one mesh at many places. */
#ifndef DEMO_MESH_H
#define DEMO_MESH_H

#include "vec.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum material {
    GROUND,
    WOOD,
    BOAT,
    LOG,
    ROOF,
    IRON,
    WAX,
    FLAME,
    WINDOW,
    ROPE,
    ROCK,
    BARK,
    NEEDLE,
    GRASS,
    LEAF,
    PETAL,
    HEART
} material;

typedef struct triangle {
    vec a, ab, ac;
} triangle;

/* What shading wants and finding does not: kept apart, so that the tree's leaves stay small. */
typedef struct surface {
    vec normal[3];
    float tint;
    material material;
} surface;

typedef struct node {
    float low[3], high[3];
    int first; /* a leaf's first item, else the left child; the right one follows it */
    int count; /* items of a leaf, 0 for a parent */
} node;

typedef struct mesh {
    triangle *triangles;
    surface *surfaces;
    int count, capacity;
    node *nodes;
} mesh;

/* world = turn * local + at; turn is a rotation times one scale. */
typedef struct instance {
    const mesh *mesh;
    vec turn[3], at; /* rows */
    float size;
    uint32_t seed;
} instance;

typedef struct forest {
    instance *instances;
    int count, capacity;
    node *nodes;
} forest;

typedef struct ray {
    vec from, to; /* to: direction, any length; t counts in its lengths */
    float t_min, t_max;
} ray;

typedef struct hit {
    float t, u, v;
    const instance *instance;
    int triangle;
} hit;

void *demo_grow(void *memory, int count, int *capacity, size_t size);

void mesh_add(mesh *m, vec a, vec b, vec c, const vec normals[3], material material, float tint);
void mesh_add_flat(mesh *m, vec a, vec b, vec c, material material, float tint);
/* A box with chamfered edges, its middle at `at`, the grain along x. */
void mesh_add_box(mesh *m, vec at, vec half, float bevel, material material, float tint);
/* A round bar from a to b. */
void mesh_add_bar(mesh *m, vec a, vec b, float radius_a, float radius_b, int sides, material material, float tint);
/* A ball pushed in and out by noise. */
void mesh_add_ball(mesh *m, vec at, vec half, float rough, int detail, material material, float tint);
void mesh_finish(mesh *m);

instance *forest_add(forest *f, const mesh *m, vec at, float yaw, float size, uint32_t seed);
void forest_finish(forest *f);
bool forest_nearest(const forest *f, const ray *r, hit *h);
bool forest_blocks(const forest *f, const ray *r);

/* Local point and world normal of a hit. */
vec hit_local(const hit *h, vec world);
vec hit_normal(const hit *h, vec *geometric);

#endif
