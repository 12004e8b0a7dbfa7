/* The valley: what stands where. */
#ifndef DEMO_SCENE_H
#define DEMO_SCENE_H

#include "mesh.h"

static const float eye_height = 2.1f;
static const float pitch = -0.066f;                /* radians, downwards */
static const float focal_of_width = 28.0f / 36.0f; /* a 28 mm lens on 36 mm film */
static const vec candle = {0.68f, 1.80f, 1.95f};

/* Ground above the lake's surface (y = 0); below it, the bed. */
float terrain_height(float x, float z);
void terrain_mesh(mesh *m, int columns, int rows);

void plant_conifer(mesh *m, uint32_t seed, int twigs);
void plant_grass(mesh *m, uint32_t seed, int blades, float height, float spread);
void plant_flower(mesh *m, uint32_t seed);
void plant_branch(mesh *m, uint32_t seed);

void build_plank(mesh *m, float length, float width, float thickness);
void build_boat(mesh *m);
void build_lantern(mesh *m);
void build_flame(mesh *m);
void build_cabin(mesh *m);
void build_rope(mesh *m, vec from, vec to, float sag);

/* Everything but the water. Finer ground for a wider picture. */
void scene_build(forest *f, int width, uint32_t seed);

#endif
