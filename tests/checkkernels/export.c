/*
 * export_color. Packed formats: half a level, and a hundredth for the floats in between. YCbCr: coefficients
 * of 16 bits, so 0.51 and 0.02 of a level; through other texels the colours are rounded to 8 bit first, which
 * adds up to one level.
 */
#include "checkkernels.h"

enum { GAP = 5 };

static double transfer(double v, int from_linear, int to_linear) { /* IEC 61966-2-1 */
    if (from_linear == to_linear)
        return v;
    if (from_linear)
        return v <= 0 ? 0 : v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
    return v <= 0 ? 0 : v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double clamp01(double v) {
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* Straight colour of a pixel as the format shows it. */
static void color_of(const kb3d_planes *p, int i, int linear, int to_linear, int keeps_alpha, double rgba[4]) {
    double one = texel_one(p->texel);
    for (int c = 0; c < 4; c++)
        rgba[c] = texel_at(p->color, p->texel, 4 * i + c) / one;
    for (int c = 0; c < 3; c++)
        rgba[c] = transfer(keeps_alpha && rgba[3] > 0 && rgba[3] < 1 ? rgba[c] / rgba[3] : rgba[c], linear, to_linear);
}

static double yuv_of(const double rgb[3], int plane) { /* ITU-R BT.709, limited range */
    double y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
    return plane == 0 ? 16 + 219 * y : plane == 1 ? 128 + 224 * (rgb[2] - y) / 1.8556 : 128 + 224 * (rgb[0] - y) / 1.5748;
}

static double yuv_want(const kb3d_planes *p, int linear, int to_linear, int plane, int x, int y) {
    double sum[3] = {0}, rgba[4];
    if (plane == 0) {
        color_of(p, y * p->width + x, linear, to_linear, 0, rgba);
        for (int c = 0; c < 3; c++)
            sum[c] = clamp01(rgba[c]);
        return yuv_of(sum, 0);
    }
    for (int dy = 0; dy < 2; dy++)
        for (int dx = -1; dx < 2; dx++) {
            int px = 2 * x + dx, py = 2 * y + dy;
            px = px < 0 ? 0 : px >= p->width ? p->width - 1 : px;
            py = py >= p->height ? p->height - 1 : py;
            color_of(p, py * p->width + px, linear, to_linear, 0, rgba);
            for (int c = 0; c < 3; c++)
                sum[c] += clamp01(rgba[c]) * (dx ? 1 : 2) / 8;
        }
    return yuv_of(sum, plane);
}

static void one(const kb3d_kernels *k, kb3d_format format, kb3d_texel texel, int w, int h, int turned, int linear,
                int to_linear, int opaque) {
    int yuv = format == KB3D_FORMAT_I420 || format == KB3D_FORMAT_NV12;
    int bytes = format == KB3D_FORMAT_RGB16 || format == KB3D_FORMAT_RGBA16 ? 2
                : format == KB3D_FORMAT_RGBF32 || format == KB3D_FORMAT_RGBAF32 ? 4 : 1;
    int swapped = format == KB3D_FORMAT_BGR8 || format == KB3D_FORMAT_BGRA8, grey = format == KB3D_FORMAT_GRAY8;
    int keeps = format == KB3D_FORMAT_RGBA8 || format == KB3D_FORMAT_BGRA8 || format == KB3D_FORMAT_RGBA16 ||
                format == KB3D_FORMAT_RGBAF32;
    int channels = grey || yuv ? 1 : keeps ? 4 : 3, planes = format == KB3D_FORMAT_I420 ? 3 : yuv ? 2 : 1;
    size_t pixels = (size_t)w * (size_t)h;
    kb3d_planes p = {.width = w, .height = h, .texel = texel, .color = guarded(pixels * 4 * texel)};
    for (size_t i = 0; i < pixels; i++) {
        double alpha = opaque ? 1 : random_next() % 3 ? 1 : random_in(0, 1);
        for (int c = 0; c < 4; c++) {
            double v = c == 3 ? alpha : alpha * random_in(texel == KB3D_TEXEL_F32 ? -0.2 : 0, texel == KB3D_TEXEL_F32 ? 1.3 : 1);
            size_t at = 4 * i + (size_t)c;
            if (texel == KB3D_TEXEL_F32)
                ((float *)p.color)[at] = (float)v;
            else if (texel == KB3D_TEXEL_U16)
                ((uint16_t *)p.color)[at] = (uint16_t)(v * 65535 + 0.5);
            else
                ((uint8_t *)p.color)[at] = (uint8_t)(v * 255 + 0.5);
        }
    }
    kb3d_pixels to = {.format = format, .width = w, .height = h};
    void *memory[3];
    for (int i = 0; i < planes; i++) {
        int rows = i ? (h + 1) / 2 : h, columns = i ? (w + 1) / 2 * (planes == 2 ? 2 : 1) : w * channels * bytes;
        ptrdiff_t stride = columns + GAP * bytes;
        memory[i] = guarded((size_t)stride * (size_t)rows);
        to.stride[i] = turned ? -stride : stride;
        to.data[i] = turned ? (char *)memory[i] + stride * (rows - 1) : memory[i];
    }
    k->export_color(&parallels[2], &p, linear, to_linear, &to);
    double worst = 0, most = 0.512;
    int beside = 0;
    for (int plane = 0; plane < (yuv ? 3 : 1); plane++)
        for (int y = 0; y < (plane ? (h + 1) / 2 : h); y++) {
            int at_plane = plane && planes == 2 ? 1 : plane, columns = plane ? (w + 1) / 2 : w;
            const uint8_t *row = (const uint8_t *)to.data[at_plane] + y * to.stride[at_plane];
            for (int x = 0; x < columns; x++) {
                if (yuv) {
                    int got = row[plane && planes == 2 ? 2 * x + plane - 1 : x];
                    worst = fmax(worst, fabs(got - yuv_want(&p, linear, to_linear, plane, x, y)));
                    most = texel == KB3D_TEXEL_U8 && linear == to_linear ? 0.53 : 1.53;
                    continue;
                }
                double rgba[4], full = bytes == 1 ? 255 : bytes == 2 ? 65535 : 1;
                color_of(&p, y * w + x, linear, to_linear, keeps, rgba);
                if (grey)
                    rgba[0] = 0.2126 * rgba[0] + 0.7152 * rgba[1] + 0.0722 * rgba[2];
                for (int c = 0; c < channels; c++) {
                    double want = rgba[swapped && c < 3 ? 2 - c : c], got = texel_at(row, (kb3d_texel)bytes, x * channels + c);
                    if (bytes < 4)
                        want = clamp01(want) * full;
                    worst = fmax(worst, fabs(got - want));
                    /* floats of 24 bits: 65535 has room for 1/256 of a level; and powf's last bits */
                    most = bytes == 4 ? 1e-5 : bytes == 2 ? 1.0 : 0.512;
                }
            }
            int used = yuv ? plane && planes == 2 ? 2 * columns : columns : w * channels * bytes;
            for (int i = used; i < used + GAP * bytes; i++)
                beside += row[i] != 0x5b;
        }
    if (!CHECK(worst <= most) || !CHECK_INT(beside, 0))
        fprintf(stderr, "    format %d from %d bytes, %dx%d, linear %d to %d at %s: off by %g\n", (int)format, (int)texel, w,
                h, linear, to_linear, k->simd, worst);
    for (int i = 0; i < planes; i++)
        CHECK(guards_stand(memory[i]));
    CHECK(guards_stand(p.color));
}

int check_export(const kb3d_kernels *k) {
    static const kb3d_format formats[] = {KB3D_FORMAT_GRAY8, KB3D_FORMAT_RGB8, KB3D_FORMAT_BGR8, KB3D_FORMAT_RGBA8,
                                          KB3D_FORMAT_BGRA8, KB3D_FORMAT_RGB16, KB3D_FORMAT_RGBA16, KB3D_FORMAT_RGBF32,
                                          KB3D_FORMAT_RGBAF32, KB3D_FORMAT_I420, KB3D_FORMAT_NV12};
    static const kb3d_texel texels[] = {KB3D_TEXEL_U8, KB3D_TEXEL_U16, KB3D_TEXEL_F32};
    static const int sizes[][2] = {{1, 1}, {2, 2}, {7, 5}, {33, 4}, {256, 2}, {259, 3}, {1, 9}, {513, 1}};
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
        for (int t = 0; t < 3; t++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
                for (int i = 0; i < 16; i++)
                    if (i % 4 == 0 || s < 4)
                        one(k, formats[f], texels[t], sizes[s][0], sizes[s][1], i & 1, i >> 1 & 1, i >> 2 & 1, i >> 3);
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    kb3d_planes p;
    kb3d_pixels to;
} job;

static void work(void *arg) {
    const job *j = arg;
    j->k->export_color(&parallels[0], &j->p, 0, 0, &j->to);
}

void bench_export(const kb3d_kernels *k) {
    enum { W = 960, H = 540 };
    job j = {k, {.width = W, .height = H, .texel = KB3D_TEXEL_U8, .color = guarded(4 * W * H)},
             {.format = KB3D_FORMAT_I420, .width = W, .height = H, .stride = {W, W / 2, W / 2}}};
    uint8_t *room = guarded(4 * W * H);
    memset(j.p.color, 0xff, 4 * W * H);
    j.to.data[0] = room;
    j.to.data[1] = room + W * H;
    j.to.data[2] = room + W * H + W * H / 4;
    measure(k, "export_color i420", W * H, work, &j);
    j.to.format = KB3D_FORMAT_RGBA8;
    j.to.stride[0] = 4 * W;
    measure(k, "export_color rgba8", W * H, work, &j);
    guards_stand(room);
    guards_stand(j.p.color);
}
