#include "develop.h"

#include <stdlib.h>

/* Edge-avoiding a-trous wavelets (Dammertz et al. 2010); colour is divided out, so textures stay sharp. */
void develop_smooth_row(const pixel *from, pixel *to, int y, int width, int height, int stride) {
    static const float kernel[3] = {0.375f, 0.25f, 0.0625f};
    for (int x = 0; x < width; x++) {
        const pixel *middle = &from[y * width + x];
        vec sum = v3(0, 0, 0);
        float total = 0;
        for (int j = -2; j <= 2; j++)
            for (int i = -2; i <= 2; i++) {
                int px = x + i * stride, py = y + j * stride;
                if (px < 0 || py < 0 || px >= width || py >= height)
                    continue;
                const pixel *p = &from[py * width + px];
                float near = 1 - fabsf(p->inverse_depth - middle->inverse_depth) /
                                     (0.006f * (float)stride * (middle->inverse_depth + 1e-5f) +
                                      0.02f * middle->inverse_depth);
                float alike = dot(p->normal, middle->normal);
                if (near <= 0 || alike <= 0.3f || p->color.y <= 0)
                    continue;
                alike *= alike, alike *= alike, alike *= alike;
                float weight = kernel[abs(i)] * kernel[abs(j)] * near * alike;
                sum = madd(sum, p->around, weight);
                total += weight;
            }
        to[y * width + x] = *middle;
        if (total > 0)
            to[y * width + x].around = scale(sum, 1 / total);
    }
}

static vec light_of(const pixel *p) {
    return madd(p->direct, mul(p->color, p->around), 1);
}

static void blur(const vec *from, vec *to, int width, int height, int across, int along, int radius) {
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            vec sum = v3(0, 0, 0);
            float total = 0;
            for (int k = -radius; k <= radius; k++) {
                int px = x + k * across, py = y + k * along;
                if (px < 0 || py < 0 || px >= width || py >= height)
                    continue;
                float weight = expf(-2.5f * (float)(k * k) / (float)(radius * radius + 1)) +
                               3 * expf(-50.0f * (float)(k * k) / (float)(radius * radius + 1));
                sum = madd(sum, from[py * width + px], weight);
                total += weight;
            }
            to[y * width + x] = scale(sum, 1 / total);
        }
}

enum { GLOW_STEP = 4 };

vec *develop_glow(const pixel *pixels, int width, int height) {
    int w = (width + GLOW_STEP - 1) / GLOW_STEP, h = (height + GLOW_STEP - 1) / GLOW_STEP;
    vec *small = calloc((size_t)w * (size_t)h, sizeof *small),
        *other = malloc(sizeof *other * (size_t)w * (size_t)h);
    if (!small || !other)
        abort();
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            vec c = light_of(&pixels[y * width + x]);
            vec *at = &small[y / GLOW_STEP * w + x / GLOW_STEP];
            float over = maxf(maxf(c.x, maxf(c.y, c.z)) - 1.6f, 0) / (maxf(c.x, maxf(c.y, c.z)) + 1e-6f);
            *at = madd(*at, c, over / (GLOW_STEP * GLOW_STEP));
        }
    blur(small, other, w, h, 1, 0, w / 14 + 1);
    blur(other, small, w, h, 0, 1, w / 14 + 1);
    free(other);
    return small;
}

static float tone(float x) { /* Narkowicz's fit of the ACES curve (2016) */
    return clampf(x * (2.51f * x + 0.03f) / (x * (2.43f * x + 0.59f) + 0.14f), 0, 1);
}

static float encode(float x) {
    return x <= 0.0031308f ? 12.92f * x : 1.055f * powf(x, 1 / 2.4f) - 0.055f;
}

void develop_row(const pixel *row, const vec *glow, int y, int width, int height, unsigned char *rgb) {
    const float exposure = 0.70f;
    int w = (width + GLOW_STEP - 1) / GLOW_STEP, h = (height + GLOW_STEP - 1) / GLOW_STEP;
    for (int x = 0; x < width; x++) {
        vec c = light_of(&row[x]);
        float gx = clampf(((float)x + 0.5f) / GLOW_STEP - 0.5f, 0, (float)(w - 1)),
              gy = clampf(((float)y + 0.5f) / GLOW_STEP - 0.5f, 0, (float)(h - 1));
        int ix = (int)gx, iy = (int)gy, nx = ix + 1 < w, ny = iy + 1 < h ? w : 0;
        const vec *g = &glow[iy * w + ix];
        vec spread = mix(mix(g[0], g[nx], gx - (float)ix), mix(g[ny], g[ny + nx], gx - (float)ix), gy - (float)iy);
        c = madd(c, spread, 0.9f);
        float dx = ((float)x + 0.5f) / (float)width - 0.5f,
              dy = ((float)y + 0.5f) / (float)width - 0.5f * (float)height / (float)width;
        c = scale(c, exposure * (1 - 0.55f * (dx * dx + dy * dy)));
        /* Very bright colours bleach a little, as film does. */
        float mean = (c.x + c.y + c.z) / 3, bleach = 0.25f * step(0.8f, 5, mean);
        c = mix(c, v3(mean, mean, mean), bleach);
        float values[3] = {tone(c.x), tone(c.y), tone(c.z)};
        for (int k = 0; k < 3; k++) {
            float dither = unit_float(hash32((uint32_t)((y * width + x) * 3 + k)));
            rgb[3 * x + k] = (unsigned char)clampf(encode(values[k]) * 255 + dither, 0, 255);
        }
    }
}
