/*
 * Every call of CUDA's runtime fails once, as for want of memory and as after a fault on the device: the library's call
 * says so, and once all is well again the next one succeeds. On the emulated device alone.
 */
#include "device.h"

enum { WIDTH = 90, HEIGHT = 70, PIXELS = WIDTH * HEIGHT, OUT_OF_MEMORY = 2, ILLEGAL_ADDRESS = 700 };

static float disp[PIXELS];
static uint8_t bytes[3 * PIXELS], frame[4 * PIXELS];

/* Everything from a context to two frames; stops where it fails. */
static kb3d_status run(kb3d_call *call) {
    kb3d_ctx_params ctx_params;
    kb3d_ctx *ctx = NULL;
    kb3d_scene *scene = NULL;
    kb3d_path *path = NULL;
    kb3d_image picture = image_of(KB3D_FORMAT_RGB8, WIDTH, HEIGHT, bytes);
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, WIDTH, HEIGHT, disp);
    kb3d_image color = image_of(KB3D_FORMAT_RGBA8, WIDTH, HEIGHT, frame);
    kb3d_source from = source_of(&picture), depth = source_of(&map);
    kb3d_scene_params params;
    kb3d_frame frames[2];
    const double times[2] = {0, 1};
    KB3D_INIT(ctx_params);
    KB3D_INIT(params);
    ctx_params.backend = KB3D_BACKEND_CUDA;
    ctx_params.threads = 1;
    params.picture = &from;
    params.depth = &depth;
    for (int i = 0; i < 2; i++) {
        KB3D_INIT(frames[i]);
        frames[i].color = &color;
    }
    kb3d_status status = kb3d_ctx_create(&ctx, &ctx_params, call);
    if (!status)
        status = kb3d_scene_create(ctx, &params, &scene, call);
    if (!status)
        status = kb3d_path_create(scene, NULL, &path, call);
    if (!status)
        status = kb3d_path_prepare(path, NULL, call);
    if (!status)
        status = kb3d_path_render(path, 0.5, &frames[0], call);
    if (!status)
        status = kb3d_path_render_many(path, times, frames, 2, call);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
    return status;
}

static void fail_each(int error, kb3d_status want, int step) {
    int calls = 0, others = 0;
    kb3d_status status;
    kb3d_call call;
    KB3D_INIT(call);
    do {
        device.emulated_fail(calls, error);
        status = run(&call);
        /* what the host's memory lacks is told by the allocator; an error in cleaning up is none of the call's */
        if (status && !CHECK(*call.message))
            fprintf(stderr, "    call %d: status %d\n", calls, (int)status);
        others += status && status != want && status != KB3D_ERROR_MEMORY;
        calls += step;
    } while (status && calls < 100000);
    CHECK_INT(others, 0);
    CHECK(calls > 500); /* else the test shows nothing */
    device.emulated_fail(-1, 0);
    CHECK_INT(run(&call), KB3D_OK);
}

static void test_memory(void) {
    fail_each(OUT_OF_MEMORY, KB3D_ERROR_MEMORY, 31);
}

static void test_device_fault(void) {
    fail_each(ILLEGAL_ADDRESS, KB3D_ERROR_INTERNAL, 53);
}

int main(void) {
    kb3d_call call;
    KB3D_INIT(call);
    draw_blobs(disp, WIDTH, HEIGHT, 3);
    draw_noise(bytes, sizeof bytes, 4);
    if (CHECK_INT(run(&call), KB3D_OK) && CHECK(device_open() && device.is_emulated)) {
        RUN(test_memory);
        RUN(test_device_fault);
    } else {
        fprintf(stderr, "    %s\n", call.message);
    }
    return check_end();
}
