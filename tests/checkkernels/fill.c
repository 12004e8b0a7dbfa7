/*
 * fill and smooth. fill against scenes whose answer is known, exactly, and against what must hold for any
 * frame; smooth against its formula (8 bit: rounding may go the other way, one level; inverse depth: 1e-5).
 */
#include "checkkernels.h"

static kb3d_planes make_planes(int w, int h, kb3d_texel texel) {
    size_t pixels = (size_t)w * (size_t)h;
    kb3d_planes p = {.width = w, .height = h, .texel = texel, .color = guarded(pixels * 4 * texel),
                     .disp = guarded(pixels * sizeof(float)), .cover = guarded(pixels), .painted = guarded(pixels)};
    memset(p.painted, 0, pixels);
    return p;
}

static int free_planes(kb3d_planes *p) {
    return guards_stand(p->color) & guards_stand(p->disp) & guards_stand(p->cover) & guards_stand(p->painted);
}

/* A near block of 200, a hole at its right, a far wall of 60: the wall goes on behind. */
static void check_background(const kb3d_kernels *k, int mirror, int under, int turned) {
    enum { W = 90, H = 30 };
    int w = turned ? H : W, h = turned ? W : H;
    kb3d_planes p = make_planes(w, h, KB3D_TEXEL_U8);
    for (int i = 0; i < w * h; i++) {
        int x = turned ? i / w : i % w, near = x >= 20 && x < 40, hole = x >= 40 && x < 52, fringe = x == 40;
        memset((uint8_t *)p.color + 4 * i, near ? 200 : hole ? fringe ? 100 : 0 : 60, 4);
        p.disp[i] = near || fringe ? 1 : hole ? 0 : 0.2f;
        p.cover[i] = fringe ? 128 : hole ? 0 : 255;
    }
    kb3d_fill_params params = {.epipole = {-100, 0, 0}, .jump = 0.1f, .reach = 384, .mirror = mirror, .under = under};
    if (turned) {
        params.epipole[0] = 0;
        params.epipole[1] = 70;
    }
    uint8_t *cover = malloc((size_t)(w * h));
    memcpy(cover, p.cover, (size_t)(w * h));
    k->fill(&parallels[2], &p, &params);
    int wrong = 0;
    for (int i = 0; i < w * h; i++) {
        int x = turned ? i / w : i % w, near = x >= 20 && x < 40, hole = x >= 40 && x < 52, fringe = x == 40;
        int want = near ? 200 : fringe && !under ? 100 + 30 : 60; /* half of the wall below a half cover */
        float disp = near || (fringe && cover[i] >= 128) ? 1 : 0.2f;
        for (int c = 0; c < 4; c++)
            wrong += abs(((uint8_t *)p.color)[4 * i + c] - want) > (fringe && !under);
        wrong += (p.painted[i] == KB3D_FILLED) != hole;
        wrong += !(fringe && under) && p.disp[i] != disp;
        wrong += p.cover[i] != cover[i];
    }
    if (!CHECK_INT(wrong, 0))
        fprintf(stderr, "    mirror %d, under %d, turned %d at %s\n", mirror, under, turned, k->simd);
    free(cover);
    CHECK(free_planes(&p));
}

/* Any frame: known pixels stay, the others get a colour from among the known ones. */
static void check_any(const kb3d_kernels *k, kb3d_texel texel, int w, int h, int share, int mirror) {
    kb3d_planes p = make_planes(w, h, texel), first = make_planes(w, h, texel);
    size_t pixels = (size_t)w * (size_t)h;
    double low = 1e30, high = -1e30;
    for (size_t i = 0; i < 4 * pixels; i++) {
        float v = (float)random_in(20, 90);
        uint8_t byte = (uint8_t)v;
        uint16_t word = (uint16_t)(100 * v);
        int known = i % 4 ? first.cover[i / 4] == 255 : (int)(random_next() % 100) >= share;
        if (i % 4 == 0) {
            first.cover[i / 4] = known ? 255 : (uint8_t)(random_next() % 3 ? 0 : random_next() % 255);
            first.disp[i / 4] = known || first.cover[i / 4] ? (float)random_in(0.1, 1) : 0;
        }
        memcpy((char *)first.color + i * texel, texel == KB3D_TEXEL_U8 ? (void *)&byte : texel == KB3D_TEXEL_U16 ? (void *)&word : (void *)&v, texel);
        if (!known && !first.cover[i / 4])
            memset((char *)first.color + i * texel, 0, texel);
        double value = texel_at(first.color, texel, (ptrdiff_t)i);
        if (known) {
            low = fmin(low, value);
            high = fmax(high, value);
        }
    }
    kb3d_fill_params params = {.epipole = {random_in(-9, 9), random_in(-9, 9), random_in(-0.2, 0.2)}, .jump = 0.1f, .reach = 384,
                               .mirror = mirror, .under = 1};
    void *once = NULL;
    for (int par = 0; par < PARALLELS; par++) {
        memcpy(p.color, first.color, pixels * 4 * texel);
        memcpy(p.disp, first.disp, pixels * 4);
        memcpy(p.cover, first.cover, pixels);
        memset(p.painted, 0, pixels);
        k->fill(&parallels[par], &p, &params);
        int wrong = 0, any = high >= low;
        for (size_t i = 0; i < pixels; i++) {
            int known = p.cover[i] == 255;
            wrong += p.cover[i] != first.cover[i] || (any && !known && p.painted[i] != KB3D_FILLED) || (known && p.painted[i]);
            wrong += known && p.disp[i] != first.disp[i];
            for (size_t c = 0; any && c < 4; c++) {
                double v = texel_at(p.color, texel, (ptrdiff_t)(4 * i + c));
                wrong += known ? v != texel_at(first.color, texel, (ptrdiff_t)(4 * i + c))
                               : v < low - 1e-3 || v > high + 1e-3;
            }
        }
        if (!CHECK_INT(wrong, 0))
            fprintf(stderr, "    %dx%d, %d %% open, at %s\n", w, h, share, k->simd);
        if (once)
            CHECK(!memcmp(once, p.color, pixels * 4 * texel));
        else
            memcpy(once = malloc(pixels * 4 * texel), p.color, pixels * 4 * texel);
    }
    free(once);
    CHECK(free_planes(&p));
    CHECK(free_planes(&first));
}

