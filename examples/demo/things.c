#include "scene.h"

void build_plank(mesh *m, float length, float width, float thickness) {
    mesh_add_box(m, v3(0, 0, 0), v3(length / 2, thickness / 2, width / 2), 0.004f, WOOD, 0);
    mesh_finish(m);
}

/* t runs from the stern (-1) to the bow (1), s from the keel (0) to the rim (1). */
static vec hull(float t, float s, float out) {
    float full = t > 0 ? powf(1 - powf(t, 2.6f), 0.8f) : 1 - 0.42f * powf(-t, 2.2f);
    float keel = -0.10f + (t > 0.6f ? 0.55f * (t - 0.6f) * (t - 0.6f) / 0.4f : 0),
          rim = 0.40f + 0.16f * t * t + 0.06f * t;
    float beam = 0.66f * full;
    float z = beam * powf(sinf(s * pi / 2), 0.75f), y = keel + (rim - keel) * powf(s, 1.35f);
    return v3(2.1f * t + 0.12f * s * (t > 0.5f ? (t - 0.5f) * 2 : 0), y, z + out);
}

static vec mirrored(vec p, float side) {
    return v3(p.x, p.y, p.z * side);
}

static void add_hull(mesh *m, float side, float shift, float tint) {
    enum { STRAKES = 7, PARTS = 36 };
    for (int k = 0; k < STRAKES; k++)
        for (int i = 0; i < PARTS; i++) {
            float t0 = -1 + 2 * (float)i / PARTS, t1 = -1 + 2 * (float)(i + 1) / PARTS;
            float s0 = (float)k / STRAKES, s1 = (float)(k + 1) / STRAKES, lap = k ? 0.014f : 0;
            vec a = mirrored(hull(t0, s0, shift + lap), side), b = mirrored(hull(t1, s0, shift + lap), side);
            vec c = mirrored(hull(t1, s1, shift), side), d = mirrored(hull(t0, s1, shift), side);
            float edge = tint + 0.1f * (float)k / STRAKES;
            mesh_add_flat(m, a, b, c, BOAT, edge);
            mesh_add_flat(m, a, c, d, BOAT, edge);
            vec e = mirrored(hull(t0, s0, shift), side), f = mirrored(hull(t1, s0, shift), side);
            mesh_add_flat(m, e, f, b, BOAT, edge); /* the lower edge of the overlapping plank */
            mesh_add_flat(m, e, b, a, BOAT, edge);
        }
}

void build_boat(mesh *m) {
    enum { PARTS = 30 };
    for (int side = -1; side <= 1; side += 2) {
        add_hull(m, (float)side, 0, 0);
        add_hull(m, (float)side, -0.022f, 0.5f);
        for (int i = 0; i < PARTS; i++) { /* the rim */
            float t0 = -1 + 2 * (float)i / PARTS, t1 = -1 + 2 * (float)(i + 1) / PARTS;
            mesh_add_bar(m, mirrored(hull(t0, 1, -0.01f), (float)side), mirrored(hull(t1, 1, -0.01f), (float)side),
                         0.026f, 0.026f, 8, BOAT, 0.8f);
        }
        for (int rib = -4; rib <= 3; rib++)
            for (int part = 0; part < 5; part++)
                mesh_add_bar(m, mirrored(hull((float)rib * 0.2f, 0.2f * (float)part, -0.035f), (float)side),
                             mirrored(hull((float)rib * 0.2f, 0.2f * (float)part + 0.2f, -0.035f), (float)side),
                             0.014f, 0.014f, 4, BOAT, 0.6f);
    }
    for (int part = 0; part < 8; part++) { /* the transom */
        vec a = hull(-1, (float)part / 8, 0), b = hull(-1, (float)(part + 1) / 8, 0);
        mesh_add_flat(m, a, b, mirrored(b, -1), BOAT, 0.05f);
        mesh_add_flat(m, a, mirrored(b, -1), mirrored(a, -1), BOAT, 0.05f);
    }
    for (int board = -3; board <= 3; board++) /* floor boards hide the lake inside */
        mesh_add_box(m, v3(0, 0.075f, 0.14f * (float)board),
                     v3(1.75f - 0.10f * (float)(board * board), 0.012f, 0.066f), 0.003f, BOAT,
                     0.6f + 0.03f * (float)board);
    for (int seat = 0; seat < 3; seat++) {
        static const float places[3] = {-1.45f, -0.25f, 0.95f}, halves[3] = {0.44f, 0.62f, 0.52f};
        mesh_add_box(m, v3(places[seat], 0.30f, 0), v3(0.13f, 0.014f, halves[seat]), 0.004f, BOAT, 0.85f);
    }
    for (int side = -1; side <= 1; side += 2) { /* oars laid inside */
        vec grip = v3(-1.35f, 0.44f, 0.20f * (float)side), blade = v3(1.25f, 0.42f, 0.28f * (float)side);
        mesh_add_bar(m, grip, blade, 0.018f, 0.020f, 8, BOAT, 0.9f);
        mesh_add_box(m, add(blade, v3(0.25f, 0, 0)), v3(0.28f, 0.010f, 0.062f), 0.004f, BOAT, 0.92f);
    }
    mesh_finish(m);
}

