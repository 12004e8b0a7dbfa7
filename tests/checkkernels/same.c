/*
 * A backend against the CPU on the same input: masks, indices, depths and patches are the same, for they come from the
 * same arithmetic in kernels/math. Colours may differ by one level of 255, for powf is the device's own.
 */
#include "checkkernels.h"

enum { W = 150, H = 97, FW = 171, FH = 103, PIXELS = W * H, FRAME = FW * FH, LAYERS = 3 };

typedef struct both {
    const kb3d_kernels *kernels[2]; /* the CPU's, the backend's */
} both;

static int is_near(const void *a, const void *b, kb3d_texel texel, size_t samples) {
    double most = 1.0001 * texel_one(texel) / 255;
    for (size_t i = 0; i < samples; i++) {
        double off = texel_at(a, texel, (ptrdiff_t)i) - texel_at(b, texel, (ptrdiff_t)i);
        if (!(fabs(off) <= most))
            return 0;
    }
    return 1;
}

/* Cut by both. */
typedef struct layer {
    kb3d_texture texture, half;
    kb3d_surface surface[2];
} layer;

static int is_same_cut(const kb3d_surface *a, const kb3d_surface *b) {
    size_t groups = (size_t)(a->groups_x + 1) * (size_t)a->groups_y;
    if (a->patch_count != b->patch_count || memcmp(a->groups, b->groups, groups * sizeof *a->groups))
        return 0;
    for (uint32_t i = 0; i < a->patch_count; i++) {
        const kb3d_patch *p = &a->patches[i], *q = &b->patches[i];
        if (p->x != q->x || p->y != q->y || p->disp != q->disp || p->disp_x != q->disp_x || p->disp_y != q->disp_y ||
            p->size != q->size || p->is_edge != q->is_edge || p->covers != q->covers || p->reach != q->reach ||
            p->soft != q->soft)
            return 0;
    }
    return 1;
}

/* Slopes, steps, noise, and single stray pixels. */
static float disp_at(int x, int y, int kind) {
    float block = 0.3f * (float)((x / 37 + y / 29) % 3);
    float slope = 0.1f + 0.0015f * (float)x + 0.0007f * (float)y;
    return kind ? 0.12f + slope * 0.1f : slope + block + (random_next() % 61 ? 0 : 0.4f);
}

static layer make_layer(const both *b, kb3d_texture texture, const kb3d_surface *surface) {
    layer l = {.texture = texture, .half = make_texture(texture.texel, (W + 1) / 2, (H + 1) / 2)};
    b->kernels[0]->fill_apron(&l.texture);
    b->kernels[0]->fill_apron(&l.half);
    for (int k = 0; k < 2; k++) {
        l.surface[k] = *surface;
        l.surface[k].width = W;
        l.surface[k].height = H;
        l.surface[k].jump = 0.05f;
        l.surface[k].tolerance = 0.002f;
        cut(b->kernels[k], &parallels[k], &l.surface[k]);
    }
    CHECK(is_same_cut(&l.surface[0], &l.surface[1]));
    return l;
}

static int free_layer(layer *l) {
    return free_cut(&l->surface[0]) & free_cut(&l->surface[1]) & free_texture(&l->half);
}

/* An opaque picture whose colours go with its depth, softly from one to the next, and a little noise. */
static kb3d_texture draw_picture(kb3d_texel texel, const float *disp) {
    kb3d_texture t = make_texture(texel, W, H);
    for (int i = 0; i < PIXELS; i++) {
        double sum = 0;
        for (int q = 0; q < 9; q++) {
            int x = kb3d_clamp_i(i % W + q % 3 - 1, 0, W - 1), y = kb3d_clamp_i(i / W + q / 3 - 1, 0, H - 1);
            sum += disp[y * W + x] / 9;
        }
        for (int c = 0; c < 4; c++)
            set_texel(&t, i % W, i / W, c, c == 3 ? 1 : 0.1 + 0.6 * (c ? 1 - sum : sum) + random_in(0, 0.04));
    }
    return t;
}

