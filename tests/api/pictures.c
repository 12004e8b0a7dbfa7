/* Pictures and depth maps in: every format, strides, alpha, odd sizes, odd values. */
#include "../stage.h"

static kb3d_ctx *ctx;
static kb3d_call call;

/* A scene of one picture and one map; whatever the status. */
static kb3d_status create(const kb3d_image *picture, const kb3d_image *map, kb3d_depth_kind kind, kb3d_scene **scene) {
    kb3d_source from, depth;
    kb3d_scene_params params;
    KB3D_INIT(from);
    KB3D_INIT(depth);
    KB3D_INIT(params);
    from.image = picture;
    depth.image = map;
    params.picture = &from;
    params.depth = map ? &depth : NULL;
    params.depth_kind = kind;
    return kb3d_scene_create(ctx, &params, scene, &call);
}

/* The frame that a picture gives from its own camera, in a format. */
static void show(const kb3d_image *picture, kb3d_format format, kb3d_transfer transfer, void *out) {
    static const float far_away[8 * 8] = {0};
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, picture->width, picture->height, (void *)far_away);
    kb3d_scene *scene;
    if (!CHECK_INT(create(picture, &map, KB3D_DEPTH_INVERSE, &scene), KB3D_OK)) {
        fprintf(stderr, "    format %d: %s\n", (int)picture->format, call.message);
        return;
    }
    kb3d_camera camera = source_camera(scene);
    kb3d_path *path = make_path(scene, &camera, 1);
    kb3d_image color = image_of(format, picture->width, picture->height, out);
    color.transfer = transfer;
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = &color;
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_OK);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

/* The same four colours in every format: what comes out must be them. */
static void test_formats_in(void) {
    static const uint8_t want[4][3] = {{255, 0, 0}, {10, 200, 30}, {0, 0, 0}, {128, 64, 255}};
    for (int format = KB3D_FORMAT_GRAY8; format <= KB3D_FORMAT_RGBAF32; format++) {
        int grey = format == KB3D_FORMAT_GRAY8 || format == KB3D_FORMAT_GRAY16 || format == KB3D_FORMAT_GRAYF32;
        int swapped = format == KB3D_FORMAT_BGR8 || format == KB3D_FORMAT_BGRA8;
        int four = format == KB3D_FORMAT_RGBA8 || format == KB3D_FORMAT_BGRA8 || format == KB3D_FORMAT_RGBA16 ||
                   format == KB3D_FORMAT_RGBAF32;
        int channels = grey ? 1 : four ? 4 : 3, depth = format < KB3D_FORMAT_GRAY16 ? 1 : format < KB3D_FORMAT_GRAYF32 ? 2 : 4;
        union {
            uint8_t u8[16];
            uint16_t u16[16];
            float f32[16];
        } in;
        for (int i = 0; i < 4; i++)
            for (int c = 0; c < channels; c++) {
                int v = c == 3 ? 255 : want[i][swapped ? 2 - c : c], at = i * channels + c;
                if (depth == 1)
                    in.u8[at] = (uint8_t)v;
                else if (depth == 2)
                    in.u16[at] = (uint16_t)(v * 257);
                else
                    in.f32[at] = (float)v / 255;
            }
        kb3d_image picture = image_of((kb3d_format)format, 2, 2, &in);
        uint8_t out[12];
        show(&picture, KB3D_FORMAT_RGB8, KB3D_TRANSFER_SRGB, out);
        for (int i = 0; i < 12; i++)
            if (!CHECK_INT(out[i], grey ? want[i / 3][0] : want[i / 3][i % 3]))
                fprintf(stderr, "    format %d, sample %d\n", format, i);
    }
}

static void test_transfer(void) { /* IEC 61966-2-1: linear 0.5 is 187.5 of 255, 0.0025 is 0.0323 */
    float linear[3] = {0.5f, 0.0025f, 1};
    kb3d_image picture = image_of(KB3D_FORMAT_RGBF32, 1, 1, linear);
    picture.transfer = KB3D_TRANSFER_LINEAR;
    uint8_t out[3];
    float back[3];
    show(&picture, KB3D_FORMAT_RGB8, KB3D_TRANSFER_SRGB, out);
    CHECK_INT(out[0], 188);
    CHECK_INT(out[1], 8);
    CHECK_INT(out[2], 255);
    show(&picture, KB3D_FORMAT_RGBF32, KB3D_TRANSFER_LINEAR, back);
    CHECK_NEAR(back[0], 0.5, 1e-6);
    uint8_t grey = 188;
    picture = image_of(KB3D_FORMAT_GRAY8, 1, 1, &grey);
    show(&picture, KB3D_FORMAT_RGBF32, KB3D_TRANSFER_LINEAR, back);
    CHECK_NEAR(back[0], 0.5029, 1e-3);
}

