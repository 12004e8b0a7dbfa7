/*
 * import_texture, fill_apron and halve. Opaque 8 bit and all aprons: exact. Premultiplied values: rounded to
 * nearest, so half a level and a float's last bit.
 */
#include "checkkernels.h"

static const struct {
    kb3d_format format;
    kb3d_texel texel;
    int channels, swapped;
} FORMATS[] = {
    {KB3D_FORMAT_GRAY8, KB3D_TEXEL_U8, 1, 0},   {KB3D_FORMAT_RGB8, KB3D_TEXEL_U8, 3, 0},
    {KB3D_FORMAT_BGR8, KB3D_TEXEL_U8, 3, 1},    {KB3D_FORMAT_RGBA8, KB3D_TEXEL_U8, 4, 0},
    {KB3D_FORMAT_BGRA8, KB3D_TEXEL_U8, 4, 1},   {KB3D_FORMAT_GRAY16, KB3D_TEXEL_U16, 1, 0},
    {KB3D_FORMAT_RGB16, KB3D_TEXEL_U16, 3, 0},  {KB3D_FORMAT_RGBA16, KB3D_TEXEL_U16, 4, 0},
    {KB3D_FORMAT_GRAYF32, KB3D_TEXEL_F32, 1, 0}, {KB3D_FORMAT_RGBF32, KB3D_TEXEL_F32, 3, 0},
    {KB3D_FORMAT_RGBAF32, KB3D_TEXEL_F32, 4, 0},
};

/* Whether the apron repeats the nearest pixel. */
static int apron_repeats(const kb3d_texture *t) {
    size_t pixel = 4 * (size_t)t->texel;
    for (int y = -KB3D_APRON; y < t->height + KB3D_APRON; y++)
        for (int x = -KB3D_APRON; x < t->width + KB3D_APRON; x++) {
            int cx = x < 0 ? 0 : x >= t->width ? t->width - 1 : x, cy = y < 0 ? 0 : y >= t->height ? t->height - 1 : y;
            const char *data = t->data;
            if (memcmp(data + (ptrdiff_t)pixel * (y * t->stride + x), data + (ptrdiff_t)pixel * (cy * t->stride + cx), pixel))
                return 0;
        }
    return 1;
}

static void one_import(const kb3d_kernels *k, int f, int w, int h, int turned, int opaque) {
    int channels = FORMATS[f].channels;
    kb3d_texel texel = FORMATS[f].texel;
    size_t row = (size_t)w * (size_t)channels * texel + 3 * texel;
    char *memory = guarded(row * (size_t)h);
    kb3d_pixels from = {.format = FORMATS[f].format, .width = w, .height = h};
    from.stride[0] = turned ? -(ptrdiff_t)row : (ptrdiff_t)row;
    from.data[0] = turned ? memory + row * (size_t)(h - 1) : memory;
    for (int y = 0; y < h; y++)
        for (int i = 0; i < w * channels; i++) {
            char *at = (char *)from.data[0] + y * from.stride[0] + i * (ptrdiff_t)texel;
            int is_alpha = channels == 4 && i % 4 == 3;
            float v = is_alpha ? opaque ? 1 : (float)random_in(0, 1) : (float)random_in(-1, 4);
            uint16_t word = (uint16_t)random_next();
            if (is_alpha && opaque)
                word = 0xffff;
            memcpy(at, texel == KB3D_TEXEL_F32 ? (void *)&v : (void *)&word, texel);
        }
    kb3d_texture to = make_texture(texel, w, h);
    int has_alpha = k->import_texture(&parallels[1], &from, &to), transparent = 0;
    double worst = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const void *at = (char *)from.data[0] + y * from.stride[0];
            double one = texel_one(texel), alpha = channels == 4 ? texel_at(at, texel, 4 * x + 3) : one;
            transparent |= alpha < one;
            for (int c = 0; c < 4; c++) {
                int source = channels == 1 ? 0 : FORMATS[f].swapped ? 2 - c : c;
                double want = c == 3 ? alpha : texel_at(at, texel, x * channels + source) * alpha / one;
                double off = fabs(texel_at(to.data, texel, 4 * (y * to.stride + x) + c) - want);
                worst = fmax(worst, alpha < one ? off : off * 1e6);
            }
        }
    if (!CHECK(worst <= (texel == KB3D_TEXEL_F32 ? 1e-6 : 0.502)) || !CHECK_INT(has_alpha, transparent))
        fprintf(stderr, "    format %d, %dx%d at %s: off by %g\n", (int)FORMATS[f].format, w, h, k->simd, worst);
    CHECK(apron_repeats(&to));
    CHECK(free_texture(&to));
    CHECK(guards_stand(memory));
}

static int ascending(const void *a, const void *b) {
    return *(const float *)a < *(const float *)b ? -1 : *(const float *)a > *(const float *)b;
}

