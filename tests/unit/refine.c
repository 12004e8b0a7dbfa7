/* From a picture and a small map to depth of its size: smoothly, by the built-in filter, by a host's network. */
#include "refine.h"

#include "../check.h"

#include <stdlib.h>

enum { WIDTH = 96, HEIGHT = 64, LOW_WIDTH = 24, LOW_HEIGHT = 16, EDGE = 50, MOST = 256 };

static unsigned char pixels[HEIGHT][WIDTH][3];
static const kb3d_raster picture = {WIDTH, HEIGHT, 3, KB3D_SAMPLE_U8, 0, pixels};
static float low[LOW_HEIGHT][LOW_WIDTH], disp[HEIGHT][WIDTH];
static unsigned char texels[(HEIGHT + 2 * KB3D_APRON) * (WIDTH + 2 * KB3D_APRON) + 1][4];
static kb3d_texture texture = {
    .texel = KB3D_TEXEL_U8, .width = WIDTH, .height = HEIGHT, .stride = WIDTH + 2 * KB3D_APRON};
static kb3d_call call;
static kb3d_model *made_by;

/* What the host's network shall do, and what it was given. */
typedef enum answer { SAME, RAMP, OVER, HOLES, CHANNELS, NOTHING, FAILS } answer;
typedef struct network {
    answer kind;
    int width, height; /* of the answer; 0: the depth's */
    int runs;
    int64_t picture_shape[4], depth_shape[4];
    float least, largest; /* of the depth it saw */
    float first_red;
} network;

static int run_network(void *user, kb3d_run *run) {
    network *n = user;
    n->runs++;
    if (run->input_count != 2 || run->output_count != 1 || run->inputs[0].rank != 4 || run->inputs[1].rank != 4)
        return 1;
    memcpy(n->picture_shape, run->inputs[0].shape, sizeof n->picture_shape);
    memcpy(n->depth_shape, run->inputs[1].shape, sizeof n->depth_shape);
    n->first_red = run->inputs[0].data[0];
    const float *depth = run->inputs[1].data;
    int64_t h = n->depth_shape[2], w = n->depth_shape[3];
    n->least = n->largest = depth[0];
    for (int64_t i = 0; i < w * h; i++) {
        n->least = fminf(n->least, depth[i]);
        n->largest = fmaxf(n->largest, depth[i]);
    }
    if (n->kind == FAILS) {
        snprintf(run->message, 64, "it hurts");
        return 1;
    }
    if (n->kind == NOTHING)
        return 0;
    int64_t oh = n->height ? n->height : h, ow = n->width ? n->width : w;
    int64_t shape[4] = {1, n->kind == CHANNELS ? 2 : 1, oh, ow};
    float *to = kb3d_run_answer(run, 0, 4, shape);
    if (!to)
        return 1;
    for (int64_t i = 0; i < ow * oh * shape[1]; i++) {
        int64_t x = i % ow, y = i / ow % oh;
        to[i] = n->kind == RAMP    ? ((float)x + 0.5f) / (float)ow
                : n->kind == OVER  ? (x < ow / 2 ? -3.0f : 7.0f)
                : n->kind == HOLES ? (x < ow / 2 ? (y % 2 ? NAN : INFINITY) : 0.5f)
                                   : depth[y * h / oh * w + x * w / ow];
    }
    return 0;
}

/* Both sides of an edge that the picture has at EDGE and the map, blurred, beside it. */
static void fill(void) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            unsigned char v = x < EDGE ? 200 : 60;
            memcpy(pixels[y][x], (unsigned char[]){v, v, v}, 3);
        }
    for (int y = 0; y < LOW_HEIGHT; y++)
        for (int x = 0; x < LOW_WIDTH; x++)
            low[y][x] = (float)(3 + tanh((x + 0.5 - EDGE / 4.0 - 1) / 1.2));
    texture.data = texels[KB3D_APRON * texture.stride + KB3D_APRON];
}

