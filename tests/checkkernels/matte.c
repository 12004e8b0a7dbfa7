/*
 * matte_find, matte_split: what math/matte.h and kernels.h promise. The nearer layer over the farther one gives 8 bit
 * colours again exactly, by the renderer's own rounding, and others within a step of 16 bits, as they are divided and
 * multiplied by the share. Shares and colours of a drawn disc are known, but for the noise that is taken off either end
 * of a share, and pixels that lie beside a tear by two and more and so tell little: a tenth of the colours' difference.
 */
#include "checkkernels.h"

#include <math/sample.h>

split run_split(const kb3d_kernels *k, const kb3d_parallel *par, const kb3d_texture *picture, const float *disp,
                const kb3d_matte_params *params) {
    int w = picture->width, h = picture->height;
    size_t pixels = (size_t)w * (size_t)h, texels = (size_t)picture->stride * (size_t)(h + 2 * KB3D_APRON) + 1;
    split s = {.before = make_texture(picture->texel, w, h), .behind = make_texture(picture->texel, w, h)};
    ptrdiff_t apron = 4 * (ptrdiff_t)picture->texel * (KB3D_APRON * picture->stride + KB3D_APRON);
    memcpy((char *)s.before.data - apron, (const char *)picture->data - apron, texels * 4 * (size_t)picture->texel);
    s.disp = guarded(pixels * sizeof *s.disp);
    s.before_disp = guarded(pixels * sizeof *s.disp);
    s.behind_disp = guarded(pixels * sizeof *s.disp);
    s.soft = guarded(pixels);
    s.mask = guarded(pixels);
    memcpy(s.disp, disp, pixels * sizeof *disp);
    memcpy(s.before_disp, disp, pixels * sizeof *disp);
    memset(s.soft, 0, pixels);
    memset(s.mask, 0, pixels);
    void *memory = guarded(k->matte_bytes(w, h));
    kb3d_matte m = {*params, &s.before, s.disp, s.before_disp, s.soft, &s.behind, s.behind_disp, s.mask};
    s.found = k->matte_find(par, &m, memory);
    k->matte_split(par, &m, memory);
    CHECK(guards_stand(memory));
    CHECK(!memcmp(s.disp, disp, pixels * sizeof *disp));
    return s;
}

int free_split(split *s) {
    return free_texture(&s->before) & free_texture(&s->behind) & guards_stand(s->disp) & guards_stand(s->before_disp) &
           guards_stand(s->behind_disp) & guards_stand(s->soft) & guards_stand(s->mask);
}

static double texel(const kb3d_texture *t, int x, int y, int c) {
    return texel_at(t->data, t->texel, 4 * (y * t->stride + x) + c);
}

/* One layer over the other. */
static double over(const split *s, int x, int y, int c) {
    double alpha = texel(&s->before, x, y, 3) / texel_one(s->before.texel), near = texel(&s->before, x, y, c);
    if (s->before.texel == KB3D_TEXEL_U8)
        return kb3d_blend_u8((int)near, (int)texel(&s->behind, x, y, c), 255, (int)texel(&s->before, x, y, 3));
    return near + (1 - alpha) * texel(&s->behind, x, y, c);
}

