#include "scenes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* xorshift32 (Marsaglia 2003) */
static uint32_t next(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static double between(uint32_t *state, double low, double high) {
    return low + (high - low) * (next(state) * (1.0 / 4294967296.0));
}

static int chance(uint32_t *state, double p) {
    return between(state, 0, 1) < p;
}

/* While a scene is made: metres and pixels. */
typedef struct stage {
    scene *s;
    double focal, horizon, camera; /* pixels, row, metres above the ground */
    uint32_t random;
} stage;

typedef struct paint {
    float color[3];
    double noise;
} paint;

static paint any_paint(uint32_t *state) {
    paint p = {{0}, between(state, 0.01, 0.05)};
    for (int c = 0; c < 3; c++)
        p.color[c] = (float)between(state, 0.1, 0.9);
    return p;
}

/* A part of a thing: an ellipse about (x, y) with half axes (a, b), turned, that bulges. */
typedef struct blob {
    double x, y, a, b, turn; /* pixels, radians */
    double z;                /* metres, of its rim */
    double bulge;            /* metres nearer in its middle */
    double across, down;     /* metres a pixel */
    int boxy;                /* a rounded box instead */
} blob;

static void draw(stage *g, int thing, const blob *o, const paint *p) {
    scene *s = g->s;
    double reach = fmax(o->a, o->b) + 1, c = cos(o->turn), n = sin(o->turn);
    for (int y = (int)fmax(o->y - reach, 0); y < s->height && y <= o->y + reach; y++)
        for (int x = (int)fmax(o->x - reach, 0); x < s->width && x <= o->x + reach; x++) {
            double dx = x + 0.5 - o->x, dy = y + 0.5 - o->y;
            double u = (c * dx + n * dy) / o->a, v = (c * dy - n * dx) / o->b;
            double r = o->boxy ? pow(u, 8) + pow(v, 8) : u * u + v * v;
            if (r >= 1)
                continue;
            double z = o->z - o->bulge * sqrt(1 - r) + o->across * dx + o->down * dy;
            int at = y * s->width + x;
            float disp = (float)(1 / fmax(z, 0.3));
            if (disp < s->disp[at] && s->id[at] != thing + 1)
                continue; /* something else stands before it */
            s->disp[at] = disp;
            s->id[at] = (uint8_t)(thing + 1);
            for (int i = 0; i < 3; i++)
                s->picture[3 * at + i] = p->color[i] + (float)(p->noise * between(&g->random, -1, 1));
        }
}

/* From one joint to another. */
static blob limb(double x0, double y0, double x1, double y1, double thick, double z) {
    return (blob){.x = (x0 + x1) / 2, .y = (y0 + y1) / 2, .a = hypot(x1 - x0, y1 - y0) / 2 + thick / 2,
                  .b = thick, .turn = atan2(y1 - y0, x1 - x0), .z = z, .bulge = 0.05};
}

static void draw_person(stage *g, int i, double x, double y, double h, double z) {
    uint32_t *r = &g->random;
    paint skin = any_paint(r), shirt = any_paint(r), trousers = any_paint(r);
    double lean = between(r, -0.12, 0.12) / h, stride = between(r, 0.03, 0.14) * h;
    blob parts[] = {
        limb(x - 0.04 * h, y - 0.5 * h, x - stride, y - 0.02 * h, 0.045 * h, z),
        limb(x + 0.04 * h, y - 0.5 * h, x + stride, y - 0.02 * h, 0.045 * h, z - 0.1),
        {x, y - 0.66 * h, 0.12 * h, 0.2 * h, 0, z, 0.15, 0, lean, 0},
        limb(x - 0.1 * h, y - 0.78 * h, x - between(r, 0.05, 0.35) * h, y - between(r, 0.4, 1) * h, 0.032 * h,
             z - between(r, -0.1, 0.25)),
        limb(x + 0.1 * h, y - 0.78 * h, x + between(r, 0.05, 0.35) * h, y - between(r, 0.4, 1) * h, 0.032 * h,
             z - between(r, -0.1, 0.25)),
        {x, y - 0.92 * h, 0.06 * h, 0.08 * h, 0, z, 0.1, 0, lean, 0},
    };
    const paint *paints[] = {&trousers, &trousers, &shirt, &shirt, &shirt, &skin};
    for (int k = 0; k < 6; k++)
        draw(g, i, &parts[k], paints[k]);
}

static void draw_animal(stage *g, int i, double x, double y, double h, double z) {
    uint32_t *r = &g->random;
    paint fur = any_paint(r), head = chance(r, 0.5) ? fur : any_paint(r);
    double l = h * between(r, 0.5, 0.9), yaw = between(r, -1, 1) * z / g->focal, side = chance(r, 0.5) ? 1 : -1;
    for (int leg = 0; leg < 4; leg++) {
        double at = x + l * (leg < 2 ? -0.75 : 0.75) + (leg & 1 ? 0.08 : -0.08) * l;
        blob o = limb(at, y - 0.5 * h, at + between(r, -0.1, 0.1) * h, y - 0.02 * h, 0.05 * h,
                      z + yaw * (at - x) + (leg & 1 ? 0.1 : 0));
        draw(g, i, &o, &fur);
    }
    blob tail = limb(x - side * l, y - 0.6 * h, x - side * 1.4 * l, y - between(r, 0.5, 1) * h, 0.025 * h,
                     z - yaw * side * l);
    blob body = {x, y - 0.6 * h, l, 0.25 * h, 0, z, 0.15, yaw, 0, 0};
    blob skull = {x + side * l, y - 0.85 * h, 0.2 * h, 0.15 * h, between(r, -0.5, 0.5), z + yaw * side * l, 0.1, yaw, 0, 0};
    draw(g, i, &tail, &fur);
    draw(g, i, &body, &fur);
    draw(g, i, &skull, &head);
}

static void draw_car(stage *g, int i, double x, double y, double h, double z) {
    uint32_t *r = &g->random;
    paint metal = any_paint(r), glass = any_paint(r), tyre = {{0.08f, 0.08f, 0.08f}, 0.02};
    double l = h * between(r, 0.9, 1.5), yaw = between(r, -1.2, 1.2) * z / g->focal;
    blob cabin = {x + between(r, -0.2, 0.2) * l, y - 0.72 * h, 0.6 * l, 0.28 * h, 0, z + 0.2, 0.05, yaw, 0, 1};
    blob body = {x, y - 0.4 * h, l, 0.28 * h, 0, z, 0.05, yaw, 0, 1};
    draw(g, i, &cabin, &glass);
    draw(g, i, &body, &metal);
    for (int side = -1; side <= 1; side += 2) {
        blob wheel = {x + side * 0.65 * l, y - 0.17 * h, 0.17 * h, 0.17 * h, 0, z + yaw * side * 0.65 * l - 0.05, 0, 0, 0, 0};
        draw(g, i, &wheel, &tyre);
    }
}

/* Ground up to the horizon, then a wall, or hills and the sky. */
static void draw_place(stage *g) {
    scene *s = g->s;
    uint32_t *r = &g->random;
    paint ground = any_paint(r), wall = any_paint(r), sky = {{0.55f, 0.7f, 0.95f}, 0.01};
    int open = chance(r, 0.5);
    double z_wall = open ? between(r, 40, 200) : between(r, 5, 15), hills = between(r, 0.02, 0.12) * s->height;
    double slant = open ? 0 : between(r, -0.3, 0.3) * z_wall / s->width, wave = between(r, 3, 9) / s->width;
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            int at = y * s->width + x;
            double z_ground = y + 0.5 > g->horizon ? g->focal * g->camera / (y + 0.5 - g->horizon) : 1e9;
            double z = z_wall + slant * (x - 0.5 * s->width);
            const paint *p = &wall;
            if (z_ground < z) {
                z = z_ground;
                p = &ground;
            } else if (open && y + 0.5 < g->horizon - hills * (1 + sin(wave * x))) {
                z = 1e9;
                p = &sky;
                s->id[at] = 255;
            }
            s->disp[at] = (float)(1 / z);
            double pattern = p == &sky ? 0 : 0.03 * sin(0.3 * x + 0.11 * y * y / s->height);
            for (int c = 0; c < 3; c++)
                s->picture[3 * at + c] = p->color[c] + (float)(pattern + p->noise * between(r, -1, 1));
        }
    memcpy(s->empty, s->disp, sizeof *s->disp * (size_t)(s->width * s->height));
}

