/*
 * enlarge: bilinear, but for the rounding of positions. upsample: the same where no edge is near, else near the
 * weighted median (see snap.c for how near); at an edge one of the two sides, the one whose colour the picture has;
 * on a slope a slope, not a comb.
 */
#include "checkkernels.h"

static double low_position(int at, int low_size, int size) {
    return (at + 0.5) * low_size / size - 0.5;
}

static int clamp(int v, int low, int high) {
    return v < low ? low : v > high ? high : v;
}

static double bilinear(const float *map, int w, int h, double x, double y) {
    double sum = 0;
    for (int j = 0; j < 4; j++) {
        int px = (int)floor(x) + (j & 1), py = (int)floor(y) + (j >> 1);
        sum += (1 - fabs(x - px)) * (1 - fabs(y - py)) * map[clamp(py, 0, h - 1) * w + clamp(px, 0, w - 1)];
    }
    return sum;
}

static void one_enlarge(const kb3d_kernels *k, int w, int h, int lw, int lh) {
    float *from = guarded((size_t)lw * (size_t)lh * sizeof *from);
    for (int i = 0; i < lw * lh; i++)
        from[i] = (float)random_in(-1, 1);
    for (int par = 0; par < PARALLELS; par++) {
        float *to = guarded((size_t)w * (size_t)h * sizeof *to);
        k->enlarge(&parallels[par], from, lw, lh, to, w, h);
        double worst = 0;
        for (int i = 0; i < w * h; i++) {
            double x = low_position(i % w, lw, w), y = low_position(i / w, lh, h);
            worst = fmax(worst, fabs(to[i] - bilinear(from, lw, lh, x, y)));
        }
        CHECK(worst < 2e-4); /* positions are floats: a picture of 900 pixels rounds them to 6e-5 */
        CHECK(guards_stand(to));
    }
    CHECK(guards_stand(from));
}

/* Mean colour of a pixel and its neighbours. */
static void mean_color(const kb3d_texture *t, int x, int y, float color[3]) {
    for (int c = 0; c < 3; c++) {
        double sum = 0;
        for (int i = 0; i < 9; i++)
            sum += texel_at(t->data, t->texel, 4 * ((y + i / 3 - 1) * t->stride + x + i % 3 - 1) + c);
        color[c] = (float)(sum / 9 / texel_one(t->texel));
    }
}

/* Whether a pixel holds what the contract says; *is_edge: it is not interpolated. */
static int is_right(const kb3d_depth_map *m, const float *disp, const kb3d_texture *t, int x, int y, double got,
                    int *is_edge) {
    enum { R = KB3D_UPSAMPLE_RADIUS };
    vote votes[(2 * R + 1) * (2 * R + 1)];
    double lx = low_position(x, m->width, t->width), ly = low_position(y, m->height, t->height), most = 0;
    int x0 = (int)floor(lx), y0 = (int)floor(ly), cx = (int)floor(lx + 0.5), cy = (int)floor(ly + 0.5), count = 0;
    for (int j = y0 - 1; j <= y0 + 2; j++)
        for (int i = x0 - 1; i <= x0 + 2; i++)
            if (i >= 0 && j >= 0 && i < m->width && j < m->height)
                most = fmax(most, m->spread[j * m->stride + i]);
    *is_edge = most > snap_params.jump;
    if (!*is_edge)
        return fabs(got - bilinear(disp, m->width, m->height, lx, ly)) < 2e-4;
    float color[3];
    mean_color(t, x, y, color);
    for (int j = cy - R; j <= cy + R; j++)
        for (int i = cx - R; i <= cx + R; i++) {
            if (i < 0 || j < 0 || i >= m->width || j >= m->height)
                continue;
            ptrdiff_t at = j * m->stride + i;
            float other[3] = {m->guide[0][at], m->guide[1][at], m->guide[2][at]};
            votes[count].value = m->disp[at] + m->slope_x[at] * (lx - i) + m->slope_y[at] * (ly - j);
            votes[count++].weight = likeness(color, other, (double)KB3D_UPSAMPLE_UNLIKE) * m->trust[at] *
                                    nearness(lx - i, R + 0.5) * nearness(ly - j, R + 0.5);
        }
    return is_median(votes, count, got);
}

