/* Every allocation fails once, and everything from it on fails: the status says so, nothing is lost,
   and the context goes on working. */
#include "../stage.h"

#include <pthread.h>

/* An allocator that counts, and fails when told. */
typedef struct counter {
    pthread_mutex_t lock;
    long count;    /* allocations so far */
    long fail_at;  /* the first to fail, from 1; 0: none */
    int only_one;
    long held;
} counter;

static void *counted_alloc(void *user, size_t byte_count) {
    counter *c = user;
    pthread_mutex_lock(&c->lock);
    c->count++;
    int fails = c->fail_at && (c->only_one ? c->count == c->fail_at : c->count >= c->fail_at);
    void *memory = fails ? NULL : malloc(byte_count);
    c->held += memory != NULL;
    pthread_mutex_unlock(&c->lock);
    return memory;
}

static void counted_free(void *user, void *memory) {
    counter *c = user;
    pthread_mutex_lock(&c->lock);
    c->held--;
    pthread_mutex_unlock(&c->lock);
    CHECK(memory);
    free(memory);
}

enum { WIDTH = 70, HEIGHT = 50, SMALL_WIDTH = 23, SMALL_HEIGHT = 17 };

static counter counts = {.lock = PTHREAD_MUTEX_INITIALIZER};
static char ppm[3 * WIDTH * HEIGHT + 32];
static size_t ppm_bytes;
static float disp[SMALL_WIDTH * SMALL_HEIGHT];
static kb3d_call call;

static kb3d_ctx *counted_ctx(void) {
    kb3d_ctx_params params;
    KB3D_INIT(params);
    params.threads = 2;
    params.allocator = (kb3d_allocator){counted_alloc, counted_free, &counts};
    kb3d_ctx *ctx;
    kb3d_status status = kb3d_ctx_create(&ctx, &params, &call);
    CHECK(status == KB3D_OK ? ctx != NULL : ctx == NULL);
    CHECK(status == KB3D_OK || status == KB3D_ERROR_MEMORY);
    return ctx;
}

/* A host's network for any role: its answers are made of the first input's red. */
static int run_network(void *user, kb3d_run *run) {
    const kb3d_tensor *in = &run->inputs[0];
    int64_t count = in->shape[2] * in->shape[3];
    for (int i = 0; i < run->output_count; i++) {
        int64_t shape[4] = {1, i == 0 ? *(int *)user : 1, in->shape[2], in->shape[3]};
        float *out = kb3d_run_answer(run, i, 4, shape);
        if (!out)
            return 1;
        for (int64_t k = 0; k < shape[1] * count; k++)
            out[k] = in->data[k % count];
    }
    return 0;
}

static kb3d_status give_networks(kb3d_ctx *ctx) {
    static const char *const manifests[] = {
        "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"d\", \"output\": \"disparity\","
        "\"input\": {\"size\": {\"exact\": [32, 16]}}}",
        "{\"kb3d_manifest\": 1, \"role\": \"segment\", \"name\": \"s\", \"output\": \"class_ids\","
        "\"classes\": {\"person\": [0], \"sky\": [1]}, \"input\": {\"size\": {\"exact\": [32, 16]}}}",
        "{\"kb3d_manifest\": 1, \"role\": \"refine\", \"name\": \"r\", \"output\": \"inverse_depth\","
        "\"input\": {\"size\": {\"exact\": [48, 32]}}}",
        "{\"kb3d_manifest\": 1, \"role\": \"inpaint\", \"name\": \"i\", \"output\": \"color_and_inverse_depth\","
        "\"context\": \"look\", \"input\": {\"size\": {\"exact\": [96, 80]}}}",
        "{\"kb3d_manifest\": 1, \"role\": \"inpaint_depth\", \"name\": \"f\", \"output\": \"inverse_depth\","
        "\"input\": {\"size\": {\"exact\": [48, 32]}}}"};
    static int channels[] = {1, 1, 1, 3, 1};
    kb3d_model_info info;
    kb3d_status status = KB3D_OK;
    KB3D_INIT(info);
    for (int i = 0; i < 5 && !status; i++) {
        kb3d_model_source source;
        KB3D_INIT(source);
        source.role = (kb3d_model_role)(i + 1);
        source.run = run_network;
        source.user = &channels[i];
        source.manifest = manifests[i];
        if (kb3d_ctx_get_model(ctx, source.role, &info, &call))
            status = kb3d_ctx_add_model(ctx, &source, &call);
    }
    return status;
}