static void test_bright_floats(void) { /* beyond 1, below 0, and no numbers */
    float in[12] = {7, -3, 0.5f, NAN, INFINITY, -INFINITY, 0.25f, 1e30f, 0, 1, 1, 1}, out[12];
    kb3d_image picture = image_of(KB3D_FORMAT_RGBF32, 4, 1, in);
    show(&picture, KB3D_FORMAT_RGBF32, KB3D_TRANSFER_SRGB, out);
    CHECK_NEAR(out[0], 7, 1e-5);
    CHECK_NEAR(out[1], -3, 1e-5);
    for (int i = 0; i < 12; i++)
        CHECK(isfinite(out[i]));
}

static void test_strides(void) {
    uint8_t room[5 * 32], out[12];
    for (int i = 0; i < 5 * 32; i++)
        room[i] = (uint8_t)(i * 7);
    static const ptrdiff_t strides[] = {6, 9, 32, -6, -31, 0};
    for (size_t k = 0; k < sizeof strides / sizeof *strides; k++) {
        kb3d_image picture = image_of(KB3D_FORMAT_RGB8, 2, 2, room + 64);
        picture.stride[0] = strides[k];
        uint8_t before[sizeof room];
        memcpy(before, room, sizeof room);
        show(&picture, KB3D_FORMAT_RGB8, KB3D_TRANSFER_SRGB, out);
        for (int y = 0; y < 2; y++)
            CHECK(!memcmp(out + 6 * y, room + 64 + y * (strides[k] ? strides[k] : 6), 6));
        CHECK(!memcmp(before, room, sizeof room));
    }
}

static void test_alpha(void) {
    uint8_t in[16] = {200, 100, 50, 128, 10, 20, 30, 255, 255, 255, 255, 0, 90, 80, 70, 1}, out[16], rgb[12];
    kb3d_image picture = image_of(KB3D_FORMAT_RGBA8, 4, 1, in);
    show(&picture, KB3D_FORMAT_RGBA8, KB3D_TRANSFER_SRGB, out);
    for (int i = 0; i < 4; i++)
        CHECK_INT(out[4 * i + 3], in[4 * i + 3]);
    for (int c = 0; c < 3; c++) {
        CHECK_NEAR(out[c], in[c], 1);
        CHECK_INT(out[4 + c], in[4 + c]);
    }
    show(&picture, KB3D_FORMAT_RGB8, KB3D_TRANSFER_SRGB, rgb); /* over black */
    CHECK_NEAR(rgb[0], 200 * 128 / 255.0, 1);
    CHECK_INT(rgb[6], 0);
    static const float one[4] = {1, 1, 1, 1};
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, 4, 1, (void *)one);
    kb3d_scene *scene;
    kb3d_scene_info info;
    KB3D_INIT(info);
    CHECK_INT(create(&picture, &map, KB3D_DEPTH_INVERSE, &scene), KB3D_OK);
    CHECK_INT(kb3d_scene_get_info(scene, &info, &call), KB3D_OK);
    CHECK_INT(info.has_alpha, 1);
    kb3d_scene_destroy(&scene);
    for (int i = 0; i < 4; i++)
        in[4 * i + 3] = 255;
    CHECK_INT(create(&picture, &map, KB3D_DEPTH_INVERSE, &scene), KB3D_OK);
    CHECK_INT(kb3d_scene_get_info(scene, &info, &call), KB3D_OK);
    CHECK_INT(info.has_alpha, 0);
    CHECK_INT(info.width, 4);
    CHECK_INT(info.focal_is_guess, 1);
    CHECK_NEAR(info.focal_px, 28.0 / 36 * 4, 1e-9);
    CHECK_TEXT(info.depth_source, "host");
    kb3d_scene_destroy(&scene);
}