static void one_random(const kb3d_kernels *k, kb3d_texel texel, int w, int h, int lw, int lh, double step) {
    kb3d_texture t = make_texture(texel, w, h);
    size_t low = (size_t)lw * (size_t)lh, full = (size_t)w * (size_t)h;
    float *disp = guarded(low * sizeof *disp), *guide = guarded(low * 3 * sizeof *guide), *first = NULL;
    for (size_t i = 0; i < low; i++) {
        int x = (int)i % lw, y = (int)i / lw;
        disp[i] = (float)(random_in(0.5, 0.52) + step * ((x / 6 + y / 5) % 2));
        for (int c = 0; c < 3; c++)
            guide[3 * i + c] = (float)random_in(0.3, 0.7);
    }
    depth_map d = make_map(k, &parallels[0], lw, lh, disp, guide);
    for (int par = 0; par < PARALLELS; par++) {
        float *to = guarded(full * sizeof *to);
        k->upsample(&parallels[par], &d.map, &snap_params, &t, to);
        if (first) {
            CHECK(!memcmp(first, to, full * sizeof *to));
            CHECK(guards_stand(to));
            continue;
        }
        first = to;
        int wrong = 0, edges = 0, is_edge;
        for (int i = 0; i < w * h; i++) {
            wrong += !is_right(&d.map, disp, &t, i % w, i / w, to[i], &is_edge);
            edges += is_edge;
        }
        if (!CHECK(wrong <= w * h / 500)) /* positions on the border between two windows go either way */
            fprintf(stderr, "    %dx%d to %dx%d at %s: %d of %d wrong\n", lw, lh, w, h, k->simd, wrong, edges);
        CHECK(step > 0 || !edges);
    }
    check_same_everywhere(first, full);
    CHECK(guards_stand(first));
    CHECK(guards_stand(disp));
    CHECK(guards_stand(guide));
    CHECK(guards_stand(d.memory));
    CHECK(free_texture(&t));
}

/* Two colours with an edge at `edge`; the small map's edge lies at the nearest of its columns. */
static void one_edge(const kb3d_kernels *k, kb3d_texel texel, int edge) {
    enum { W = 96, H = 40, LW = 24, LH = 10 };
    kb3d_texture t = make_texture(texel, W, H);
    float disp[LW * LH], guide[3 * LW * LH];
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 4; c++) {
                double v = (x < edge ? 0.2 : 0.8) + random_in(-0.02, 0.02);
                ptrdiff_t at = 4 * (y * t.stride + x) + c;
                if (texel == KB3D_TEXEL_F32)
                    ((float *)t.data)[at] = (float)v;
                else if (texel == KB3D_TEXEL_U16)
                    ((uint16_t *)t.data)[at] = (uint16_t)(v * 65535);
                else
                    ((uint8_t *)t.data)[at] = (uint8_t)(v * 255);
            }
    k->fill_apron(&t);
    for (int i = 0; i < LW * LH; i++) {
        double covered = fmin(fmax(edge / 4.0 - i % LW, 0), 1);
        disp[i] = i % LW < (edge + 2) / 4 ? 1 : 0.2f;
        for (int c = 0; c < 3; c++)
            guide[3 * i + c] = (float)(0.2 * covered + 0.8 * (1 - covered));
    }
    depth_map d = make_map(k, &parallels[0], LW, LH, disp, guide);
    float *to = guarded(W * H * sizeof *to);
    k->upsample(&parallels[0], &d.map, &snap_params, &t, to);
    int between = 0, wrong = 0;
    for (int i = 0; i < W * H; i++) {
        between += fabsf(to[i] - 1) > 1e-4f && fabsf(to[i] - 0.2f) > 1e-4f;
        wrong += (to[i] > 0.6f) != (i % W < edge);
    }
    CHECK_INT(between, 0);
    if (!CHECK(wrong <= H + H / 8)) /* a pixel a row where the small pixel is of both colours, and noise */
        fprintf(stderr, "    edge at %d at %s: %d pixels on the wrong side\n", edge, k->simd, wrong);
    CHECK(guards_stand(to));
    CHECK(guards_stand(d.memory));
    CHECK(free_texture(&t));
}

