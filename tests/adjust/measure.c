/*
 * What adjusting is worth, on scenes with known truth:
 *
 *     measure                  the test: a few small scenes, with bounds
 *     measure WIDTH COUNT      a table; 384 100 is what its figures were chosen by
 *
 * Columns, in thousandths of the scene's range where nothing else is said: error of inverse
 * depth inside things, error within four pixels of their outlines, error elsewhere; tears
 * inside things and new tears anywhere on one surface, for each thousand of things' pixels;
 * relief: error of shape of things as a share of it (1: cardboard).
 */
#include "adjust.h"

#include "../check.h"
#include "scenes.h"

#include <stdlib.h>
#include <time.h>

typedef struct score {
    double inside, rim, outside, tears, new_tears, relief_error, relief;
    double inside_count, rim_count, outside_count;
} score;

enum { NONE, CARDBOARD, OURS, GIVEN, METHOD_COUNT };
static const char *const method_names[METHOD_COUNT] = {"none", "cardboard", "ours", "given"};

static kb3d_ctx *ctx;
static double milliseconds, runs;

static float jump_of(int width, int height) {
    return 0.95f * fmaxf(0.015f, 8.0f / (float)(width > height ? width : height));
}

/* The reference's way: each mask gets the largest value of the lowest 3 % of what is left of
   it after an erosion by two pixels. */
static void cardboard(const scene *s, float *const *masks, float *disp) {
    int w = s->width, h = s->height, count = w * h;
    float *eroded = malloc(sizeof *eroded * (size_t)count), *copy = malloc(sizeof *copy * (size_t)count);
    for (int i = 0; i < s->thing_count; i++) {
        for (int at = 0; at < count; at++)
            eroded[at] = masks[i][at] > 0.5f ? disp[at] : 0;
        for (int pass = 0; pass < 2; pass++) {
            memcpy(copy, eroded, sizeof *copy * (size_t)count);
            for (int y = 0; y < h; y++)
                for (int x = 0; x < w; x++)
                    for (int v = y - 1; v <= y + 1; v++)
                        for (int u = x - 1; u <= x + 1; u++)
                            if (u >= 0 && u < w && v >= 0 && v < h)
                                eroded[y * w + x] = fminf(eroded[y * w + x], copy[v * w + u]);
        }
        int top = h, bottom = -1;
        for (int at = 0; at < count; at++)
            if (eroded[at] > 0) {
                top = at / w < top ? at / w : top;
                bottom = at / w;
            }
        float nearest = 0;
        for (int y = (int)lround(top + 0.97 * (bottom - top)); y <= bottom; y++)
            for (int x = 0; x < w; x++)
                nearest = fmaxf(nearest, eroded[y * w + x]);
        for (int at = 0; at < count && bottom >= 0; at++)
            if (masks[i][at] > 0.5f)
                disp[at] = nearest;
    }
    free(eroded);
    free(copy);
}

static void ours(const scene *s, float *const *masks, int given, float *disp) {
    int w = s->width, h = s->height, count = w * h;
    kb3d_segments *segments = calloc(1, sizeof *segments);
    if (given) {
        for (int i = 0; i < s->thing_count; i++)
            segments->items[segments->count++] = (kb3d_segment){s->things[i].kind, 1, w, h, masks[i]};
    } else {
        for (int kind = KB3D_CLASS_PERSON; kind <= KB3D_CLASS_VEHICLE; kind++) {
            float *share = calloc((size_t)count, sizeof *share);
            for (int i = 0; i < s->thing_count; i++)
                for (int at = 0; at < count && s->things[i].kind == (kb3d_class)kind; at++)
                    share[at] = fmaxf(share[at], masks[i][at]);
            segments->items[segments->count++] = (kb3d_segment){(kb3d_class)kind, 0, w, h, share};
        }
    }
    kb3d_raster picture = {w, h, 3, KB3D_SAMPLE_F32, 0, s->picture}, map = {w, h, 1, KB3D_SAMPLE_F32, 0, disp};
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    CHECK_INT(kb3d_adjust_depth(ctx, &picture, segments, &map, NULL), KB3D_OK);
    clock_gettime(CLOCK_MONOTONIC, &end);
    milliseconds += (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) * 1e-6;
    runs++;
    for (int i = 0; i < segments->count && !given; i++)
        free(segments->items[i].share);
    free(segments);
}

static int is_thing(const scene *s, int at) {
    return s->id[at] && s->id[at] < 255;
}

/* Pixels within four of a thing's outline. */
static uint8_t *find_rim(const scene *s) {
    int w = s->width, h = s->height;
    uint8_t *rim = calloc((size_t)(w * h), 1);
    for (int y = 0; y < h; y++)
        for (int x = 0; x + 1 < w; x++)
            for (int i = 0; i < 2; i++) {
                int at = y * w + x, other = i ? at + w : at + 1;
                if ((i && y + 1 == h) || s->id[at] == s->id[other] || !(is_thing(s, at) || is_thing(s, other)))
                    continue;
                for (int v = y - 4; v <= y + 4; v++)
                    for (int u = x - 4; u <= x + 4; u++)
                        if (u >= 0 && u < w && v >= 0 && v < h)
                            rim[v * w + u] = 1;
            }
    return rim;
}

static void measure_pair(const scene *s, const float *before, const float *after, float jump, int a, int b, score *to) {
    if (s->id[a] != s->id[b] || fabsf(s->disp[a] - s->disp[b]) > 0.5f * jump)
        return;
    int torn = fabsf(after[a] - after[b]) > jump;
    to->tears += torn && is_thing(s, a);
    to->new_tears += torn && fabsf(before[a] - before[b]) <= jump;
}

