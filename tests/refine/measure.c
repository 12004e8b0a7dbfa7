/*
 * measure [--quick] [--fast] [--network REFINE.pt] [--width N] [--seed N] [PICTURE.ppm DEPTH.pfm]...
 *
 * Every way to bring a network's depth map to a picture's size, on pictures whose depth is known: five generated
 * kinds, or those given. What the network would have made of each is made by blurring, displacing and
 * thinning its true depth in four degrees. One line a way and set: see score.h for the columns.
 * The ways were tuned on the pictures of seed 1, so another one is the fair judge.
 *
 * --quick: small pictures, three ways, and the kernels held against bounds: the test. --fast: without the two ways
 * that are written here in their plainest form and take seconds. --network: with a refinement network, too.
 */
#include "candidates.h"
#include "score.h"

#include "../check.h"

#include <stdlib.h>
#include <time.h>

static const struct {
    const char *name;
    candidate_fn run;
} candidates[] = {{"bilinear", candidate_bilinear},
                  {"guided filter", candidate_guided},
                  {"kernels", candidate_kernel},
                  {"network", candidate_network},
                  {"kernels, one pass", candidate_kernel_once},
                  {"kernels, no pass", candidate_kernel_alone},
                  {"two clusters", candidate_clusters},
                  {"domain transform", candidate_transform},
                  {"joint bilateral", candidate_bilateral},
                  {"weighted median", candidate_median}};

enum { BILINEAR, GUIDED, KERNELS, QUICK, NETWORK = QUICK, FAST = 8 };
enum { CANDIDATES = sizeof candidates / sizeof *candidates };

static const char *network; /* its file, or NULL */

/* For a map whose long side is 384 pixels; that of --quick is smaller by the picture's width. */
static const damage damages[] = {{384, 0.6f, 0.7f, 1, 0.05f}, {384, 1, 1, 2, 0.05f}, {384, 1.5f, 2, 3, 0.05f},
                                 {384, 2.5f, 3, 3, 0.05f}};
enum { DAMAGES = sizeof damages / sizeof *damages };

static void run_forward(void *impl, int count, kb3d_task_fn task, void *arg) {
    (void)impl;
    for (int i = 0; i < count; i++)
        task(arg, i);
}

static double processor_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

typedef struct total {
    score sum;
    double ms, megapixels;
    int count;
} total;

static void add(total *a, const score *s, double ms, double megapixels) {
    a->sum.missed += s->missed;
    a->sum.stray += s->stray;
    a->sum.between += s->between;
    a->sum.near += s->near;
    a->sum.far += s->far;
    a->sum.flat += s->flat;
    a->ms += ms;
    a->megapixels += megapixels;
    a->count++;
}

static score mean(const total *a) {
    double n = a->count;
    const score *s = &a->sum;
    return (score){s->missed / n, s->stray / n, s->between / n, s->near / n, s->far / n, s->flat / n};
}

static void print(const char *set, int count, const total totals[CANDIDATES]) {
    for (int c = 0; c < count; c++) {
        if (c == NETWORK && !network)
            continue;
        score s = mean(&totals[c]);
        printf("%-8s | %-17s | %5.2f | %5.2f | %4.1f | %5.1f | %5.2f | %5.2f | %5.0f |\n", set, candidates[c].name,
               s.missed, s.stray, 100 * s.between, 1e3 * s.near, 1e3 * s.far, 1e3 * s.flat,
               totals[c].ms / totals[c].megapixels);
    }
}

