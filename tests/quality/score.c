#include "quality.h"

/* Mean structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004) over brightness, with their Gaussian
   window of 11x11 pixels, of all pixels that count. */
enum { RADIUS = 5 };

static double luma(const uint8_t *rgb) {
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

static double ssim(const pair *p, const uint8_t *rgb) {
    double weight[RADIUS + 1], sum = 0;
    size_t pixels = (size_t)p->width * (size_t)p->height, count = 0;
    double *rows = malloc(5 * pixels * sizeof *rows); /* a, b, aa, bb, ab, smoothed along rows */
    for (int i = 0; i <= RADIUS; i++)
        weight[i] = exp(-0.5 * i * i / (1.5 * 1.5));
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            double s[5] = {0}, norm = 0;
            for (int k = -RADIUS; k <= RADIUS; k++) {
                if (x + k < 0 || x + k >= p->width)
                    continue;
                size_t at = 3 * ((size_t)y * p->width + x + k);
                double a = luma(p->to + at), b = luma(rgb + at), w = weight[abs(k)];
                const double v[5] = {a, b, a * a, b * b, a * b};
                for (int i = 0; i < 5; i++)
                    s[i] += w * v[i];
                norm += w;
            }
            for (int i = 0; i < 5; i++)
                rows[5 * ((size_t)y * p->width + x) + i] = s[i] / norm;
        }
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            double s[5] = {0}, norm = 0;
            if (p->kind[y * p->width + x] == OUTSIDE)
                continue;
            for (int k = -RADIUS; k <= RADIUS; k++) {
                if (y + k < 0 || y + k >= p->height)
                    continue;
                for (int i = 0; i < 5; i++)
                    s[i] += weight[abs(k)] * rows[5 * ((size_t)(y + k) * p->width + x) + i];
                norm += weight[abs(k)];
            }
            for (int i = 0; i < 5; i++)
                s[i] /= norm;
            const double c1 = 2.55 * 2.55, c2 = 7.65 * 7.65;
            sum += (2 * s[0] * s[1] + c1) * (2 * (s[4] - s[0] * s[1]) + c2) /
                   ((s[0] * s[0] + s[1] * s[1] + c1) * (s[2] - s[0] * s[0] + s[3] - s[1] * s[1] + c2));
            count++;
        }
    free(rows);
    return sum / (double)count;
}

static double decibels(const double sums[2]) {
    return sums[0] > 0 ? 10 * log10(255.0 * 255.0 * sums[1] / sums[0]) : 99;
}

/* Sum of differences between neighbours that are both hidden. */
static double energy(const pair *p, const uint8_t *rgb) {
    double sum = 0;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            int at = y * p->width + x;
            for (int c = 0; c < 3 && p->kind[at] == HIDDEN; c++) {
                if (x + 1 < p->width && p->kind[at + 1] == HIDDEN)
                    sum += abs(rgb[3 * at + c] - rgb[3 * at + 3 + c]);
                if (y + 1 < p->height && p->kind[at + p->width] == HIDDEN)
                    sum += abs(rgb[3 * at + c] - rgb[3 * (at + p->width) + c]);
            }
        }
    return sum;
}

score score_view(const pair *p, const uint8_t *rgb) {
    double sums[3][2] = {{0}};
    for (int i = 0; i < p->width * p->height; i++)
        for (int c = 0; c < 3; c++) {
            double e = rgb[3 * i + c] - p->to[3 * i + c];
            sums[p->kind[i]][0] += e * e;
            sums[p->kind[i]][1]++;
        }
    const double all[2] = {sums[VISIBLE][0] + sums[HIDDEN][0], sums[VISIBLE][1] + sums[HIDDEN][1]};
    return (score){.visible = decibels(sums[VISIBLE]), .hidden = decibels(sums[HIDDEN]), .all = decibels(all),
                   .ssim = ssim(p, rgb), .energy = energy(p, rgb) / energy(p, p->to)};
}
