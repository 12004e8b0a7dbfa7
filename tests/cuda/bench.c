/*
 * Frames a second into buffers on the device, beside the time that the least of bytes to be moved would take:
 *
 *     cuda_bench [WIDTHxHEIGHT ...]        1920x1080, 3840x2160 and 7680x4320 by default
 *
 * The bytes of a frame are counted a pixel: three planes of keys are cleared and read (16 each) and one is written (8), the
 * picture is read (4), colour, depth and masks are written (10), the fill reads the mask (1), the export reads the
 * colour (4) and writes the frame (4, or 1.5). Patches, which are few where depth is smooth, are not counted. What the
 * memory gives is measured by a copy on the device.
 */
#include "device.h"

#include <time.h>

enum { FRAMES = 240, WARM = 16 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Bytes a second of a copy, read and written; 0: unknown. */
static double copy_rate(void *stream) {
    enum { ROUNDS = 20 };
    size_t bytes = 1u << 30;
    int (*copy)(uintptr_t to, uintptr_t from, size_t bytes, void *stream);
    void *driver = dlopen("libcuda.so.1", RTLD_NOW), *a, *b;
    if (device.is_emulated || !driver || !device_find(driver, "cuMemcpyDtoDAsync_v2", &copy))
        return 0;
    a = device_alloc(bytes);
    b = device_alloc(bytes);
    double begin = 0;
    for (int i = -2; a && b && i < ROUNDS; i++) {
        if (i == 0) {
            device_stream_wait(stream);
            begin = now();
        }
        CHECK_INT(copy((uintptr_t)b, (uintptr_t)a, bytes, stream), 0);
    }
    device_stream_wait(stream);
    double rate = a && b ? 2.0 * (double)bytes * ROUNDS / (now() - begin) : 0;
    device_free(a);
    device_free(b);
    return rate;
}

static void draw(uint8_t *rgb, float *disp, int width, int height) {
    uint32_t seed = 5;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            size_t at = (size_t)y * (size_t)width + (size_t)x;
            double u = (double)x / width, v = (double)y / height;
            int near = (u - 0.4) * (u - 0.4) + (v - 0.5) * (v - 0.5) < 0.04;
            disp[at] = (float)(near ? 0.8 + 0.05 * u : 0.2 + 0.1 * v);
            for (int c = 0; c < 3; c++)
                rgb[3 * at + (size_t)c] = (uint8_t)(128 + 60 * sin(40 * u + c) + random_next(&seed) % 32);
        }
}

static void measure(const kb3d_path *path, kb3d_format format, int width, int height, double rate, void *stream) {
    size_t pixels = (size_t)width * (size_t)height;
    int is_yuv = format == KB3D_FORMAT_NV12;
    void *there = device_alloc(4 * pixels);
    kb3d_image image = image_of(format, width, height, there);
    kb3d_frame frame;
    KB3D_INIT(frame);
    image.data[1] = is_yuv ? (uint8_t *)there + pixels : NULL;
    image.memory = KB3D_MEMORY_DEVICE;
    frame.color = &image;
    frame.stream = stream;
    double begin = 0;
    int count = device.is_emulated ? 2 : FRAMES, warm = device.is_emulated ? 0 : WARM;
    for (int i = -warm; i < count; i++) {
        if (i == 0) {
            device_stream_wait(stream);
            begin = now();
        }
        CHECK_INT(kb3d_path_render(path, (i + warm) / (double)(count + warm), &frame, NULL), KB3D_OK);
    }
    device_stream_wait(stream);
    double ms = (now() - begin) * 1e3 / count, bytes = (75 + (is_yuv ? 1.5 : 4)) * (double)pixels;
    double floor_ms = rate > 0 ? bytes / rate * 1e3 : 0;
    printf("%5d x %-5d %-5s %9.1f %9.3f %9.3f %7.1f\n", width, height, is_yuv ? "NV12" : "RGBA", 1e3 / ms, ms, floor_ms,
           floor_ms > 0 ? ms / floor_ms : 0);
    device_free(there);
}

static void run(kb3d_ctx *ctx, int width, int height, double rate, void *stream) {
    size_t pixels = (size_t)width * (size_t)height;
    uint8_t *rgb = malloc(3 * pixels);
    float *disp = malloc(pixels * sizeof *disp);
    if (!CHECK(rgb && disp))
        exit(1);
    draw(rgb, disp, width, height);
    kb3d_image picture = image_of(KB3D_FORMAT_RGB8, width, height, rgb);
    kb3d_scene *scene = make_scene_of(ctx, &picture, disp, width);
    kb3d_scene_destroy(&scene); /* warm */
    double begin = now();
    scene = make_scene_of(ctx, &picture, disp, width);
    double scene_ms = (now() - begin) * 1e3;
    kb3d_path *path = NULL;
    CHECK_INT(kb3d_path_create(scene, NULL, &path, NULL), KB3D_OK);
    begin = now();
    CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    printf("%5d x %-5d scene %.1f ms, preparation %.1f ms\n", width, height, scene_ms, (now() - begin) * 1e3);
    measure(path, KB3D_FORMAT_NV12, width, height, rate, stream);
    measure(path, KB3D_FORMAT_RGBA8, width, height, rate, stream);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    free(rgb);
    free(disp);
}

int main(int count, char **arguments) {
    static const int sizes[][2] = {{1920, 1080}, {3840, 2160}, {7680, 4320}};
    kb3d_ctx_params params;
    kb3d_call call;
    kb3d_ctx *ctx;
    kb3d_device_info info;
    KB3D_INIT(params);
    KB3D_INIT(call);
    KB3D_INIT(info);
    params.backend = KB3D_BACKEND_CUDA;
    if (!CHECK_INT(kb3d_ctx_create(&ctx, &params, &call), KB3D_OK) || !CHECK(device_open())) {
        fprintf(stderr, "    %s\n", call.message);
        return check_end();
    }
    CHECK_INT(kb3d_backend_get_device(KB3D_BACKEND_CUDA, 1, &info, &call), KB3D_OK);
    void *stream = device_stream_create();
    double rate = copy_rate(stream);
    printf("%s; a copy moves %.0f GB/s\n", info.name, rate * 1e-9);
    printf("%-13s %-5s %9s %9s %9s %7s\n", "size", "", "frames/s", "ms", "floor ms", "times");
    for (int i = 0; i < (count > 1 ? count - 1 : 3); i++) {
        int width = sizes[i % 3][0], height = sizes[i % 3][1];
        if (count > 1 && sscanf(arguments[i + 1], "%dx%d", &width, &height) != 2)
            return 2;
        run(ctx, width, height, rate, stream);
    }
    device_stream_destroy(stream);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
