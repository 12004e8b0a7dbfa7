/* Networks as a host sees them: its own functions in each role, where files are looked for, and bad ones. */
#include "../stage.h"

#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 128, HEIGHT = 96 };

static uint8_t rgb[HEIGHT][WIDTH][3];
static kb3d_ctx *ctx;
static kb3d_call call;
static char logged[4096];

static void keep_line(void *user, kb3d_log_level level, const char *text) {
    size_t used = strlen(logged);
    snprintf(logged + used, sizeof logged - used, "%d %s\n", (int)level, text);
}

static void open_ctx(const char *model_path, int allow_operators) {
    kb3d_ctx_params params;
    KB3D_INIT(params);
    params.threads = 2;
    params.log = keep_line;
    params.model_path = model_path;
    params.allow_operators = allow_operators;
    logged[0] = 0;
    CHECK_INT(kb3d_ctx_create(&ctx, &params, &call), KB3D_OK);
}

static kb3d_status add(kb3d_model_role role, kb3d_network_fn run, void *user, const char *manifest) {
    kb3d_model_source source;
    KB3D_INIT(source);
    source.role = role;
    source.run = run;
    source.user = user;
    source.manifest = manifest;
    return kb3d_ctx_add_model(ctx, &source, &call);
}

static kb3d_status build(kb3d_scene **scene, kb3d_depth_quality quality) {
    kb3d_image image = image_of(KB3D_FORMAT_RGB8, WIDTH, HEIGHT, rgb);
    kb3d_source picture = source_of(&image);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &picture;
    params.depth_quality = quality;
    return kb3d_scene_create(ctx, &params, scene, &call);
}

/* What the host's network does, and what it saw. */
typedef struct network {
    const char *kind;
    int runs, width, height;
    float corner; /* first value of the first input */
} network;

static int run_depth(void *user, kb3d_run *run) {
    network *n = user;
    const kb3d_tensor *in = &run->inputs[0];
    n->runs++;
    n->width = (int)in->shape[3];
    n->height = (int)in->shape[2];
    n->corner = in->data[0];
    CHECK_INT(run->input_count, 1);
    CHECK_INT(run->output_count, 1);
    CHECK_INT(in->rank, 4);
    CHECK_INT(in->shape[1], 3);
    CHECK(!strcmp(run->entry, "forward"));
    if (!strcmp(n->kind, "fails")) {
        strcpy(run->message, "no mood");
        return 3;
    }
    if (!strcmp(n->kind, "silent"))
        return 0;
    if (!strcmp(n->kind, "cancels"))
        kb3d_call_cancel(&call);
    if (kb3d_run_is_cancelled(run))
        return 1;
    int64_t shape[4] = {1, !strcmp(n->kind, "wide") ? 2 : 1, n->height, n->width};
    int64_t absurd[4] = {1 << 20, 1 << 20, 1 << 20, 1 << 20}, negative[2] = {4, -4};
    CHECK(!kb3d_run_answer(run, 1, 4, shape) && !kb3d_run_answer(run, -1, 4, shape));
    CHECK(!kb3d_run_answer(run, 0, 4, absurd) && !kb3d_run_answer(run, 0, 2, negative));
    CHECK(!kb3d_run_answer(run, 0, 5, shape) && !kb3d_run_answer(run, 0, 2, NULL));
    float *out = kb3d_run_answer(run, 0, 4, shape);
    if (!CHECK(out))
        return 1;
    CHECK(!kb3d_run_answer(run, 0, 4, shape)); /* once */
    for (int64_t i = 0; i < shape[1] * shape[2] * shape[3]; i++)
        out[i] = !strcmp(n->kind, "metres") ? 2 + (float)(i / n->width) : in->data[i % (shape[2] * shape[3])];
    return 0;
}

static const char red_is_near[] =
    "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"red\", \"version\": \"3\", \"licence\": \"MIT\","
    "\"source\": \"this test\", \"input\": {\"size\": {\"exact\": [64, 48]}}, \"output\": \"disparity\"}";