/* A slope under noise: going along it, the depth may step back by its rounding and the noise only. */
static void one_slope(const kb3d_kernels *k, float step) {
    enum { W = 320, H = 48, LW = 40, LH = 6 };
    kb3d_texture t = make_texture(KB3D_TEXEL_U8, W, H);
    float disp[LW * LH], guide[3 * LW * LH];
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 4; c++)
                ((uint8_t *)t.data)[4 * (y * t.stride + x) + c] = (uint8_t)(128 + random_next() % 8);
    k->fill_apron(&t);
    for (int i = 0; i < LW * LH; i++) {
        disp[i] = 0.2f + step * (float)(i % LW);
        guide[3 * i] = guide[3 * i + 1] = guide[3 * i + 2] = 131.5f / 255;
    }
    depth_map d = make_map(k, &parallels[0], LW, LH, disp, guide);
    float *to = guarded(W * H * sizeof *to);
    k->upsample(&parallels[0], &d.map, &snap_params, &t, to);
    int back = 0;
    double worst = 0;
    for (int i = 0; i < W * H; i++) {
        back += i % W > 8 && i % W < W - 8 && to[i] < to[i - 1] - 0.05f * step;
        if (i % W > 8 && i % W < W - 8)
            worst = fmax(worst, fabs(to[i] - (0.2 + step * low_position(i % W, LW, W))));
    }
    CHECK_INT(back, 0);
    /* what may be a surface lies on it; what is too steep goes in steps of the map, and its ends reach inwards */
    if (!CHECK(worst < (step <= snap_params.jump ? 0.01 : KB3D_UPSAMPLE_RADIUS + 0.5) * step))
        fprintf(stderr, "    slope %g at %s: %g\n", step, k->simd, worst / step);
    CHECK(guards_stand(to));
    CHECK(guards_stand(d.memory));
    CHECK(free_texture(&t));
}

int check_upsample(const kb3d_kernels *k) {
    static const int sizes[][4] = {{64, 48, 16, 12}, {101, 33, 37, 15}, {1, 1, 1, 1}, {5, 900, 3, 90},
                                   {20, 10, 50, 31}, {9, 9, 1, 1},      {33, 21, 33, 21}};
    static const kb3d_texel texels[] = {KB3D_TEXEL_U8, KB3D_TEXEL_U16, KB3D_TEXEL_F32};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        one_enlarge(k, sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
    for (int t = 0; t < 3; t++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (int step = 0; step < 2; step++)
                one_random(k, texels[t], sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3], 0.3 * step);
        for (int edge = 40; edge < 48; edge++)
            one_edge(k, texels[t], edge);
    }
    one_slope(k, 0.02f);
    one_slope(k, 0.04f);
    one_slope(k, 0.3f);
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    depth_map d;
    kb3d_texture t;
    float *to;
} job;

static void work(void *arg) {
    const job *j = arg;
    j->k->upsample(&parallels[0], &j->d.map, &snap_params, &j->t, j->to);
}

void bench_upsample(const kb3d_kernels *k) {
    enum { W = 960, H = 540, LW = 192, LH = 108 };
    float *disp = malloc(LW * LH * sizeof *disp), *guide = malloc(3 * LW * LH * sizeof *guide);
    for (int i = 0; i < LW * LH; i++) {
        disp[i] = (i % LW / 28 + i / LW / 28) % 2 ? 0.3f : 0.8f;
        guide[3 * i] = guide[3 * i + 1] = guide[3 * i + 2] = disp[i];
    }
    job j = {k, make_map(k, &parallels[0], LW, LH, disp, guide), make_texture(KB3D_TEXEL_U8, W, H),
             guarded(W * H * sizeof(float))};
    measure(k, "upsample, edges in 30 %", W * H, work, &j);
    guards_stand(j.to);
    guards_stand(j.d.memory);
    free_texture(&j.t);
    free(guide);
    free(disp);
}