static int compare(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* To the range that estimates have. */
static void normalise(scene *s) {
    int count = s->width * s->height;
    float *sorted = malloc(sizeof *sorted * (size_t)count);
    memcpy(sorted, s->disp, sizeof *sorted * (size_t)count);
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    float far = sorted[(int)(0.005 * count)], scale = 0.95f / (sorted[(int)(0.995 * count)] - far);
    free(sorted);
    for (int i = 0; i < count; i++) {
        s->disp[i] = 0.05f + (s->disp[i] - far) * scale;
        s->empty[i] = 0.05f + (s->empty[i] - far) * scale;
    }
}

scene *scene_make(int width, int height, uint32_t seed) {
    size_t count = (size_t)width * (size_t)height;
    scene *s = calloc(1, sizeof *s);
    s->width = width;
    s->height = height;
    s->picture = calloc(3 * count, sizeof *s->picture);
    s->disp = calloc(count, sizeof *s->disp);
    s->empty = calloc(count, sizeof *s->empty);
    s->id = calloc(count, 1);
    stage g = {.s = s, .focal = 0.8 * width, .random = seed * 2654435761u + 12345};
    for (int i = 0; i < 8; i++)
        next(&g.random);
    g.horizon = between(&g.random, 0.3, 0.55) * height;
    g.camera = between(&g.random, 1.0, 2.2);
    draw_place(&g);
    s->thing_count = 2 + (int)between(&g.random, 0, 5);
    for (int i = 0; i < s->thing_count; i++) {
        double z = between(&g.random, 1.8, 3) * pow(3, between(&g.random, 0, 1)), x = between(&g.random, 0.08, 0.92) * width;
        double y = g.horizon + g.focal * g.camera / z, kind = between(&g.random, 0, 1);
        s->things[i].kind = kind < 0.55 ? KB3D_CLASS_PERSON : kind < 0.8 ? KB3D_CLASS_ANIMAL : KB3D_CLASS_VEHICLE;
        if (s->things[i].kind == KB3D_CLASS_PERSON)
            draw_person(&g, i, x, y, g.focal * between(&g.random, 1.4, 1.9) / z, z);
        else if (s->things[i].kind == KB3D_CLASS_ANIMAL)
            draw_animal(&g, i, x, y, g.focal * between(&g.random, 0.6, 1.5) / z, z);
        else
            draw_car(&g, i, x, g.horizon + g.focal * g.camera / (z + 1.5), g.focal * 1.4 / (z + 1.5), z + 1.5);
    }
    for (size_t i = 0; i < count; i++)
        if (s->id[i] && s->id[i] < 255)
            s->things[s->id[i] - 1].area++;
    normalise(s);
    return s;
}

void scene_free(scene *s) {
    free(s->picture);
    free(s->disp);
    free(s->empty);
    free(s->id);
    free(s);
}
