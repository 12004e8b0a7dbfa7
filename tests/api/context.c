/* Contexts, and what every call keeps: statuses, struct sizes, messages, the host's hooks. */
#include "../stage.h"

#include <pthread.h>
#include <stdlib.h>

enum { WIDTH = 60, HEIGHT = 40 };
static uint8_t rgb[3 * WIDTH * HEIGHT];
static float disp[WIDTH * HEIGHT];
static kb3d_call call;

static void test_versions_and_texts(void) {
    CHECK(strlen(kb3d_version()) >= 5);
    CHECK_INT(kb3d_api_version(), KB3D_API_MAJOR << 16 | KB3D_API_MINOR);
    for (int status = 5; status > -20; status--)
        CHECK(kb3d_status_text((kb3d_status)status) && *kb3d_status_text((kb3d_status)status));
    CHECK(strcmp(kb3d_status_text(KB3D_ERROR_MEMORY), kb3d_status_text(KB3D_ERROR_LIMIT)));
}

static void test_struct_init(void) {
    kb3d_path_params p;
    memset(&p, 0xab, sizeof p);
    KB3D_INIT(p);
    CHECK_INT(p.size, sizeof p);
    size_t others = 0;
    for (size_t i = sizeof p.size; i < sizeof p; i++)
        others += ((unsigned char *)&p)[i] != 0;
    CHECK_INT(others, 0);
    kb3d_struct_init(NULL, 100);
    unsigned char small[3] = {1, 2, 3};
    kb3d_struct_init(small, sizeof small);
    CHECK(small[0] == 1 && small[2] == 3);
}

