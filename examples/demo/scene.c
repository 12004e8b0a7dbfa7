#include "noise.h"
#include "scene.h"

#include <stdlib.h>

enum { TREES = 4, TUFTS = 4, FLOWERS = 3, ROCKS = 4, POSTS = 6, MESHES = 64 };

static const float deck = 0.55f;

static float jetty_middle(float z) {
    return 0.32f - 0.115f * (z - 2);
}

static mesh *next_mesh(mesh **free_meshes) {
    return (*free_meshes)++;
}

static void place_jetty(forest *f, mesh **free_meshes, uint32_t *r) {
    mesh *planks[3];
    for (int i = 0; i < 3; i++)
        build_plank(planks[i] = next_mesh(free_meshes), 1.56f + 0.03f * (float)i, 0.145f + 0.012f * (float)i,
                    0.036f);
    for (float z = 1.0f; z < 12.6f;) {
        int kind = (int)(next_float(r) * 3);
        float width = 0.145f + 0.012f * (float)kind;
        vec at = v3(jetty_middle(z) + between(r, -0.02f, 0.02f), deck - 0.018f + between(r, -0.004f, 0.004f),
                    z + width / 2);
        forest_add(f, planks[kind], at, -0.115f + between(r, -0.012f, 0.012f), 1, (uint32_t)f->count);
        z += width + between(r, 0.008f, 0.022f);
    }
    mesh *beam = next_mesh(free_meshes);
    build_plank(beam, 11.8f, 0.12f, 0.18f);
    for (int side = -1; side <= 1; side += 2)
        forest_add(f, beam, v3(jetty_middle(6.8f) + 0.6f * (float)side, deck - 0.13f, 6.8f), pi / 2 - 0.115f, 1, 7);
    vec tops[2][POSTS];
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < POSTS; i++) {
            float z = 2.75f + 1.95f * (float)i, radius = between(r, 0.062f, 0.078f);
            float top = deck + (i == POSTS - 1 ? 0.85f : between(r, 0.42f, 0.60f));
            vec at = v3(jetty_middle(z) + (side ? 0.86f : -0.86f), 0, z),
                lean = v3(between(r, -0.03f, 0.03f), 0, between(r, -0.03f, 0.03f));
            mesh *post = next_mesh(free_meshes);
            mesh_add_bar(post, v3(lean.x, -1.5f, lean.z), v3(0, top - 0.015f, 0), radius * 1.06f, radius, 24, WOOD,
                         1);
            mesh_add_bar(post, v3(0, top - 0.015f, 0), v3(0, top, 0), radius, radius - 0.012f, 24, WOOD, 1);
            mesh_finish(post);
            forest_add(f, post, at, 0, 1, hash32((uint32_t)(i * 2 + side)));
            tops[side][i] = add(at, v3(0, top - 0.10f, 0));
        }
    for (int i = 0; i + 1 < POSTS; i++) {
        mesh *rope = next_mesh(free_meshes);
        build_rope(rope, tops[1][i], tops[1][i + 1], between(r, 0.13f, 0.2f));
        forest_add(f, rope, v3(0, 0, 0), 0, 1, 0);
    }
    mesh *boat = next_mesh(free_meshes), *line = next_mesh(free_meshes);
    build_boat(boat);
    vec at = v3(-2.45f, 0.02f, 8.1f);
    forest_add(f, boat, at, -1.98f, 1, 3);
    build_rope(line, tops[0][1], v3(-1.66f, 0.56f, 6.3f), 0.16f);
    forest_add(f, line, v3(0, 0, 0), 0, 1, 0);
}

