/* area_average. Tolerance: sums of at most some thousand floats below 1, each rounded: 1e-5. */
#include "checkkernels.h"

/* Overlap of [a, a + 1) scaled to the source with [x, x + 1). */
static double overlap(int x, double begin, double end) {
    return fmax(0, fmin(x + 1, end) - fmax(x, begin));
}

static void one(const kb3d_kernels *k, kb3d_texel texel, int channels, int to_channels, int w, int h, int tw, int th) {
    size_t samples = (size_t)w * (size_t)h * (size_t)channels;
    char *from = guarded(samples * texel);
    for (size_t i = 0; i < samples; i++) {
        float v = (float)random_in(-2, 3);
        uint16_t word = (uint16_t)(random_next() % 5 ? random_next() : 0xffff);
        memcpy(from + i * texel, texel == KB3D_TEXEL_F32 ? (void *)&v : (void *)&word, texel);
    }
    for (int p = 0; p < PARALLELS; p++) {
        float *to = guarded((size_t)tw * (size_t)th * (size_t)to_channels * sizeof *to);
        k->area_average(&parallels[p], from, texel, channels, w, h, to, to_channels, tw, th);
        double worst = 0;
        for (int y = 0; y < th; y++)
            for (int x = 0; x < tw; x++)
                for (int c = 0; c < to_channels; c++) {
                    double x0 = (double)x * w / tw, x1 = (double)(x + 1) * w / tw, sum = 0;
                    double y0 = (double)y * h / th, y1 = (double)(y + 1) * h / th;
                    for (int sy = (int)y0; sy < h && sy < y1; sy++)
                        for (int sx = (int)x0; sx < w && sx < x1; sx++)
                            sum += overlap(sx, x0, x1) * overlap(sy, y0, y1) *
                                   texel_at(from, texel, ((ptrdiff_t)sy * w + sx) * channels + (channels < 3 ? 0 : c));
                    double want = sum / ((x1 - x0) * (y1 - y0)) / texel_one(texel);
                    worst = fmax(worst, fabs(to[(y * tw + x) * to_channels + c] - want));
                }
        if (!CHECK(worst < 1e-5))
            fprintf(stderr, "    %s: %dx%dx%d of %d bytes to %dx%dx%d: off by %g\n", k->simd, w, h, channels, (int)texel,
                    tw, th, to_channels, worst);
        CHECK(guards_stand(to));
    }
    CHECK(guards_stand(from));
}

int check_area(const kb3d_kernels *k) {
    static const int sizes[][4] = {{1, 1, 1, 1}, {7, 5, 7, 5}, {7, 5, 3, 2}, {1, 50, 1, 7}, {300, 3, 31, 2},
                                   {64, 48, 16, 16}, {5, 3, 9, 8}, {1, 1, 4, 3}, {777, 20, 100, 20}, {33, 31, 32, 30}};
    static const kb3d_texel texels[] = {KB3D_TEXEL_U8, KB3D_TEXEL_U16, KB3D_TEXEL_F32};
    for (int t = 0; t < 3; t++)
        for (int channels = 1; channels <= 4; channels++)
            for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                one(k, texels[t], channels, 3, sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
                if (channels < 3)
                    one(k, texels[t], channels, 1, sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
            }
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    uint8_t *from;
    float *to;
} job;

static void work(void *arg) {
    const job *j = arg;
    j->k->area_average(&parallels[0], j->from, KB3D_TEXEL_U8, 3, 960, 540, j->to, 3, 384, 216);
}

void bench_area(const kb3d_kernels *k) {
    job j = {k, guarded(960 * 540 * 3), guarded(384 * 216 * 3 * sizeof(float))};
    measure(k, "area_average u8 to 384x216", 960 * 540, work, &j);
    guards_stand(j.from);
    guards_stand(j.to);
}