static void check_promises(const kb3d_kernels *k, const split *s, const kb3d_texture *picture, float jump, int reach) {
    int w = picture->width, h = picture->height, wrong_color = 0, no_behind = 0, changed = 0, unguarded = 0;
    double one = texel_one(picture->texel), step = picture->texel == KB3D_TEXEL_U8 ? 0 : one / 65535 + 1e-6;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int i = y * w + x, is_through = texel(&s->before, x, y, 3) < one, is_beside = 0, is_torn = 0;
            for (int c = 0; c < 3; c++) {
                double want = texel(picture, x, y, c), got = is_through ? over(s, x, y, c) : texel(&s->before, x, y, c);
                wrong_color += fabs(want - got) > step;
            }
            no_behind += is_through && (!s->mask[i] || s->soft[i] < KB3D_SOFT);
            for (int qy = y - reach - 2; qy <= y + reach + 2; qy++)
                for (int qx = x - reach - 2; qx <= x + reach + 2; qx++)
                    is_beside |= qx >= 0 && qy >= 0 && qx < w && qy < h && fabsf(s->disp[qy * w + qx] - s->disp[i]) > jump;
            for (int n = 0; n < 25; n++) {
                int qx = x + n % 5 - 2, qy = y + n / 5 - 2;
                is_torn |= qx >= 0 && qy >= 0 && qx < w && qy < h &&
                           fabsf(s->before_disp[qy * w + qx] - s->before_disp[i]) > jump;
            }
            changed += !is_beside && (is_through || s->before_disp[i] != s->disp[i]);
            unguarded += is_torn && s->soft[i] == KB3D_SOFT_NONE;
        }
    if (!CHECK(!wrong_color && !no_behind && !changed && !unguarded))
        fprintf(stderr, "    %dx%d of %d bytes at %s: %d wrong colours, %d with nothing behind, %d changed, %d unguarded\n",
                w, h, (int)picture->texel, k->simd, wrong_color, no_behind, changed, unguarded);
}

/* For the other ways to run in parallel the same bytes, and at every level. */
void check_same_split(const split *a, const split *b, int w, int h) {
    size_t pixels = (size_t)w * (size_t)h;
    CHECK(a->found == b->found && !memcmp(a->before_disp, b->before_disp, pixels * 4) &&
          !memcmp(a->soft, b->soft, pixels) && !memcmp(a->mask, b->mask, pixels));
    for (size_t i = 0; i < pixels; i++)
        if (a->mask[i] && !CHECK(a->behind_disp[i] == b->behind_disp[i]))
            return;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            for (int c = 0; c < 4; c++)
                if (!CHECK(texel(&a->before, x, y, c) == texel(&b->before, x, y, c) &&
                           (!a->mask[y * w + x] || texel(&a->behind, x, y, c) == texel(&b->behind, x, y, c))))
                    return;
}

void set_texel(const kb3d_texture *t, int x, int y, int c, double v) {
    ptrdiff_t at = 4 * (y * t->stride + x) + c;
    if (t->texel == KB3D_TEXEL_U8)
        ((uint8_t *)t->data)[at] = (uint8_t)(255 * v + 0.5);
    else if (t->texel == KB3D_TEXEL_U16)
        ((uint16_t *)t->data)[at] = (uint16_t)(65535 * v + 0.5);
    else
        ((float *)t->data)[at] = (float)v;
}

static void check_random(const kb3d_kernels *k, kb3d_texel type, int w, int h, int kind) {
    float *disp = malloc((size_t)w * (size_t)h * sizeof *disp);
    kb3d_texture picture = make_texture(type, w, h);
    kb3d_matte_params params = {.jump = 0.05f, .reach = 2 + kind * 3, .is_blurred = kind > 0, .most = 1};
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int block = (x / 11 * 7 + y / 9 * 5) % 6;
            disp[y * w + x] = kind == 1 ? (float)random_in(0, 1) : 0.1f + 0.15f * (float)block + 0.001f * (float)x;
            for (int c = 0; c < 3 && kind != 1; c++)
                set_texel(&picture, x, y, c, (0.1 + 0.15 * ((block * (c + 1)) % 6) + random_in(0, 0.05)));
            set_texel(&picture, x, y, 3, 1);
        }
    k->fill_apron(&picture);
    split first = run_split(k, &parallels[0], &picture, disp, &params);
    check_promises(k, &first, &picture, params.jump, params.reach);
    for (int par = 1; par < PARALLELS; par++) {
        split other = run_split(k, &parallels[par], &picture, disp, &params);
        check_same_split(&first, &other, w, h);
        CHECK(free_split(&other));
    }
    check_same_everywhere(first.before_disp, (size_t)w * (size_t)h);
    CHECK(free_split(&first));
    CHECK(free_texture(&picture));
    free(disp);
}

