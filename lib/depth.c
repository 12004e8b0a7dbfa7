#include "depth.h"

#include <math.h>

void kb3d_depth_interpret(kb3d_raster *map, kb3d_depth_kind kind) {
    float *d = map->data;
    size_t count = (size_t)map->width * (size_t)map->height;
    for (size_t i = 0; i < count; i++) {
        float v = d[i];
        if (kind == KB3D_DEPTH_Z)
            v = v > 0 ? isinf(v) ? 0 : 1 / v : NAN;
        d[i] = v >= 0 && v < 1e30f ? v : NAN;
    }
}

float kb3d_depth_step(const kb3d_raster *map) {
    const float *d = map->data;
    size_t count = (size_t)map->width * (size_t)map->height;
    for (size_t i = 0; i < count; i++) {
        float v = d[i] * 255;
        if (!(fabsf(v - rintf(v)) < 1e-3f && v >= 0 && v < 255.5f))
            return 0;
    }
    return 1.0f / 255;
}

kb3d_status kb3d_depth_fill_unknown(kb3d_raster *map, kb3d_call *call) {
    float *d = map->data;
    size_t width = (size_t)map->width, height = (size_t)map->height;
    size_t first_known = height;
    for (size_t y = 0; y < height; y++) {
        float *row = d + y * width;
        float left = NAN; /* last known value */
        for (size_t x = 0; x < width;) {
            if (!isnan(row[x])) {
                left = row[x++];
                continue;
            }
            size_t end = x;
            while (end < width && isnan(row[end]))
                end++;
            float right = end < width ? row[end] : NAN;
            float farther = isnan(left) ? right : isnan(right) ? left : fminf(left, right);
            for (; x < end; x++)
                row[x] = farther;
        }
        if (isnan(row[0]))
            continue; /* nothing known in this row */
        size_t from = first_known == height ? 0 : y;
        for (; from < y; from++)
            for (size_t x = 0; x < width; x++)
                d[from * width + x] = row[x];
        if (first_known == height)
            first_known = y;
    }
    if (first_known == height)
        return kb3d_fail(call, KB3D_ERROR_FORMAT, "the depth map has no known value");
    for (size_t y = first_known + 1; y < height; y++)
        if (isnan(d[y * width]))
            for (size_t x = 0; x < width; x++)
                d[y * width + x] = d[(y - 1) * width + x];
    return KB3D_OK;
}

enum { BINS = 2048 };

kb3d_depth_range kb3d_depth_measure(const float *disp, size_t count) {
    kb3d_depth_range r = {disp[0], disp[0], disp[0], disp[0]};
    for (size_t i = 1; i < count; i++) {
        r.min = fminf(r.min, disp[i]);
        r.max = fmaxf(r.max, disp[i]);
    }
    r.far = r.min;
    r.near = r.max;
    if (!(r.max > r.min))
        return r;
    uint64_t bins[BINS] = {0}, below = 0;
    double scale = (BINS - 1) / ((double)r.max - r.min); /* finite: the difference of two floats is above 1e-46 */
    for (size_t i = 0; i < count; i++)
        bins[(int)(((double)disp[i] - r.min) * scale)]++;
    int far_done = 0;
    for (int b = 0; b < BINS; b++) {
        below += bins[b];
        if (!far_done && (double)below >= 0.005 * (double)count) {
            r.far = (float)(r.min + b / scale);
            far_done = 1;
        }
        if ((double)below >= 0.995 * (double)count) {
            r.near = fminf(r.max, (float)(r.min + (b + 1) / scale));
            break;
        }
    }
    return r;
}