static void test_create(void) {
    kb3d_ctx *ctx = (kb3d_ctx *)&call;
    kb3d_ctx_params p;
    CHECK_INT(kb3d_ctx_create(NULL, NULL, &call), KB3D_ERROR_ARGUMENT);
    CHECK(*call.message);
    KB3D_INIT(p);
    p.threads = -1;
    CHECK_INT(kb3d_ctx_create(&ctx, &p, &call), KB3D_ERROR_ARGUMENT);
    CHECK(!ctx);
    CHECK_TEXT(call.message, "threads");
    p.threads = 257;
    CHECK_INT(kb3d_ctx_create(&ctx, &p, NULL), KB3D_ERROR_ARGUMENT);
    KB3D_INIT(p);
    p.log_level = (kb3d_log_level)9;
    CHECK_INT(kb3d_ctx_create(&ctx, &p, NULL), KB3D_ERROR_ARGUMENT);
    KB3D_INIT(p);
    p.allocator.free = (void (*)(void *, void *))abort;
    CHECK_INT(kb3d_ctx_create(&ctx, &p, &call), KB3D_ERROR_ARGUMENT);
    KB3D_INIT(p);
    p.backend = KB3D_BACKEND_CUDA;
    kb3d_status probe = kb3d_backend_probe(KB3D_BACKEND_CUDA, &call);
    CHECK(probe == KB3D_OK || (probe == KB3D_ERROR_UNAVAILABLE && *call.message));
    CHECK_INT(kb3d_ctx_create(&ctx, &p, &call), probe);
    kb3d_ctx_destroy(&ctx);
    p.backend = (kb3d_backend)77;
    CHECK_INT(kb3d_ctx_create(&ctx, &p, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_backend_probe((kb3d_backend)77, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_backend_probe(KB3D_BACKEND_CPU, NULL), KB3D_OK);
    CHECK_INT(kb3d_backend_probe(KB3D_BACKEND_AUTO, NULL), KB3D_OK);
    CHECK_INT(kb3d_ctx_create(&ctx, NULL, &call), KB3D_OK);
    CHECK(!*call.message); /* cleared by success */
    kb3d_ctx_destroy(&ctx);
    CHECK(!ctx);
    kb3d_ctx_destroy(&ctx);
    kb3d_ctx_destroy(NULL);
}

static void test_struct_sizes(void) {
    struct {
        kb3d_ctx_params known;
        unsigned char more[24];
    } newer;
    kb3d_ctx *ctx;
    memset(&newer, 0, sizeof newer);
    newer.known.size = sizeof newer;
    CHECK_INT(kb3d_ctx_create(&ctx, &newer.known, &call), KB3D_OK); /* what we do not know is zero */
    kb3d_ctx_destroy(&ctx);
    newer.more[5] = 1;
    CHECK_INT(kb3d_ctx_create(&ctx, &newer.known, &call), KB3D_ERROR_ARGUMENT);
    newer.known.size = 0;
    CHECK_INT(kb3d_ctx_create(&ctx, &newer.known, &call), KB3D_ERROR_ARGUMENT);
    CHECK_TEXT(call.message, "KB3D_INIT");
    newer.known.size = offsetof(kb3d_ctx_params, networks); /* a host of API 0.1 */
    CHECK_INT(kb3d_ctx_create(&ctx, &newer.known, &call), KB3D_OK);
    kb3d_ctx_destroy(&ctx);
    newer.known.size--;
    CHECK_INT(kb3d_ctx_create(&ctx, &newer.known, &call), KB3D_ERROR_ARGUMENT);
    newer.known.size = (size_t)-1;
    CHECK_INT(kb3d_ctx_create(&ctx, &newer.known, &call), KB3D_ERROR_ARGUMENT);
    kb3d_call wrong;
    KB3D_INIT(wrong);
    wrong.size = 8;
    CHECK_INT(kb3d_ctx_create(&ctx, NULL, &wrong), KB3D_ERROR_ARGUMENT);
}

static void test_info(void) {
    kb3d_ctx *ctx = make_ctx(3);
    struct {
        kb3d_ctx_info known;
        unsigned char more[8];
    } newer;
    memset(&newer, 0x5a, sizeof newer);
    newer.known.size = sizeof newer;
    CHECK_INT(kb3d_ctx_get_info(ctx, &newer.known, &call), KB3D_OK);
    CHECK_INT(newer.known.size, sizeof newer);
    CHECK_INT(newer.more[0], 0x5a); /* what the library does not know stays */
    CHECK_INT(newer.known.threads, 3);
    CHECK_INT(newer.known.backend, KB3D_BACKEND_CPU);
    CHECK(newer.known.memory_used > 0 && newer.known.memory_peak >= newer.known.memory_used);
    CHECK(!strcmp(newer.known.simd, "none") || !strcmp(newer.known.simd, "sse4") ||
          !strcmp(newer.known.simd, "avx2") || !strcmp(newer.known.simd, "avx512"));
    CHECK_INT(kb3d_ctx_get_info(NULL, &newer.known, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_ctx_get_info(ctx, NULL, &call), KB3D_ERROR_ARGUMENT);
    newer.known.size = 3;
    CHECK_INT(kb3d_ctx_get_info(ctx, &newer.known, &call), KB3D_ERROR_ARGUMENT);
    kb3d_ctx_destroy(&ctx);
}

/* Allocator that keeps books. */
static pthread_mutex_t books = PTHREAD_MUTEX_INITIALIZER;
static size_t held, calls;

static void *keep_alloc(void *user, size_t byte_count) {
    pthread_mutex_lock(&books);
    held++;
    calls++;
    pthread_mutex_unlock(&books);
    CHECK(user == &held);
    return malloc(byte_count);
}

static void keep_free(void *user, void *memory) {
    pthread_mutex_lock(&books);
    held--;
    pthread_mutex_unlock(&books);
    CHECK(memory != NULL);
    free(memory);
}

static int lines, worst_level;

static void keep_line(void *user, kb3d_log_level level, const char *text) {
    CHECK(user == &lines && *text && !strchr(text, '\n'));
    lines++;
    worst_level = (int)level > worst_level ? (int)level : worst_level;
}

static void test_allocator_log_and_limits(void) {
    kb3d_ctx_params p;
    KB3D_INIT(p);
    p.threads = 2;
    p.allocator = (kb3d_allocator){keep_alloc, keep_free, &held};
    p.log = keep_line;
    p.log_user = &lines;
    p.pixel_limit = WIDTH * HEIGHT;
    kb3d_ctx *ctx;
    CHECK_INT(kb3d_ctx_create(&ctx, &p, &call), KB3D_OK);
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, 0);
    CHECK(lines > 0); /* the focal length was guessed */
    CHECK(worst_level <= KB3D_LOG_INFO);
    kb3d_path *path;
    CHECK_INT(kb3d_path_create(scene, NULL, &path, &call), KB3D_OK);
    size_t before = calls;
    CHECK_INT(kb3d_path_prepare(path, NULL, &call), KB3D_OK);
    CHECK(calls > before);
    uint8_t *big = malloc((size_t)3 * (WIDTH + 1) * (HEIGHT + 1));
    kb3d_image image = image_of(KB3D_FORMAT_RGB8, WIDTH + 1, HEIGHT + 1, big);
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = &image;
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_ERROR_LIMIT);
    CHECK_TEXT(call.message, "limit");
    kb3d_prepare_params prepare;
    KB3D_INIT(prepare);
    prepare.width = WIDTH + 1;
    prepare.height = HEIGHT;
    CHECK_INT(kb3d_path_prepare(path, &prepare, &call), KB3D_ERROR_LIMIT);
    kb3d_source source = source_of(&image);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &source;
    kb3d_scene *too_big = scene;
    CHECK_INT(kb3d_scene_create(ctx, &params, &too_big, &call), KB3D_ERROR_LIMIT);
    CHECK(!too_big);
    free(big);
    kb3d_ctx_destroy(&ctx); /* scene and path live on */
    render(path, 0.5, WIDTH, HEIGHT, rgb, NULL, NULL);
    kb3d_scene_destroy(&scene);
    render(path, 0.5, WIDTH, HEIGHT, rgb, NULL, NULL);
    kb3d_path_destroy(&path);
    CHECK_INT(held, 0);
    draw_noise(rgb, sizeof rgb, 1);
}

static void test_memory_limit(void) {
    kb3d_ctx_params p;
    KB3D_INIT(p);
    p.threads = 1;
    p.memory_limit = 100000;
    kb3d_ctx *ctx;
    CHECK_INT(kb3d_ctx_create(&ctx, &p, &call), KB3D_OK);
    static uint8_t large[3 * 400 * 300];
    static float far_away[400 * 300];
    kb3d_image image = image_of(KB3D_FORMAT_RGB8, 400, 300, large), map = image_of(KB3D_FORMAT_GRAYF32, 400, 300, far_away);
    kb3d_source source = source_of(&image), depth = source_of(&map);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &source;
    params.depth = &depth;
    kb3d_scene *scene;
    CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_ERROR_LIMIT);
    CHECK_TEXT(call.message, "limit");
    kb3d_ctx_info info;
    KB3D_INIT(info);
    CHECK_INT(kb3d_ctx_get_info(ctx, &info, NULL), KB3D_OK);
    CHECK(info.memory_used < 20000 && info.memory_peak <= p.memory_limit);
    kb3d_ctx_destroy(&ctx);
}

