/*
 * weave: what its contract promises, exactly. Without guidance every filled pixel is a copy of a known one that fits,
 * or what it was; with guidance 8 bit rounding may go either way, one level. Which one is copied is a matter of search:
 * that a texture goes on is measured.
 */
#include "checkkernels.h"

#include <math/weave.h>

typedef struct frame {
    kb3d_planes planes;
    void *to, *memory;
} frame;

static frame make_frame(const kb3d_kernels *k, int w, int h, kb3d_texel texel) {
    size_t pixels = (size_t)w * (size_t)h;
    frame f = {.planes = {.width = w, .height = h, .texel = texel, .color = guarded(pixels * 4 * texel),
                          .disp = guarded(pixels * sizeof(float)), .cover = guarded(pixels)},
               .to = guarded(pixels * 4 * texel), .memory = guarded(k->weave_bytes(w, h))};
    return f;
}

static int free_frame(frame *f) {
    return guards_stand(f->planes.color) & guards_stand(f->planes.disp) & guards_stand(f->planes.cover) &
           guards_stand(f->to) & guards_stand(f->memory);
}

static void put(const kb3d_planes *p, int pixel, const double value[4]) {
    for (int c = 0; c < 4; c++) {
        int i = 4 * pixel + c;
        if (p->texel == KB3D_TEXEL_F32)
            ((float *)p->color)[i] = (float)value[c];
        else if (p->texel == KB3D_TEXEL_U16)
            ((uint16_t *)p->color)[i] = (uint16_t)(65535 * value[c]);
        else
            ((uint8_t *)p->color)[i] = (uint8_t)(255 * value[c]);
    }
}

/* Whether some known pixel that fits has this pixel's new colour. */
static int is_copy(const frame *f, int pixel, float jump) {
    const kb3d_planes *p = &f->planes;
    size_t bytes = 4 * (size_t)p->texel;
    const char *color = p->color, *got = (const char *)f->to + bytes * (size_t)pixel;
    for (int q = 0; q < p->width * p->height; q++)
        if (p->cover[q] == 255 && p->disp[q] <= p->disp[pixel] + jump && p->disp[q] >= p->disp[pixel] - 2 * jump &&
            !memcmp(color + bytes * (size_t)q, got, bytes))
            return 1;
    return !memcmp(color + bytes * (size_t)pixel, got, bytes);
}

/* Noise with holes of any shape; the same bytes from any number of threads. */
static void check_any(const kb3d_kernels *k, kb3d_texel texel, int w, int h, double hole) {
    frame f = make_frame(k, w, h, texel);
    size_t bytes = (size_t)(w * h) * 4 * texel;
    void *once = malloc(bytes);
    for (int i = 0; i < w * h; i++) {
        double x = i % w - random_in(0.45, 0.55) * w, y = i / w - random_in(0.45, 0.55) * h;
        f.planes.cover[i] = hypot(x, y) < hole ? (uint8_t)(random_next() % 255) : 255;
        f.planes.disp[i] = (i % w < w / 3 ? 0.8f : 0.2f) + (float)random_in(0, 0.02);
        put(&f.planes, i, (double[4]){random_in(0, 1), random_in(0, 1), random_in(0, 1), 1});
    }
    const kb3d_weave_params params = {.jump = 0.1f, .reach = 30, .sigma = 2, .guided = 0};
    for (int par = 0; par < PARALLELS; par++) {
        memset(f.to, 0, bytes);
        memset(f.memory, 17 * par, k->weave_bytes(w, h)); /* nothing is expected of it */
        k->weave(&parallels[par], &f.planes, &params, f.memory, f.to);
        if (par)
            CHECK(!memcmp(once, f.to, bytes));
        memcpy(once, f.to, bytes);
    }
    int wrong = 0;
    for (int i = 0; i < w * h; i++)
        wrong += f.planes.cover[i] == 255 ? memcmp((char *)f.to + 4 * texel * (size_t)i, (char *)f.planes.color + 4 * texel * (size_t)i, 4 * texel) != 0
                                          : !is_copy(&f, i, params.jump);
    if (!CHECK_INT(wrong, 0))
        fprintf(stderr, "    %dx%d at %s\n", w, h, k->simd);
    free(once);
    CHECK(free_frame(&f));
}