static void measure(const scene *s, const float *before, const float *after, score *to) {
    int w = s->width, h = s->height, count = w * h;
    float jump = jump_of(w, h);
    uint8_t *rim = find_rim(s);
    for (int at = 0; at < count; at++) {
        double error = fabsf(after[at] - s->disp[at]);
        if (is_thing(s, at)) {
            to->inside += error;
            to->inside_count++;
        } else if (!rim[at]) {
            to->outside += error;
            to->outside_count++;
        }
        if (rim[at]) {
            to->rim += error;
            to->rim_count++;
        }
        if (at % w + 1 < w)
            measure_pair(s, before, after, jump, at, at + 1, to);
        if (at + w < count)
            measure_pair(s, before, after, jump, at, at + w, to);
    }
    free(rim);
    for (int i = 0; i < s->thing_count; i++) {
        double n = 0, mean = 0, true_mean = 0, error = 0, shape = 0;
        for (int at = 0; at < count; at++)
            if (s->id[at] == i + 1) {
                n++;
                mean += after[at];
                true_mean += s->disp[at];
            }
        if (n < 100)
            continue;
        for (int at = 0; at < count; at++)
            if (s->id[at] == i + 1) {
                double t = s->disp[at] - true_mean / n, d = after[at] - mean / n;
                error += (d - t) * (d - t);
                shape += t * t;
            }
        to->relief_error += sqrt(error * n);
        to->relief += sqrt(shape * n);
    }
}

static void measure_scene(int width, uint32_t seed, mask_fault fault, int is_poor, score *scores) {
    int height = width * 3 / 4, count = width * height;
    scene *s = scene_make(width, height, seed);
    float *estimate = malloc(sizeof *estimate * (size_t)count), *disp = malloc(sizeof *disp * (size_t)count);
    float *masks[THING_MAX];
    scene_estimate(s, is_poor, seed, estimate);
    for (int i = 0; i < s->thing_count; i++) {
        masks[i] = malloc(sizeof **masks * (size_t)count);
        scene_mask(s, i, fault, seed, masks[i]);
    }
    for (int method = 0; method < METHOD_COUNT; method++) {
        memcpy(disp, estimate, sizeof *disp * (size_t)count);
        if (method == CARDBOARD)
            cardboard(s, masks, disp);
        else if (method != NONE)
            ours(s, masks, method == GIVEN, disp);
        measure(s, estimate, disp, &scores[method]);
    }
    for (int i = 0; i < s->thing_count; i++)
        free(masks[i]);
    free(estimate);
    free(disp);
    scene_free(s);
}

static void print(const char *fault, const char *method, const score *s) {
    printf("%-8s %-10s %7.1f %7.1f %7.1f %7.2f %7.2f %7.2f\n", fault, method, 1e3 * s->inside / s->inside_count,
           1e3 * s->rim / s->rim_count, 1e3 * s->outside / s->outside_count, 1e3 * s->tears / s->inside_count,
           1e3 * s->new_tears / s->inside_count, s->relief_error / s->relief);
}

static void print_rows(int width, int scenes, mask_fault fault, int is_poor) {
    score scores[METHOD_COUNT] = {{0}};
    for (int i = 0; i < scenes; i++)
        measure_scene(width, 1000 + (uint32_t)i, fault, is_poor, scores);
    for (int method = 0; method < METHOD_COUNT; method++)
        print(is_poor ? mask_fault_names[fault] : "fair", method_names[method], &scores[method]);
}

static void measure_all(int width, int scenes, mask_fault fault, score scores[METHOD_COUNT]) {
    memset(scores, 0, METHOD_COUNT * sizeof *scores);
    for (int i = 0; i < scenes; i++)
        measure_scene(width, 2000 + (uint32_t)i, fault, 1, scores);
}

/* Good masks help much, bad ones do no harm to speak of. */
static void test_worth(void) {
    enum { WIDTH = 256, SCENES = 4 };
    score scores[METHOD_COUNT];
    const score *none = &scores[NONE], *ours = &scores[OURS];
    for (int fault = 0; fault < MASK_FAULT_COUNT; fault++) {
        measure_all(WIDTH, SCENES, (mask_fault)fault, scores);
        int is_good = fault == MASK_GOOD;
        print(mask_fault_names[fault], "none", none);
        print(mask_fault_names[fault], "ours", ours);
        CHECK(ours->inside < (is_good ? 0.7 : 1.02) * none->inside);
        CHECK(ours->rim < (is_good ? 0.7 : 1.15) * none->rim);
        CHECK(ours->tears < (is_good ? 0.3 : 1.02) * none->tears);
        CHECK(ours->outside < none->outside + 0.004 * none->outside_count);
        CHECK(ours->relief_error < (is_good ? 0.7 : 1.1) * none->relief_error);
    }
}

static void print_table(int width, int scenes) {
    printf("%-8s %-10s %7s %7s %7s %7s %7s %7s\n", "masks", "method", "inside", "rim", "outside", "tears", "new",
           "relief");
    print_rows(width, scenes, MASK_GOOD, 0);
    for (int fault = 0; fault < MASK_FAULT_COUNT; fault++)
        print_rows(width, scenes, (mask_fault)fault, 1);
    printf("%.2f ms a picture\n", milliseconds / runs);
}

int main(int argc, char **argv) {
    kb3d_ctx_params params;
    KB3D_INIT(params);
    params.threads = 1;
    if (kb3d_ctx_create(&ctx, &params, NULL))
        return 1;
    if (argc >= 3)
        print_table(atoi(argv[1]), atoi(argv[2]));
    else
        RUN(test_worth);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
