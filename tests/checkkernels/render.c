/*
 * render: every pixel against every patch, in double precision.
 *
 * Tolerance. Which patch is seen is exact, but where two lie within a float's rounding of each other or a
 * pixel's centre within it of a patch's end: at most 1 pixel in 200 may differ. Positions are kept at 1/256
 * pixel, one step of which changes noise by up to 3 % of its range when it rounds the other way (the filter's
 * slope is at most some 1.5 a pixel in each direction, over four values): 8 of 255, and a mean below 0.6.
 * Beside tears an edge pixel and its neighbour one pixel further in overlap at the same depth, either may win by
 * a rounding, and the neighbour's filter reaches over the tear with its small outer weights: 1 in 50.
 */
#include "checkkernels.h"

enum { REFERENCE_LAYERS = 2, PARTS_MAX = 64 };

typedef struct seen {
    double disp;
    int layer, cover; /* layer -1: nothing; cover 0..255 */
    double u, v;      /* in the layer, pixel centres at +0.5 */
    const kb3d_patch *edge; /* beside a tear: shows the colour of its own block only, which has but one */
} seen;

static void invert(const double m[9], double out[9]) {
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
            out[3 * i + j] = m[3 * a + c] * m[3 * b + d] - m[3 * a + d] * m[3 * b + c];
        }
    double det = m[0] * out[0] + m[1] * out[3] + m[2] * out[6];
    for (int i = 0; i < 9; i++)
        out[i] /= det;
}

/* The nearest whole cover at a pixel, and before it the two nearest surfaces that cover it partly or are seen through:
   the nearest point of all, and the nearest that lies more than a jump behind that. */
static void look(const kb3d_layer *layers, int count, int x, int y, seen *solid, seen fringe[2]) {
    static seen parts[PARTS_MAX];
    int part_count = 0;
    solid->layer = fringe[0].layer = fringe[1].layer = -1;
    solid->disp = fringe[0].disp = fringe[1].disp = -1;
    for (int l = 0; l < count; l++)
        for (uint32_t i = 0; i < layers[l].surface->patch_count; i++) {
            const kb3d_patch *p = &layers[l].surface->patches[i];
            const kb3d_warp *w = &layers[l].warp;
            double c[2] = {p->x + 0.5 * p->size, p->y + 0.5 * p->size}, h[9], inverse[9], q[3];
            for (int r = 0; r < 3; r++) { /* columns: along s, along t, at the centre */
                h[3 * r] = w->a[3 * r] + w->b[r] * p->disp_x;
                h[3 * r + 1] = w->a[3 * r + 1] + w->b[r] * p->disp_y;
                h[3 * r + 2] = w->a[3 * r] * c[0] + w->a[3 * r + 1] * c[1] + w->a[3 * r + 2] + w->b[r] * p->disp;
            }
            invert(h, inverse);
            for (int r = 0; r < 3; r++)
                q[r] = inverse[3 * r] * (x + 0.5) + inverse[3 * r + 1] * (y + 0.5) + inverse[3 * r + 2];
            double s = q[0] / q[2], t = q[1] / q[2], half = 0.5 * p->size;
            double west = p->reach & KB3D_REACH_WEST ? half + 0.5 : half + 0.25;
            double east = p->reach & KB3D_REACH_EAST ? half + 0.5 : half + 0.25;
            double north = p->reach & KB3D_REACH_NORTH ? half + 0.5 : half + 0.25;
            double south = p->reach & KB3D_REACH_SOUTH ? half + 0.5 : half + 0.25;
            if (!(q[2] > 0) || s < -west || s >= east || t < -north || t >= south)
                continue;
            double disp = fmax(0, (p->disp + p->disp_x * s + p->disp_y * t) * q[2]), coverage = 1;
            if (p->is_edge) { /* between the four nearest pixels' centres */
                static const int side[2] = {KB3D_WEST, KB3D_EAST}, above[2] = {KB3D_NORTH, KB3D_SOUTH};
                static const int corner[4] = {KB3D_NORTH_WEST, KB3D_NORTH_EAST, KB3D_SOUTH_WEST, KB3D_SOUTH_EAST};
                double fx = fmin(1, fabs(s)), fy = fmin(1, fabs(t));
                coverage = (1 - fx) * (1 - fy) + fx * (1 - fy) * !!(p->covers & side[s >= 0]) +
                           (1 - fx) * fy * !!(p->covers & above[t >= 0]) +
                           fx * fy * !!(p->covers & corner[2 * (t >= 0) + (s >= 0)]);
            }
            int cover = (int)(coverage * 255 + 0.5), is_solid = cover >= 255 && p->soft < KB3D_SOFT;
            seen here = {disp, l, cover, c[0] + s, c[1] + t, p->is_edge ? p : NULL};
            if (is_solid && disp > solid->disp)
                *solid = here;
            else if (!is_solid && cover >= (p->soft == KB3D_SOFT_END ? 255 : 1) && part_count < PARTS_MAX)
                parts[part_count++] = here;
        }
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < part_count; i++) {
            double jump = layers[parts[i].layer].surface->jump;
            if (parts[i].disp > fringe[k].disp && (!k || parts[i].disp < fringe[0].disp - jump))
                fringe[k] = parts[i];
        }
}