static void test_refused_images(void) {
    uint8_t pixels[64] = {0};
    float one = 1;
    kb3d_image good = image_of(KB3D_FORMAT_RGB8, 4, 4, pixels), map = image_of(KB3D_FORMAT_GRAYF32, 1, 1, &one), bad;
    kb3d_scene *scene;
#define REFUSED(change)                                                                          \
    bad = good;                                                                                  \
    change;                                                                                      \
    CHECK_INT(create(&bad, &map, KB3D_DEPTH_INVERSE, &scene), KB3D_ERROR_ARGUMENT);              \
    CHECK(!scene && *call.message)
    REFUSED(bad.size = 0);
    REFUSED(bad.size = offsetof(kb3d_image, memory) - 1); /* what the first release had */
    REFUSED(bad.format = KB3D_FORMAT_NONE);
    REFUSED(bad.format = KB3D_FORMAT_I420);
    REFUSED(bad.format = (kb3d_format)99);
    REFUSED(bad.transfer = (kb3d_transfer)5);
    REFUSED(bad.width = 0);
    REFUSED(bad.height = -4);
    REFUSED(bad.width = 2000000000; bad.height = 2000000000);
    REFUSED(bad.data[0] = NULL);
    REFUSED(bad.stride[0] = 11);
    REFUSED(bad.stride[0] = -11);
    REFUSED(bad.format = KB3D_FORMAT_RGB16; bad.width = 2; bad.stride[0] = 13);
#undef REFUSED
    bad = map;
    bad.format = KB3D_FORMAT_RGB8;
    CHECK_INT(create(&good, &bad, KB3D_DEPTH_INVERSE, &scene), KB3D_ERROR_ARGUMENT);
    CHECK_INT(create(&good, &map, (kb3d_depth_kind)4, &scene), KB3D_ERROR_ARGUMENT);
    CHECK_INT(create(NULL, &map, KB3D_DEPTH_INVERSE, &scene), KB3D_ERROR_ARGUMENT); /* no source at all */
    kb3d_scene_params params;
    KB3D_INIT(params);
    CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_create(ctx, NULL, &scene, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_create(NULL, &params, &scene, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_create(ctx, &params, NULL, &call), KB3D_ERROR_ARGUMENT);
    kb3d_source two = source_of(&good), depth = source_of(&map);
    two.path = "also a file";
    params.picture = &two;
    params.depth = &depth;
    CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_ERROR_ARGUMENT);
    two = source_of(&good);
    params.focal_px = -1;
    CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_ERROR_ARGUMENT);
    params.focal_px = NAN;
    CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_ERROR_ARGUMENT);
    params.focal_px = 0;
    two.image = NULL;
    two.path = "no/such/file.png";
    CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_ERROR_IO);
    CHECK_TEXT(call.message, "no/such/file.png");
    two.path = NULL;
    two.bytes = "not a picture at all";
    two.byte_count = 20;
    kb3d_status status = kb3d_scene_create(ctx, &params, &scene, &call);
    CHECK(status == KB3D_ERROR_FORMAT || status == KB3D_ERROR_UNSUPPORTED);
    CHECK(*call.message && !strchr(call.message, '\n'));
}

/* A 2x1 PNG of grey with alpha: stored deflate blocks, sums computed here. */
static uint32_t crc(const uint8_t *data, size_t count) {
    uint32_t c = 0xffffffff;
    for (size_t i = 0; i < count; i++)
        for (int k = (int)(c ^= data[i], 0); k < 8; k++)
            c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
    return ~c;
}

