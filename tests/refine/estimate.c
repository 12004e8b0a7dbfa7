/* What a depth network would have made of a picture: edges blurred, displaced, thin things missing, values off. */
#include "truth.h"

#include <math.h>
#include <noise.h>
#include <stdlib.h>
#include <string.h>

/* Separable, in place; `filter` makes one value of the 2 r + 1 around it. */
static void filter_lines(float *map, int width, int height, int r,
                         float (*filter)(const float *, int, const void *), const void *arg) {
    float *line = malloc(sizeof *line * (size_t)((width > height ? width : height) + 2 * r));
    for (int axis = 0; axis < 2; axis++) {
        int count = axis ? height : width, lines = axis ? width : height;
        size_t step = axis ? (size_t)width : 1, next = axis ? 1 : (size_t)width;
        for (int l = 0; l < lines; l++) {
            float *at = map + (size_t)l * next;
            for (int i = -r; i < count + r; i++)
                line[i + r] = at[(size_t)(i < 0 ? 0 : i >= count ? count - 1 : i) * step];
            for (int i = 0; i < count; i++)
                at[(size_t)i * step] = filter(line + i, r, arg);
        }
    }
    free(line);
}

static float least(const float *v, int r, const void *arg) {
    (void)arg;
    float low = v[0];
    for (int i = 1; i <= 2 * r; i++)
        low = v[i] < low ? v[i] : low;
    return low;
}

static float most(const float *v, int r, const void *arg) {
    (void)arg;
    float high = v[0];
    for (int i = 1; i <= 2 * r; i++)
        high = v[i] > high ? v[i] : high;
    return high;
}

static float gauss(const float *v, int r, const void *arg) {
    float sigma = *(const float *)arg, sum = 0, norm = 0;
    for (int i = -r; i <= r; i++) {
        float w = expf(-0.5f * (float)(i * i) / (sigma * sigma));
        sum += w * v[i + r];
        norm += w;
    }
    return sum / norm;
}

/* The truth at a displaced position; where it is unknown, the farther of the neighbours in the row. */
static float displaced(const truth *t, float x, float y, float shift, float scale) {
    float wave = 1 / (40 * scale);
    float dx = clampf(2 * noise2(x * wave, y * wave), -1, 1);
    float dy = clampf(2 * noise2(y * wave + 31, x * wave - 17), -1, 1);
    x += shift * scale * dx;
    y += shift * scale * dy;
    int px = (int)clampf(x, 0, (float)t->width - 1), py = (int)clampf(y, 0, (float)t->height - 1);
    const float *row = t->disp + (size_t)py * (size_t)t->width;
    if (isfinite(row[px]))
        return row[px];
    int left = px, right = px;
    while (left > 0 && !isfinite(row[left]))
        left--;
    while (right < t->width - 1 && !isfinite(row[right]))
        right++;
    return !isfinite(row[left]) ? (isfinite(row[right]) ? row[right] : 0.05f)
           : !isfinite(row[right]) ? row[left] : minf(row[left], row[right]);
}

/* A smooth error at a position given in parts of the picture. */
static float wrong(float disp, float u, float v, float error) {
    return disp * (1 + error * noise2(3 * u + 7, 3 * v)) + 0.5f * error * noise2(2 * v - 5, 2 * u);
}

estimate estimate_make(const truth *t, const damage *d, uint32_t seed) {
    int longer = t->width > t->height ? t->width : t->height;
    float scale = (float)longer / (float)d->long_side;
    estimate e = {(int)((float)t->width / scale + 0.5f), (int)((float)t->height / scale + 0.5f), NULL, NULL};
    size_t low = (size_t)e.width * (size_t)e.height, full = (size_t)t->width * (size_t)t->height;
    float *opened = malloc(low * sizeof *opened);
    e.disp = malloc(low * sizeof *e.disp);
    e.wanted = malloc(full * sizeof *e.wanted);
    noise_init(seed + 1000);
    int samples = (int)ceilf(scale);
    for (int y = 0; y < e.height; y++)
        for (int x = 0; x < e.width; x++) {
            float sum = 0;
            for (int s = 0; s < samples * samples; s++) {
                float dx = ((float)(s % samples) + 0.5f) / (float)samples;
                float dy = ((float)(s / samples) + 0.5f) / (float)samples;
                sum += displaced(t, ((float)x + dx) * scale, ((float)y + dy) * scale, d->shift, scale);
            }
            e.disp[(size_t)y * (size_t)e.width + (size_t)x] = sum / (float)(samples * samples);
        }
    memcpy(opened, e.disp, low * sizeof *opened);
    int radius = (int)(0.5f * d->thin + 0.5f);
    filter_lines(opened, e.width, e.height, radius, least, NULL);
    filter_lines(opened, e.width, e.height, radius, most, NULL);
    for (size_t i = 0; i < low; i++) {
        float x = (float)(i % (size_t)e.width), y = (float)(i / (size_t)e.width);
        float missing = step(-0.1f, 0.2f, noise2(x * 0.03f + 3, y * 0.03f));
        e.disp[i] = wrong(mixf(e.disp[i], opened[i], missing), (x + 0.5f) / (float)e.width,
                          (y + 0.5f) / (float)e.height, d->error);
    }
    filter_lines(e.disp, e.width, e.height, (int)ceilf(3 * d->blur), gauss, &d->blur);
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++) {
            size_t i = (size_t)y * (size_t)t->width + (size_t)x;
            float u = ((float)x + 0.5f) / (float)t->width, v = ((float)y + 0.5f) / (float)t->height;
            e.wanted[i] = wrong(t->disp[i], u, v, d->error);
        }
    free(opened);
    return e;
}

void estimate_free(estimate *e) {
    free(e->disp);
    free(e->wanted);
}