/* Hangs from the origin; its candle burns 0.27 below. */
void build_lantern(mesh *m) {
    const float half = 0.072f, low = -0.37f, high = -0.14f;
    for (int i = 0; i < 4; i++) {
        float x = i & 1 ? half : -half, z = i & 2 ? half : -half;
        mesh_add_box(m, v3(x, (low + high) / 2, z), v3(0.0065f, (high - low) / 2, 0.0065f), 0.0015f, IRON, 0);
        vec eaves = v3(x * 1.32f, high, z * 1.32f), crown = v3(x * 0.28f, high + 0.065f, z * 0.28f);
        mesh_add_bar(m, eaves, crown, 0.004f, 0.004f, 6, IRON, 0.2f);
        float nx = i == 0 || i == 2 ? -x : x, nz = i == 0 || i == 2 ? z : -z; /* the next corner round */
        vec eaves2 = v3(nx * 1.32f, high, nz * 1.32f), crown2 = v3(nx * 0.28f, high + 0.065f, nz * 0.28f);
        mesh_add_flat(m, eaves, eaves2, crown2, IRON, 0.2f);
        mesh_add_flat(m, eaves, crown2, crown, IRON, 0.2f);
        float bar = half + 0.002f;
        vec middle = i < 2 ? v3(0, 0, i ? bar : -bar) : v3(i == 2 ? bar : -bar, 0, 0);
        mesh_add_bar(m, add(middle, v3(0, low, 0)), add(middle, v3(0, high, 0)), 0.0025f, 0.0025f, 6, IRON, 0);
        vec across = i < 2 ? v3(half, 0, 0) : v3(0, 0, half);
        for (int level = 0; level < 3; level++) {
            static const float heights[3] = {-0.365f, -0.255f, -0.148f};
            vec at = add(middle, v3(0, heights[level], 0));
            float r = level == 1 ? 0.0025f : 0.006f;
            mesh_add_bar(m, sub(at, across), add(at, across), r, r, 6, IRON, 0);
        }
    }
    mesh_add_box(m, v3(0, low - 0.008f, 0), v3(0.092f, 0.009f, 0.092f), 0.003f, IRON, 0);
    mesh_add_box(m, v3(0, high + 0.004f, 0), v3(0.095f, 0.004f, 0.095f), 0.002f, IRON, 0.3f);
    mesh_add_bar(m, v3(0, high + 0.06f, 0), v3(0, high + 0.095f, 0), 0.022f, 0.017f, 14, IRON, 0.2f);
    for (int i = 0; i < 20; i++) { /* the ring */
        float a = 2 * pi * (float)i / 20, b = 2 * pi * (float)(i + 1) / 20, r = 0.026f, y = -0.024f;
        mesh_add_bar(m, v3(r * cosf(a), y + r * sinf(a), 0), v3(r * cosf(b), y + r * sinf(b), 0), 0.0035f, 0.0035f,
                     6, IRON, 0);
    }
    mesh_add_bar(m, v3(0, low, 0), v3(0, low + 0.085f, 0), 0.028f, 0.027f, 20, WAX, 0);
    mesh_add_bar(m, v3(0, low + 0.085f, 0), v3(0, low + 0.098f, 0), 0.0012f, 0.001f, 5, IRON, 0);
    mesh_finish(m);
}