static size_t put_chunk(uint8_t *to, const char *type, const uint8_t *data, size_t count) {
    const uint8_t length[4] = {0, 0, 0, (uint8_t)count};
    memcpy(to, length, 4);
    memcpy(to + 4, type, 4);
    if (count)
        memcpy(to + 8, data, count);
    uint32_t sum = crc(to + 4, count + 4);
    for (int i = 0; i < 4; i++)
        to[8 + count + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
    return count + 12;
}

static void test_grey_with_alpha(void) {
    uint8_t file[128] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    static const uint8_t header[13] = {0, 0, 0, 2, 0, 0, 0, 1, 8, 4, 0, 0, 0};
    static const uint8_t raw[5] = {0, 200, 255, 100, 128}; /* filter, then two pixels */
    uint8_t data[16] = {0x78, 1, 1, 5, 0, 0xfa, 0xff};
    memcpy(data + 7, raw, 5);
    uint32_t a = 1, b = 0;
    for (int i = 0; i < 5; i++) {
        a += raw[i];
        b += a;
    }
    data[12] = (uint8_t)(b >> 8);
    data[13] = (uint8_t)b;
    data[14] = (uint8_t)(a >> 8);
    data[15] = (uint8_t)a;
    size_t count = 8;
    count += put_chunk(file + count, "IHDR", header, 13);
    count += put_chunk(file + count, "IDAT", data, 16);
    count += put_chunk(file + count, "IEND", NULL, 0);
    float one = 1;
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, 1, 1, &one);
    kb3d_source picture, depth = source_of(&map);
    kb3d_scene_params params;
    KB3D_INIT(picture);
    KB3D_INIT(params);
    picture.bytes = file;
    picture.byte_count = count;
    params.picture = &picture;
    params.depth = &depth;
    kb3d_scene *scene;
    if (!CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_OK)) {
        fprintf(stderr, "    %s\n", call.message);
        return;
    }
    kb3d_camera camera = source_camera(scene);
    kb3d_path *path = make_path(scene, &camera, 1);
    uint8_t out[8];
    kb3d_image color = image_of(KB3D_FORMAT_RGBA8, 2, 1, out);
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = &color;
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_OK);
    CHECK_INT(out[0], 200);
    CHECK_INT(out[2], 200);
    CHECK_INT(out[3], 255);
    CHECK_NEAR(out[5], 100, 1);
    CHECK_INT(out[7], 128);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

enum { W = 12, H = 9 };
static uint8_t rgb[3 * W * H];
static float refined[W * H];

/* A scene of the map; its final inverse depth into `refined`. */
static kb3d_scene *with_map(kb3d_format format, int width, int height, void *values, kb3d_depth_kind kind) {
    kb3d_image picture = image_of(KB3D_FORMAT_RGB8, W, H, rgb), map = image_of(format, width, height, values);
    kb3d_scene *scene = NULL;
    if (!CHECK_INT(create(&picture, &map, kind, &scene), KB3D_OK)) {
        fprintf(stderr, "    %s\n", call.message);
        return NULL;
    }
    kb3d_image out = image_of(KB3D_FORMAT_GRAYF32, W, H, refined);
    CHECK_INT(kb3d_scene_get_depth(scene, KB3D_STAGE_REFINE, &out, &call), KB3D_OK);
    return scene;
}

static void test_depth_kinds(void) {
    uint8_t bytes[W * H];
    uint16_t words[W * H];
    float inverse[W * H], z[W * H];
    for (int i = 0; i < W * H; i++) {
        bytes[i] = (uint8_t)(2 * i + 1);
        words[i] = (uint16_t)(601 * i + 1);
        inverse[i] = 0.01f * (float)(i + 1);
        z[i] = 1 / inverse[i];
    }
    for (int kind = 0; kind < 2; kind++) {
        kb3d_scene *s = with_map(KB3D_FORMAT_GRAY8, W, H, bytes, (kb3d_depth_kind)kind);
        for (int i = 0; i < W * H; i++)
            CHECK_NEAR(refined[i], kind ? 255.0 / bytes[i] : bytes[i] / 255.0f, kind ? 1e-4 : 0); /* as of a file */
        kb3d_scene_destroy(&s);
        s = with_map(KB3D_FORMAT_GRAY16, W, H, words, (kb3d_depth_kind)kind);
        for (int i = 0; i < W * H; i++)
            CHECK_NEAR(kind ? refined[i] * (words[i] / 65535.0) : refined[i] - words[i] / 65535.0f, kind, kind ? 1e-5 : 0);
        kb3d_scene_destroy(&s);
        s = with_map(KB3D_FORMAT_GRAYF32, W, H, kind ? z : inverse, (kb3d_depth_kind)kind);
        for (int i = 0; i < W * H; i++)
            CHECK_NEAR(refined[i], inverse[i], 1e-6);
        kb3d_scene_info info;
        KB3D_INIT(info);
        CHECK_INT(kb3d_scene_get_info(s, &info, NULL), KB3D_OK);
        CHECK_NEAR(info.inverse_depth_min, 0.01, 1e-6);
        CHECK_NEAR(info.inverse_depth_max, 0.01 * W * H, 1e-6);
        uint16_t out[W * H];
        kb3d_image image = image_of(KB3D_FORMAT_GRAY16, W, H, out);
        CHECK_INT(kb3d_scene_get_depth(s, KB3D_STAGE_REFINE, &image, &call), KB3D_OK);
        CHECK_INT(out[W * H - 1], 65535);
        CHECK_NEAR(out[0], 65535.0 / (W * H), 1);
        kb3d_scene_destroy(&s);
    }
}