/* What the picture shows beside tears, split by both. */
static split make_split(const both *b, kb3d_texel texel, const float *disp, int is_blurred) {
    const kb3d_matte_params params = {0.05f, is_blurred ? 6 : 2, is_blurred, texel == KB3D_TEXEL_F32 ? 1e30f : 1};
    kb3d_texture picture = draw_picture(texel, disp);
    b->kernels[0]->fill_apron(&picture);
    split s[2];
    for (int k = 0; k < 2; k++)
        s[k] = run_split(b->kernels[k], &parallels[k], &picture, disp, &params);
    check_same_split(&s[0], &s[1], W, H);
    CHECK(free_split(&s[1]));
    CHECK(free_texture(&picture));
    return s[0];
}

static kb3d_planes make_planes(kb3d_texel texel) {
    kb3d_planes p = {.width = FW, .height = FH, .texel = texel, .channel_count = 3};
    p.color = guarded(FRAME * 4 * texel);
    p.disp = guarded(FRAME * sizeof(float));
    p.cover = guarded(FRAME);
    p.painted = guarded(FRAME);
    p.channels = guarded(FRAME * 3 * sizeof(float));
    return p;
}

static int free_planes(kb3d_planes *p) {
    return guards_stand(p->color) & guards_stand(p->disp) & guards_stand(p->cover) & guards_stand(p->painted) &
           guards_stand(p->channels);
}

static int is_same_frame(const kb3d_planes *a, const kb3d_planes *b) {
    return !memcmp(a->disp, b->disp, FRAME * sizeof *a->disp) && !memcmp(a->cover, b->cover, FRAME) &&
           !memcmp(a->painted, b->painted, FRAME) && is_near(a->color, b->color, a->texel, 4 * FRAME);
}

static void copy_planes(const kb3d_planes *from, const kb3d_planes *to) {
    memcpy(to->color, from->color, FRAME * 4 * from->texel);
    memcpy(to->disp, from->disp, FRAME * sizeof *to->disp);
    memcpy(to->cover, from->cover, FRAME);
    memcpy(to->painted, from->painted, FRAME);
}

/* A hole is filled, kept behind the picture, smoothed and woven. */
static void compare_filling(const both *b, kb3d_planes planes[2], const layer *picture, const layer *behind, int mirror) {
    const kb3d_fill_params fill = {.epipole = {40, 30, 0.7}, .jump = 0.05f, .reach = 3 + 60 * mirror, .mirror = mirror,
                                   .under = mirror};
    const kb3d_smooth_params smooth = {.jump = 0.05f, .sigma = 2, .strength = 0.8f};
    const kb3d_weave_params weave = {.jump = 0.05f, .reach = 40, .sigma = 3, .guided = 0.6f};
    const kb3d_warp back = {.a = {0.9, 0, -3, 0, 0.9, 2, 0, 0, 1}, .b = {5, -2, 0.1}};
    kb3d_planes smoothed[2], woven[2];
    for (int k = 0; k < 2; k++) {
        smoothed[k] = make_planes(planes[k].texel);
        woven[k] = make_planes(planes[k].texel);
        b->kernels[k]->fill(&parallels[k], &planes[k], &fill);
    }
    CHECK(is_same_frame(&planes[0], &planes[1]));
    copy_planes(&planes[0], &planes[1]); /* each kernel from the same input */
    for (int k = 0; k < 2; k++)
        b->kernels[k]->keep_behind(&parallels[k], &planes[k], &back, &picture->surface[0],
                                   mirror ? &behind->surface[0] : NULL);
    CHECK(is_same_frame(&planes[0], &planes[1]));
    for (int k = 0; k < 2; k++) {
        copy_planes(&planes[0], &smoothed[k]);
        b->kernels[k]->smooth(&parallels[k], &planes[0], &smooth, smoothed[k].color, smoothed[k].disp);
    }
    CHECK(is_same_frame(&smoothed[0], &smoothed[1]));
    for (int k = 0; k < 2; k++) {
        void *memory = guarded(b->kernels[k]->weave_bytes(FW, FH));
        copy_planes(&smoothed[0], &woven[k]);
        b->kernels[k]->weave(&parallels[k], &smoothed[0], &weave, memory, woven[k].color);
        CHECK(guards_stand(memory));
    }
    CHECK(is_same_frame(&woven[0], &woven[1]));
    for (int k = 0; k < 2; k++)
        CHECK(free_planes(&smoothed[k]) & free_planes(&woven[k]));
}