void build_flame(mesh *m) {
    mesh_add_ball(m, v3(0, 0, 0), v3(0.0075f, 0.018f, 0.0075f), 0, 10, FLAME, 0);
    mesh_add_bar(m, v3(0, 0.008f, 0), v3(0, 0.030f, 0), 0.0062f, 0.0004f, 10, FLAME, 0.4f);
    mesh_finish(m);
}

void build_cabin(mesh *m) {
    for (int log = 0; log < 11; log++) {
        float y = 0.14f + 0.26f * (float)log;
        for (int side = -1; side <= 1; side += 2) {
            mesh_add_bar(m, v3(-4.2f, y, 3 * (float)side), v3(4.2f, y, 3 * (float)side), 0.15f, 0.15f, 8, LOG, 0);
            mesh_add_bar(m, v3(4 * (float)side, y + 0.13f, -3.2f), v3(4 * (float)side, y + 0.13f, 3.2f), 0.15f,
                         0.15f, 8, LOG, 0);
        }
    }
    for (int side = -1; side <= 1; side += 2) {
        float s = (float)side;
        for (int board = 0; board < 12; board++) { /* gables */
            float y = 2.95f + 0.2f * (float)board, half = 3.1f * (1 - ((float)board + 0.4f) / 12);
            mesh_add_box(m, v3(4 * s, y, 0), v3(0.05f, 0.1f, half), 0.01f, LOG, 0.5f);
        }
        for (int row = 0; row < 14; row++) { /* shingles */
            float t = ((float)row + 0.5f) / 14, drop = 3.9f * t;
            vec a = v3(-4.8f, 5.45f - drop * 0.68f, s * drop), b = v3(4.8f, a.y, a.z);
            vec down = v3(0, -0.23f, s * 0.30f), lift = v3(0, 0.05f, 0);
            mesh_add_flat(m, a, b, add(add(b, down), lift), ROOF, t);
            mesh_add_flat(m, a, add(add(b, down), lift), add(add(a, down), lift), ROOF, t);
        }
    }
    for (int window = 0; window < 3; window++) {
        float x = -2.6f + 2.6f * (float)window, y = window == 1 ? 1.05f : 1.55f, tall = window == 1 ? 1.0f : 0.5f;
        mesh_add_box(m, v3(x, y, -3.10f), v3(0.62f, tall + 0.1f, 0.10f), 0.01f, LOG, 0.9f);
        for (int pane = 0; pane < 4; pane++)
            mesh_add_box(m, v3(x + (pane & 1 ? 0.25f : -0.25f), y + (pane & 2 ? 0.48f : -0.48f) * tall, -3.19f),
                         v3(0.215f, 0.42f * tall, 0.03f), 0.005f, window == 1 && !(pane & 2) ? LOG : WINDOW, 0.8f);
    }
    mesh_add_box(m, v3(0, 0.18f, -4.2f), v3(4.4f, 0.08f, 1.2f), 0.02f, LOG, 0.6f);
    for (int post = 0; post < 4; post++)
        mesh_add_bar(m, v3(-4.2f + 2.8f * (float)post, -1.5f, -5.2f), v3(-4.2f + 2.8f * (float)post, 1.1f, -5.2f),
                     0.08f, 0.08f, 6, LOG, 0.6f);
    mesh_add_bar(m, v3(-4.3f, 1.1f, -5.2f), v3(4.3f, 1.1f, -5.2f), 0.07f, 0.07f, 6, LOG, 0.6f);
    mesh_add_box(m, v3(2.2f, 5.2f, 0.8f), v3(0.45f, 1.3f, 0.45f), 0.03f, ROCK, 0.4f);
    mesh_finish(m);
}

void build_rope(mesh *m, vec from, vec to, float sag) {
    enum { PARTS = 24 };
    vec last = from;
    for (int i = 1; i <= PARTS; i++) {
        float t = (float)i / PARTS;
        vec next = mix(from, to, t);
        next.y -= 4 * sag * t * (1 - t);
        mesh_add_bar(m, last, next, 0.011f, 0.011f, 8, ROPE, t);
        last = next;
    }
    mesh_finish(m);
}