static void test_host_depth(void) {
    network n = {.kind = "copies"};
    kb3d_scene *scene = NULL;
    kb3d_model_info info;
    KB3D_INIT(info);
    open_ctx(NULL, 0);
    CHECK_INT(add(KB3D_MODEL_DEPTH, run_depth, &n, red_is_near), KB3D_OK);
    CHECK_INT(add(KB3D_MODEL_DEPTH, run_depth, &n, red_is_near), KB3D_ERROR_MODEL); /* has one */
    CHECK_INT(build(&scene, KB3D_DEPTH_QUALITY_NORMAL), KB3D_OK);
    CHECK_INT(n.runs, 1);
    CHECK_INT(n.width, 64);
    CHECK_INT(n.height, 48);
    if (CHECK_INT(kb3d_scene_get_model(scene, KB3D_MODEL_DEPTH, &info, &call), KB3D_OK)) {
        CHECK(!strcmp(info.name, "red") && !strcmp(info.version, "3") && !strcmp(info.licence, "MIT"));
        CHECK(!strcmp(info.source, "this test") && !strcmp(info.runtime, "host") && !strcmp(info.path, ""));
        CHECK_INT(info.run_count, 1);
        CHECK(info.last_ms >= 0 && info.total_ms >= info.last_ms);
    }
    CHECK_INT(kb3d_scene_get_model(scene, KB3D_MODEL_REFINE, &info, &call), KB3D_ERROR_MODEL);
    CHECK_INT(kb3d_scene_get_model(scene, (kb3d_model_role)7, &info, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_scene_get_model(NULL, KB3D_MODEL_DEPTH, &info, &call), KB3D_ERROR_ARGUMENT);
    int width, height;
    CHECK_INT(kb3d_scene_get_depth_size(scene, KB3D_STAGE_ESTIMATE, &width, &height, &call), KB3D_OK);
    CHECK_INT(width, 64);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

/* Mirrored looks come back mirrored, so that a network without a side answers the same. */
static void test_high_quality(void) {
    static float once[48][64], often[48][64];
    for (int high = 0; high < 2; high++) {
        network n = {.kind = "copies"};
        kb3d_scene *scene = NULL;
        open_ctx(NULL, 0);
        CHECK_INT(add(KB3D_MODEL_DEPTH, run_depth, &n,
                      "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"red\", \"input\": {\"size\":"
                      "{\"long_side\": 64, \"multiple\": 16}}, \"output\": \"disparity\"}"),
                  KB3D_OK);
        CHECK_INT(build(&scene, high ? KB3D_DEPTH_QUALITY_HIGH : KB3D_DEPTH_QUALITY_NORMAL), KB3D_OK);
        CHECK_INT(n.runs, high ? 4 : 1);
        CHECK_INT(n.width, high ? 48 : 64);
        kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, 64, 48, high ? often : once);
        CHECK_INT(kb3d_scene_get_depth(scene, KB3D_STAGE_ESTIMATE, &map, &call), KB3D_OK);
        kb3d_scene_destroy(&scene);
        kb3d_ctx_destroy(&ctx);
    }
    double worst = 0;
    for (int y = 0; y < 48; y++)
        for (int x = 0; x < 64; x++)
            worst = fmax(worst, fabs(once[y][x] - often[y][x]));
    CHECK(worst < 0.1);
}

static void test_metres(void) {
    network n = {.kind = "metres"};
    kb3d_scene *scene = NULL;
    kb3d_scene_info info;
    KB3D_INIT(info);
    open_ctx(NULL, 0);
    CHECK_INT(add(KB3D_MODEL_DEPTH, run_depth, &n,
                  "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"m\", \"input\": {\"size\":"
                  "{\"exact\": [64, 48]}}, \"output\": \"metric_depth\"}"),
              KB3D_OK);
    CHECK_INT(build(&scene, KB3D_DEPTH_QUALITY_NORMAL), KB3D_OK);
    CHECK_INT(kb3d_scene_get_info(scene, &info, &call), KB3D_OK);
    CHECK_NEAR(info.inverse_depth_max, 1 / 2.0, 1e-6);
    CHECK_NEAR(info.inverse_depth_min, 1 / 49.0, 1e-6);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

static void fails(const char *kind, kb3d_status status, const char *text) {
    network n = {.kind = kind};
    kb3d_scene *scene;
    open_ctx(NULL, 0);
    CHECK_INT(add(KB3D_MODEL_DEPTH, run_depth, &n, red_is_near), KB3D_OK);
    CHECK_INT(build(&scene, KB3D_DEPTH_QUALITY_NORMAL), status);
    CHECK_TEXT(call.message, text);
    CHECK(!scene);
    n.kind = "copies"; /* the context is still usable */
    call.cancel = 0;
    CHECK_INT(build(&scene, KB3D_DEPTH_QUALITY_NORMAL), KB3D_OK);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

static void test_failures(void) {
    fails("fails", KB3D_ERROR_MODEL, "red: no mood");
    fails("silent", KB3D_ERROR_MODEL, "no answer 0");
    fails("wide", KB3D_ERROR_MODEL, "1x2x48x64, not 1x1xHxW");
    fails("cancels", KB3D_ERROR_CANCELLED, "");
    CHECK(!kb3d_run_answer(NULL, 0, 0, NULL));
    CHECK_INT(kb3d_run_is_cancelled(NULL), 0);
}

/* Paints green, and as near as `user` says. */
static int run_inpaint(void *user, kb3d_run *run) {
    const kb3d_tensor *picture = &run->inputs[0], *mask = &run->inputs[run->input_count - 1];
    int64_t height = picture->shape[2], width = picture->shape[3], count = height * width;
    int64_t shape[4] = {1, 3, height, width}, one[4] = {1, 1, height, width}, unknown = 0;
    float *color = kb3d_run_answer(run, 0, 4, shape);
    float *disp = run->output_count > 1 ? kb3d_run_answer(run, 1, 4, one) : NULL;
    if (!CHECK(color) || !CHECK(mask->shape[1] == 1 && mask->shape[2] == height))
        return 1;
    CHECK_INT(run->input_count, disp ? 3 : 2);
    for (int64_t i = 0; i < count; i++) {
        unknown += mask->data[i] == 0;
        CHECK(mask->data[i] == 0 || mask->data[i] == 1);
        if (mask->data[i] == 0)
            CHECK(picture->data[i] == 0);
        color[count + i] = 1;
        if (disp) {
            CHECK(run->inputs[1].data[i] >= 0 && run->inputs[1].data[i] <= 1.001);
            disp[i] = 0.2f;
        }
    }
    *(int *)user += unknown > 0;
    return 0;
}

/* Paints nothing that is a number. */
static int run_inpaint_unknown(void *user, kb3d_run *run) {
    const int64_t *shape = run->inputs[0].shape;
    float *color = kb3d_run_answer(run, 0, 4, shape);
    for (int64_t i = 0; color && i < 3 * shape[2] * shape[3]; i++)
        color[i] = NAN;
    return 0;
}

static int count_green(const kb3d_scene *scene, kb3d_extend extend, kb3d_status expected) {
    static uint8_t frame[HEIGHT][WIDTH][4];
    kb3d_camera camera;
    KB3D_INIT(camera);
    CHECK_INT(kb3d_scene_get_camera(scene, &camera, &call), KB3D_OK);
    camera.translation[0] = -0.25;
    kb3d_path *path = make_path(scene, &camera, 1);
    kb3d_prepare_params prepare;
    KB3D_INIT(prepare);
    prepare.extend = extend;
    int green = 0;
    if (CHECK_INT(kb3d_path_prepare(path, &prepare, &call), expected) && !expected) {
        kb3d_image image = image_of(KB3D_FORMAT_RGBA8, WIDTH, HEIGHT, frame);
        kb3d_frame f;
        KB3D_INIT(f);
        f.color = &image;
        CHECK_INT(kb3d_path_render(path, 0, &f, &call), KB3D_OK);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                green += frame[y][x][1] > 230 && frame[y][x][0] < 40 && frame[y][x][2] < 40;
    }
    kb3d_path_destroy(&path);
    return green;
}

/* A pillar before a wall. */
static void draw_pillar(float disp[HEIGHT][WIDTH]) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            disp[y][x] = x >= 50 && x < 75 ? 1 : 0.2f;
}

static void test_inpaint_without_a_number(void) {
    static float disp[HEIGHT][WIDTH];
    draw_pillar(disp);
    open_ctx(NULL, 0);
    kb3d_scene *scene = make_scene(ctx, &rgb[0][0][0], &disp[0][0], WIDTH, HEIGHT, 100);
    CHECK_INT(add(KB3D_MODEL_INPAINT, run_inpaint_unknown, NULL,
                  "{\"kb3d_manifest\": 1, \"role\": \"inpaint\", \"name\": \"unknown\", \"output\": \"color\"}"), KB3D_OK);
    CHECK_INT(count_green(scene, KB3D_EXTEND_NETWORK, KB3D_OK), 0); /* the classical way */
    CHECK_TEXT(logged, "unknown: the answer has no number for ");
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

static void test_inpaint(void) {
    static float disp[HEIGHT][WIDTH];
    static const char *const outputs[] = {"color", "color_and_inverse_depth"};
    draw_pillar(disp);
    for (int i = 0; i < 2; i++) {
        char manifest[256];
        int used = 0;
        snprintf(manifest, sizeof manifest,
                 "{\"kb3d_manifest\": 1, \"role\": \"inpaint\", \"name\": \"green\", \"input\":"
                 "{\"size\": {\"long_side\": 128, \"multiple\": 8}}, \"output\": \"%s\"}", outputs[i]);
        open_ctx(NULL, 0);
        kb3d_scene *scene = make_scene(ctx, &rgb[0][0][0], &disp[0][0], WIDTH, HEIGHT, 100);
        CHECK_INT(count_green(scene, KB3D_EXTEND_NETWORK, KB3D_ERROR_MODEL), 0); /* there is none */
        CHECK_TEXT(call.message, "inpaint.pt");
        CHECK_INT(add(KB3D_MODEL_INPAINT, run_inpaint, &used, manifest), KB3D_OK);
        CHECK_INT(count_green(scene, KB3D_EXTEND_CLASSICAL, KB3D_OK), 0);
        CHECK_INT(used, 0);
        CHECK(count_green(scene, KB3D_EXTEND_AUTO, KB3D_OK) > HEIGHT * 10);
        CHECK(count_green(scene, KB3D_EXTEND_NETWORK, KB3D_OK) > HEIGHT * 10);
        CHECK(used >= 2);
        kb3d_scene_destroy(&scene);
        kb3d_ctx_destroy(&ctx);
    }
}

/* A mask beside a depth map of the picture's size, the picture decoded: nothing but the sky's edge needs it then. */
static void test_sky_of_host_depth(void) {
    enum { W = 320, H = 240 };
    static char ppm[3 * W * H + 32];
    static float map[H][W], out[H][W];
    static uint8_t sky[H][W];
    int head = snprintf(ppm, sizeof ppm, "P6\n%d %d\n255\n", W, H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            memset(ppm + head + 3 * (y * W + x), y < H / 2 ? 230 : 40, 3);
            map[y][x] = y < H / 2 ? 0.3f : 0.5f + (float)y / H;
            sky[y][x] = y < H / 2 ? 255 : 0;
        }
    kb3d_image depth_image = image_of(KB3D_FORMAT_GRAYF32, W, H, map), sky_image = image_of(KB3D_FORMAT_GRAY8, W, H, sky);
    kb3d_source picture, depth = source_of(&depth_image), sky_source = source_of(&sky_image);
    kb3d_scene_params params;
    kb3d_mask mask;
    const kb3d_mask *masks[] = {&mask};
    kb3d_scene *scene;
    KB3D_INIT(picture);
    KB3D_INIT(params);
    KB3D_INIT(mask);
    picture.bytes = ppm;
    picture.byte_count = (size_t)(head + 3 * W * H);
    mask.kind = KB3D_CLASS_SKY;
    mask.source = &sky_source;
    params.picture = &picture;
    params.depth = &depth;
    params.masks = masks;
    params.mask_count = 1;
    open_ctx(NULL, 0);
    if (CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_OK)) {
        kb3d_image image = image_of(KB3D_FORMAT_GRAYF32, W, H, out);
        CHECK_INT(kb3d_scene_get_depth(scene, KB3D_STAGE_REFINE, &image, &call), KB3D_OK);
        CHECK_NEAR(out[10][10], 1.0, 0.01);  /* the far end of the rest, though that is nearer than the map had it */
        CHECK_NEAR(out[H / 2 - 2][50], out[10][10], 1e-6);
        CHECK(out[H - 1][50] > 1.4f);
    }
    kb3d_scene_destroy(&scene);
    mask.kind = KB3D_CLASS_PERSON; /* of stripes too thin to have an inside */
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            sky[y][x] = x / 2 % 2 ? 255 : 0;
    if (CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_OK)) {
        kb3d_image image = image_of(KB3D_FORMAT_GRAYF32, W, H, out);
        CHECK_INT(kb3d_scene_get_depth(scene, KB3D_STAGE_ADJUST, &image, &call), KB3D_OK);
        for (int y = 0; y < H; y += 7)
            for (int x = 0; x < W; x++)
                CHECK(out[y][x] >= 0.2f && out[y][x] < 2); /* NaN is neither */
    }
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

static void write_file(const char *folder, const char *name, const char *text) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (CHECK(file)) {
        fputs(text, file);
        fclose(file);
    }
}

static kb3d_status add_path(const char *path) {
    kb3d_model_source source;
    KB3D_INIT(source);
    source.role = KB3D_MODEL_DEPTH;
    source.path = path;
    return kb3d_ctx_add_model(ctx, &source, &call);
}

/* The explicit folders come before the environment's; names without a slash are looked for in both. */
static void test_search_path(void) {
    char first[] = "/tmp/kb3d-models-a-XXXXXX", second[] = "/tmp/kb3d-models-b-XXXXXX", list[200];
    if (!CHECK(mkdtemp(first) && mkdtemp(second)))
        return;
    static const char manifest[] =
        "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"%s\", \"output\": \"depth\"}";
    kb3d_model_info info;
    KB3D_INIT(info);
    char text[200];
    snprintf(text, sizeof text, manifest, "first");
    write_file(first, "depth.pt", "x");
    write_file(first, "depth.json", text);
    snprintf(text, sizeof text, manifest, "second");
    write_file(second, "depth.pt", "x");
    write_file(second, "depth.json", text);
    write_file(second, "only.pt", "x");
    setenv("KB3D_MODEL_PATH", second, 1);
    open_ctx(NULL, 0);
    CHECK_INT(kb3d_ctx_get_model(ctx, KB3D_MODEL_DEPTH, &info, &call), KB3D_OK);
    CHECK_TEXT(info.name, "second");
    kb3d_ctx_destroy(&ctx);
    snprintf(list, sizeof list, ":/nowhere:%s", first);
    open_ctx(list, 0);
    CHECK_INT(kb3d_ctx_get_model(ctx, KB3D_MODEL_DEPTH, &info, &call), KB3D_OK);
    CHECK_TEXT(info.name, "first");
    CHECK_TEXT(info.path, first);
    kb3d_ctx_destroy(&ctx);
    open_ctx(list, 0);
    CHECK_INT(add_path("missing"), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "missing.pt");
    CHECK_TEXT(call.message, first);
    CHECK_TEXT(call.message, second);
    CHECK_INT(add_path("only"), KB3D_OK);
    CHECK_TEXT(logged, "no manifest");
    kb3d_ctx_destroy(&ctx);
    open_ctx("", 0); /* ends the search before the environment's folders */
    CHECK_INT(kb3d_ctx_get_model(ctx, KB3D_MODEL_DEPTH, &info, &call), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "not looked for");
    CHECK_INT(add_path("only"), KB3D_ERROR_MODEL);
    kb3d_ctx_destroy(&ctx);
    setenv("KB3D_MODEL_PATH", "", 1); /* ends it before the installed ones */
    open_ctx("/nowhere", 0);
    CHECK_INT(kb3d_ctx_get_model(ctx, KB3D_MODEL_DEPTH, &info, &call), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "in none of /nowhere. ");
    kb3d_ctx_destroy(&ctx);
    static const char *const names[] = {"depth.pt", "depth.json", "only.pt"};
    for (int i = 0; i < 6; i++) {
        snprintf(text, sizeof text, "%s/%s", i < 3 ? first : second, names[i % 3]);
        unlink(text);
    }
    rmdir(first);
    rmdir(second);
}

static kb3d_status try_bytes(const char *members) {
    char manifest[512];
    kb3d_model_source source;
    kb3d_scene *scene;
    KB3D_INIT(source);
    snprintf(manifest, sizeof manifest,
             "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"mem\", \"output\": \"depth\", %s}", members);
    open_ctx(NULL, 0);
    source.role = KB3D_MODEL_DEPTH;
    source.bytes = "abc";
    source.byte_count = 3;
    source.manifest = manifest;
    CHECK_INT(kb3d_ctx_add_model(ctx, &source, &call), KB3D_OK);
    kb3d_status status = build(&scene, KB3D_DEPTH_QUALITY_NORMAL);
    CHECK(!scene);
    kb3d_ctx_destroy(&ctx);
    return status;
}

static void test_bytes(void) {
    static const char sum[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; /* of abc, FIPS 180 */
    char member[128];
    CHECK_INT(try_bytes("\"sha256\": \"0000000000000000000000000000000000000000000000000000000000000000\""),
              KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, sum);
    snprintf(member, sizeof member, "\"sha256\": \"%s\"", sum);
    CHECK(try_bytes(member)); /* the right one, but no network, or no module to run it */
    CHECK(!strstr(call.message, "sha256"));
    CHECK_INT(try_bytes("\"operators\": \"custom.so\""), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "custom.so");
}

int main(void) {
    KB3D_INIT(call);
    setenv("KB3D_MODEL_PATH", "", 1);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            memcpy(rgb[y][x], (uint8_t[]){(uint8_t)(x * 2), (uint8_t)(y / 2), (uint8_t)(128 + y)}, 3);
    RUN(test_host_depth);
    RUN(test_high_quality);
    RUN(test_metres);
    RUN(test_failures);
    RUN(test_inpaint);
    RUN(test_inpaint_without_a_number);
    RUN(test_sky_of_host_depth);
    RUN(test_search_path);
    RUN(test_bytes);
    return check_end();
}