static void test_unknown_depth(void) { /* filled from the farther neighbour */
    static const float odd[] = {NAN, -1, -INFINITY, INFINITY};
    float map[W * H];
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < W * H; i++)
            map[i] = i % W < 6 ? 1 : 0.25f;
        map[3 * W + 5] = map[3 * W + 6] = odd[k]; /* between near and far */
        map[4 * W] = odd[k];
        for (int x = 0; x < W; x++)
            map[W * (H - 1) + x] = odd[k];
        kb3d_scene *s = with_map(KB3D_FORMAT_GRAYF32, W, H, map, KB3D_DEPTH_INVERSE);
        CHECK_NEAR(refined[3 * W + 5], 0.25, 0);
        CHECK_NEAR(refined[3 * W + 6], 0.25, 0);
        CHECK_NEAR(refined[4 * W], 1, 0);
        CHECK_NEAR(refined[W * (H - 1)], 1, 0);
        CHECK_NEAR(refined[W * H - 1], 0.25, 0);
        kb3d_scene_destroy(&s);
    }
    float z[W * H];
    for (int i = 0; i < W * H; i++)
        z[i] = i % W < 6 ? 2 : 4;
    z[0] = INFINITY; /* infinitely far, and known */
    z[W] = 0;
    z[2 * W] = -3;
    z[3 * W] = NAN;
    kb3d_scene *s = with_map(KB3D_FORMAT_GRAYF32, W, H, z, KB3D_DEPTH_Z);
    CHECK_NEAR(refined[0], 0, 0);
    CHECK_NEAR(refined[W], 0.5, 0);
    CHECK_NEAR(refined[2 * W], 0.5, 0);
    CHECK_NEAR(refined[3 * W], 0.5, 0);
    kb3d_scene_destroy(&s);
    for (int i = 0; i < W * H; i++)
        map[i] = NAN;
    kb3d_image picture = image_of(KB3D_FORMAT_RGB8, W, H, rgb), none = image_of(KB3D_FORMAT_GRAYF32, W, H, map);
    CHECK_INT(create(&picture, &none, KB3D_DEPTH_INVERSE, &s), KB3D_ERROR_FORMAT);
    CHECK(*call.message);
}

/* Any map that has a value anywhere gives frames, for every motion. */
static void test_flat_and_odd_depth(void) {
    static const float levels[] = {0, 1e-20f, 1, 1e20f};
    static uint8_t frame[3 * W * H], painted[W * H];
    float map[W * H];
    for (int k = 0; k < 6; k++) {
        for (int i = 0; i < W * H; i++)
            map[i] = k < 4 ? levels[k] : k == 4 ? (i == 40 ? 1e25f : 1e-25f) : (i == 40 ? 1 : 0);
        kb3d_scene *s = with_map(KB3D_FORMAT_GRAYF32, W, H, map, KB3D_DEPTH_INVERSE);
        for (int motion = KB3D_MOTION_AUTO; motion <= KB3D_MOTION_CIRCLE; motion += motion == KB3D_MOTION_DOLLY ? 2 : 1) {
            kb3d_path_params params;
            KB3D_INIT(params);
            params.motion = (kb3d_motion)motion;
            kb3d_path *path;
            if (!CHECK_INT(kb3d_path_create(s, &params, &path, &call), KB3D_OK)) {
                fprintf(stderr, "    depth %d, motion %d: %s\n", k, motion, call.message);
                continue;
            }
            CHECK_INT(kb3d_path_prepare(path, NULL, &call), KB3D_OK);
            for (int t = 0; t < 3; t++)
                render(path, t, W, H, frame, refined, painted);
            kb3d_path_destroy(&path);
        }
        kb3d_scene_destroy(&s);
    }
}

