#include "scene.h"

/* A thin two-sided blade; foliage is lit mostly from above, so its normals lean upwards. */
static void add_blade(mesh *m, vec a, vec b, vec side, material material, float tint) {
    vec n = unit(cross(sub(b, a), side));
    if (n.y < 0)
        n = scale(n, -1);
    mesh_add(m, sub(a, side), add(a, side), b, (vec[3]){n, n, n}, material, tint);
}

/* A spruce of height 1: whorls of drooping branches, each with two rows of twigs. */
void plant_conifer(mesh *m, uint32_t seed, int twigs) {
    uint32_t r = hash32(seed);
    mesh_add_bar(m, v3(0, -0.05f, 0), v3(0, 0.97f, 0), 0.016f, 0.001f, 5, BARK, 0.5f);
    int whorls = twigs > 8 ? 30 : 20;
    float width = between(&r, 0.17f, 0.22f), bare = between(&r, 0.04f, 0.12f);
    for (int w = 0; w < whorls; w++) {
        float up = bare + (0.99f - bare) * powf((float)w / (float)whorls, 0.9f);
        float reach = width * powf((1 - up) / (1 - bare), 0.8f) + 0.008f;
        int branches = twigs > 8 ? 8 : 6;
        for (int b = 0; b < branches; b++) {
            float round = 2 * pi * ((float)b + next_float(&r)) / (float)branches + (float)w * 2.4f;
            float extent = reach * between(&r, 0.6f, 1.12f),
                  droop = mixf(-0.5f, 0.45f, up) + between(&r, -0.15f, 0.15f);
            vec out = v3(cosf(round), 0, sinf(round)), across = v3(-out.z, 0, out.x);
            vec base = v3(0, up + between(&r, -0.012f, 0.012f), 0);
            float shade = between(&r, 0, 1);
            for (int t = 0; t < twigs; t++) {
                float along = ((float)t + 0.6f) / (float)twigs, lift = droop * along + 0.3f * along * along;
                vec from = add(base, v3(out.x * extent * along, extent * lift, out.z * extent * along));
                float twig = extent * (0.42f - 0.25f * along) * between(&r, 0.6f, 1.2f) + 0.004f;
                for (int side = -1; side <= 1; side += 2) {
                    vec to = madd(madd(from, across, (float)side * twig), out, twig * 0.9f);
                    to.y -= twig * between(&r, 0.1f, 0.7f);
                    vec flat = scale(out, 0.16f * twig + extent * 0.25f / (float)twigs);
                    flat.y = between(&r, -0.5f, 0.5f) * twig * 0.4f;
                    add_blade(m, from, to, flat, NEEDLE, clampf(shade * 0.6f + along * 0.5f, 0, 1));
                }
            }
            vec tip = add(base, v3(out.x * extent * 1.1f, extent * (droop + 0.28f), out.z * extent * 1.1f));
            add_blade(m, madd(base, out, extent * 0.55f), tip, scale(across, 0.05f * extent), NEEDLE, 1);
        }
    }
}

static void add_stalk(mesh *m, vec at, vec lean, float height, float half_width, material material, float tint) {
    enum { PARTS = 4 };
    vec side = unit(cross(lean, v3(0.3f, 1, 0.2f)));
    vec low = at, low_side = scale(side, half_width);
    for (int i = 1; i <= PARTS; i++) {
        float t = (float)i / PARTS;
        vec high = add(at, v3(lean.x * height * t * t, height * t * (1 - 0.25f * t * t), lean.z * height * t * t));
        vec high_side = scale(side, half_width * (1 - t * t));
        vec n = unit(cross(sub(high, low), side));
        n = unit(add(n.y < 0 ? scale(n, -1) : n, v3(0, 0.5f, 0)));
        vec n3[3] = {n, n, n};
        mesh_add(m, sub(low, low_side), add(low, low_side), add(high, high_side), n3, material, tint);
        if (i < PARTS)
            mesh_add(m, sub(low, low_side), add(high, high_side), sub(high, high_side), n3, material, tint);
        low = high;
        low_side = high_side;
    }
}

void plant_grass(mesh *m, uint32_t seed, int blades, float height, float spread) {
    uint32_t r = hash32(seed);
    for (int i = 0; i < blades; i++) {
        float round = between(&r, 0, 2 * pi), out = spread * sqrtf(next_float(&r)),
              tall = height * between(&r, 0.35f, 1);
        float bend = between(&r, 0.05f, 0.6f), turn = round + between(&r, -1, 1);
        add_stalk(m, v3(cosf(round) * out, -0.03f, sinf(round) * out), v3(cosf(turn) * bend, 0, sinf(turn) * bend),
                  tall, between(&r, 0.0015f, 0.004f) * (0.5f + height), GRASS, next_float(&r));
    }
}