static void place_lantern(forest *f, mesh **free_meshes) {
    vec hook = v3(candle.x, candle.y + 0.262f, candle.z);
    mesh *post = next_mesh(free_meshes), *iron = next_mesh(free_meshes), *flame = next_mesh(free_meshes);
    mesh_add_box(post, v3(0, 0, 0), v3(1.15f, 0.052f, 0.052f), 0.006f, WOOD, 0.5f);
    mesh_finish(post);
    instance *n = forest_add(f, post, v3(1.01f, 1.12f, 2.0f), 0, 1, 77); /* upright: the grain goes up */
    n->turn[0] = v3(0, 1, 0), n->turn[1] = v3(1, 0, 0), n->turn[2] = v3(0, 0, -1);
    build_lantern(iron);
    forest_add(f, iron, hook, 0.5f, 1, 5);
    build_flame(flame);
    forest_add(f, flame, candle, 0, 1, 0);
    mesh *arm = next_mesh(free_meshes);
    vec root = v3(0.96f, hook.y + 0.02f, 2.0f), end = v3(hook.x - 0.05f, hook.y + 0.03f, hook.z - 0.008f);
    mesh_add_bar(arm, root, hook, 0.008f, 0.007f, 10, IRON, 0);
    mesh_add_bar(arm, hook, end, 0.007f, 0.006f, 10, IRON, 0);
    vec last = v3(0.96f, hook.y - 0.20f, 2.0f);
    for (int i = 1; i <= 10; i++) { /* the curved brace */
        float t = (float)i / 10;
        vec next = v3(mixf(0.96f, 0.78f, t), hook.y - 0.20f + 0.215f * sinf(t * pi / 2), mixf(2.0f, 1.965f, t));
        mesh_add_bar(arm, last, next, 0.006f, 0.006f, 8, IRON, 0);
        last = next;
    }
    mesh_finish(arm);
    forest_add(f, arm, v3(0, 0, 0), 0, 1, 0);
}

static void place_plants(forest *f, mesh **free_meshes, uint32_t *r) {
    mesh *tufts[TUFTS], *flowers[FLOWERS], *reed = next_mesh(free_meshes), *branch = next_mesh(free_meshes);
    for (int i = 0; i < TUFTS; i++) {
        plant_grass(tufts[i] = next_mesh(free_meshes), hash32((uint32_t)i + 50), 70, 0.42f, 0.13f);
        mesh_finish(tufts[i]);
    }
    for (int i = 0; i < FLOWERS; i++) {
        plant_flower(flowers[i] = next_mesh(free_meshes), hash32((uint32_t)i + 90));
        mesh_finish(flowers[i]);
    }
    plant_grass(reed, 5, 60, 1.5f, 0.35f);
    mesh_finish(reed);
    plant_branch(branch, 11);
    mesh_finish(branch);
    for (int i = 0; i < 5200; i++) {
        float z = 0.8f + 13 * next_float(r) * next_float(r), x = between(r, -1, 1) * (1.5f + z * 0.9f),
              y = terrain_height(x, z);
        bool on_jetty = fabsf(x - jetty_middle(z)) < 0.8f;
        if (y < 0.10f || (on_jetty && z > 1.2f))
            continue;
        float size = between(r, 0.45f, 1.1f) * (0.6f + 0.6f * noise2(x, z)) + 0.2f;
        forest_add(f, tufts[i % TUFTS], v3(x, y, z), between(r, 0, 6.28f), size, hash32((uint32_t)i));
        if (noise2(x * 0.8f + 4, z * 0.8f) > 0.05f && i % 3 == 0 && x < -0.6f)
            forest_add(f, flowers[i / 3 % FLOWERS], v3(x + 0.06f, y, z), between(r, -0.7f, 0.7f),
                       between(r, 0.8f, 1.5f), (uint32_t)i);
    }
    for (int i = 0; i < 900; i++) {
        float x = between(r, -14, 9), z = between(r, 3, 18), y = terrain_height(x, z);
        if (y > -0.25f && y < 0.12f && fabsf(x - jetty_middle(z)) > 1.5f &&
            noise2(x * 0.35f + 8, z * 0.35f) > -0.1f)
            forest_add(f, reed, v3(x, minf(y, 0), z), between(r, 0, 6.28f), between(r, 0.35f, 0.8f),
                       hash32((uint32_t)i));
    }
    forest_add(f, branch, v3(-1.95f, 2.93f, 2.35f), 0.12f, 1, 1);
    forest_add(f, branch, v3(-2.1f, 3.28f, 2.9f), -0.2f, 1.1f, 2);
}

