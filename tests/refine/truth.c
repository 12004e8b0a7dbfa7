#include "truth.h"

#include "photograph.h"

#include <math.h>
#include <noise.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const truth_names[TRUTH_KINDS] = {"cutouts", "poles", "foliage", "faint", "planes"};

enum { SHAPES_MAX = 600, SAMPLES = 3 };

/* Lengths in units of a picture 1024 pixels wide. */
typedef struct shape {
    int is_pole;
    float x, y, size, cos, sin, half_width;
    float lobes, depth_of_lobes, phase; /* of the outline */
    float disp, slope_x, slope_y, dome;
    float color[3], contrast, scale, offset; /* of the texture */
    int pattern;                             /* 0 noise, 1 stripes, 2 squares */
} shape;

typedef struct painting {
    truth_kind kind;
    shape shapes[SHAPES_MAX];
    int count, row_count;
    int row[SHAPES_MAX]; /* those that the current row can show */
    float fold; /* where the ground of TRUTH_PLANES bends */
    uint32_t state;
} painting;

static float random_in(painting *p, float low, float high) {
    return between(&p->state, low, high);
}

static int covers(const shape *s, float x, float y) {
    float dx = x - s->x, dy = y - s->y, along = dx * s->cos + dy * s->sin, across = dy * s->cos - dx * s->sin;
    if (s->is_pole)
        return fabsf(across) < s->half_width && fabsf(along) < s->size;
    across /= s->half_width; /* an ellipse's shape */
    float r = along * along + across * across, most = s->size * (1 + s->depth_of_lobes);
    if (r > most * most)
        return 0;
    r = sqrtf(r);
    float angle = atan2f(across, along);
    return r < s->size * (1 + s->depth_of_lobes * (0.7f * sinf(s->lobes * angle + s->phase) +
                                                   0.3f * sinf(2.7f * s->lobes * angle + 2 * s->phase)));
}

static float disp_at(const shape *s, float x, float y) {
    float dx = x - s->x, dy = y - s->y;
    float round = 1 - (dx * dx + dy * dy) / (s->size * s->size);
    return s->disp + s->slope_x * dx + s->slope_y * dy + s->dome * (round > 0 ? sqrtf(round) : 0);
}

static void look_at(const shape *s, float x, float y, float rgb[3]) {
    float u = x * s->cos + y * s->sin, v = y * s->cos - x * s->sin;
    float fine = fbm2(u * s->scale + s->offset, v * s->scale - s->offset, 4);
    float tint = noise2(u * s->scale * 0.3f - s->offset, v * s->scale * 0.3f);
    float mark = s->pattern == 1   ? (sinf(u * s->scale * 4) > 0 ? 1 : -1)
                 : s->pattern == 2 ? (sinf(u * s->scale * 3) * sinf(v * s->scale * 3) > 0 ? 1 : -1)
                                   : 0;
    for (int c = 0; c < 3; c++)
        rgb[c] = s->color[c] + s->contrast * (0.6f * fine + 0.5f * mark + 0.3f * tint * (float)(c - 1));
}

static void dress(painting *p, shape *s, float contrast) {
    for (int c = 0; c < 3; c++)
        s->color[c] = random_in(p, 0.12f, 0.88f);
    s->contrast = random_in(p, 0.2f, 1) * contrast;
    s->scale = expf(random_in(p, logf(0.01f), logf(0.12f)));
    s->offset = random_in(p, -50, 50);
    s->pattern = (int)random_in(p, 0, 4) % 4; /* half of them noise alone */
}

