/*
 * Guided filter with a colour guide: K. He, J. Sun, X. Tang, "Guided Image Filtering", ECCV 2010; the coefficients
 * at the small map's size and enlarged, as in K. He, J. Sun, "Fast Guided Filter", 2015.
 */
#include "window.h"

#include <stdlib.h>

enum { RADIUS = 4 };
static const double noise = 0.02 * 0.02; /* variance of colour that is taken for none */

/* Mean over a square, its parts outside left out; by running sums of rows, then of columns. */
static void box_mean(const float *from, float *to, int width, int height, int radius) {
    float *rows = malloc(sizeof *rows * (size_t)width * (size_t)height);
    for (int axis = 0; axis < 2; axis++) {
        const float *source = axis ? rows : from;
        float *target = axis ? to : rows;
        int count = axis ? height : width, lines = axis ? width : height;
        int step = axis ? width : 1, next = axis ? 1 : width;
        for (int l = 0; l < lines; l++) {
            double sum = 0;
            int used = 0;
            for (int i = -radius; i < count; i++) {
                if (i + radius < count)
                    sum += source[l * next + (i + radius) * step], used++;
                if (i - radius > 0)
                    sum -= source[l * next + (i - radius - 1) * step], used--;
                if (i >= 0)
                    target[l * next + i * step] = (float)(sum / used);
            }
        }
    }
    free(rows);
}

/* Solves A x = b for a symmetric A of 3x3, by Cramer's rule. */
static void solve3(const double a[6], const double b[3], double x[3]) {
    double c0 = a[3] * a[5] - a[4] * a[4], c1 = a[2] * a[4] - a[1] * a[5], c2 = a[1] * a[4] - a[2] * a[3];
    double d = a[0] * c0 + a[1] * c1 + a[2] * c2;
    x[0] = (c0 * b[0] + c1 * b[1] + c2 * b[2]) / d;
    x[1] = (c1 * b[0] + (a[0] * a[5] - a[2] * a[2]) * b[1] + (a[1] * a[2] - a[0] * a[4]) * b[2]) / d;
    x[2] = (c2 * b[0] + (a[1] * a[2] - a[0] * a[4]) * b[1] + (a[0] * a[3] - a[1] * a[1]) * b[2]) / d;
}

enum { PLANES = 13 }; /* I (3), I I^T (6), p, I p (3) */

void candidate_guided(const refine_input *in, float *to) {
    int width = in->low_width, height = in->low_height;
    size_t count = (size_t)width * (size_t)height;
    float *planes = malloc(sizeof *planes * count * (PLANES + 4)), *made = planes + PLANES * count;
    for (size_t i = 0; i < count; i++) {
        const float *c = in->guide + 3 * i;
        float p = in->disp[i];
        float v[PLANES] = {c[0],        c[1],        c[2], c[0] * c[0], c[0] * c[1], c[0] * c[2], c[1] * c[1],
                           c[1] * c[2], c[2] * c[2], p,    c[0] * p,    c[1] * p,    c[2] * p};
        for (int k = 0; k < PLANES; k++)
            planes[k * count + i] = v[k];
    }
    for (int k = 0; k < PLANES; k++)
        box_mean(planes + k * count, planes + k * count, width, height, RADIUS);
    for (size_t i = 0; i < count; i++) {
        double m[PLANES], a[3], cov[6], with[3];
        for (int k = 0; k < PLANES; k++)
            m[k] = planes[k * count + i];
        for (int r = 0, k = 0; r < 3; r++) {
            with[r] = m[10 + r] - m[r] * m[9];
            for (int c = r; c < 3; c++, k++)
                cov[k] = m[3 + k] - m[r] * m[c] + (r == c ? noise : 0);
        }
        solve3(cov, with, a);
        for (int k = 0; k < 3; k++)
            made[k * count + i] = (float)a[k];
        made[3 * count + i] = (float)(m[9] - a[0] * m[0] - a[1] * m[1] - a[2] * m[2]);
    }
    for (int k = 0; k < 4; k++)
        box_mean(made + k * count, made + k * count, width, height, RADIUS);
    for (int y = 0; y < in->texture.height; y++)
        for (int x = 0; x < in->texture.width; x++) {
            float lx = low_position(x, width, in->texture.width), ly = low_position(y, height, in->texture.height);
            float color[3], sum = interpolate(made + 3 * count, width, height, lx, ly);
            pixel_color(in, x, y, color);
            for (int c = 0; c < 3; c++)
                sum += color[c] * interpolate(made + c * count, width, height, lx, ly);
            *to++ = sum;
        }
    free(planes);
}
