/* What networks make of a scene. */
#include "scenes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static uint32_t sow(uint32_t seed) {
    uint32_t state = seed * 2246822519u + 977;
    for (int i = 0; i < 8; i++)
        next(&state);
    return state;
}

/* Box blur, three times: nearly Gaussian. */
static void blur(float *values, int width, int height, int radius) {
    int count = width * height;
    float *line = malloc(sizeof *line * (size_t)(width + height));
    for (int pass = 0; pass < 6; pass++) {
        int length = pass & 1 ? height : width, step = pass & 1 ? width : 1;
        for (int start = 0; start < count / length; start++) {
            float *row = values + (pass & 1 ? start : start * width);
            for (int i = 0; i < length; i++)
                line[i] = row[i * step];
            for (int i = 0; i < length; i++) {
                float sum = 0;
                for (int k = -radius; k <= radius; k++) {
                    int j = i + k < 0 ? 0 : i + k >= length ? length - 1 : i + k;
                    sum += line[j];
                }
                row[i * step] = sum / (float)(2 * radius + 1);
            }
        }
    }
    free(line);
}

/* Grows (or by a negative radius shrinks) a mask of 0 and 1. */
static void grow(float *mask, int width, int height, int radius) {
    float *copy = malloc(sizeof *copy * (size_t)(width * height));
    memcpy(copy, mask, sizeof *copy * (size_t)(width * height));
    int reach = abs(radius);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int v = -reach; v <= reach; v++)
                for (int u = -reach; u <= reach; u++) {
                    int inside = x + u >= 0 && x + u < width && y + v >= 0 && y + v < height;
                    if (!inside || u * u + v * v > reach * reach)
                        continue;
                    float other = copy[(y + v) * width + x + u], *here = &mask[y * width + x];
                    *here = radius > 0 ? fmaxf(*here, other) : fminf(*here, other);
                }
    free(copy);
}

static void mask_of(const scene *s, int thing, float *to) {
    for (int i = 0; i < s->width * s->height; i++)
        to[i] = s->id[i] == thing + 1;
}

/* How much of a thing is lost to what lies behind, by the share of its height from the top. */
typedef struct melting {
    double to, soft, much;
} melting;

static melting any_melting(uint32_t *r) {
    double what = between(r, 0, 1);
    if (what < 0.3)
        return (melting){0, 0.1, 0};
    if (what < 0.6) /* the head */
        return (melting){between(r, 0.12, 0.25), 0.06, between(r, 0.4, 1)};
    if (what < 0.85) /* half of it */
        return (melting){between(r, 0.25, 0.6), 0.15, between(r, 0.4, 0.9)};
    return (melting){1.2, 0.2, between(r, 0.5, 0.9)}; /* all but the feet */
}

static void melt(const scene *s, int thing, uint32_t *r, float *mask, float *to) {
    int w = s->width, count = w * s->height, top = s->height, bottom = 0;
    melting m = any_melting(r);
    for (int i = 0; i < count; i++)
        if (s->id[i] == thing + 1) {
            top = i / w < top ? i / w : top;
            bottom = i / w;
        }
    mask_of(s, thing, mask);
    int thin = w / 160 + 1, misses_thin = chance(r, 0.6);
    grow(mask, w, s->height, -thin);
    grow(mask, w, s->height, thin + 1);
    double tilt = between(r, -0.02, 0.1), height = bottom > top ? bottom - top : 1;
    for (int i = 0; i < count; i++) {
        if (s->id[i] != thing + 1)
            continue;
        double v = (i / w - top) / height, lost = m.much / (1 + exp((v - m.to) / m.soft * 4));
        if (m.to > 1)
            lost = m.much * fmin(1, 1.5 * (1 - v)); /* the feet stand */
        if (misses_thin && mask[i] < 0.5f)
            lost = fmax(lost, 0.9);
        double kept = s->disp[i] * (1 + tilt * (v - 1));
        to[i] = (float)(kept + (s->empty[i] - kept) * lost);
    }
}