static shape *add_shape(painting *p, float height, float low, float high) {
    shape *s = &p->shapes[p->count++];
    float angle = random_in(p, 0, 2 * pi);
    *s = (shape){.x = random_in(p, 0, 1024), .y = random_in(p, 0, height), .cos = cosf(angle), .sin = sinf(angle)};
    s->size = expf(random_in(p, logf(30), logf(220)));
    s->half_width = random_in(p, 0.4f, 1);
    s->lobes = (float)(int)random_in(p, 2, 9);
    s->depth_of_lobes = random_in(p, 0, 0.35f);
    s->phase = random_in(p, 0, 6);
    s->disp = random_in(p, low, high);
    s->slope_x = random_in(p, -1, 1) * 0.05f / s->size;
    s->slope_y = random_in(p, -1, 1) * 0.05f / s->size;
    s->dome = random_in(p, 0, 1) < 0.5f ? random_in(p, 0, 0.12f) : 0;
    dress(p, s, 0.25f);
    return s;
}

static void compose(painting *p, float height) {
    shape *ground = add_shape(p, height, 0.12f, 0.2f);
    *ground = (shape){.is_pole = 1, .x = 512, .y = 0.5f * height, .cos = 1, .size = 1e6f, .half_width = 1e6f,
                      .disp = 0.2f, .slope_x = random_in(p, -1, 1) * 5e-5f, .slope_y = random_in(p, 1, 3) * 1e-4f};
    dress(p, ground, 0.25f);
    switch (p->kind) {
    case TRUTH_CUTOUTS:
        for (int i = 0; i < 12; i++)
            add_shape(p, height, 0.2f, 0.85f);
        break;
    case TRUTH_POLES:
        for (int i = 0; i < 3; i++)
            add_shape(p, height, 0.2f, 0.5f);
        for (int i = 0; i < 16; i++) {
            shape *s = add_shape(p, height, 0.35f, 0.9f);
            float angle = (i % 2 ? 1.57f : 0) + random_in(p, -0.4f, 0.4f);
            s->is_pole = 1;
            s->cos = cosf(angle), s->sin = sinf(angle);
            s->size = random_in(p, 120, 500);
            s->half_width = expf(random_in(p, logf(1.5f), logf(12)));
            s->slope_x = s->slope_y = s->dome = 0;
        }
        break;
    case TRUTH_FOLIAGE: {
        shape bush = *add_shape(p, height, 0.3f, 0.3f);
        for (int i = 0; i < 420; i++) {
            shape *s = add_shape(p, height, 0.3f, 0.8f);
            s->size = random_in(p, 6, 30);
            s->x = 512 + (s->x - 512) * random_in(p, 0.3f, 0.8f);
            s->dome = 0;
            s->slope_x = s->slope_y = 0;
            for (int c = 0; c < 3; c++)
                s->color[c] = bush.color[c] * random_in(p, 0.75f, 1.25f);
            s->contrast = 0.1f;
            s->disp = 0.3f + 0.15f * (float)(i % 4);
        }
        break;
    }
    case TRUTH_FAINT:
        ground->contrast = 0.05f;
        for (int i = 0; i < 10; i++) {
            shape *s = add_shape(p, height, 0.3f, 0.85f);
            float by = random_in(p, 0.03f, 0.1f) * (i % 2 ? 1 : -1);
            s->contrast = 0.05f;
            for (int c = 0; c < 3; c++)
                s->color[c] = ground->color[c] + by;
        }
        break;
    default:
        ground->contrast = 0.35f;
        ground->pattern = 2;
        ground->slope_y *= 3;
        p->fold = random_in(p, 0.3f, 0.6f) * height;
        for (int i = 0; i < 3; i++) {
            shape *s = add_shape(p, height, 0.6f, 0.7f);
            s->contrast = 0.35f;
            s->pattern = 1 + i % 2;
        }
    }
}

static void list_row(painting *p, float y) {
    p->row_count = 0;
    for (int i = 0; i < p->count; i++) {
        const shape *s = &p->shapes[i];
        if (fabsf(y - s->y) < 2 + s->size * (1 + s->depth_of_lobes) + (s->is_pole ? s->half_width : 0))
            p->row[p->row_count++] = i;
    }
}