static double cubic(double x) { /* Keys 1981, a = -1/2 */
    x = fabs(x);
    return x < 1 ? 1 - 2.5 * x * x + 1.5 * x * x * x : x < 2 ? 2 - 4 * x + 2.5 * x * x - 0.5 * x * x * x : 0;
}

static double sample(const kb3d_texture *t, double u, double v, int c) {
    int x0 = (int)floor(u - 0.5), y0 = (int)floor(v - 0.5);
    double sum = 0;
    for (int y = y0 - 1; y < y0 + 3; y++)
        for (int x = x0 - 1; x < x0 + 3; x++) {
            int cx = x < 0 ? 0 : x >= t->width ? t->width - 1 : x, cy = y < 0 ? 0 : y >= t->height ? t->height - 1 : y;
            sum += cubic(u - 0.5 - x) * cubic(v - 0.5 - y) * texel_at(t->data, t->texel, 4 * (cy * t->stride + cx) + c);
        }
    return fmin(fmax(sum / texel_one(t->texel), 0), t->texel == KB3D_TEXEL_F32 ? 10 : 1);
}

static double shade(const kb3d_layer *layer, const seen *s, int c) {
    const kb3d_texture *t = layer->texture;
    if (s->edge)
        return texel_at(t->data, t->texel, 4 * (s->edge->y * t->stride + s->edge->x) + c) / texel_one(t->texel);
    double fine = sample(layer->texture, s->u, s->v, c);
    if (!layer->half_share)
        return fine;
    return fine + (sample(layer->half, s->u / 2, s->v / 2, c) - fine) * layer->half_share / 256;
}

static kb3d_planes make_planes(int w, int h, kb3d_texel texel) {
    size_t pixels = (size_t)w * (size_t)h;
    return (kb3d_planes){.width = w, .height = h, .texel = texel, .color = guarded(pixels * 4 * texel),
                         .disp = guarded(pixels * sizeof(float)), .cover = guarded(pixels), .painted = guarded(pixels)};
}

static int free_planes(kb3d_planes *p) {
    return guards_stand(p->color) & guards_stand(p->disp) & guards_stand(p->cover) & guards_stand(p->painted);
}

