#include "score.h"

#include <math.h>
#include <stdlib.h>

enum { NONE = -1 };

typedef struct field {
    int width, height;
    int *nearest; /* pair of neighbours nearest to a pixel: 2 * its left or upper pixel + is it upright; or NONE */
} field;

static float pair_step(const float *map, int width, int pair) {
    int i = pair / 2, j = i + (pair & 1 ? width : 1);
    return fabsf(map[i] - map[j]);
}

/* Squared distance from a pixel's centre to the middle of a pair. */
static double distance2(const field *f, int x, int y, int pair) {
    double dx = x - (pair / 2 % f->width + (pair & 1 ? 0 : 0.5));
    double dy = y - (pair / 2 / f->width + (pair & 1 ? 0.5 : 0));
    return dx * dx + dy * dy;
}

static void offer(field *f, int x, int y, int from_x, int from_y) {
    if (from_x < 0 || from_y < 0 || from_x >= f->width || from_y >= f->height)
        return;
    int pair = f->nearest[from_y * f->width + from_x], *mine = &f->nearest[y * f->width + x];
    if (pair != NONE && (*mine == NONE || distance2(f, x, y, pair) < distance2(f, x, y, *mine)))
        *mine = pair;
}

/* Passes over the picture that hand the nearest pair on (Danielsson 1980). */
static field find_edges(const float *map, int width, int height, float step, int unknown_too) {
    field f = {width, height, malloc(sizeof *f.nearest * (size_t)width * (size_t)height)};
    for (int i = 0; i < width * height; i++)
        f.nearest[i] = NONE;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int upright = 0; upright < 2; upright++) {
                int pair = 2 * (y * width + x) + upright, ox = x + !upright, oy = y + upright;
                if (ox >= width || oy >= height)
                    continue;
                float d = pair_step(map, width, pair);
                if (d > step || (unknown_too && isnan(d)))
                    f.nearest[y * width + x] = f.nearest[oy * width + ox] = pair;
            }
    for (int pass = 0; pass < 2; pass++) {
        int way = pass ? -1 : 1;
        for (int row = 0; row < height; row++) {
            int y = pass ? height - 1 - row : row;
            for (int i = 0; i < width; i++) {
                int x = pass ? width - 1 - i : i;
                offer(&f, x, y, x - way, y);
                offer(&f, x, y, x - way, y - way);
                offer(&f, x, y, x, y - way);
                offer(&f, x, y, x + way, y - way);
            }
            for (int i = width - 1; i >= 0; i--)
                offer(&f, pass ? width - 1 - i : i, y, (pass ? width - 1 - i : i) + way, y);
        }
    }
    return f;
}

/* The way to the nearest pair of neighbours between which the map passes a value. */
static double way_to_value(const float *map, int width, int height, int pair, float value, int reach) {
    double best = reach;
    int x0 = pair / 2 % width, y0 = pair / 2 / width;
    double cx = x0 + (pair & 1 ? 0 : 0.5), cy = y0 + (pair & 1 ? 0.5 : 0);
    for (int r = 0; r <= reach && r - 1 < best; r++)
        for (int y = y0 - r; y <= y0 + r; y++)
            for (int x = x0 - r; x <= x0 + r; x += y == y0 - r || y == y0 + r || !r ? 1 : 2 * r) {
                if (x < 0 || y < 0 || x >= width || y >= height)
                    continue;
                float here = map[y * width + x];
                if (x + 1 < width && (here < value) != (map[y * width + x + 1] < value))
                    best = fmin(best, hypot(x + 0.5 - cx, y - cy));
                if (y + 1 < height && (here < value) != (map[(y + 1) * width + x] < value))
                    best = fmin(best, hypot(x - cx, y + 0.5 - cy));
            }
    return best;
}

/* Both sides of an edge: the mean of the two pixels next to it would mix surfaces, so the pixels themselves. */
static void sides(const float *map, int width, int pair, float *far, float *near) {
    float a = map[pair / 2], b = map[pair / 2 + (pair & 1 ? width : 1)];
    *far = fminf(a, b);
    *near = fmaxf(a, b);
}

score score_map(const truth *t, const float *wanted, const float *map) {
    int width = t->width, height = t->height, count = width * height;
    double unit = (width > height ? width : height) / 1024.0;
    int reach = (int)(16 * unit);
    field strong = find_edges(wanted, width, height, 0.1f, 0);
    field any = find_edges(wanted, width, height, 0.7f * SCORE_JUMP, 1); /* what is not known may be one */
    double sum[6] = {0}, norm[6] = {0};
    for (int i = 0; i < count; i++) {
        int x = i % width, y = i / width;
        if (!isfinite(wanted[i]))
            continue;
        double from_any = any.nearest[i] == NONE ? 1e9 : sqrt(distance2(&any, x, y, any.nearest[i]));
        int is_near = from_any <= 12 * unit;
        sum[is_near ? 3 : 4] += fabs(map[i] - wanted[i]);
        norm[is_near ? 3 : 4]++;
        for (int upright = 0; upright < 2; upright++) {
            int j = i + (upright ? width : 1), pair = 2 * i + upright;
            if ((upright ? y + 1 >= height : x + 1 >= width) || !isfinite(wanted[j]))
                continue;
            float far, near;
            sides(wanted, width, pair, &far, &near);
            if (near - far > 0.03f) {
                sum[0] += way_to_value(map, width, height, pair, 0.5f * (far + near), reach);
                norm[0]++;
            }
            if (pair_step(map, width, pair) > SCORE_JUMP) {
                sum[1] += fmin(from_any, reach);
                norm[1]++;
            }
            if (!is_near) {
                double slope = (double)(map[j] - map[i]) - (double)(wanted[j] - wanted[i]);
                sum[5] += slope * slope;
                norm[5]++;
            }
        }
        if (strong.nearest[i] != NONE && distance2(&strong, x, y, strong.nearest[i]) <= 16 * unit * unit) {
            float far, near;
            sides(wanted, width, strong.nearest[i], &far, &near);
            sum[2] += map[i] > far + 0.2f * (near - far) && map[i] < near - 0.2f * (near - far);
            norm[2]++;
        }
    }
    free(strong.nearest);
    free(any.nearest);
    for (int i = 0; i < 6; i++)
        sum[i] /= norm[i] > 0 ? norm[i] : 1;
    return (score){sum[0], sum[1], sum[2], sum[3], sum[4], sqrt(sum[5])};
}