static void compare_export(const both *b, const kb3d_planes *p) {
    for (int format = KB3D_FORMAT_GRAY8; format <= KB3D_FORMAT_NV12; format++) {
        kb3d_pixels to[2];
        size_t bytes = FRAME * 16;
        if (format == KB3D_FORMAT_GRAY16 || format == KB3D_FORMAT_GRAYF32) /* no format of frames */
            continue;
        for (int k = 0; k < 2; k++) {
            to[k] = (kb3d_pixels){.format = (kb3d_format)format, .width = FW, .height = FH};
            char *memory = guarded(bytes);
            for (int i = 0; i < 3; i++) {
                to[k].data[i] = memory + i * (size_t)FRAME * 2;
                to[k].stride[i] = format >= KB3D_FORMAT_I420 ? FW + 3 : 16 * FW;
            }
            b->kernels[k]->export_color(&parallels[k], p, 0, format % 2, &to[k]);
        }
        int is_float = format >= KB3D_FORMAT_GRAYF32 && format <= KB3D_FORMAT_RGBAF32;
        int is_word = format >= KB3D_FORMAT_GRAY16 && format <= KB3D_FORMAT_RGBA16;
        kb3d_texel texel = is_float ? KB3D_TEXEL_F32 : is_word ? KB3D_TEXEL_U16 : KB3D_TEXEL_U8;
        if (!CHECK(is_near(to[0].data[0], to[1].data[0], texel, bytes / texel)))
            fprintf(stderr, "    format %d of %d bytes\n", format, (int)p->texel);
        for (int k = 0; k < 2; k++)
            CHECK(guards_stand(to[k].data[0]));
    }
    kb3d_pixels maps[2][2];
    for (int k = 0; k < 2; k++) {
        maps[k][0] = (kb3d_pixels){.format = KB3D_FORMAT_GRAYF32, .width = FW, .height = FH, .data = {guarded(FRAME * 4)},
                                   .stride = {4 * FW}};
        maps[k][1] = (kb3d_pixels){.format = KB3D_FORMAT_GRAY8, .width = FW, .height = FH, .data = {guarded(FRAME)},
                                   .stride = {FW}};
        b->kernels[k]->export_maps(&parallels[k], p, &maps[k][0], &maps[k][1]);
    }
    CHECK(!memcmp(maps[0][0].data[0], maps[1][0].data[0], FRAME * 4));
    CHECK(!memcmp(maps[0][1].data[0], maps[1][1].data[0], FRAME));
    CHECK(!memcmp(maps[0][0].data[0], p->disp, FRAME * 4));
    for (int k = 0; k < 2; k++)
        CHECK(guards_stand(maps[k][0].data[0]) & guards_stand(maps[k][1].data[0]));
}