/* The nearest shape at a position, and its inverse depth. */
static const shape *seen(const painting *p, float x, float y, float *disp) {
    const shape *front = NULL;
    for (int i = 0; i < p->row_count; i++) {
        const shape *s = &p->shapes[p->row[i]];
        if (!covers(s, x, y))
            continue;
        float d = disp_at(s, x, y);
        if (i == 0 && p->fold > 0) /* a wall behind a floor */
            d = y < p->fold ? 0.15f + 1e-4f * x : 0.15f + 1e-4f * x + 1.2e-3f * (y - p->fold);
        if (!front || d > *disp)
            front = s, *disp = d;
    }
    *disp = clampf(*disp, 0.05f, 1);
    return front;
}

truth truth_draw(truth_kind kind, int width, int height, uint32_t seed) {
    painting *p = calloc(1, sizeof *p);
    size_t count = (size_t)width * (size_t)height;
    truth t = {width, height, malloc(3 * count), malloc(count * sizeof(float))};
    float *rgb = calloc(3 * count, sizeof *rgb), unit = 1024.0f / (float)width;
    noise_init(seed);
    p->kind = kind;
    p->state = seed * 7919u + (uint32_t)kind;
    compose(p, (float)height * unit);
    for (int y = 0; y < height; y++) {
        list_row(p, ((float)y + 0.5f) * unit);
        for (int x = 0; x < width; x++) {
            size_t at = (size_t)y * (size_t)width + (size_t)x;
            for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                float dx = ((float)(s % SAMPLES) + 0.5f) / SAMPLES, dy = ((float)(s / SAMPLES) + 0.5f) / SAMPLES;
                float d = 0;
                float px = ((float)x + dx) * unit, py = ((float)y + dy) * unit, color[3];
                look_at(seen(p, px, py, &d), px, py, color);
                for (int c = 0; c < 3; c++)
                    rgb[3 * at + c] += color[c] / (SAMPLES * SAMPLES);
                if (s == SAMPLES * SAMPLES / 2)
                    t.disp[at] = d;
            }
        }
    }
    photograph(rgb, width, height, &p->state, t.rgb);
    free(rgb);
    free(p);
    return t;
}

/* A header's words: the kind, width, height and the largest value or scale. */
static FILE *open_map(const char *path, const char *kind, int *width, int *height, float *last) {
    char found[3];
    FILE *file = fopen(path, "rb");
    if (!file || fscanf(file, "%2s %d %d %f", found, width, height, last) != 4 || strcmp(found, kind) ||
        fgetc(file) == EOF || *width < 8 || *height < 8 || *width > 16384 || *height > 16384) {
        fprintf(stderr, "%s: no %s\n", path, kind);
        exit(1);
    }
    return file;
}

/* What is known, brought to 0.05..1. */
static void bring_to_range(float *disp, size_t count) {
    float low = 3e38f, high = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(disp[i] >= 0 && disp[i] < 1e30f))
            disp[i] = NAN;
        low = fminf(low, disp[i]);
        high = fmaxf(high, disp[i]);
    }
    for (size_t i = 0; i < count; i++)
        disp[i] = 0.05f + 0.95f * (disp[i] - low) / (high > low ? high - low : 1);
}

truth truth_read(const char *picture, const char *depth) {
    truth t;
    int width, height;
    float last;
    FILE *file = open_map(picture, "P6", &t.width, &t.height, &last);
    size_t count = (size_t)t.width * (size_t)t.height;
    t.rgb = malloc(3 * count);
    t.disp = malloc(count * sizeof *t.disp);
    size_t found = fread(t.rgb, 3, count, file);
    fclose(file);
    file = open_map(depth, "Pf", &width, &height, &last);
    for (int y = height - 1; y >= 0 && width == t.width && height == t.height; y--) /* from the bottom up */
        found += fread(t.disp + (size_t)y * (size_t)width, sizeof *t.disp, (size_t)width, file);
    fclose(file);
    if (found != 2 * count || !(last < 0)) {
        fprintf(stderr, "%s and %s do not belong together\n", picture, depth);
        exit(1);
    }
    bring_to_range(t.disp, count);
    return t;
}

void truth_free(truth *t) {
    free(t->rgb);
    free(t->disp);
}