static void measure(const truth *t, const damage *d, int count, total totals[CANDIDATES]) {
    estimate e = estimate_make(t, d, 1);
    refine_input in = {.kernels = kb3d_kernels_cpu(), .par = {run_forward, NULL, 1}, .rgb = t->rgb, .disp = e.disp};
    size_t stride = (size_t)t->width + 2 * KB3D_APRON, rows = (size_t)t->height + 2 * KB3D_APRON;
    uint8_t *memory = malloc(4 * (stride * rows + 1));
    float *guide = malloc(3 * sizeof *guide * (size_t)e.width * (size_t)e.height);
    float *to = malloc(sizeof *to * (size_t)t->width * (size_t)t->height);
    in.texture = (kb3d_texture){KB3D_TEXEL_U8, t->width, t->height, (ptrdiff_t)stride,
                                memory + 4 * (KB3D_APRON * stride + KB3D_APRON)};
    kb3d_pixels pixels = {KB3D_FORMAT_RGB8, t->width, t->height, {t->rgb}, {3 * t->width}, 0};
    in.kernels->import_texture(&in.par, &pixels, &in.texture);
    in.low_width = e.width;
    in.low_height = e.height;
    in.guide = guide;
    in.jump = 0.95f * fmaxf(0.015f, 8.0f / (float)d->long_side); /* as lib/scene.c has it */
    in.kernels->area_average(&in.par, t->rgb, KB3D_TEXEL_U8, 3, t->width, t->height, guide, 3, e.width, e.height);
    for (int c = 0; c < count; c++) {
        if (c == NETWORK && !network)
            continue;
        double begin = processor_ms();
        candidates[c].run(&in, to);
        double ms = processor_ms() - begin;
        score s = score_map(t, e.wanted, to);
        add(&totals[c], &s, ms, 1e-6 * t->width * t->height);
    }
    free(to);
    free(guide);
    free(memory);
    estimate_free(&e);
}

static void measure_all(const truth *t, int count, const char *set, total totals[CANDIDATES]) {
    total some[CANDIDATES] = {0};
    for (int d = 0; d < DAMAGES; d++) {
        measure(t, &damages[d], count, some);
        measure(t, &damages[d], count, totals);
    }
    print(set, count, some);
}

/* The kernels against the others, and against what they were measured at, with room for other rounding. */
static void check_bounds(const total totals[CANDIDATES]) {
    score kernels = mean(&totals[KERNELS]), guided = mean(&totals[GUIDED]), bilinear = mean(&totals[BILINEAR]);
    CHECK(kernels.missed < guided.missed && kernels.stray < 0.5 * guided.stray);
    CHECK(kernels.between < 0.3 * guided.between && kernels.near < 0.65 * guided.near);
    CHECK(kernels.far < 1.1 * bilinear.far && kernels.flat < bilinear.flat);
    CHECK(kernels.missed < 1.8 && kernels.stray < 1.1 && kernels.between < 0.14 && kernels.near < 0.04);
    CHECK(bilinear.near > 0.06); /* the maps were bad enough to mean something */
}

int main(int count, char **words) {
    int is_quick = 0, ways = CANDIDATES, width = 1024, seed = 1, first = 1;
    for (; first < count && words[first][0] == '-'; first++) {
        if (!strcmp(words[first], "--quick"))
            is_quick = 1;
        else if (!strcmp(words[first], "--fast"))
            ways = FAST;
        else if (!strcmp(words[first], "--network") && first + 1 < count)
            network = words[++first];
        else if (!strcmp(words[first], "--width") && first + 1 < count)
            width = atoi(words[++first]);
        else if (!strcmp(words[first], "--seed") && first + 1 < count)
            seed = atoi(words[++first]);
        else
            return 2;
    }
    if (width < 64 || width > 8192 || (count - first) % 2)
        return 2;
    if (network)
        candidate_network_open(network);
    total all[CANDIDATES] = {0};
    puts("set      | way               | missed| stray | betw.| near  | far   | flat  | ms/Mpx |");
    if (is_quick) {
        damage d = damages[1];
        d.long_side = 192;
        for (int k = 0; k < TRUTH_KINDS; k++) {
            truth t = truth_draw((truth_kind)k, 512, 384, 1);
            measure(&t, &d, QUICK, all);
            truth_free(&t);
        }
        print("quick", QUICK, all);
        check_bounds(all);
        return check_end();
    }
    for (int k = 0; k < TRUTH_KINDS && first == count; k++) {
        truth t = truth_draw((truth_kind)k, width, width * 3 / 4, (uint32_t)seed);
        measure_all(&t, ways, truth_names[k], all);
        truth_free(&t);
    }
    for (; first < count; first += 2) {
        truth t = truth_read(words[first], words[first + 1]);
        measure_all(&t, ways, "files", all);
        truth_free(&t);
    }
    print("all", ways, all);
    candidate_network_close();
    return 0;
}