static kb3d_ctx *make_ctx(network *n, const char *manifest) {
    kb3d_ctx_params params;
    kb3d_model_source source;
    kb3d_ctx *ctx;
    KB3D_INIT(params);
    KB3D_INIT(source);
    KB3D_INIT(call);
    params.threads = 2;
    CHECK_INT(kb3d_ctx_create(&ctx, &params, &call), KB3D_OK);
    source.role = KB3D_MODEL_REFINE;
    source.run = run_network;
    source.user = n;
    source.manifest = manifest;
    if (n && !CHECK_INT(kb3d_ctx_add_model(ctx, &source, &call), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    return ctx;
}

static kb3d_status refine_map(kb3d_ctx *ctx, const float *map, int width, int height, int plain) {
    kb3d_raster raster = {width, height, 1, KB3D_SAMPLE_F32, 0, (void *)map};
    kb3d_job job = {.pool = ctx->pool, .call = &call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    kb3d_pixels from = {KB3D_FORMAT_RGB8, WIDTH, HEIGHT, {pixels}, {sizeof pixels[0]}, 0};
    kb3d_refine_params params = {&picture, &raster, &texture, 0.1f, plain};
    ctx->kernels->import_texture(&par, &from, &texture);
    memset(disp, 0, sizeof disp);
    return kb3d_refine_depth(ctx, &params, disp[0], &made_by, &job, &call);
}

static kb3d_status refine(kb3d_ctx *ctx, int plain) {
    return refine_map(ctx, low[0], LOW_WIDTH, LOW_HEIGHT, plain);
}

static int between(void) {
    int count = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            count += disp[y][x] > 2.3f && disp[y][x] < 3.7f;
    return count;
}

static void test_built_in(void) {
    kb3d_ctx *ctx = make_ctx(NULL, NULL);
    CHECK_INT(refine(ctx, 0), KB3D_OK);
    CHECK(!made_by);
    CHECK_INT(between(), 0);
    int wrong = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            wrong += abs(x - EDGE) > 1 && (disp[y][x] > 3) != (x >= EDGE);
    CHECK_INT(wrong, 0);
    CHECK(ctx->mem.used > 0);
    kb3d_ctx_destroy(&ctx);
}

/* The picture has no say, and a network none either. */
static void test_plain(void) {
    network n = {.kind = RAMP};
    kb3d_ctx *ctx = make_ctx(&n, NULL);
    CHECK_INT(refine(ctx, 1), KB3D_OK);
    CHECK(!made_by);
    CHECK_INT(n.runs, 0);
    CHECK(between() > 4 * HEIGHT); /* the ramp is still there */
    CHECK_NEAR(disp[HEIGHT / 2][1], low[LOW_HEIGHT / 2][0], 1e-3);
    kb3d_ctx_destroy(&ctx);
}

/* Larger than the picture, longer one way and shorter the other, a single pixel, of the picture's size. */
static void test_sizes(void) {
    static const int sizes[][2] = {{MOST, MOST}, {MOST, 8}, {1, 1}, {1, MOST}, {WIDTH, HEIGHT}};
    static float map[MOST * MOST];
    kb3d_ctx *ctx = make_ctx(NULL, NULL);
    for (int i = 0; i < 5; i++)
        for (int plain = 0; plain < 2; plain++) {
            int w = sizes[i][0], h = sizes[i][1], wrong = 0;
            for (int k = 0; k < w * h; k++)
                map[k] = k % w < w * EDGE / WIDTH ? 2 : 4;
            CHECK_INT(refine_map(ctx, map, w, h, plain), KB3D_OK);
            for (int y = 0; y < HEIGHT && w > 1; y++)
                for (int x = 0; x < WIDTH; x++)
                    wrong += abs(x - EDGE) > 2 && fabsf(disp[y][x] - (x < EDGE ? 2 : 4)) > 1e-3f;
            if (!CHECK_INT(wrong, 0))
                fprintf(stderr, "    %dx%d, plain %d\n", w, h, plain);
            CHECK(w > 1 || disp[HEIGHT - 1][WIDTH - 1] == map[0]);
        }
    kb3d_ctx_destroy(&ctx);
}

#define MANIFEST(size, depth)                                                                        \
    "{\"kb3d_manifest\": 1, \"role\": \"refine\", \"name\": \"mine\", \"output\": \"inverse_depth\"," \
    "\"input\": {\"size\": " size depth "}}"

static void test_network_shapes(void) {
    network n = {.kind = SAME};
    kb3d_ctx *ctx = make_ctx(&n, MANIFEST("{\"long_side\": 48, \"multiple\": 8}", ""));
    if (!CHECK_INT(refine(ctx, 0), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    CHECK(made_by && !strcmp(kb3d_model_manifest(made_by)->name, "mine"));
    CHECK_INT(n.runs, 1);
    CHECK(n.picture_shape[0] == 1 && n.picture_shape[1] == 3);
    CHECK(n.picture_shape[2] == 32 && n.picture_shape[3] == 48);
    CHECK(n.depth_shape[0] == 1 && n.depth_shape[1] == 1);
    CHECK(n.depth_shape[2] == LOW_HEIGHT && n.depth_shape[3] == LOW_WIDTH);
    CHECK_NEAR(n.least, 0, 1e-6);
    CHECK_NEAR(n.largest, 1, 1e-6);
    CHECK_NEAR(n.first_red, 200 / 255.0, 1e-5);
    CHECK_INT(between(), 0); /* of the map's size: the built-in filter does the rest */
    CHECK_NEAR(disp[5][2], 2, 0.02);
    CHECK_NEAR(disp[5][WIDTH - 3], 4, 0.02);
    kb3d_ctx_destroy(&ctx);
}

/* A network that wants both of one size. */
static void test_network_depth_size(void) {
    network n = {.kind = SAME};
    kb3d_ctx *ctx = make_ctx(&n, MANIFEST("{\"long_side\": 48, \"multiple\": 8}", ", \"depth_size\": \"picture\""));
    CHECK_INT(refine(ctx, 0), KB3D_OK);
    CHECK(n.picture_shape[2] == 32 && n.picture_shape[3] == 48);
    CHECK(n.depth_shape[2] == 32 && n.depth_shape[3] == 48);
    CHECK_NEAR(disp[5][2], 2, 0.02);
    CHECK_NEAR(disp[5][WIDTH - 3], 4, 0.02);
    kb3d_ctx_destroy(&ctx);
}

/* Never larger than the picture, but for a network that takes one size alone. */
static void test_network_input_size(void) {
    network n = {.kind = SAME};
    kb3d_ctx *ctx = make_ctx(&n, MANIFEST("{\"long_side\": 4000, \"multiple\": 40}", ""));
    CHECK_INT(refine(ctx, 0), KB3D_OK);
    CHECK(n.picture_shape[3] == 80 && n.picture_shape[2] == 40);
    kb3d_ctx_destroy(&ctx);
    ctx = make_ctx(&n, MANIFEST("{\"exact\": [200, 150]}", ""));
    CHECK_INT(refine(ctx, 0), KB3D_OK);
    CHECK(n.picture_shape[3] == 200 && n.picture_shape[2] == 150);
    kb3d_ctx_destroy(&ctx);
    ctx = make_ctx(&n, MANIFEST("{\"long_side\": 512, \"multiple\": 256}", "")); /* its least is still too large */
    CHECK_INT(refine(ctx, 0), KB3D_OK);
    CHECK(n.picture_shape[3] == 256 && n.picture_shape[2] == 256);
    kb3d_ctx_destroy(&ctx);
}

/* Values come back in the map's units: at the picture's size as they are, at twice that averaged. */
static void test_network_answers(void) {
    for (int scale = 1; scale <= 2; scale++) {
        network n = {.kind = RAMP, .width = WIDTH * scale, .height = HEIGHT * scale};
        kb3d_ctx *ctx = make_ctx(&n, NULL);
        CHECK_INT(refine(ctx, 0), KB3D_OK);
        float from = low[0][0], span = low[0][LOW_WIDTH - 1] - low[0][0];
        double worst = 0;
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                worst = fmax(worst, fabs(disp[y][x] - (from + span * (x + 0.5) / WIDTH)));
        CHECK_NEAR(worst, 0, 1e-4);
        kb3d_ctx_destroy(&ctx);
    }
    network n = {.kind = OVER, .width = WIDTH, .height = HEIGHT};
    kb3d_ctx *ctx = make_ctx(&n, NULL);
    CHECK_INT(refine(ctx, 0), KB3D_OK);
    CHECK_NEAR(disp[3][3], low[0][0], 1e-5);
    CHECK_NEAR(disp[3][WIDTH - 3], low[0][LOW_WIDTH - 1], 1e-5);
    kb3d_ctx_destroy(&ctx);
}

/* Where the answer is no number the map's own values stand, enlarged. */
static void test_network_holes(void) {
    network n = {.kind = HOLES, .width = WIDTH, .height = HEIGHT};
    kb3d_ctx *ctx = make_ctx(&n, NULL);
    CHECK_INT(refine(ctx, 0), KB3D_OK);
    CHECK_NEAR(disp[HEIGHT / 2][2], low[0][0], 1e-3);
    CHECK_NEAR(disp[HEIGHT / 2][WIDTH - 2], 0.5 * (low[0][0] + low[0][LOW_WIDTH - 1]), 1e-3);
    int unknown = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            unknown += !isfinite(disp[y][x]);
    CHECK_INT(unknown, 0);
    kb3d_ctx_destroy(&ctx);
}

/* A map without any depth in it has no range to be mapped by. */
static void test_network_flat(void) {
    float flat[4] = {7, 7, 7, 7};
    network n = {.kind = RAMP};
    kb3d_ctx *ctx = make_ctx(&n, NULL);
    CHECK_INT(refine_map(ctx, flat, 2, 2, 0), KB3D_OK);
    CHECK(n.least == 0 && n.largest == 0);
    CHECK(disp[0][0] == 7 && disp[HEIGHT - 1][WIDTH - 1] == 7);
    kb3d_ctx_destroy(&ctx);
}

static void fails(answer kind, const char *text) {
    network n = {.kind = kind};
    kb3d_ctx *ctx = make_ctx(&n, MANIFEST("{\"long_side\": 48, \"multiple\": 8}", ""));
    uint64_t before = ctx->mem.used;
    CHECK_INT(refine(ctx, 0), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "mine");
    CHECK_TEXT(call.message, text);
    CHECK(!made_by);
    uint64_t after = ctx->mem.used;
    CHECK_INT(refine(ctx, 0), KB3D_ERROR_MODEL);
    CHECK_INT(ctx->mem.used, after); /* nothing is left behind by a failure; loading may keep something once */
    CHECK(after >= before);
    n.kind = SAME;
    CHECK_INT(refine(ctx, 0), KB3D_OK); /* the context still works */
    kb3d_ctx_destroy(&ctx);
}

static void test_network_failures(void) {
    fails(CHANNELS, "1x2x16x24");
    fails(NOTHING, "");
    fails(FAILS, "it hurts");
}

int main(void) {
    fill();
    RUN(test_built_in);
    RUN(test_plain);
    RUN(test_sizes);
    RUN(test_network_shapes);
    RUN(test_network_depth_size);
    RUN(test_network_input_size);
    RUN(test_network_answers);
    RUN(test_network_holes);
    RUN(test_network_flat);
    RUN(test_network_failures);
    return check_end();
}