static void compare(const kb3d_kernels *k, const kb3d_layer *layers, int count, int w, int h, const char *name,
                    int one_in) {
    kb3d_texel texel = layers[0].texture->texel;
    kb3d_planes first = {0};
    for (int par = 0; par < PARALLELS; par++) {
        kb3d_planes p = make_planes(w, h, texel);
        void *scratch = guarded(k->render_scratch(w, parallels[par].threads));
        int64_t holes = k->render(&parallels[par], layers, count, &p, scratch);
        CHECK(guards_stand(scratch));
        if (par) { /* for the other ways to run in parallel: the same bytes */
            size_t pixels = (size_t)w * (size_t)h;
            CHECK(!memcmp(p.color, first.color, pixels * 4 * texel) && !memcmp(p.disp, first.disp, pixels * 4) &&
                  !memcmp(p.cover, first.cover, pixels) && !memcmp(p.painted, first.painted, pixels));
            CHECK(free_planes(&p));
            continue;
        }
        first = p;
        int64_t open = 0;
        int wrong = 0, mean_count = 0;
        double mean = 0;
        for (int i = 0; i < w * h; i++) {
            seen solid, fringe[2];
            look(layers, count, i % w, i / w, &solid, fringe);
            double want[4] = {0}, left = solid.layer < 0, worst = 0, disp = solid.layer < 0 ? 0 : solid.disp;
            int painted = solid.layer >= 0 && layers[solid.layer].is_painted;
            for (int c = 0; c < 4 && solid.layer >= 0; c++)
                want[c] = shade(&layers[solid.layer], &solid, c);
            for (int n = 1; n >= 0; n--) {
                const seen *f = &fringe[n];
                if (!(f->disp > solid.disp))
                    continue;
                double whole = f->cover / 255.0, share = whole;
                if (f->edge && f->edge->soft >= KB3D_SOFT)
                    share *= shade(&layers[f->layer], f, 3);
                for (int c = 0; c < 4; c++)
                    want[c] = want[c] * (1 - share) + shade(&layers[f->layer], f, c) * whole;
                left *= 1 - share;
                if (share * 255 >= 127.5)
                    painted = layers[f->layer].is_painted;
                if (share * 255 >= 127.5 || (solid.layer < 0 && share > 0))
                    disp = f->disp;
            }
            int cover = (int)(255 * (1 - left) + 0.5);
            if (cover >= KB3D_NEARLY_COVERED && cover < 255) {
                for (int c = 0; c < 4; c++)
                    want[c] *= 255.0 / cover;
                cover = 255;
            }
            for (int c = 0; c < 4; c++)
                worst = fmax(worst, fabs(want[c] - texel_at(p.color, texel, 4 * i + c) / texel_one(texel)));
            open += p.cover[i] != 255;
            int same = abs(p.cover[i] - cover) <= 2 && !p.painted[i] == !painted &&
                       fabs(p.disp[i] - disp) <= 1e-4 * (1e-3 + disp) && worst <= 8.0 / 255;
            wrong += !same;
            mean += same ? worst : 0;
            mean_count += same;
        }
        CHECK(open == holes); /* what it answers is what it wrote */
        if (!CHECK(wrong <= w * h / one_in) || !CHECK(mean <= 0.6 / 255 * mean_count))
            fprintf(stderr, "    %s at %s: %d of %d pixels differ, mean %.2f levels\n", name, k->simd, wrong, w * h,
                    255 * mean / mean_count);
    }
    CHECK(free_planes(&first));
}

/* A camera that has moved by (x, y, z) and turned by `angle`, before a layer w * h. */
static kb3d_warp warp_for(int w, int h, double focal, double zoom, double x, double y, double z, double angle, int fw,
                          int fh) {
    kb3d_warp out;
    double c = cos(angle), s = sin(angle), r[9] = {c, 0, s, 0, 1, 0, -s, 0, c}, t[3] = {x, y, z}, f = focal * zoom;
    for (int i = 0; i < 3; i++) { /* R K^-1 and T, then K' */
        out.a[3 * i] = r[3 * i] / focal;
        out.a[3 * i + 1] = r[3 * i + 1] / focal;
        out.a[3 * i + 2] = r[3 * i + 2] - 0.5 * w * r[3 * i] / focal - 0.5 * h * r[3 * i + 1] / focal;
        out.b[i] = t[i];
    }
    for (int j = 0; j < 3; j++) {
        out.a[j] = f * out.a[j] + 0.5 * fw * out.a[6 + j];
        out.a[3 + j] = f * out.a[3 + j] + 0.5 * fh * out.a[6 + j];
    }
    out.b[0] = f * out.b[0] + 0.5 * fw * out.b[2];
    out.b[1] = f * out.b[1] + 0.5 * fh * out.b[2];
    return out;
}

enum { W = 53, H = 37 };