/* An ox-eye daisy, 0.5 high. */
void plant_flower(mesh *m, uint32_t seed) {
    uint32_t r = hash32(seed);
    vec lean = v3(between(&r, -0.2f, 0.2f), 0, between(&r, -0.3f, 0.1f)),
        head = v3(lean.x * 0.5f, 0.5f, lean.z * 0.5f);
    mesh_add_bar(m, v3(0, -0.05f, 0), scale(head, 0.5f), 0.0022f, 0.002f, 4, GRASS, 0.4f);
    mesh_add_bar(m, scale(head, 0.5f), head, 0.002f, 0.0016f, 4, GRASS, 0.5f);
    vec facing = unit(v3(lean.x * 2 + between(&r, -0.4f, 0), 1, lean.z - between(&r, 0.1f, 0.6f))), s, t;
    tangents(facing, &s, &t);
    mesh_add_ball(m, madd(head, facing, 0.001f), v3(0.0085f, 0.006f, 0.0085f), 0.15f, 6, HEART, 0);
    int petals = 17 + (int)(3 * next_float(&r));
    for (int i = 0; i < petals; i++) {
        float round = 2 * pi * ((float)i + between(&r, -0.2f, 0.2f)) / (float)petals,
              reach = between(&r, 0.023f, 0.029f);
        vec out = add(scale(s, cosf(round)), scale(t, sinf(round))), across = cross(facing, out);
        vec a = madd(head, out, 0.006f),
            middle = madd(madd(head, out, reach * 0.7f), facing, between(&r, 0, 0.004f));
        vec tip = madd(madd(head, out, reach), facing, between(&r, -0.007f, 0.002f)), wide = scale(across, 0.0036f);
        mesh_add_flat(m, a, sub(middle, wide), add(middle, wide), PETAL, 0);
        mesh_add_flat(m, sub(middle, wide), tip, add(middle, wide), PETAL, 0);
    }
    for (int i = 0; i < 5; i++)
        add_stalk(m, scale(head, 0.08f * (float)i), v3(between(&r, -1, 1), 0, between(&r, -1, 1)), 0.07f, 0.006f,
                  GRASS, 0.3f);
}

static void add_leaf(mesh *m, vec at, vec out, vec face, float size, float tint) {
    static const float half[6] = {0, 0.30f, 0.38f, 0.30f, 0.15f, 0};
    vec across = unit(cross(face, out));
    vec up = cross(out, across);
    for (int i = 0; i < 5; i++) {
        float t0 = (float)i / 5, t1 = (float)(i + 1) / 5;
        vec a = madd(madd(at, out, size * t0), up, -size * 0.25f * t0 * t0);
        vec b = madd(madd(at, out, size * t1), up, -size * 0.25f * t1 * t1);
        for (int side = -1; side <= 1; side += 2) {
            vec wing = add(scale(across, (float)side), scale(up, 0.35f)); /* folded along the middle */
            vec c = madd(b, wing, size * half[i + 1]), d = madd(a, wing, size * half[i]);
            mesh_add_flat(m, a, b, c, LEAF, tint);
            mesh_add_flat(m, a, c, d, LEAF, tint);
        }
    }
}

static void grow(mesh *m, uint32_t *r, vec at, vec along, float extent, float radius, int level) {
    int parts = level == 2 ? 9 : 7;
    for (int i = 0; i < parts; i++) {
        vec wander = v3(between(r, -1, 1), between(r, -1.1f, 0.75f), between(r, -1, 1));
        along = unit(madd(along, wander, 0.20f));
        vec to = madd(at, along, extent / (float)parts);
        float next = radius * (1 - 0.8f / (float)parts);
        mesh_add_bar(m, at, to, radius, next, level == 2 ? 7 : 5, BARK, 1);
        at = to;
        radius = next;
        if (level > 0 && i > 0) {
            vec out =
                unit(add(scale(along, 0.8f), v3(between(r, -1, 1), between(r, -1, 0.35f), between(r, -1, 1))));
            grow(m, r, at, out, extent * between(r, 0.34f, 0.5f), radius * 0.5f, level - 1);
        }
        if (level < 2)
            for (int leaf = 0; leaf < (level == 0 ? 2 : 1); leaf++) {
                vec out =
                    unit(v3(between(r, -1, 1) + along.x, between(r, -1.4f, 0.1f), between(r, -1, 1) + along.z));
                vec face = v3(between(r, -0.7f, 0.7f), 1, between(r, -0.9f, 0.5f));
                vec stem = madd(at, out, 0.015f);
                mesh_add_bar(m, at, stem, 0.0008f, 0.0006f, 3, BARK, 1);
                add_leaf(m, stem, out, face, between(r, 0.034f, 0.062f), next_float(r));
            }
    }
}

/* A birch's branch: from the origin along x, about a metre and a half. */
void plant_branch(mesh *m, uint32_t seed) {
    uint32_t r = hash32(seed);
    grow(m, &r, v3(0, 0, 0), v3(1, 0.02f, 0.05f), 1.55f, 0.013f, 2);
}