static void place_rocks(forest *f, mesh **free_meshes, uint32_t *r, uint32_t seed) {
    mesh *rocks[ROCKS];
    for (int i = 0; i < ROCKS; i++) {
        mesh_add_ball(rocks[i] = next_mesh(free_meshes), v3(0, 0, 0), v3(1, 0.62f, 0.85f), 0.75f, 40, ROCK, 0);
        mesh_finish(rocks[i]);
        noise_init(seed + (uint32_t)i + 1); /* another boulder each time */
    }
    noise_init(seed);
    for (int i = 0; i < 900; i++) {
        float z = 1.6f + 110 * powf(next_float(r), 2.2f), x = between(r, -0.75f, 0.75f) * (z + 2),
              y = terrain_height(x, z);
        if (y < -0.35f || y > 0.16f || fabsf(x - jetty_middle(z)) < 1.1f)
            continue;
        float size = between(r, 0.05f, 0.32f) * (0.8f + z * 0.02f) * (next_float(r) < 0.08f ? 2.2f : 1);
        forest_add(f, rocks[i % ROCKS], v3(x, y - size * 0.1f, z), between(r, 0, 6.28f), size, (uint32_t)i);
    }
}

static void place_trees(forest *f, mesh **free_meshes, uint32_t *r) {
    mesh *fine[TREES], *coarse[TREES];
    for (int i = 0; i < TREES; i++) {
        plant_conifer(fine[i] = next_mesh(free_meshes), hash32((uint32_t)i + 10), 13);
        mesh_finish(fine[i]);
        plant_conifer(coarse[i] = next_mesh(free_meshes), hash32((uint32_t)i + 20), 5);
        mesh_finish(coarse[i]);
    }
    for (int i = 0; i < 60000; i++) {
        float far = 30 * powf(95, next_float(r)), angle = between(r, -0.95f, 0.72f), x = far * sinf(angle),
              z = far * cosf(angle);
        float y = terrain_height(x, z);
        bool clearing = fabsf(x - 24) < 10 && z > 50 && z < 88;
        if (y < 0.35f || y > 900 || clearing || z < 45 || (far < 130 && next_float(r) < (x < 0 ? 0.66f : 0.45f)))
            continue;
        if (fbm2(x / 130, z / 130, 3) < -0.16f && far > 130)
            continue;
        float tall =
            between(r, 7, 16) * (0.8f + 0.35f * noise2(x / 30, z / 30)) * (far < 100 && x < 0 ? 0.62f : 1.05f);
        forest_add(f, far < 220 ? fine[i % TREES] : coarse[i % TREES], v3(x, y - 0.1f, z), between(r, 0, 6.28f),
                   tall, hash32((uint32_t)i));
    }
}

void scene_build(forest *f, int width, uint32_t seed) {
    mesh *meshes = calloc(MESHES, sizeof *meshes), *free_meshes = meshes;
    if (!meshes)
        abort();
    uint32_t r = hash32(seed + 1);
    noise_init(seed);
    place_rocks(f, &free_meshes, &r, seed);
    mesh *ground = next_mesh(&free_meshes), *cabin = next_mesh(&free_meshes);
    int columns = width < 200 ? 200 : width > 1800 ? 1100 : width * 5 / 8;
    terrain_mesh(ground, columns, columns * 9 / 10);
    mesh_finish(ground);
    forest_add(f, ground, v3(0, 0, 0), 0, 1, 0);
    place_jetty(f, &free_meshes, &r);
    place_lantern(f, &free_meshes);
    place_plants(f, &free_meshes, &r);
    place_trees(f, &free_meshes, &r);
    build_cabin(cabin);
    forest_add(f, cabin, v3(23.5f, maxf(terrain_height(23.5f, 78), 0.6f) + 0.3f, 78), 0.35f, 1, 4);
    forest_finish(f);
}