static void check_smooth(const kb3d_kernels *k, kb3d_texel texel, int half_share) {
    static float disp[W * H];
    for (int i = 0; i < W * H; i++)
        disp[i] = (float)(0.5 + 0.004 * (i % W) + 0.02 * sin(0.3 * (i / W)));
    kb3d_surface s = {.width = W, .height = H, .jump = 0.5f, .tolerance = 0.002f, .disp = disp};
    kb3d_texture t = make_texture(texel, W, H), half = make_texture(texel, (W + 1) / 2, (H + 1) / 2);
    k->fill_apron(&t);
    k->fill_apron(&half);
    cut(k, &parallels[0], &s);
    for (int i = 0; i < 6; i++) {
        int w = i % 2 ? 71 : 40, h = i % 2 ? 43 : 66;
        kb3d_layer layer = {.surface = &s, .texture = &t, .half = half_share ? &half : NULL, .half_share = half_share};
        layer.warp = warp_for(W, H, 50, i < 3 ? 1.3 : 0.8, 0.05 * i, -0.02 * i, 0.1 * (i - 2), 0.08 * (i - 3), w, h);
        compare(k, &layer, 1, w, h, "a smooth surface", 200);
    }
    CHECK(free_cut(&s));
    CHECK(free_texture(&t));
    CHECK(free_texture(&half));
}

/* Blocks of one colour each, so that a silhouette's colour is known; two layers, one with holes. `is_soft`: some blocks
   of the first are seen through. */
static void check_torn(const kb3d_kernels *k, kb3d_texel texel, int is_soft) {
    static float disp[REFERENCE_LAYERS][W * H];
    static uint8_t mask[W * H], soft[W * H];
    kb3d_surface s[REFERENCE_LAYERS];
    kb3d_texture t[REFERENCE_LAYERS];
    kb3d_layer layers[REFERENCE_LAYERS] = {{0}};
    for (int l = 0; l < REFERENCE_LAYERS; l++) {
        t[l] = make_texture(texel, W, H);
        for (int i = 0; i < W * H; i++) {
            int block = ((i % W) / 11 * 7 + (i / W) / 9 * 5) % 6;
            disp[l][i] = l ? 0.13f : 0.2f + 0.15f * (float)block;
            mask[i] = (i % W) % 20 < 15 && (i / W) % 13 < 9;
            for (int c = 0; c < 4; c++) {
                ptrdiff_t at = 4 * (i / W * t[l].stride + i % W) + c;
                int through = is_soft && !l && block % 2, v = c == 3 ? 255 : 40 + 30 * block + 15 * c;
                v = through ? v * (25 * block + 20) / 255 : v;
                soft[i] = through && !l ? KB3D_SOFT : l ? soft[i] : KB3D_SOFT_GUARD;
                if (texel == KB3D_TEXEL_U8)
                    ((uint8_t *)t[l].data)[at] = (uint8_t)(l ? 99 : v);
                else
                    ((float *)t[l].data)[at] = (float)(l ? 99 : v) / 255;
            }
        }
        k->fill_apron(&t[l]);
        s[l] = (kb3d_surface){.width = W, .height = H, .jump = 0.05f, .tolerance = 0.002f, .disp = disp[l],
                              .mask = l ? mask : NULL, .soft = l || !is_soft ? NULL : soft};
        cut(k, &parallels[0], &s[l]);
        layers[l] = (kb3d_layer){.surface = &s[l], .texture = &t[l], .is_painted = l};
    }
    for (int i = 0; i < 8; i++) {
        int w = 47 + i, h = 80 - 5 * i;
        for (int l = 0; l < REFERENCE_LAYERS; l++)
            layers[l].warp = warp_for(W, H, 45, 0.7 + 0.3 * i, -0.13 + 0.041 * i, 0.03, -0.057 * i, 0.02 * i, w, h);
        compare(k, layers, 1 + i % 2, w, h, "torn surfaces", 50);
    }
    for (int l = 0; l < REFERENCE_LAYERS; l++) {
        CHECK(free_cut(&s[l]));
        CHECK(free_texture(&t[l]));
    }
}

