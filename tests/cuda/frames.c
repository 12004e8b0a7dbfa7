/*
 * The CUDA backend against the CPU, through the public interface: whole frames are the same within one level of 255
 * on 99.99 % of the pixels, masks and depth on all of them; in the host's memory, in the device's, one by one and many
 * at a time. Run on the emulated device, and by scripts/gpu-check on a real one.
 */
#include "device.h"

enum { WIDTH = 331, HEIGHT = 223, PIXELS = WIDTH * HEIGHT, MANY = 7 };

static float disp[PIXELS], wide[4 * PIXELS];
static uint8_t bytes[4 * PIXELS];
static uint16_t words[4 * PIXELS];
static kb3d_ctx *on[2]; /* the CPU, CUDA */

typedef struct shot {
    uint8_t color[16 * PIXELS];
    float depth[PIXELS];
    uint8_t painted[PIXELS];
} shot;

static shot shots[2], many[MANY];

static void frame_of(kb3d_frame *f, kb3d_image images[3], kb3d_format format, void *color, void *depth, void *painted) {
    images[0] = image_of(format, WIDTH, HEIGHT, color);
    if (format == KB3D_FORMAT_NV12)
        images[0].data[1] = (uint8_t *)color + PIXELS;
    images[1] = image_of(KB3D_FORMAT_GRAYF32, WIDTH, HEIGHT, depth);
    images[2] = image_of(KB3D_FORMAT_GRAY8, WIDTH, HEIGHT, painted);
    KB3D_INIT(*f);
    f->color = &images[0];
    f->depth = depth ? &images[1] : NULL;
    f->painted = painted ? &images[2] : NULL;
}

static void check_same(const shot *a, const shot *b, kb3d_format format, const char *what) {
    size_t bytes_a_pixel = (size_t)kb3d_format_bytes(format);
    int wrong = 0;
    for (size_t i = 0; i < PIXELS; i++) {
        int off = 0;
        if (format == KB3D_FORMAT_RGBAF32)
            for (int c = 0; c < 4; c++)
                off |= !(fabsf(((const float *)a->color)[4 * i + c] - ((const float *)b->color)[4 * i + c]) <= 1.0f / 255);
        for (size_t c = 0; format != KB3D_FORMAT_RGBAF32 && c < bytes_a_pixel + !bytes_a_pixel; c++)
            off |= abs(a->color[bytes_a_pixel * i + c] - b->color[bytes_a_pixel * i + c]) > 1;
        wrong += off;
    }
    if (!CHECK(wrong <= PIXELS / 10000) || !CHECK(!memcmp(a->depth, b->depth, sizeof a->depth)) ||
        !CHECK(!memcmp(a->painted, b->painted, sizeof a->painted)))
        fprintf(stderr, "    %s: %d of %d pixels differ in format %d\n", what, wrong, PIXELS, (int)format);
}

static kb3d_scene *build(int which, const kb3d_image *picture) {
    return make_scene_of(on[which], picture, disp, 300);
}

static kb3d_path *fly(const kb3d_scene *scene) {
    kb3d_path_params p;
    kb3d_path *path = NULL;
    KB3D_INIT(p);
    p.seed = 9;
    p.zoom = 1.5;
    CHECK_INT(kb3d_path_create(scene, &p, &path, NULL), KB3D_OK);
    return path;
}