/* A smooth-edged disc of one colour before another one, whose depth ends `off` pixels outside of its edge. */
static void check_disc(const kb3d_kernels *k, double off, const kb3d_matte_params *params) {
    enum { SIDE = 61 };
    static const double near[3] = {0.85, 0.3, 0.1}, far[3] = {0.15, 0.4, 0.8};
    static float disp[SIDE * SIDE];
    kb3d_texture picture = make_texture(KB3D_TEXEL_U8, SIDE, SIDE);
    double worst_share = 0, worst_far = 0, share[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
        double r = hypot(i % SIDE - 30, i / SIDE - 30);
        share[i] = fmin(fmax(18.5 - r, 0), 1);
        disp[i] = r < 18 + off ? 1 : 0.2f;
        for (int c = 0; c < 4; c++)
            set_texel(&picture, i % SIDE, i / SIDE, c, c == 3 ? 1 : far[c] + share[i] * (near[c] - far[c]));
    }
    k->fill_apron(&picture);
    split s = run_split(k, &parallels[0], &picture, disp, params);
    check_promises(k, &s, &picture, params->jump, params->reach);
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = i % SIDE, y = i / SIDE;
        double seen = s.before_disp[i] > 0.5f ? texel(&s.before, x, y, 3) / 255 : 0;
        worst_share = fmax(worst_share, fabs(seen - share[i]));
        for (int c = 0; c < 3 && s.mask[i]; c++)
            worst_far = fmax(worst_far, fabs(texel(&s.behind, x, y, c) / 255 - far[c]));
    }
    if (!CHECK(worst_share < 0.07) || !CHECK(worst_far < 0.05))
        fprintf(stderr, "    a disc's depth off by %g at %s: shares off by %.3f, the far colour by %.3f\n", off, k->simd,
                worst_share, worst_far);
    CHECK(free_split(&s));
    CHECK(free_texture(&picture));
}

int check_matte(const kb3d_kernels *k) {
    static const int sizes[][2] = {{1, 1}, {2, 3}, {17, 5}, {64, 33}, {1, 40}, {131, 20}};
    static const kb3d_matte_params exact = {0.1f, 2, 0, 1}, estimated = {0.1f, 6, 1, 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < 3; kind++) {
            check_random(k, KB3D_TEXEL_U8, sizes[i][0], sizes[i][1], kind);
            check_random(k, KB3D_TEXEL_U16, sizes[i][0], sizes[i][1], kind);
            check_random(k, KB3D_TEXEL_F32, sizes[i][0], sizes[i][1], kind);
        }
    check_disc(k, 0, &exact);
    for (int off = -2; off <= 2; off++)
        check_disc(k, off, &estimated);
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    kb3d_matte matte;
    void *memory;
} job;

static void work(void *arg) {
    const job *j = arg;
    j->k->matte_find(&parallels[0], &j->matte, j->memory);
    j->k->matte_split(&parallels[0], &j->matte, j->memory);
}

void bench_matte(const kb3d_kernels *k) {
    enum { W = 960, H = 540 };
    kb3d_texture before = make_texture(KB3D_TEXEL_U8, W, H), behind = make_texture(KB3D_TEXEL_U8, W, H);
    float *disp = malloc(3 * W * H * sizeof *disp);
    uint8_t *planes = calloc(2, W * H);
    for (int i = 0; i < W * H; i++)
        disp[i] = disp[W * H + i] = hypot(i % W % 240 - 120, i / W % 180 - 90) < 60 ? 1 : 0.2f;
    job j = {k, {{0.05f, 6, 1}, &before, disp, disp + W * H, planes, &behind, disp + 2 * W * H, planes + W * H},
             guarded(k->matte_bytes(W, H))};
    measure(k, "matte", W * H, work, &j);
    guards_stand(j.memory);
    free(planes);
    free(disp);
    free_texture(&behind);
    free_texture(&before);
}
