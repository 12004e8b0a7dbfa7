/* Pairs with exact truth: textured things before textured walls, seen by two cameras. */
#include "quality.h"

#include <noise.h>

enum { WIDTH = 480, HEIGHT = 320, ACROSS = 4, THINGS_MAX = 16 };

typedef enum cloth { BRICKS, PLANKS, GRAVEL, WEAVE, PLASTER, POSTERS, CLOTHS } cloth;

/* A flat thing that faces the first camera, upright but for its slant, or a ball. */
typedef struct thing {
    int is_ball, is_round;
    float x, y, z, half_width, half_height, slant, floor; /* floor: depth falls with y, as the ground's does */
    cloth cloth;
    float color[3], offset;
} thing;

typedef struct scene {
    thing things[THINGS_MAX];
    int count;
} scene;

static float hash01(int x, int y) {
    return unit_float(hash32((uint32_t)x * 0x9e3779b9u ^ hash32((uint32_t)y)));
}

/* Brightness of a cloth at (u, v), in the units of the scene. */
static float pattern(cloth c, float u, float v, float *hue) {
    float grain = fbm2(40 * u, 40 * v, 3);
    *hue = 0;
    switch (c) {
    case BRICKS: {
        float row = v / 0.16f, column = u / 0.42f + (floor_int(row) % 2 ? 0.5f : 0);
        float tint = hash01(floor_int(column), floor_int(row));
        float fu = fraction(column), fv = fraction(row);
        *hue = tint - 0.5f;
        return fu < 0.05f || fv < 0.12f ? 0.3f + 0.1f * grain : 0.25f * (tint - 0.5f) + 0.25f * grain;
    }
    case PLANKS: {
        float tint = hash01(floor_int(u / 0.22f), 7);
        return fraction(u / 0.22f) < 0.05f ? -0.4f
                                           : 0.4f * (tint - 0.5f) + 0.35f * fbm2(30 * u + 9 * tint, 2.5f * v, 4);
    }
    case GRAVEL: return 0.7f * noise2(24 * u, 24 * v) + 0.4f * grain;
    case WEAVE: return 0.2f * sinf(75 * u) * sinf(75 * v) + 0.25f * fbm2(5 * u, 5 * v, 3);
    case PLASTER: return 0.12f * fbm2(6 * u, 6 * v, 6);
    case POSTERS: {
        float tint = hash01(floor_int(u / 0.35f), floor_int(v / 0.27f));
        *hue = 2 * tint - 1;
        return tint - 0.5f + 0.1f * grain;
    }
    case CLOTHS: break;
    }
    return 0;
}

static void look(const thing *t, float u, float v, float shade, float rgb[3]) {
    float hue, bright = pattern(t->cloth, u + t->offset, v + 2 * t->offset, &hue);
    for (int c = 0; c < 3; c++)
        rgb[c] = clampf(
            shade * (t->color[c] + bright * (0.6f + 0.4f * t->color[c]) + 0.15f * hue * (float)(c - 1)), 0, 1);
}

/* Depth beyond `eye` at which a ray (dx, dy, 1) meets a thing, or 0. */
static float meet(const thing *t, const double eye[3], double dx, double dy, float *u, float *v, float *shade) {
    double ox = eye[0] - t->x, oy = eye[1] - t->y, oz = eye[2] - t->z;
    if (t->is_ball) {
        double a = dx * dx + dy * dy + 1, b = ox * dx + oy * dy + oz;
        double root = b * b - a * (ox * ox + oy * oy + oz * oz - t->half_width * t->half_width);
        double z = root > 0 ? (-b - sqrt(root)) / a : 0;
        *u = (float)asin(clampf((float)((ox + dx * z) / t->half_width), -1, 1)) * t->half_width;
        *v = (float)asin(clampf((float)((oy + dy * z) / t->half_width), -1, 1)) * t->half_width;
        *shade = 1 - 0.4f * clampf((float)((oy + dy * z) / t->half_width), -1, 1);
        return z > 0.05 ? (float)z : 0;
    }
    /* oz + z = slant (ox + dx z) + floor (oy + dy z) */
    double z = (t->slant * ox + t->floor * oy - oz) / (1 - t->slant * dx - t->floor * dy);
    double x = ox + dx * z, y = oy + dy * z;
    *u = (float)x, *v = (float)y * (t->floor != 0 ? -t->floor : 1);
    *shade = 1;
    double rx = x / t->half_width, ry = y / t->half_height;
    int is_in = t->is_round ? rx * rx + ry * ry < 1 : fabs(rx) < 1 && fabs(ry) < 1;
    return z > 0.05 && is_in ? (float)z : 0;
}