/* Pictures of every depth of samples, flights before and after they are prepared. */
static void test_frames(void) {
    static const kb3d_format OUT[] = {KB3D_FORMAT_RGBA8, KB3D_FORMAT_NV12, KB3D_FORMAT_RGBAF32};
    const kb3d_image pictures[3] = {image_of(KB3D_FORMAT_RGB8, WIDTH, HEIGHT, bytes),
                                    image_of(KB3D_FORMAT_RGBA16, WIDTH, HEIGHT, words),
                                    image_of(KB3D_FORMAT_RGBAF32, WIDTH, HEIGHT, wide)};
    for (int p = 0; p < 3; p++) {
        kb3d_scene *scenes[2];
        kb3d_path *paths[2];
        for (int k = 0; k < 2; k++)
            paths[k] = fly(scenes[k] = build(k, &pictures[p]));
        for (int i = 0; i < 6; i++) {
            if (i == 3)
                for (int k = 0; k < 2; k++)
                    CHECK_INT(kb3d_path_prepare(paths[k], NULL, NULL), KB3D_OK);
            for (int k = 0; k < 2; k++) {
                kb3d_frame f;
                kb3d_image images[3];
                frame_of(&f, images, OUT[i % 3], shots[k].color, shots[k].depth, shots[k].painted);
                CHECK_INT(kb3d_path_render(paths[k], 0.4 * i, &f, NULL), KB3D_OK);
            }
            check_same(&shots[0], &shots[1], OUT[i % 3], i < 3 ? "a flight" : "a prepared flight");
        }
        for (int k = 0; k < 2; k++) {
            kb3d_path_destroy(&paths[k]);
            kb3d_scene_destroy(&scenes[k]);
        }
    }
}

/* Many frames into the host's memory at once are those one by one. */
static void test_many(void) {
    const kb3d_image picture = image_of(KB3D_FORMAT_RGB8, WIDTH, HEIGHT, bytes);
    for (int k = 0; k < 2; k++) {
        kb3d_scene *scene = build(k, &picture);
        kb3d_path *path = fly(scene);
        kb3d_frame frames[MANY], f;
        kb3d_image images[MANY][3], own[3];
        double times[MANY];
        for (int i = 0; i < MANY; i++) {
            times[i] = i / (MANY - 1.0);
            frame_of(&frames[i], images[i], KB3D_FORMAT_NV12, many[i].color, many[i].depth, many[i].painted);
        }
        CHECK_INT(kb3d_path_render_many(path, times, frames, MANY, NULL), KB3D_OK);
        for (int i = 0; i < MANY; i++) {
            frame_of(&f, own, KB3D_FORMAT_NV12, shots[k].color, shots[k].depth, shots[k].painted);
            CHECK_INT(kb3d_path_render(path, times[i], &f, NULL), KB3D_OK);
            CHECK(!memcmp(shots[k].color, many[i].color, PIXELS * 3 / 2) &&
                  !memcmp(shots[k].depth, many[i].depth, sizeof many[i].depth));
        }
        times[3] = NAN;
        CHECK_INT(kb3d_path_render_many(path, times, frames, MANY, NULL), KB3D_ERROR_ARGUMENT);
        CHECK_INT(kb3d_path_render_many(path, NULL, NULL, 0, NULL), KB3D_OK);
        CHECK_INT(kb3d_path_render_many(path, NULL, NULL, 1, NULL), KB3D_ERROR_ARGUMENT);
        kb3d_path_destroy(&path);
        kb3d_scene_destroy(&scene);
    }
}

/* Picture, depth and frames on the device, in order with a stream of the host's. */
static void test_device_memory(void) {
    kb3d_image picture = image_of(KB3D_FORMAT_RGB8, WIDTH, HEIGHT, bytes);
    kb3d_scene *want = build(0, &picture), *got = NULL;
    void *there[3] = {device_alloc(3 * PIXELS), device_alloc(sizeof disp), device_alloc(4 * PIXELS)};
    device_put(there[0], bytes, 3 * PIXELS);
    device_put(there[1], disp, sizeof disp);
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, WIDTH, HEIGHT, there[1]);
    picture.data[0] = there[0];
    picture.memory = map.memory = KB3D_MEMORY_DEVICE;
    kb3d_source from = source_of(&picture), depth = source_of(&map);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &from;
    params.depth = &depth;
    params.focal_px = 300;
    CHECK_INT(kb3d_scene_create(on[0], &params, &got, NULL), KB3D_ERROR_ARGUMENT); /* the CPU cannot */
    CHECK_INT(kb3d_scene_create(on[1], &params, &got, NULL), KB3D_OK);
    kb3d_path *paths[2] = {fly(want), fly(got)};
    void *stream = device_stream_create();
    for (int i = 0; i < 4; i++) {
        kb3d_frame f;
        kb3d_image images[3];
        frame_of(&f, images, KB3D_FORMAT_RGBA8, shots[0].color, NULL, NULL);
        CHECK_INT(kb3d_path_render(paths[0], 0.3 * i, &f, NULL), KB3D_OK);
        frame_of(&f, images, KB3D_FORMAT_RGBA8, there[2], NULL, NULL);
        images[0].memory = KB3D_MEMORY_DEVICE;
        f.stream = i % 2 ? stream : NULL;
        CHECK_INT(kb3d_path_render(paths[0], 0.3 * i, &f, NULL), KB3D_ERROR_ARGUMENT);
        CHECK_INT(kb3d_path_render(paths[1], 0.3 * i, &f, NULL), KB3D_OK);
        if (f.stream)
            device_stream_wait(stream);
        device_get(shots[1].color, there[2], 4 * PIXELS);
        memcpy(shots[1].depth, shots[0].depth, sizeof shots[0].depth);
        memcpy(shots[1].painted, shots[0].painted, sizeof shots[0].painted);
        check_same(&shots[0], &shots[1], KB3D_FORMAT_RGBA8, "device memory");
    }
    kb3d_path_destroy(&paths[0]);
    kb3d_path_destroy(&paths[1]);
    kb3d_scene_destroy(&want);
    kb3d_scene_destroy(&got);
    device_stream_destroy(stream);
    for (int i = 0; i < 3; i++)
        device_free(there[i]);
}