/* The picture's two layers and a painted one. */
static void compare_frames(const both *b, kb3d_texel texel, int is_blurred) {
    float *disp = guarded(PIXELS * sizeof *disp), *painted_disp = guarded(PIXELS * sizeof *disp);
    uint8_t *mask = guarded(PIXELS);
    for (int i = 0; i < PIXELS; i++) {
        disp[i] = disp_at(i % W, i / W, 0);
        painted_disp[i] = disp_at(i % W, i / W, 1);
        mask[i] = i % W % 40 < 25 && i / W % 31 < 20;
    }
    split s = make_split(b, texel, disp, is_blurred);
    kb3d_texture painted = make_texture(texel, W, H);
    layer layers[LAYERS] = {
        make_layer(b, s.before, &(kb3d_surface){.disp = s.before_disp, .soft = s.soft}),
        make_layer(b, s.behind, &(kb3d_surface){.disp = s.behind_disp, .mask = s.mask, .before = s.before_disp}),
        make_layer(b, painted, &(kb3d_surface){.disp = painted_disp, .mask = mask})};
    float *channels = guarded(PIXELS * 3 * sizeof *channels);
    for (int i = 0; i < PIXELS * 3; i++)
        channels[i] = (float)random_in(-2, 2);
    for (int view = 0; view < 6; view++) {
        double x = 0.15 * view - 0.4, z = 0.12 * (view - 3), f = 120, zoom = 0.8 + 0.25 * view;
        kb3d_planes planes[2];
        int64_t holes[2];
        for (int k = 0; k < 2; k++) {
            kb3d_layer seen[LAYERS] = {{0}};
            for (int l = 0; l < LAYERS; l++) {
                seen[l] = (kb3d_layer){.surface = &layers[l].surface[k], .texture = &layers[l].texture,
                                       .half = &layers[l].half, .half_share = 50 * (view % 3), .is_painted = l == 2,
                                       .behind = l == 2 ? 0.003f : 0, .channels = l == 2 ? NULL : channels, .channels_x = 9,
                                       .channels_y = 5, .channels_width = W - 30, .channels_height = H - 12};
                seen[l].warp = (kb3d_warp){
                    .a = {zoom, 0, 0.5 * FW - 0.5 * W * zoom, 0, zoom, 0.5 * FH - 0.5 * H * zoom, 0, 0, 1},
                    .b = {f * x + 0.5 * FW * z, 0.1 * f * x + 0.5 * FH * z, z}};
            }
            planes[k] = make_planes(texel);
            void *scratch = guarded(b->kernels[k]->render_scratch(FW, parallels[k].threads));
            holes[k] = b->kernels[k]->render(&parallels[k], seen, LAYERS, &planes[k], scratch);
            CHECK(guards_stand(scratch));
        }
        CHECK_INT(holes[1], holes[0]);
        if (!CHECK(is_same_frame(&planes[0], &planes[1])))
            fprintf(stderr, "    view %d of %d bytes\n", view, (int)texel);
        CHECK(!memcmp(planes[0].channels, planes[1].channels, FRAME * 3 * sizeof(float)));
        compare_export(b, &planes[0]);
        compare_filling(b, planes, &layers[0], &layers[1], view % 2);
        for (int k = 0; k < 2; k++)
            CHECK(free_planes(&planes[k]));
    }
    for (int l = 0; l < LAYERS; l++)
        CHECK(free_layer(&layers[l]));
    CHECK(free_split(&s) & free_texture(&painted) & guards_stand(channels) & guards_stand(mask) & guards_stand(disp) &
          guards_stand(painted_disp));
}

static void compare_textures(const both *b, kb3d_format format, kb3d_texel texel, int channels) {
    kb3d_pixels from = {.format = format, .width = W, .height = H};
    ptrdiff_t row = W * channels * (ptrdiff_t)texel;
    float *disp = guarded(PIXELS * sizeof *disp), *half_disp[2];
    char *memory = guarded((size_t)row * H);
    kb3d_texture to[2], half[2];
    for (int i = 0; i < PIXELS * channels; i++) {
        float v = (float)random_in(-0.1, 1.2);
        uint16_t word = (uint16_t)random_next();
        memcpy(memory + (size_t)i * texel, texel == KB3D_TEXEL_F32 ? (void *)&v : (void *)&word, texel);
    }
    from.data[0] = memory + row * (H - 1); /* upside down */
    from.stride[0] = -row;
    for (int i = 0; i < PIXELS; i++)
        disp[i] = disp_at(i % W, i / W, 0);
    for (int k = 0; k < 2; k++) {
        random_next();
        to[k] = make_texture(texel, W, H);
        half[k] = make_texture(texel, (W + 1) / 2, (H + 1) / 2);
        half_disp[k] = guarded((size_t)half[k].width * (size_t)half[k].height * sizeof(float));
        (void)b->kernels[k]->import_texture(&parallels[k], &from, &to[k]);
        b->kernels[k]->halve(&parallels[k], &to[k], disp, 0.05f, &half[k], half_disp[k]);
    }
    CHECK(!memcmp(half_disp[0], half_disp[1], (size_t)half[0].width * (size_t)half[0].height * sizeof(float)));
    for (int y = -KB3D_APRON; y < H + KB3D_APRON; y++) {
        size_t bytes = 4 * texel * (size_t)(W + 2 * KB3D_APRON), at = 4 * texel * (size_t)KB3D_APRON;
        ptrdiff_t line = 4 * (ptrdiff_t)texel * to[0].stride * y - (ptrdiff_t)at;
        CHECK(!memcmp((char *)to[0].data + line, (char *)to[1].data + line, bytes));
    }
    for (int k = 0; k < 2; k++)
        CHECK(free_texture(&to[k]) & free_texture(&half[k]) & guards_stand(half_disp[k]));
    CHECK(guards_stand(disp));
    CHECK(guards_stand(memory));
}