/* Nothing to see, behind the camera, and far away: no byte beside the planes. */
static void check_extremes(const kb3d_kernels *k) {
    static const double zooms[] = {1e-4, 1, 300}, moves[] = {-5, 0, 3, 1e6};
    static float disp[W * H];
    for (int i = 0; i < W * H; i++)
        disp[i] = (float)(random_next() % 4 ? random_in(0, 2) : 0);
    kb3d_surface s = {.width = W, .height = H, .jump = 0.3f, .tolerance = 0.01f, .disp = disp};
    kb3d_texture t = make_texture(KB3D_TEXEL_U8, W, H);
    k->fill_apron(&t);
    cut(k, &parallels[0], &s);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            for (int m = 0; m < 4; m++) {
                int w = 1 + 33 * m, h = 1 + 13 * i;
                kb3d_layer layer = {.surface = &s, .texture = &t};
                layer.warp = warp_for(W, H, 50, zooms[i], moves[j], 0.1, moves[m], 0.9 * m, w, h);
                kb3d_planes p = make_planes(w, h, KB3D_TEXEL_U8);
                void *scratch = guarded(k->render_scratch(w, 3));
                int64_t holes = k->render(&parallels[2], &layer, 1, &p, scratch);
                CHECK(holes >= 0 && holes <= w * h);
                for (int q = 0; q < w * h; q++)
                    if (!CHECK(isfinite(p.disp[q]) && p.disp[q] >= 0))
                        break;
                CHECK(guards_stand(scratch));
                CHECK(free_planes(&p));
            }
    CHECK(free_cut(&s));
    CHECK(free_texture(&t));
}

/* Channels that repeat the colour come out as the colour does, and a constant one shows how much lies there. */
static void check_channels(const kb3d_kernels *k) {
    enum { COUNT = 5, FW = 60, FH = 45 };
    static float disp[W * H], channels[W * H * COUNT];
    kb3d_surface s = {.width = W, .height = H, .jump = 0.05f, .tolerance = 0.002f, .disp = disp};
    kb3d_texture t = make_texture(KB3D_TEXEL_F32, W, H);
    for (int i = 0; i < W * H; i++) {
        int block = (i % W) / 11 + (i / W) / 9;
        disp[i] = 0.2f + 0.15f * (float)(block % 3);
        for (int c = 0; c < 4; c++) {
            float v = 0.1f * (float)(block % 3 + c) + (c == 1 && block % 3 == 2 ? 0.01f * (float)(i % W % 5) : 0);
            channels[COUNT * i + c] = ((float *)t.data)[4 * (i / W * t.stride + i % W) + c] = v;
        }
        channels[COUNT * i + 4] = 7;
    }
    k->fill_apron(&t);
    cut(k, &parallels[0], &s);
    for (int i = 0; i < 4; i++) {
        kb3d_layer layer = {.surface = &s, .texture = &t, .channels = i < 3 ? channels : NULL, .channels_width = W,
                            .channels_height = H};
        layer.warp = warp_for(W, H, 45, 0.9 + 0.4 * i, -0.1 + 0.05 * i, 0.02, -0.05 * i, 0, FW, FH);
        kb3d_planes p = make_planes(FW, FH, KB3D_TEXEL_F32);
        p.channel_count = COUNT;
        p.channels = guarded(FW * FH * COUNT * sizeof *p.channels);
        void *scratch = guarded(k->render_scratch(FW, parallels[2].threads));
        k->render(&parallels[2], &layer, 1, &p, scratch);
        int wrong = 0, moved = 0;
        for (int q = 0; q < FW * FH; q++) {
            for (int c = 0; c < 4; c++)
                moved += i < 3 && fabsf(p.channels[COUNT * q + c] - ((float *)p.color)[4 * q + c]) > 2e-3f;
            float all = i < 3 ? 7 * (float)p.cover[q] / 255 : 0;
            wrong += fabsf(p.channels[COUNT * q + 4] - all) > 7 * 0.6f / 255; /* two silhouettes' cover is rounded */
        }
        CHECK_INT(wrong, 0);
        CHECK_INT(moved, 0);
        CHECK(guards_stand(p.channels));
        CHECK(guards_stand(scratch));
        CHECK(free_planes(&p));
    }
    CHECK(free_cut(&s));
    CHECK(free_texture(&t));
}