static void test_silence(void) { /* without a log callback, and below its level */
    kb3d_ctx_params p;
    KB3D_INIT(p);
    p.log = keep_line;
    p.log_user = &lines;
    p.log_level = KB3D_LOG_ERROR;
    lines = 0;
    kb3d_ctx *ctx;
    CHECK_INT(kb3d_ctx_create(&ctx, &p, &call), KB3D_OK);
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, 0);
    CHECK_INT(lines, 0);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

static void test_models(void) {
    kb3d_ctx *ctx = make_ctx(1);
    kb3d_model_info info;
    KB3D_INIT(info);
    CHECK_INT(kb3d_ctx_get_model(ctx, KB3D_MODEL_DEPTH, &info, &call), KB3D_ERROR_MODEL);
    CHECK(*call.message);
    CHECK_INT(kb3d_ctx_get_model(NULL, KB3D_MODEL_DEPTH, &info, &call), KB3D_ERROR_ARGUMENT);
    kb3d_model_source model;
    KB3D_INIT(model);
    model.role = KB3D_MODEL_DEPTH;
    CHECK_INT(kb3d_ctx_add_model(ctx, &model, &call), KB3D_ERROR_ARGUMENT); /* from nowhere */
    CHECK_INT(kb3d_ctx_add_model(ctx, NULL, &call), KB3D_ERROR_ARGUMENT);
    model.path = "nowhere/x.pt";
    CHECK_INT(kb3d_ctx_add_model(NULL, &model, &call), KB3D_ERROR_ARGUMENT);
    model.bytes = "x"; /* and from two places */
    CHECK_INT(kb3d_ctx_add_model(ctx, &model, &call), KB3D_ERROR_ARGUMENT);
    model.bytes = NULL;
    model.role = (kb3d_model_role)0;
    CHECK_INT(kb3d_ctx_add_model(ctx, &model, &call), KB3D_ERROR_ARGUMENT);
    model.role = KB3D_MODEL_DEPTH;
    CHECK_INT(kb3d_ctx_add_model(ctx, &model, &call), KB3D_ERROR_IO);
    CHECK_TEXT(call.message, "nowhere/x.pt");
    kb3d_image image = image_of(KB3D_FORMAT_RGB8, WIDTH, HEIGHT, rgb); /* neither depth nor network */
    kb3d_source source = source_of(&image);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &source;
    kb3d_scene *scene;
    setenv("KB3D_MODEL_PATH", "", 1);
    CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "depth.pt is not looked for");
    kb3d_ctx_destroy(&ctx);
}

int main(void) {
    KB3D_INIT(call);
    draw_noise(rgb, sizeof rgb, 1);
    draw_blobs(disp, WIDTH, HEIGHT, 2);
    RUN(test_versions_and_texts);
    RUN(test_struct_init);
    RUN(test_create);
    RUN(test_struct_sizes);
    RUN(test_info);
    RUN(test_allocator_log_and_limits);
    RUN(test_memory_limit);
    RUN(test_silence);
    RUN(test_models);
    return check_end();
}
