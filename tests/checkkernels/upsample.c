/*
 * upsample. Where the depth has no edge: bilinear, 1e-5 for its floats. At an edge: one of the two sides, and the
 * side whose colour the picture has there; between them at most the pixels that are of both colours. On a slope,
 * however steep, where colours tell nothing: a slope, not a comb.
 */
#include "checkkernels.h"

static void one_smooth(const kb3d_kernels *k, kb3d_texel texel, int w, int h, int lw, int lh) {
    kb3d_texture t = make_texture(texel, w, h);
    float *disp = guarded((size_t)lw * (size_t)lh * sizeof *disp), *guide = guarded((size_t)lw * (size_t)lh * 3 * sizeof *guide);
    for (int i = 0; i < lw * lh; i++) {
        disp[i] = (float)random_in(0.5, 0.59);
        for (int c = 0; c < 3; c++)
            guide[3 * i + c] = (float)random_in(0, 1);
    }
    kb3d_upsample_params params = {disp, lw, lh, guide, 0.1f, 0.06f};
    for (int par = 0; par < PARALLELS; par++) {
        float *to = guarded((size_t)w * (size_t)h * sizeof *to);
        k->upsample(&parallels[par], &params, &t, to);
        double worst = 0;
        for (int i = 0; i < w * h; i++) {
            double lx = (i % w + 0.5) * lw / w - 0.5, ly = (i / w + 0.5) * lh / h - 0.5, want = 0;
            for (int j = 0; j < 4; j++) {
                int x = (int)floor(lx) + (j & 1), y = (int)floor(ly) + (j >> 1);
                double weight = (1 - fabs(lx - x)) * (1 - fabs(ly - y));
                x = x < 0 ? 0 : x >= lw ? lw - 1 : x;
                y = y < 0 ? 0 : y >= lh ? lh - 1 : y;
                want += weight * disp[y * lw + x];
            }
            worst = fmax(worst, fabs(to[i] - want));
        }
        if (!CHECK(worst < 1e-5))
            fprintf(stderr, "    %dx%d to %dx%d at %s: off by %g\n", lw, lh, w, h, k->simd, worst);
        CHECK(guards_stand(to));
    }
    CHECK(guards_stand(disp));
    CHECK(guards_stand(guide));
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
    for (int i = 0; i < LW * LH; i++) {
        double covered = fmin(fmax(edge / 4.0 - i % LW, 0), 1);
        disp[i] = i % LW < (edge + 2) / 4 ? 1 : 0.2f;
        for (int c = 0; c < 3; c++)
            guide[3 * i + c] = (float)(0.2 * covered + 0.8 * (1 - covered));
    }
    kb3d_upsample_params params = {disp, LW, LH, guide, 0.1f, 0.06f};
    float *to = guarded(W * H * sizeof *to);
    k->upsample(&parallels[0], &params, &t, to);
    int between = 0, wrong = 0;
    for (int i = 0; i < W * H; i++) {
        between += fabsf(to[i] - 1) > 1e-4f && fabsf(to[i] - 0.2f) > 1e-4f;
        wrong += (to[i] > 0.6f) != (i % W < edge);
    }
    CHECK(between <= 2 * H + H / 8);
    if (!CHECK(wrong <= H + H / 8)) /* a pixel a row where the small pixel is of both colours, and noise */
        fprintf(stderr, "    edge at %d at %s: %d pixels on the wrong side\n", edge, k->simd, wrong);
    CHECK(guards_stand(to));
    CHECK(free_texture(&t));
}

/* A soft slope under noise: going along it, the depth may step back by its rounding and the noise only. */
static void one_slope(const kb3d_kernels *k, float step) {
    enum { W = 160, H = 48, LW = 20, LH = 6 };
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
    kb3d_upsample_params params = {disp, LW, LH, guide, 0.05f, 0.06f};
    float *to = guarded(W * H * sizeof *to);
    k->upsample(&parallels[0], &params, &t, to);
    int back = 0;
    for (int i = 0; i < W * H; i++)
        back += i % W > 8 && i % W < W - 8 && to[i] < to[i - 1] - 0.05f * step;
    CHECK_INT(back, 0);
    CHECK(to[W / 2 + W] > disp[LW / 2 - 2] && to[W / 2 + W] < disp[LW / 2 + 2]);
    CHECK(guards_stand(to));
    CHECK(free_texture(&t));
}

int check_upsample(const kb3d_kernels *k) {
    static const int sizes[][4] = {{64, 48, 16, 12}, {101, 33, 7, 5}, {1, 1, 1, 1}, {5, 900, 3, 90}, {20, 10, 50, 31}, {9, 9, 1, 1}};
    static const kb3d_texel texels[] = {KB3D_TEXEL_U8, KB3D_TEXEL_U16, KB3D_TEXEL_F32};
    for (int t = 0; t < 3; t++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            one_smooth(k, texels[t], sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
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
    kb3d_upsample_params params;
    kb3d_texture t;
    float *to;
} job;

static void work(void *arg) {
    const job *j = arg;
    j->k->upsample(&parallels[0], &j->params, &j->t, j->to);
}

void bench_upsample(const kb3d_kernels *k) {
    enum { W = 960, H = 540, LW = 192, LH = 108 };
    float *disp = malloc(LW * LH * sizeof *disp), *guide = malloc(3 * LW * LH * sizeof *guide);
    for (int i = 0; i < LW * LH; i++) {
        disp[i] = (i / 20) % 3 ? 0.3f : 0.8f;
        guide[3 * i] = guide[3 * i + 1] = guide[3 * i + 2] = disp[i];
    }
    job j = {k, {disp, LW, LH, guide, 0.1f, 0.06f}, make_texture(KB3D_TEXEL_U8, W, H), guarded(W * H * sizeof(float))};
    measure(k, "upsample, edges in 30 %", W * H, work, &j);
    guards_stand(j.to);
    free_texture(&j.t);
    free(guide);
    free(disp);
}