static void one_halve(const kb3d_kernels *k, kb3d_texel texel, int w, int h) {
    int hw = (w + 1) / 2, hh = (h + 1) / 2, wrong = 0;
    const float jump = 0.1f;
    kb3d_texture from = make_texture(texel, w, h), to = make_texture(texel, hw, hh);
    float *disp = guarded((size_t)w * (size_t)h * sizeof *disp), *half = guarded((size_t)hw * (size_t)hh * sizeof *half);
    for (int i = 0; i < w * h; i++)
        disp[i] = (float)(random_next() % 3) * 0.3f + (float)random_in(0, 0.09);
    k->halve(&parallels[2], &from, disp, jump, &to, half);
    for (int y = 0; y < hh; y++)
        for (int x = 0; x < hw; x++) {
            float four[4], sorted[4];
            ptrdiff_t at[4];
            for (int i = 0; i < 4; i++) { /* the last row and column count twice when there is no other */
                int px = 2 * x + (i & 1) < w ? 2 * x + (i & 1) : w - 1, py = 2 * y + (i >> 1) < h ? 2 * y + (i >> 1) : h - 1;
                four[i] = sorted[i] = disp[py * w + px];
                at[i] = 4 * (py * from.stride + px);
            }
            qsort(sorted, 4, sizeof *sorted, ascending);
            float want_disp = sorted[2];
            if (sorted[2] - sorted[1] > jump) { /* two and two: a thick thing ends on its right or lower side */
                int left = four[0] > sorted[1] && four[2] > sorted[1], top = four[0] > sorted[1] && four[1] > sorted[1];
                float beyond = left && x ? disp[2 * y * w + 2 * x - 1] : !left && top && y ? disp[(2 * y - 1) * w + 2 * x] : 9;
                if (fabsf(beyond - sorted[2]) <= jump)
                    want_disp = sorted[1];
            }
            wrong += half[y * hw + x] != want_disp;
            for (int c = 0; c < 4; c++) {
                double sum = 0;
                int count = 0;
                for (int i = 0; i < 4; i++)
                    if (!(fabsf(four[i] - want_disp) > jump)) {
                        sum += texel_at(from.data, texel, at[i] + c);
                        count++;
                    }
                double got = texel_at(to.data, texel, 4 * (y * to.stride + x) + c);
                wrong += fabs(got - sum / count) > (texel == KB3D_TEXEL_F32 ? 1e-6 : 0.502);
            }
        }
    if (!CHECK_INT(wrong, 0))
        fprintf(stderr, "    halve %dx%d of %d bytes at %s\n", w, h, (int)texel, k->simd);
    CHECK(apron_repeats(&to));
    CHECK(free_texture(&from));
    CHECK(free_texture(&to));
    CHECK(guards_stand(disp));
    CHECK(guards_stand(half));
}

int check_textures(const kb3d_kernels *k) {
    static const int sizes[][2] = {{1, 1}, {2, 3}, {17, 5}, {64, 9}, {1, 40}, {131, 2}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int f = 0; f < (int)(sizeof FORMATS / sizeof *FORMATS); f++)
            for (int i = 0; i < 4; i++)
                one_import(k, f, sizes[s][0], sizes[s][1], i & 1, i >> 1);
        one_halve(k, KB3D_TEXEL_U8, sizes[s][0], sizes[s][1]);
        one_halve(k, KB3D_TEXEL_U16, sizes[s][0], sizes[s][1]);
        one_halve(k, KB3D_TEXEL_F32, sizes[s][0], sizes[s][1]);
    }
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    kb3d_pixels from;
    kb3d_texture texture, half;
    float *disp, *half_disp;
} job;

static void import_work(void *arg) {
    const job *j = arg;
    j->k->import_texture(&parallels[0], &j->from, &j->texture);
}

static void halve_work(void *arg) {
    const job *j = arg;
    j->k->halve(&parallels[0], &j->texture, j->disp, 0.1f, &j->half, j->half_disp);
}

void bench_textures(const kb3d_kernels *k) {
    enum { W = 960, H = 540 };
    job j = {.k = k, .texture = make_texture(KB3D_TEXEL_U8, W, H), .half = make_texture(KB3D_TEXEL_U8, W / 2, H / 2)};
    j.from = (kb3d_pixels){.format = KB3D_FORMAT_RGB8, .width = W, .height = H, .stride = {3 * W}};
    j.from.data[0] = guarded(3 * W * H);
    j.disp = calloc(W * H, sizeof *j.disp);
    j.half_disp = calloc(W * H / 4, sizeof *j.half_disp);
    measure(k, "import_texture rgb8", W * H, import_work, &j);
    measure(k, "halve u8", W * H, halve_work, &j);
    free(j.disp);
    free(j.half_disp);
    guards_stand(j.from.data[0]);
    free_texture(&j.texture);
    free_texture(&j.half);
}