static void test_devices(void) {
    kb3d_call call;
    kb3d_device_info info;
    kb3d_ctx_info ctx_info;
    int count = 0;
    KB3D_INIT(call);
    KB3D_INIT(info);
    KB3D_INIT(ctx_info);
    CHECK_INT(kb3d_backend_device_count(KB3D_BACKEND_CUDA, &count, &call), KB3D_OK);
    CHECK(count >= 1);
    CHECK_INT(kb3d_backend_get_device(KB3D_BACKEND_CUDA, 1, &info, &call), KB3D_OK);
    CHECK(*info.name && info.memory_bytes > 0 && info.compute_major >= 7);
    CHECK_INT(kb3d_backend_get_device(KB3D_BACKEND_CUDA, count + 1, &info, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_backend_get_device(KB3D_BACKEND_CPU, 1, &info, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_ctx_get_info(on[1], &ctx_info, &call), KB3D_OK);
    CHECK_INT(ctx_info.backend, KB3D_BACKEND_CUDA);
    CHECK(ctx_info.device >= 1 && ctx_info.device <= count);
    kb3d_ctx_params params;
    kb3d_ctx *ctx;
    KB3D_INIT(params);
    params.device = 1;
    CHECK_INT(kb3d_ctx_create(&ctx, &params, &call), KB3D_ERROR_ARGUMENT);
    params.backend = KB3D_BACKEND_CUDA;
    params.device = count + 1;
    CHECK_INT(kb3d_ctx_create(&ctx, &params, &call), KB3D_ERROR_ARGUMENT);
    CHECK_TEXT(call.message, "there is no device");
}

int main(void) {
    uint32_t seed = 77;
    draw_blobs(disp, WIDTH, HEIGHT, 5);
    draw_noise(bytes, sizeof bytes, 6);
    for (int i = 0; i < 4 * PIXELS; i++) {
        words[i] = (uint16_t)random_next(&seed);
        wide[i] = (float)(i % 4 == 3 ? 1 : 2 * random_unit(&seed) - 0.2);
    }
    kb3d_ctx_params params;
    kb3d_call call;
    KB3D_INIT(params);
    KB3D_INIT(call);
    params.threads = 2;
    params.backend = KB3D_BACKEND_CPU;
    CHECK_INT(kb3d_ctx_create(&on[0], &params, &call), KB3D_OK);
    params.backend = KB3D_BACKEND_CUDA;
    if (CHECK_INT(kb3d_ctx_create(&on[1], &params, &call), KB3D_OK) && CHECK(device_open())) {
        RUN(test_devices);
        RUN(test_frames);
        RUN(test_many);
        RUN(test_device_memory);
    } else {
        fprintf(stderr, "    %s\n", call.message);
    }
    kb3d_ctx_destroy(&on[0]);
    kb3d_ctx_destroy(&on[1]);
    return check_end();
}