static void check_smooth(const kb3d_kernels *k, kb3d_texel texel, int w, int h, float sigma, float strength) {
    kb3d_planes p = make_planes(w, h, texel), to = make_planes(w, h, texel);
    for (int i = 0; i < w * h; i++) {
        p.cover[i] = random_next() % 3 ? 255 : (uint8_t)(random_next() % 255);
        p.disp[i] = (float)(random_next() % 3) * 0.4f + (float)random_in(0, 0.05);
        for (int c = 0; c < 4; c++) {
            float v = (float)random_in(0, 1);
            if (texel == KB3D_TEXEL_F32)
                ((float *)p.color)[4 * i + c] = v;
            else
                ((uint8_t *)p.color)[4 * i + c] = (uint8_t)(255 * v);
        }
    }
    kb3d_smooth_params params = {.jump = 0.1f, .sigma = sigma, .strength = strength};
    k->smooth(&parallels[1], &p, &params, to.color, to.disp);
    int radius = (int)(2 * sigma + 0.5), wrong = 0;
    radius = radius < 1 ? 1 : radius > KB3D_SMOOTH_RADIUS_MAX ? KB3D_SMOOTH_RADIUS_MAX : radius;
    for (int i = 0; i < w * h; i++) {
        double sum[5] = {0}, norm = 0;
        for (int dy = -radius; dy <= radius; dy++)
            for (int dx = -radius; dx <= radius; dx++) {
                int x = i % w + dx, y = i / w + dy, q = y * w + x;
                if (x < 0 || y < 0 || x >= w || y >= h || fabsf(p.disp[q] - p.disp[i]) > params.jump)
                    continue;
                double weight = exp(-0.5 * (dx * dx + dy * dy) / (sigma * sigma));
                for (int c = 0; c < 4; c++)
                    sum[c] += weight * texel_at(p.color, texel, 4 * q + c);
                sum[4] += weight * p.disp[q];
                norm += weight;
            }
        int known = p.cover[i] == 255;
        for (int c = 0; c < 4; c++) {
            double sharp = texel_at(p.color, texel, 4 * i + c), want = known ? sharp : sharp + (sum[c] / norm - sharp) * strength;
            wrong += fabs(texel_at(to.color, texel, 4 * i + c) - want) > (known ? 0 : texel == KB3D_TEXEL_U8 ? 0.51 : 1e-5);
        }
        wrong += fabs(to.disp[i] - (known ? p.disp[i] : sum[4] / norm)) > (known ? 0 : 1e-5);
    }
    if (!CHECK_INT(wrong, 0))
        fprintf(stderr, "    smooth %dx%d, sigma %g at %s\n", w, h, sigma, k->simd);
    CHECK(free_planes(&p));
    CHECK(free_planes(&to));
}

int check_fill(const kb3d_kernels *k) {
    static const kb3d_texel texels[] = {KB3D_TEXEL_U8, KB3D_TEXEL_U16, KB3D_TEXEL_F32};
    for (int i = 0; i < 8; i++)
        check_background(k, i & 1, i >> 1 & 1, i >> 2);
    for (int t = 0; t < 3; t++)
        for (int mirror = 0; mirror < 2; mirror++) {
            check_any(k, texels[t], 61, 43, 30, mirror);
            check_any(k, texels[t], 37, 40, 95, mirror);
            check_any(k, texels[t], 1, 77, 60, mirror);
            check_any(k, texels[t], 500, 3, 99, mirror);
            check_any(k, texels[t], 1, 1, 100, mirror);
        }
    check_smooth(k, KB3D_TEXEL_U8, 40, 31, 3, 1);
    check_smooth(k, KB3D_TEXEL_U8, 5, 3, 0.4f, 0.5f);
    check_smooth(k, KB3D_TEXEL_F32, 33, 20, 7, 0.8f);
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    kb3d_planes p;
    kb3d_fill_params params;
} job;

static void work(void *arg) {
    job *j = arg;
    j->k->fill(&parallels[0], &j->p, &j->params);
}

void bench_fill(const kb3d_kernels *k) {
    enum { W = 960, H = 540 };
    job j = {k, make_planes(W, H, KB3D_TEXEL_U8), {.epipole = {-100, 10, 0}, .jump = 0.1f, .reach = 384, .mirror = 1}};
    for (int i = 0; i < W * H; i++) {
        j.p.cover[i] = i % W % 100 < 5 ? 0 : 255;
        j.p.disp[i] = i % W % 100 < 50 ? 1 : 0.3f;
    }
    measure(k, "fill, 5 % open", W * H, work, &j);
    free_planes(&j.p);
}
