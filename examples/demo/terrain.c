#include "noise.h"
#include "scene.h"

#include <stdlib.h>

typedef struct peak {
    float x, z, height, radius;
} peak;

static const peak peaks[] = {
    {1500, 7200, 2650, 4300}, {-1900, 8600, 2300, 4000}, {3900, 6200, 2100, 3300}, {-5200, 8600, 1900, 3800},
    {300, 11000, 2700, 4200}, {2300, 3000, 900, 1750},   {-1700, 4300, 620, 1900}, {900, 4100, 520, 1500},
    {4200, 4300, 1500, 2400}, {-3800, 5200, 800, 2300},
};

static float mountains(float x, float z) {
    float warp_x = x + 420 * noise2(x / 1700, z / 1700 + 9), warp_z = z + 420 * noise2(x / 1700 + 5, z / 1700);
    float base = 0;
    for (int i = 0; i < (int)(sizeof peaks / sizeof *peaks); i++) {
        float dx = warp_x - peaks[i].x, dz = warp_z - peaks[i].z;
        float inside = 1 - sqrtf(dx * dx + dz * dz) / peaks[i].radius;
        if (inside > 0)
            base = maxf(base, peaks[i].height * inside * sqrtf(inside));
    }
    if (base <= 0)
        return 0;
    return 0.80f * base * (0.50f + 0.70f * ridged2(x / 1900, z / 1900, 9));
}

static float far_land(float x, float z) {
    float bay = 22 * noise2(x / 90, z / 90) + 5 * noise2(x / 21, z / 21);
    float right = x - (z > 75 ? 18 + 0.17f * (z - 75) : 18 + 0.8f * (75 - z)) + 0.35f * bay * step(60, 200, z);
    float left = -150 - 0.10f * z - x + bay;
    float end = z - 1150 + 4 * bay - 0.25f * x;
    float inland = maxf(maxf(right, left), end);
    if (inland < 0)
        return maxf(inland * 0.25f, -8);
    float rise = right > maxf(left, end) ? 0.17f : 0.05f;
    float hill = rise * inland * (1 + 0.5f * noise2(x / 160, z / 160)) + 0.05f * inland * fbm2(x / 40, z / 40, 3);
    return minf(hill, 26 + 190 * (1 - expf(-inland * rise / 260)));
}

float terrain_height(float x, float z) {
    float far = z > 14 ? far_land(x, z) : -8;
    float height = far;
    if (far > 0 && z > 500)
        height += mountains(x, z) * step(0, 900, far * 6);
    if (z < 40) {
        float bank = 2.2f + 0.45f * noise2(x * 0.7f, 3) + 1.9f * clampf(-x - 0.75f, 0, 5) +
                     1.5f * clampf(x - 1.5f, 0, 4) - z;
        float near = bank > 0 ? 0.62f * (1 - expf(-bank * 0.55f)) : maxf(bank * 0.34f, -5);
        height = maxf(height, near + 0.10f * fbm2(x * 1.3f, z * 1.3f, 4));
    }
    if (z > 20 && z < 140 && x < 20) { /* the wooded island on the left */
        float dx = (x + 27) / 24, dz = (z - 58) / 13;
        float island = 1 - sqrtf(dx * dx + dz * dz) + 0.3f * noise2(x / 9, z / 9);
        height = maxf(height,
                      island > 0 ? 2.6f * (1 - expf(-island * 2.5f)) + 0.3f * fbm2(x / 3, z / 3, 4) : island * 6);
    }
    return height;
}

typedef struct corner {
    vec at, normal;
} corner;

/* A fan about the eye whose rows lie ever farther apart, so that a cell keeps its size in the picture. */
void terrain_mesh(mesh *m, int columns, int rows) {
    corner *grid = malloc(sizeof *grid * (size_t)(columns + 1) * (size_t)(rows + 1));
    if (!grid)
        abort();
    for (int j = 0; j <= rows; j++)
        for (int i = 0; i <= columns; i++) {
            float v = (float)j / (float)rows, angle = mixf(-1.15f, 0.78f, (float)i / (float)columns);
            float far = 0.9f * powf(150.0f, minf(v / 0.3f, 1)) * powf(100.0f, maxf((v - 0.3f) / 0.7f, 0));
            float x = far * sinf(angle), z = far * cosf(angle), span = far * 0.004f + 0.01f;
            float y = terrain_height(x, z);
            float slope_x = terrain_height(x + span, z) - y, slope_z = terrain_height(x, z + span) - y;
            grid[j * (columns + 1) + i] = (corner){v3(x, y, z), unit(v3(-slope_x, span, -slope_z))};
        }
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++) {
            corner *a = &grid[j * (columns + 1) + i], *b = a + 1, *c = a + columns + 1, *d = c + 1;
            if (maxf(maxf(a->at.y, b->at.y), maxf(c->at.y, d->at.y)) < -0.3f)
                continue; /* the bed, out of sight under the water */
            mesh_add(m, a->at, d->at, b->at, (vec[3]){a->normal, d->normal, b->normal}, GROUND, 0);
            mesh_add(m, a->at, c->at, d->at, (vec[3]){a->normal, c->normal, d->normal}, GROUND, 0);
        }
    free(grid);
}
