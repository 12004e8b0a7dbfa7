/* Frames out: every format, strides, odd sizes, depth and mask, and what is refused. */
#include "../stage.h"

static kb3d_ctx *ctx;
static kb3d_call call;

enum { W = 5, H = 3 };
static uint8_t rgb[3 * W * H];
static float disp[W * H];

static kb3d_path *still(kb3d_scene **scene) {
    *scene = make_scene(ctx, rgb, disp, W, H, 10);
    kb3d_camera camera = source_camera(*scene);
    return make_path(*scene, &camera, 1);
}

static kb3d_status render_to(const kb3d_path *path, const kb3d_image *color) {
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = color;
    return kb3d_path_render(path, 0, &frame, &call);
}

static void test_packed_formats(void) {
    kb3d_scene *scene;
    kb3d_path *path = still(&scene);
    for (int format = KB3D_FORMAT_RGB8; format <= KB3D_FORMAT_RGBAF32; format++) {
        if (format == KB3D_FORMAT_GRAY16 || format == KB3D_FORMAT_GRAYF32)
            continue;
        int swapped = format == KB3D_FORMAT_BGR8 || format == KB3D_FORMAT_BGRA8;
        int channels = format == KB3D_FORMAT_RGBA8 || format == KB3D_FORMAT_BGRA8 || format == KB3D_FORMAT_RGBA16 ||
                               format == KB3D_FORMAT_RGBAF32 ? 4 : 3;
        int bytes = format < KB3D_FORMAT_GRAY16 ? 1 : format < KB3D_FORMAT_GRAYF32 ? 2 : 4;
        for (int turned = 0; turned < 2; turned++) { /* bottom row first, with room between the rows */
            uint8_t room[H * 96], before[sizeof room];
            memset(room, 0xee, sizeof room);
            memcpy(before, room, sizeof room);
            kb3d_image image = image_of((kb3d_format)format, W, H, turned ? room + 96 * (H - 1) : room);
            image.stride[0] = turned ? -96 : 96;
            CHECK_INT(render_to(path, &image), KB3D_OK);
            for (int y = 0; y < H; y++) {
                uint8_t *row = (uint8_t *)image.data[0] + y * image.stride[0];
                for (int x = 0; x < W; x++)
                    for (int c = 0; c < channels; c++) {
                        int want = c == 3 ? 255 : rgb[3 * (y * W + x) + (swapped ? 2 - c : c)];
                        uint8_t *at = row + (x * channels + c) * bytes;
                        uint16_t word;
                        float number;
                        memcpy(&word, at, 2);
                        memcpy(&number, at, sizeof number);
                        if (bytes == 1)
                            CHECK_INT(*at, want);
                        else if (bytes == 2)
                            CHECK_INT(word, want * 257);
                        else
                            CHECK_NEAR(number, want / 255.0, 1e-6);
                    }
                size_t used = (size_t)(W * channels * bytes);
                CHECK(!memcmp(row + used, before, 96 - used)); /* nothing between the rows */
            }
        }
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

/* BT.709, limited range: Y = 16 + 219 (.2126 R + .7152 G + .0722 B), Cb = 128 + 224 (B - Y') / 1.8556,
   Cr = 128 + 224 (R - Y') / 1.5748, with Y' before scaling. */
static void bt709(const double color[3], double yuv[3]) {
    double luma = 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2];
    yuv[0] = 16 + 219 * luma / 255;
    yuv[1] = 128 + 224 * (color[2] - luma) / 1.8556 / 255;
    yuv[2] = 128 + 224 * (color[0] - luma) / 1.5748 / 255;
}

static void test_known_yuv(void) {
    static const struct {
        uint8_t rgb[3], yuv[3];
    } known[] = {{{255, 255, 255}, {235, 128, 128}}, {{0, 0, 0}, {16, 128, 128}}, {{255, 0, 0}, {63, 102, 240}},
                 {{0, 255, 0}, {173, 42, 26}}, {{0, 0, 255}, {32, 240, 118}}, {{128, 128, 128}, {126, 128, 128}}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        for (int i = 0; i < W * H; i++)
            memcpy(rgb + 3 * i, known[k].rgb, 3);
        kb3d_scene *scene;
        kb3d_path *path = still(&scene);
        uint8_t yuv[3][64];
        kb3d_image image = image_of(KB3D_FORMAT_I420, W, H, yuv[0]);
        image.data[1] = yuv[1];
        image.data[2] = yuv[2];
        CHECK_INT(render_to(path, &image), KB3D_OK);
        for (int i = 0; i < W * H; i++)
            CHECK_INT(yuv[0][i], known[k].yuv[0]);
        for (int i = 0; i < 3 * 2; i++) {
            CHECK_INT(yuv[1][i], known[k].yuv[1]);
            CHECK_INT(yuv[2][i], known[k].yuv[2]);
        }
        kb3d_path_destroy(&path);
        kb3d_scene_destroy(&scene);
    }
}

/* Chroma sits on the left sample of each pair and between the rows: 1 2 1 across, 1 1 down. */
static void test_chroma_siting(void) {
    draw_noise(rgb, sizeof rgb, 7);
    kb3d_scene *scene;
    kb3d_path *path = still(&scene);
    uint8_t planar[3][64], paired[2][64];
    memset(planar, 0xee, sizeof planar);
    memset(paired, 0xee, sizeof paired);
    kb3d_image i420 = image_of(KB3D_FORMAT_I420, W, H, planar[0]), nv12 = image_of(KB3D_FORMAT_NV12, W, H, paired[0]);
    i420.data[1] = planar[1] + 32;
    i420.data[2] = planar[2];
    nv12.data[1] = paired[1];
    i420.stride[0] = 9;
    i420.stride[1] = -7;
    nv12.stride[1] = 8;
    CHECK_INT(render_to(path, &i420), KB3D_OK);
    CHECK_INT(render_to(path, &nv12), KB3D_OK);
    for (int y = 0; y < (H + 1) / 2; y++)
        for (int x = 0; x < (W + 1) / 2; x++) {
            double sum[3] = {0}, yuv[3];
            for (int dy = 0; dy < 2; dy++)
                for (int dx = -1; dx <= 1; dx++) {
                    int px = 2 * x + dx, py = 2 * y + dy;
                    px = px < 0 ? 0 : px >= W ? W - 1 : px;
                    py = py >= H ? H - 1 : py;
                    for (int c = 0; c < 3; c++)
                        sum[c] += rgb[3 * (py * W + px) + c] * (dx ? 1 : 2) / 8.0;
                }
            bt709(sum, yuv);
            CHECK_NEAR(planar[1][32 - 7 * y + x], yuv[1], 0.6);
            CHECK_NEAR(planar[2][3 * y + x], yuv[2], 0.6);
            CHECK_INT(paired[1][8 * y + 2 * x], planar[1][32 - 7 * y + x]);
            CHECK_INT(paired[1][8 * y + 2 * x + 1], planar[2][3 * y + x]);
        }
    for (int y = 0; y < H; y++)
        for (int x = 0; x < 9; x++) {
            double color[3], yuv[3];
            for (int c = 0; c < 3 && x < W; c++)
                color[c] = rgb[3 * (y * W + x) + c];
            if (x < W) {
                bt709(color, yuv);
                CHECK_NEAR(planar[0][9 * y + x], yuv[0], 0.6);
                CHECK_INT(paired[0][W * y + x], planar[0][9 * y + x]);
            } else {
                CHECK_INT(planar[0][9 * y + x], 0xee);
            }
        }
    CHECK_INT(planar[1][32 + 3], 0xee);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

static void test_only_depth_or_mask(void) {
    kb3d_scene *scene;
    kb3d_path *path = still(&scene);
    float depth[W * H];
    uint8_t mask[W * H];
    render(path, 0, W, H, NULL, depth, NULL);
    for (int i = 0; i < W * H; i++)
        CHECK_NEAR(depth[i], disp[i], 1e-6);
    render(path, 0, W, H, NULL, NULL, mask);
    for (int i = 0; i < W * H; i++)
        CHECK_INT(mask[i], 0);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

static void test_refused_frames(void) {
    kb3d_scene *scene;
    kb3d_path *path = still(&scene);
    static float room[4 * W * H];
    kb3d_image color = image_of(KB3D_FORMAT_RGB8, W, H, room), depth = image_of(KB3D_FORMAT_GRAYF32, W, H, room), bad;
    kb3d_frame frame;
    KB3D_INIT(frame);
    CHECK_INT(kb3d_path_render(path, 0, NULL, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_ERROR_ARGUMENT);
    CHECK_TEXT(call.message, "no image");
    frame.color = &color;
    CHECK_INT(kb3d_path_render(NULL, 0, &frame, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_path_render(path, NAN, &frame, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_path_render(path, INFINITY, &frame, &call), KB3D_ERROR_ARGUMENT);
    frame.depth = &color;
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_ERROR_ARGUMENT);
    frame.depth = &depth;
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_OK);
    depth.width--;
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_ERROR_ARGUMENT);
    CHECK_TEXT(call.message, "size");
    frame.depth = NULL;
    frame.painted = &color;
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_ERROR_ARGUMENT);
    frame.painted = NULL;
    frame.size = 4;
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_ERROR_ARGUMENT);
    frame.size = sizeof frame;
    frame.color = &bad;
#define REFUSED(change)                                                        \
    bad = color;                                                               \
    change;                                                                    \
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_ERROR_ARGUMENT);  \
    CHECK(*call.message)
    REFUSED(bad.size = 1);
    REFUSED(bad.format = KB3D_FORMAT_GRAY16);
    REFUSED(bad.format = KB3D_FORMAT_GRAYF32);
    REFUSED(bad.format = KB3D_FORMAT_NONE);
    REFUSED(bad.width = 0);
    REFUSED(bad.data[0] = NULL);
    REFUSED(bad.stride[0] = 3 * W - 1);
    REFUSED(bad.format = KB3D_FORMAT_I420);  /* two planes are NULL */
    REFUSED(bad.format = KB3D_FORMAT_RGBF32; bad.data[0] = (char *)room + 1; bad.width = 1);
#undef REFUSED
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

int main(void) {
    KB3D_INIT(call);
    ctx = make_ctx(2);
    draw_noise(rgb, sizeof rgb, 5);
    for (int i = 0; i < W * H; i++)
        disp[i] = 0.5f + 0.01f * (float)i;
    RUN(test_packed_formats);
    RUN(test_known_yuv);
    RUN(test_chroma_siting);
    RUN(test_only_depth_or_mask);
    RUN(test_refused_frames);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
