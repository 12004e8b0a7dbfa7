#include "photograph.h"

#include <math.h>
#include <stdlib.h>
#include <vec.h>

/* Separable Gaussian over interleaved channels. */
static void blur(float *values, int width, int height, int channels, float sigma) {
    int radius = (int)ceilf(3 * sigma);
    float weights[64], norm = 0, *line = malloc(sizeof *line * (size_t)(width > height ? width : height));
    for (int i = 0; i <= radius; i++)
        norm += (i ? 2 : 1) * (weights[i] = expf(-0.5f * (float)(i * i) / (sigma * sigma)));
    for (int axis = 0; axis < 2; axis++) {
        int count = axis ? height : width, lines = axis ? width : height;
        size_t step = (size_t)channels * (size_t)(axis ? width : 1);
        size_t next = (size_t)channels * (size_t)(axis ? 1 : width);
        for (int l = 0; l < lines * channels; l++) {
            float *at = values + (size_t)(l / channels) * next + l % channels;
            for (int i = 0; i < count; i++)
                line[i] = at[(size_t)i * step];
            for (int i = 0; i < count; i++) {
                float sum = weights[0] * line[i];
                for (int r = 1; r <= radius; r++)
                    sum += weights[r] * (line[i - r < 0 ? 0 : i - r] + line[i + r >= count ? count - 1 : i + r]);
                at[(size_t)i * step] = sum / norm;
            }
        }
    }
    free(line);
}

/* What JPEG does to brightness: 8x8 blocks by the cosine transform, coarser for finer waves;
   and to colour: halved. `values` are Y, Cb, Cr. */
static void compress(float *values, int width, int height, float quality_step) {
    float wave[8][8];
    for (int k = 0; k < 8; k++)
        for (int i = 0; i < 8; i++)
            wave[k][i] = cosf(((float)i + 0.5f) * (float)k * pi / 8) * (k ? 0.5f : 0.35355339f);
    for (int by = 0; by + 8 <= height; by += 8)
        for (int bx = 0; bx + 8 <= width; bx += 8) {
            float block[8][8] = {{0}}, half[8][8] = {{0}};
            for (int y = 0; y < 8; y++)
                for (int k = 0; k < 8; k++)
                    for (int x = 0; x < 8; x++)
                        half[y][k] += wave[k][x] * values[3 * ((size_t)(by + y) * width + bx + x)];
            for (int k = 0; k < 8; k++)
                for (int l = 0; l < 8; l++) {
                    for (int y = 0; y < 8; y++)
                        block[l][k] += wave[l][y] * half[y][k];
                    float step = quality_step * (1 + 0.6f * (float)(k + l));
                    block[l][k] = rintf(block[l][k] / step) * step;
                }
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 8; x++) {
                    float sum = 0;
                    for (int k = 0; k < 8; k++)
                        for (int l = 0; l < 8; l++)
                            sum += wave[k][x] * wave[l][y] * block[l][k];
                    values[3 * ((size_t)(by + y) * width + bx + x)] = sum;
                }
        }
    for (int y = 0; y + 2 <= height; y += 2)
        for (int x = 0; x + 2 <= width; x += 2)
            for (int c = 1; c < 3; c++) {
                float *a = values + 3 * ((size_t)y * width + x) + c, *b = a + 3 * (size_t)width;
                a[0] = a[3] = b[0] = b[3] = 0.25f * (a[0] + a[3] + b[0] + b[3]);
            }
}

/* A lens that is not quite sharp, a sensor with noise, a JPEG. */
void photograph(float *rgb, int width, int height, uint32_t *state, uint8_t *to) {
    size_t count = (size_t)width * (size_t)height;
    blur(rgb, width, height, 3, between(state, 0.5f, 0.9f) * (width > 1500 ? 1.3f : 1));
    float noise = between(state, 0.004f, 0.02f);
    for (size_t i = 0; i < count; i++) {
        float *v = rgb + 3 * i, r, g, b;
        for (int c = 0; c < 3; c++)
            v[c] += noise * (next_float(state) + next_float(state) + next_float(state) - 1.5f) * 2;
        r = v[0], g = v[1], b = v[2];
        v[0] = 0.299f * r + 0.587f * g + 0.114f * b;
        v[1] = (b - v[0]) / 1.772f;
        v[2] = (r - v[0]) / 1.402f;
    }
    compress(rgb, width, height, 0.025f);
    for (size_t i = 0; i < count; i++) {
        const float *v = rgb + 3 * i;
        float color[3] = {v[0] + 1.402f * v[2], v[0] - 0.344136f * v[1] - 0.714136f * v[2], v[0] + 1.772f * v[1]};
        for (int c = 0; c < 3; c++)
            to[3 * i + c] = (uint8_t)(clampf(color[c], 0, 1) * 255 + 0.5f);
    }
}