/* A scene and a path made by networks alone. */
static kb3d_status by_networks(kb3d_ctx *ctx) {
    kb3d_source picture;
    kb3d_scene_params params;
    KB3D_INIT(picture);
    KB3D_INIT(params);
    picture.bytes = ppm;
    picture.byte_count = ppm_bytes;
    params.picture = &picture;
    params.depth_quality = KB3D_DEPTH_QUALITY_HIGH;
    kb3d_scene *scene = NULL;
    kb3d_path *path = NULL;
    kb3d_path_params flight;
    KB3D_INIT(flight);
    flight.from = (kb3d_window){WIDTH * 0.3, HEIGHT * 0.5, WIDTH * 0.6, HEIGHT * 0.6};
    flight.to = (kb3d_window){WIDTH * 0.7, HEIGHT * 0.5, WIDTH * 0.6, HEIGHT * 0.6};
    flight.motion = KB3D_MOTION_WINDOWS;
    flight.parallax = 1;
    flight.range_start = flight.range_end = 1; /* one view */
    kb3d_status status = give_networks(ctx);
    if (!status && !(status = kb3d_scene_create(ctx, &params, &scene, &call)) &&
        !(status = kb3d_path_create(scene, &flight, &path, &call)) &&
        !(status = kb3d_path_prepare(path, NULL, &call))) {
        kb3d_model_info info;
        KB3D_INIT(info);
        for (int role = KB3D_MODEL_DEPTH; role <= KB3D_MODEL_INPAINT_DEPTH; role++)
            CHECK(!kb3d_ctx_get_model(ctx, (kb3d_model_role)role, &info, NULL) && info.run_count > 0);
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    return status;
}

/* Scene, path, preparation, frames; stops at the first failure. */
static kb3d_status from_depth(kb3d_ctx *ctx) {
    static uint8_t rgb[3 * 90 * 60];
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, SMALL_WIDTH, SMALL_HEIGHT, disp);
    kb3d_image color = image_of(KB3D_FORMAT_RGB8, 90, 60, rgb);
    kb3d_source picture, depth = source_of(&map);
    kb3d_scene_params params;
    kb3d_path_params flight;
    kb3d_frame frame;
    KB3D_INIT(picture);
    KB3D_INIT(params);
    KB3D_INIT(flight);
    KB3D_INIT(frame);
    picture.bytes = ppm;
    picture.byte_count = ppm_bytes;
    params.picture = &picture;
    params.depth = &depth;
    frame.color = &color;
    kb3d_scene *scene = (kb3d_scene *)&params;
    kb3d_path *path = NULL, *list = NULL;
    kb3d_status status = kb3d_scene_create(ctx, &params, &scene, &call);
    CHECK(status ? scene == NULL : scene != NULL);
    if (!status && !(status = kb3d_path_create(scene, &flight, &path, &call)) &&
        !(status = kb3d_path_render(path, 0.5, &frame, &call)) &&
        !(status = kb3d_path_prepare(path, NULL, &call)) &&
        !(status = kb3d_path_render(path, 1, &frame, &call))) {
        kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
        flight.motion = KB3D_MOTION_CAMERAS;
        flight.cameras = cameras;
        flight.camera_count = 2;
        status = kb3d_path_create(scene, &flight, &list, &call);
    }
    kb3d_path_destroy(&list);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    return status;
}

static kb3d_status everything(kb3d_ctx *ctx) {
    kb3d_status status = from_depth(ctx);
    return status ? status : by_networks(ctx);
}

static long fail_each(int only_one, long *failed) {
    long n = 1;
    *failed = 0;
    for (;; n++) {
        counts.count = 0;
        counts.fail_at = n;
        counts.only_one = only_one;
        kb3d_ctx *ctx = counted_ctx();
        kb3d_status status = ctx ? everything(ctx) : KB3D_ERROR_MEMORY;
        int reached = counts.count >= n;
        if (status) {
            ++*failed;
            CHECK_INT(status, KB3D_ERROR_MEMORY);
            CHECK(*call.message);
        } else if (!only_one) {
            CHECK(!reached);
        }
        counts.fail_at = 0;
        if (ctx && status)
            CHECK_INT(everything(ctx), KB3D_OK); /* the context has not suffered */
        kb3d_ctx_destroy(&ctx);
        if (!CHECK_INT(counts.held, 0)) {
            fprintf(stderr, "    allocation %ld: %ld are left\n", n, counts.held);
            counts.held = 0;
        }
        if (!reached || n > 5000)
            return n - 1;
    }
}

static void test_from_each_on(void) {
    long failed, count = fail_each(0, &failed);
    printf("    %ld allocations, %ld failures\n", count, failed);
    CHECK(count > 20);
    CHECK_INT(failed, count);
}

static void test_each_alone(void) {
    long failed, count = fail_each(1, &failed);
    printf("    %ld allocations, %ld failures\n", count, failed);
    CHECK(count > 20);
    CHECK(failed > count / 2); /* some are tried again without what was kept */
}

int main(void) {
    KB3D_INIT(call);
    setenv("KB3D_MODEL_PATH", "", 1);
    ppm_bytes = (size_t)snprintf(ppm, sizeof ppm, "P6\n%d %d\n255\n", WIDTH, HEIGHT);
    draw_noise((uint8_t *)ppm + ppm_bytes, 3 * WIDTH * HEIGHT, 3);
    ppm_bytes += 3 * WIDTH * HEIGHT;
    draw_blobs(disp, SMALL_WIDTH, SMALL_HEIGHT, 5);
    RUN(test_from_each_on);
    RUN(test_each_alone);
    return check_end();
}
