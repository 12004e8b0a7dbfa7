/*
 * What tests of the public interface share: pictures out of nothing, scenes of them, frames.
 * Sees the public headers alone.
 */
#ifndef KB3D_TESTS_STAGE_H
#define KB3D_TESTS_STAGE_H

#include "check.h"

#include <kb3d/kb3d.h>

#include <stdlib.h>

/* xorshift32 (Marsaglia 2003): the same pictures everywhere. */
static inline uint32_t random_next(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline double random_unit(uint32_t *state) {
    return random_next(state) * (1.0 / 4294967296.0);
}

static inline kb3d_image image_of(kb3d_format format, int width, int height, void *data) {
    kb3d_image image;
    KB3D_INIT(image);
    image.format = format;
    image.width = width;
    image.height = height;
    image.data[0] = data;
    return image;
}

static inline kb3d_source source_of(const kb3d_image *image) {
    kb3d_source source;
    KB3D_INIT(source);
    source.image = image;
    return source;
}

/* KB3D_TEST_BACKEND=cuda runs a test on that backend. */
static inline kb3d_ctx *make_ctx(int threads) {
    const char *backend = getenv("KB3D_TEST_BACKEND");
    kb3d_ctx_params params;
    KB3D_INIT(params);
    params.threads = threads;
    if (backend && !strcmp(backend, "cuda"))
        params.backend = KB3D_BACKEND_CUDA;
    kb3d_ctx *ctx;
    CHECK_INT(kb3d_ctx_create(&ctx, &params, NULL), KB3D_OK);
    return ctx;
}

/* From any image and a map of inverse depth of the same size. */
static inline kb3d_scene *make_scene_of(kb3d_ctx *ctx, const kb3d_image *picture, const float *disp, double focal) {
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, picture->width, picture->height, (void *)disp);
    kb3d_source from = source_of(picture), depth = source_of(&map);
    kb3d_scene_params params;
    kb3d_call call;
    KB3D_INIT(params);
    KB3D_INIT(call);
    params.picture = &from;
    params.depth = &depth;
    params.focal_px = focal;
    kb3d_scene *scene;
    if (!CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    return scene;
}

static inline kb3d_scene *make_scene(kb3d_ctx *ctx, const uint8_t *rgb, const float *disp, int width, int height,
                                     double focal) {
    kb3d_image picture = image_of(KB3D_FORMAT_RGB8, width, height, (void *)rgb);
    return make_scene_of(ctx, &picture, disp, focal);
}

/* A path through cameras at even times, 0..1. */
static inline kb3d_path *make_path(const kb3d_scene *scene, const kb3d_camera *cameras, size_t count) {
    kb3d_path_params params;
    kb3d_call call;
    KB3D_INIT(params);
    KB3D_INIT(call);
    params.motion = KB3D_MOTION_CAMERAS;
    params.cameras = cameras;
    params.camera_count = count;
    kb3d_path *path;
    if (!CHECK_INT(kb3d_path_create(scene, &params, &path, &call), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    return path;
}

static inline kb3d_camera source_camera(const kb3d_scene *scene) {
    kb3d_camera camera;
    KB3D_INIT(camera);
    CHECK_INT(kb3d_scene_get_camera(scene, &camera, NULL), KB3D_OK);
    return camera;
}

/* Any of the three may be NULL. */
static inline void render(const kb3d_path *path, double t, int width, int height, uint8_t *rgb, float *disp,
                          uint8_t *painted) {
    kb3d_image color = image_of(KB3D_FORMAT_RGB8, width, height, rgb);
    kb3d_image depth = image_of(KB3D_FORMAT_GRAYF32, width, height, disp);
    kb3d_image mask = image_of(KB3D_FORMAT_GRAY8, width, height, painted);
    kb3d_frame frame;
    kb3d_call call;
    KB3D_INIT(frame);
    KB3D_INIT(call);
    frame.color = rgb ? &color : NULL;
    frame.depth = disp ? &depth : NULL;
    frame.painted = painted ? &mask : NULL;
    if (!CHECK_INT(kb3d_path_render(path, t, &frame, &call), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
}

static inline double psnr(const uint8_t *a, const uint8_t *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum > 0 ? 10 * log10(255.0 * 255.0 * (double)count / sum) : 99;
}

/* Noise in every channel: the hardest picture to resample. */
static inline void draw_noise(uint8_t *rgb, size_t count, uint32_t seed) {
    for (size_t i = 0; i < count; i++)
        rgb[i] = (uint8_t)(random_next(&seed) >> 13);
}

/* Waves of some twenty pixels. */
static inline void draw_waves(uint8_t *rgb, int width, int height) {
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                rgb[3 * (y * width + x) + c] =
                    (uint8_t)(127.5 + 60 * sin(0.31 * x + c) + 60 * cos(0.23 * y - 0.07 * x + 2 * c));
}

/* Discs at random depths before a slanted ground: steps of every size, and noise
   that stays below any of them. */
static inline void draw_blobs(float *disp, int width, int height, uint32_t seed) {
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            disp[y * width + x] = (float)(0.1 + 0.2 * y / height + 0.002 * random_unit(&seed));
    for (int i = 0; i < 24; i++) {
        double cx = random_unit(&seed) * width, cy = random_unit(&seed) * height;
        double radius = (0.02 + 0.12 * random_unit(&seed)) * width, d = 0.2 + 0.8 * random_unit(&seed);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                if (hypot(x - cx, y - cy) < radius && disp[y * width + x] < d)
                    disp[y * width + x] = (float)d;
    }
}

#endif