static void test_sizes(void) {
    static const int sizes[][2] = {{1, 1}, {1, 5000}, {5000, 1}, {2, 3}, {333, 77}};
    uint8_t *pixels = malloc(3 * 333 * 77);
    float *map = malloc(333 * 77 * sizeof *map);
    draw_noise(pixels, 3 * 333 * 77, 3);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int w = sizes[k][0], h = sizes[k][1];
        for (int i = 0; i < w * h; i++)
            map[i] = (i / 50) % 3 ? 1 : 0.3f;
        for (int other = 0; other < 3; other++) { /* the map's size: the same, smaller, larger */
            kb3d_image picture = image_of(KB3D_FORMAT_RGB8, w, h, pixels);
            kb3d_image depth = image_of(KB3D_FORMAT_GRAYF32, other ? 1 + 30 * (other - 1) : w, other ? 7 * other : h, map);
            kb3d_scene *scene;
            kb3d_path *path;
            if (!CHECK_INT(create(&picture, &depth, KB3D_DEPTH_INVERSE, &scene), KB3D_OK))
                continue;
            if (CHECK_INT(kb3d_path_create(scene, NULL, &path, &call), KB3D_OK)) {
                CHECK_INT(kb3d_path_prepare(path, NULL, &call), KB3D_OK);
                uint8_t frame[3 * 64 * 36];
                render(path, 0.5, 64, 36, frame, NULL, NULL);
                render(path, 8, 1, 1, frame, NULL, NULL);
                render(path, -3, 7, 200, frame, NULL, NULL);
            }
            int width, height;
            CHECK_INT(kb3d_scene_get_depth_size(scene, KB3D_STAGE_REFINE, &width, &height, &call), KB3D_OK);
            CHECK(width == w && height == h);
            CHECK_INT(kb3d_scene_get_depth_size(scene, KB3D_STAGE_ESTIMATE, &width, &height, &call), KB3D_OK);
            CHECK(width == depth.width && height == depth.height);
            kb3d_path_destroy(&path);
            kb3d_scene_destroy(&scene);
        }
    }
    free(map);
    free(pixels);
}

static void test_scene_answers(void) {
    float one = 1;
    kb3d_scene *s = with_map(KB3D_FORMAT_GRAYF32, 1, 1, &one, KB3D_DEPTH_INVERSE);
    kb3d_image image = image_of(KB3D_FORMAT_GRAYF32, W - 1, H, refined);
    kb3d_camera camera;
    int width, height;
    KB3D_INIT(camera);
    CHECK_INT(kb3d_scene_get_depth(s, KB3D_STAGE_REFINE, &image, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_get_depth(s, KB3D_STAGE_REFINE, NULL, &call), KB3D_ERROR_ARGUMENT);
    image = image_of(KB3D_FORMAT_GRAY8, W, H, refined);
    CHECK_INT(kb3d_scene_get_depth(s, KB3D_STAGE_REFINE, &image, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_get_depth(NULL, KB3D_STAGE_REFINE, &image, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_get_depth_size(s, (kb3d_stage)7, &width, &height, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_get_depth_size(s, KB3D_STAGE_REFINE, NULL, &height, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_get_info(s, NULL, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_get_camera(s, NULL, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_get_camera(NULL, &camera, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_get_camera(s, &camera, &call), KB3D_OK);
    CHECK(camera.principal_x == W / 2.0 && camera.principal_y == H / 2.0 && camera.rotation[4] == 1);
    kb3d_scene_destroy(&s);
    kb3d_scene_destroy(&s);
    kb3d_scene_destroy(NULL);
}

static void test_format_bytes(void) {
    static const int bytes[] = {0, 1, 3, 3, 4, 4, 2, 6, 8, 4, 12, 16, 0, 0}; /* by kb3d_format */
    for (int f = 0; f < (int)(sizeof bytes / sizeof *bytes); f++)
        CHECK_INT(kb3d_format_bytes((kb3d_format)f), bytes[f]);
    CHECK_INT(kb3d_format_bytes((kb3d_format)-1), 0);
    CHECK_INT(kb3d_format_bytes((kb3d_format)99), 0);
}

int main(void) {
    KB3D_INIT(call);
    ctx = make_ctx(2);
    draw_noise(rgb, sizeof rgb, 9);
    RUN(test_formats_in);
    RUN(test_transfer);
    RUN(test_bright_floats);
    RUN(test_strides);
    RUN(test_alpha);
    RUN(test_refused_images);
    RUN(test_grey_with_alpha);
    RUN(test_depth_kinds);
    RUN(test_unknown_depth);
    RUN(test_flat_and_odd_depth);
    RUN(test_sizes);
    RUN(test_scene_answers);
    RUN(test_format_bytes);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