/* Channels of a part of the surface show what those of all of it do with zeros around that part. */
static void check_channels_box(const kb3d_kernels *k) {
    enum { COUNT = 2, FW = 60, FH = 45, X = 9, Y = 5, BW = 21, BH = 17 };
    static float disp[W * H], whole[W * H * COUNT], part[BW * BH * COUNT];
    kb3d_surface s = {.width = W, .height = H, .jump = 0.05f, .tolerance = 0.002f, .disp = disp};
    kb3d_texture t = make_texture(KB3D_TEXEL_U8, W, H);
    for (int i = 0; i < W * H; i++)
        disp[i] = i % W / 7 % 2 ? 0.5f : 0.2f;
    for (int i = 0; i < BW * BH; i++)
        for (int c = 0; c < COUNT; c++)
            whole[COUNT * ((i / BW + Y) * W + i % BW + X) + c] = part[COUNT * i + c] = (float)(i * 7 % 13 + c);
    k->fill_apron(&t);
    cut(k, &parallels[0], &s);
    kb3d_planes p = make_planes(FW, FH, KB3D_TEXEL_U8);
    float *seen[2];
    p.channel_count = COUNT;
    for (int i = 0; i < 2; i++) {
        kb3d_layer layer = {.surface = &s, .texture = &t, .channels = i ? part : whole, .channels_x = i ? X : 0,
                            .channels_y = i ? Y : 0, .channels_width = i ? BW : W, .channels_height = i ? BH : H};
        layer.warp = warp_for(W, H, 45, 0.9, -0.1, 0.02, -0.05, 0, FW, FH);
        p.channels = seen[i] = guarded(FW * FH * COUNT * sizeof *p.channels);
        void *scratch = guarded(k->render_scratch(FW, parallels[1].threads));
        k->render(&parallels[1], &layer, 1, &p, scratch);
        CHECK(guards_stand(scratch));
    }
    double sum = 0;
    for (int i = 0; i < FW * FH * COUNT; i++)
        sum += seen[0][i];
    CHECK(sum > 100);
    CHECK(!memcmp(seen[0], seen[1], FW * FH * COUNT * sizeof(float)));
    CHECK(guards_stand(seen[0]) && guards_stand(seen[1]));
    CHECK(free_planes(&p));
    CHECK(free_cut(&s));
    CHECK(free_texture(&t));
}

int check_render(const kb3d_kernels *k) {
    check_smooth(k, KB3D_TEXEL_U8, 0);
    check_smooth(k, KB3D_TEXEL_U8, 100);
    check_smooth(k, KB3D_TEXEL_U16, 0);
    check_smooth(k, KB3D_TEXEL_F32, 60);
    check_torn(k, KB3D_TEXEL_U8, 0);
    check_torn(k, KB3D_TEXEL_U8, 1);
    check_torn(k, KB3D_TEXEL_F32, 0);
    check_torn(k, KB3D_TEXEL_F32, 1);
    check_extremes(k);
    check_channels(k);
    check_channels_box(k);
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    kb3d_layer layer;
    kb3d_planes planes;
    void *scratch;
} job;

static void work(void *arg) {
    const job *j = arg;
    j->k->render(&parallels[0], &j->layer, 1, &j->planes, j->scratch);
}

void bench_render(const kb3d_kernels *k) {
    enum { BW = 960, BH = 540 };
    float *disp = malloc(BW * BH * sizeof *disp);
    for (int i = 0; i < BW * BH; i++)
        disp[i] = (float)(0.3 + 0.1 * sin(0.01 * (i % BW)) + 0.4 * (hypot(i % BW - 400, i / BW - 300) < 150));
    kb3d_texture t = make_texture(KB3D_TEXEL_U8, BW, BH);
    k->fill_apron(&t);
    kb3d_surface s = {.width = BW, .height = BH, .jump = 0.02f, .tolerance = 0.001f, .disp = disp};
    cut(k, &parallels[0], &s);
    job j = {k, {.surface = &s, .texture = &t}, make_planes(BW, BH, KB3D_TEXEL_U8), guarded(k->render_scratch(BW, 1))};
    j.layer.warp = warp_for(BW, BH, 800, 1.2, -0.03, 0.01, -0.1, 0, BW, BH);
    measure(k, "render u8", BW * BH, work, &j);
    guards_stand(j.scratch);
    free_planes(&j.planes);
    free_cut(&s);
    free_texture(&t);
    free(disp);
}