static void compare_maps(const both *b, kb3d_texel texel) {
    enum { LW = 41, LH = 33 };
    float *disp = guarded(LW * LH * sizeof *disp), *guide = guarded(3 * LW * LH * sizeof *guide);
    kb3d_texture t = make_texture(texel, W, H);
    b->kernels[0]->fill_apron(&t);
    for (int i = 0; i < LW * LH; i++) {
        disp[i] = disp_at(4 * (i % LW), 3 * (i / LW), 0);
        for (int c = 0; c < 3; c++)
            guide[3 * i + c] = 0.3f * (float)(disp[i] > 0.5f) + (float)random_in(0, 0.2);
    }
    float *snapped[2], *large[2], *wide[2], *average[2];
    for (int k = 0; k < 2; k++) {
        const kb3d_kernels *kernels = b->kernels[k];
        depth_map d = make_map(kernels, &parallels[k], LW, LH, disp, guide);
        snapped[k] = guarded(LW * LH * sizeof(float));
        large[k] = guarded(PIXELS * sizeof(float));
        wide[k] = guarded(PIXELS * sizeof(float));
        average[k] = guarded(3 * LW * LH * sizeof(float));
        kernels->map_snap(&parallels[k], &d.map, &snap_params, snapped[k]);
        kernels->upsample(&parallels[k], &d.map, &snap_params, &t, large[k]);
        kernels->enlarge(&parallels[k], disp, LW, LH, wide[k], W, H);
        kernels->area_average(&parallels[k], guide, KB3D_TEXEL_F32, 3, LW, LH, average[k], 3, 17, 12);
        CHECK(guards_stand(d.memory));
    }
    CHECK(!memcmp(snapped[0], snapped[1], LW * LH * sizeof(float)));
    CHECK(!memcmp(large[0], large[1], PIXELS * sizeof(float)));
    CHECK(!memcmp(wide[0], wide[1], PIXELS * sizeof(float)));
    CHECK(!memcmp(average[0], average[1], 3 * 17 * 12 * sizeof(float)));
    for (int k = 0; k < 2; k++)
        CHECK(guards_stand(snapped[k]) & guards_stand(large[k]) & guards_stand(wide[k]) & guards_stand(average[k]));
    CHECK(guards_stand(disp));
    CHECK(guards_stand(guide));
    CHECK(free_texture(&t));
}

int check_same_as_cpu(const kb3d_kernels *k) {
    static const kb3d_texel texels[] = {KB3D_TEXEL_U8, KB3D_TEXEL_U16, KB3D_TEXEL_F32};
    const both b = {{kb3d_kernels_cpu(), k}};
    for (int t = 0; t < 3; t++) {
        compare_frames(&b, texels[t], 0);
        compare_frames(&b, texels[t], 1);
        compare_maps(&b, texels[t]);
    }
    compare_textures(&b, KB3D_FORMAT_RGB8, KB3D_TEXEL_U8, 3);
    compare_textures(&b, KB3D_FORMAT_BGRA8, KB3D_TEXEL_U8, 4);
    compare_textures(&b, KB3D_FORMAT_RGBA16, KB3D_TEXEL_U16, 4);
    compare_textures(&b, KB3D_FORMAT_GRAYF32, KB3D_TEXEL_F32, 1);
    return check_failures;
}