static float trace(const scene *s, const double eye[3], double dx, double dy, float rgb[3]) {
    float nearest = 1e9f, u, v, shade;
    for (int i = 0; i < s->count; i++) {
        float z = meet(&s->things[i], eye, dx, dy, &u, &v, &shade);
        if (z > 0 && z < nearest) {
            nearest = z;
            if (rgb)
                look(&s->things[i], u, v, shade, rgb);
        }
    }
    return nearest;
}

static void compose(scene *s, uint32_t state) {
    s->count = 0;
    for (int i = 0; i < 9; i++) {
        thing *t = &s->things[s->count++];
        *t = (thing){.cloth = (cloth)((int)between(&state, 0, CLOTHS) % CLOTHS)};
        t->offset = between(&state, -20, 20);
        for (int c = 0; c < 3; c++)
            t->color[c] = between(&state, 0.25f, 0.75f);
        if (i == 0) { /* the wall */
            t->z = between(&state, 4, 6), t->slant = between(&state, -0.3f, 0.3f);
            t->half_width = t->half_height = 50;
            continue;
        }
        if (i == 1) { /* the ground */
            t->y = between(&state, 0.7f, 1), t->floor = -1e3f, t->half_width = t->half_height = 50;
            continue;
        }
        t->is_ball = i % 4 == 3, t->is_round = i % 4 == 2;
        t->z = between(&state, 1.4f, 3.6f), t->slant = t->is_ball ? 0 : between(&state, -0.4f, 0.4f);
        t->x = t->z * between(&state, -0.5f, 0.5f), t->y = t->z * between(&state, -0.3f, 0.3f);
        t->half_width = t->z * (i == 4 ? 0.012f : between(&state, 0.05f, 0.14f)); /* one is a pole */
        t->half_height = i == 4 ? 3 : t->z * between(&state, 0.08f, 0.25f);
    }
}

/* One camera's picture, and depth at the middles of its pixels. */
static void shoot(const scene *s, const double eye[3], double focal, uint8_t *rgb, float *z) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            float sum[3] = {0}, one[3] = {0};
            for (int k = 0; k < ACROSS * ACROSS; k++) {
                double px = x + (k % ACROSS + 0.5) / ACROSS, py = y + (k / ACROSS + 0.5) / ACROSS;
                trace(s, eye, (px - 0.5 * WIDTH) / focal, (py - 0.5 * HEIGHT) / focal, one);
                for (int c = 0; c < 3; c++)
                    sum[c] += one[c] * one[c]; /* light, by and large */
            }
            for (int c = 0; c < 3; c++)
                rgb[3 * (y * WIDTH + x) + c] = (uint8_t)(255 * sqrtf(sum[c] / (ACROSS * ACROSS)) + 0.5f);
            double dx = (x + 0.5 - 0.5 * WIDTH) / focal, dy = (y + 0.5 - 0.5 * HEIGHT) / focal;
            z[y * WIDTH + x] = trace(s, eye, dx, dy, NULL);
        }
}

pair pair_draw(int number) {
    static const char *const names[DRAWN_PAIRS] = {"things 1", "things 2", "things 3",
                                                   "things 4", "things 5", "things 6"};
    static const double steps[DRAWN_PAIRS][3] = {{0.15, 0, 0},     {-0.15, 0, 0},     {0.1, -0.1, 0},
                                                 {0, 0.13, 0},     {0.08, 0.02, 0.3}, {-0.08, 0.06, 0.2}};
    static const double home[3] = {0, 0, 0};
    size_t pixels = WIDTH * HEIGHT;
    pair p = {.name = names[number], .width = WIDTH, .height = HEIGHT, .focal = 0.8 * WIDTH};
    p.from = malloc(3 * pixels), p.to = malloc(3 * pixels);
    p.disp = malloc(pixels * sizeof *p.disp), p.kind = malloc(pixels);
    float *z = malloc(pixels * sizeof *z);
    memcpy(p.step, steps[number], sizeof p.step);
    noise_init((uint32_t)number + 1);
    scene s;
    compose(&s, hash32((uint32_t)number + 77));
    shoot(&s, home, p.focal, p.from, z);
    for (size_t i = 0; i < pixels; i++)
        p.disp[i] = 1 / z[i];
    shoot(&s, p.step, p.focal, p.to, z);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) { /* the second picture's points, seen from home */
            double there = z[y * WIDTH + x], depth = there + p.step[2];
            double dx = ((x + 0.5 - 0.5 * WIDTH) / p.focal * there + p.step[0]) / depth;
            double dy = ((y + 0.5 - 0.5 * HEIGHT) / p.focal * there + p.step[1]) / depth;
            int is_inside = fabs(dx) * p.focal < 0.5 * WIDTH - 1 && fabs(dy) * p.focal < 0.5 * HEIGHT - 1;
            int is_seen = trace(&s, home, dx, dy, NULL) > depth * 0.999;
            p.kind[y * WIDTH + x] = !is_inside ? OUTSIDE : is_seen ? VISIBLE : HIDDEN;
        }
    free(z);
    return p;
}