/* A near thing before a striped wall, a hole of the wall's mean grey beside it: the stripes go on, and what the
   fill says of brightness stays in so far as it is guided. */
static void check_stripes(const kb3d_kernels *k, float guided) {
    enum { W = 160, H = 96 };
    frame f = make_frame(k, W, H, KB3D_TEXEL_U8);
    for (int i = 0; i < W * H; i++) {
        int x = i % W, near = x < 40, hole = x >= 40 && x < 72;
        double grey = near ? 0.9 : hole ? 0.4 : (i / W + x) / 4 % 2 ? 0.6 : 0.2;
        f.planes.cover[i] = hole ? 0 : 255;
        f.planes.disp[i] = near ? 1 : 0.2f;
        put(&f.planes, i, (double[4]){grey, grey, grey, 1});
    }
    const kb3d_weave_params params = {.jump = 0.1f, .reach = 64, .sigma = 3, .guided = guided};
    k->weave(&parallels[2], &f.planes, &params, f.memory, f.to);
    const uint8_t *to = f.to;
    double off = 0, sum = 0;
    for (int y = 8; y < H - 8; y++)
        for (int x = 44; x < 68; x++) {
            int got = to[4 * (y * W + x)], want = (y + x) / 4 % 2 ? 153 : 51;
            off += abs(got - want);
            sum += got;
            CHECK(got < 200); /* nothing of the near thing */
        }
    CHECK(off / ((H - 16) * 24) < 30); /* the fill alone: 51 */
    CHECK_NEAR(sum / ((H - 16) * 24), 102, 4);
    CHECK(free_frame(&f));
}

/* All of a patch's sums by hand. */
static void check_cost(void) {
    uint8_t around[KB3D_WEAVE_ROWS][50];
    kb3d_weave_patch p;
    for (int round = 0; round < 40; round++) {
        int64_t want = 0;
        for (int r = 0; r < KB3D_WEAVE_ROWS; r++)
            for (int i = 0; i < 4 * KB3D_WEAVE_ROW; i++) {
                around[r][i] = (uint8_t)(round ? random_next() : 255);
                p.value[r][i] = (int16_t)(round ? random_next() % 256 : 0);
                p.weight[r][i] = (int16_t)(i >= 4 * KB3D_WEAVE_ROWS ? 0 : round ? random_next() % 3 : 2);
                want += (int64_t)p.weight[r][i] * (around[r][i] - p.value[r][i]) * (around[r][i] - p.value[r][i]);
            }
        CHECK_INT(kb3d_weave_patch_cost(&p, around[0], sizeof around[0]), want);
    }
}

int check_weave(const kb3d_kernels *k) {
    static const kb3d_texel texels[] = {KB3D_TEXEL_U8, KB3D_TEXEL_U16, KB3D_TEXEL_F32};
    check_cost();
    for (int t = 0; t < 3; t++) {
        check_any(k, texels[t], 97, 71, 16);
        check_any(k, texels[t], 40, 130, 60);
        check_any(k, texels[t], 9, 8, 2);
        check_any(k, texels[t], 1, 60, 9);
        check_any(k, texels[t], 1, 1, 2);
    }
    check_stripes(k, 0);
    check_stripes(k, 1);
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    frame f;
} job;

static void work(void *arg) {
    job *j = arg;
    const kb3d_weave_params params = {.jump = 0.1f, .reach = 64, .sigma = 3, .guided = 0.6f};
    j->k->weave(&parallels[0], &j->f.planes, &params, j->f.memory, j->f.to);
}

void bench_weave(const kb3d_kernels *k) {
    enum { W = 960, H = 540 };
    job j = {k, make_frame(k, W, H, KB3D_TEXEL_U8)};
    for (int i = 0; i < W * H; i++) {
        j.f.planes.cover[i] = i % W % 400 < 20 ? 0 : 255;
        j.f.planes.disp[i] = i % W % 400 > 200 ? 1 : 0.3f;
        put(&j.f.planes, i, (double[4]){random_in(0, 1), random_in(0, 1), random_in(0, 1), 1});
    }
    measure(k, "weave, 5 % open", W * H, work, &j);
    free_frame(&j.f);
}