void scene_estimate(const scene *s, int is_poor, uint32_t seed, float *to) {
    enum { COLUMNS = 6, ROWS = 5 };
    int w = s->width, h = s->height;
    uint32_t r = sow(seed);
    float *mask = malloc(sizeof *mask * (size_t)(w * h)), bend[ROWS][COLUMNS];
    memcpy(to, s->disp, sizeof *to * (size_t)(w * h));
    for (int i = 0; i < s->thing_count && is_poor; i++)
        melt(s, i, &r, mask, to);
    free(mask);
    blur(to, w, h, 1 + (int)between(&r, 0, 1.5 * w / 192));
    for (int i = 0; i < ROWS * COLUMNS; i++)
        bend[i / COLUMNS][i % COLUMNS] = (float)between(&r, -0.06, 0.06);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            double u = (double)x / w * (COLUMNS - 1), v = (double)y / h * (ROWS - 1);
            int i = (int)u, j = (int)v;
            double a = bend[j][i] + (bend[j][i + 1] - bend[j][i]) * (u - i);
            double b = bend[j + 1][i] + (bend[j + 1][i + 1] - bend[j + 1][i]) * (u - i);
            to[y * w + x] *= (float)(1 + a + (b - a) * (v - j));
        }
}

const char *const mask_fault_names[MASK_FAULT_COUNT] = {"good",  "eroded",  "dilated", "holes", "shifted",
                                                        "half",  "spilled", "unsure",  "wrong"};

static void draw_disc(float *mask, int width, int height, double x, double y, double radius, float value) {
    for (int v = 0; v < height; v++)
        for (int u = 0; u < width; u++)
            if (hypot(u - x, v - y) < radius)
                mask[v * width + u] = value;
}

void scene_mask(const scene *s, int thing, mask_fault fault, uint32_t seed, float *to) {
    int w = s->width, h = s->height, count = w * h, x0 = w, x1 = 0, y0 = h, y1 = 0;
    uint32_t r = sow(seed + 31 * (uint32_t)thing);
    double unit = w / 192.0, high = 0.97;
    mask_of(s, thing, to);
    for (int i = 0; i < count; i++)
        if (to[i] > 0) {
            x0 = i % w < x0 ? i % w : x0;
            x1 = i % w > x1 ? i % w : x1;
            y0 = i / w < y0 ? i / w : y0;
            y1 = i / w;
        }
    double size = sqrt(s->things[thing].area);
    switch (fault) {
    case MASK_ERODED: grow(to, w, h, -(int)(1.5 * unit)); break;
    case MASK_DILATED: grow(to, w, h, (int)(1.5 * unit)); break;
    case MASK_HOLES:
        for (int i = 0; i < 6; i++)
            draw_disc(to, w, h, between(&r, x0, x1), between(&r, y0, y1), between(&r, 0.04, 0.12) * size, 0);
        break;
    case MASK_SHIFTED: {
        int by = (int)(chance(&r, 0.5) ? 3 * unit : -3 * unit);
        for (int i = 0; i < count; i++) {
            int x = i % w - by;
            to[i] = x >= 0 && x < w && s->id[i - by] == thing + 1;
        }
        break;
    }
    case MASK_HALF: {
        int which = (int)between(&r, 0, 4);
        for (int i = 0; i < count; i++) {
            double u = i % w - 0.5 * (x0 + x1), v = i / w - 0.5 * (y0 + y1);
            if ((which == 0 && u < 0) || (which == 1 && u > 0) || (which == 2 && v < 0) || (which == 3 && v > 0))
                to[i] = 0;
        }
        break;
    }
    case MASK_SPILLED: {
        double side = chance(&r, 0.5) ? x0 : x1;
        for (int i = 0; i < 3; i++)
            draw_disc(to, w, h, side + between(&r, -0.3, 0.3) * size, between(&r, y0, y1), between(&r, 0.2, 0.4) * size, 1);
        break;
    }
    case MASK_UNSURE:
        high = 0.62;
        for (int i = 0; i < 12; i++)
            draw_disc(to, w, h, between(&r, x0, x1), between(&r, y0, y1), between(&r, 0.03, 0.15) * size, i & 1);
        break;
    case MASK_WRONG:
        memset(to, 0, sizeof *to * (size_t)count);
        draw_disc(to, w, h, between(&r, 0.1, 0.9) * w, between(&r, 0.1, 0.9) * h, between(&r, 0.05, 0.15) * w, 1);
        break;
    default: break;
    }
    blur(to, w, h, w >= 320 ? 1 : 0);
    for (int i = 0; i < count; i++)
        to[i] = (float)(to[i] * high + 0.01);
}
