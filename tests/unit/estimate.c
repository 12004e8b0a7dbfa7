/* From a picture through a fake network to an estimate; KB3D_PLUGIN_PATH names the fake's folder. */
#include "estimate.h"

#include "../check.h"
#include "model.h"

#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 64, HEIGHT = 32 };

static char folder[] = "/tmp/kb3d-estimate-XXXXXX", pt[64], json[64];
static unsigned char pixels[HEIGHT][WIDTH][3];
static const kb3d_raster picture = {WIDTH, HEIGHT, 3, KB3D_SAMPLE_U8, 0, pixels};
static kb3d_ctx *ctx;
static kb3d_raster estimate;
static kb3d_model *made_by;
static kb3d_call call;
static char logged[4096];

static void keep_line(void *user, kb3d_log_level level, const char *text) {
    size_t used = strlen(logged);
    snprintf(logged + used, sizeof logged - used, "%d %s\n", (int)level, text);
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    if (!CHECK(file))
        return;
    fputs(text, file);
    fclose(file);
}

static kb3d_status add_path(kb3d_ctx *to, kb3d_model_role role, const char *path) {
    kb3d_model_source source;
    KB3D_INIT(source);
    source.role = role;
    source.path = path;
    return kb3d_ctx_add_model(to, &source, &call);
}

/* A context whose depth network is the fake of this kind; NULL: no manifest. */
static kb3d_status add(const char *kind, const char *manifest) {
    kb3d_ctx_params params;
    KB3D_INIT(params);
    KB3D_INIT(call);
    params.threads = 2;
    params.log = keep_line;
    logged[0] = 0;
    CHECK_INT(kb3d_ctx_create(&ctx, &params, &call), KB3D_OK);
    write_file(pt, kind);
    unlink(json);
    if (manifest)
        write_file(json, manifest);
    return add_path(ctx, KB3D_MODEL_DEPTH, pt);
}

static void finish(void) {
    kb3d_mem_free(&ctx->mem, estimate.data);
    estimate.data = NULL;
    kb3d_ctx_destroy(&ctx);
}

/* Runs a fake with a manifest whose input is exactly the picture, so that values can be told. */
static kb3d_status run(const char *kind, const char *order, const char *output) {
    char manifest[512];
    snprintf(manifest, sizeof manifest,
             "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"fake\", \"input\": {\"order\": \"%s\","
             "\"mean\": [0.1, 0, 0], \"std\": [0.5, 1, 1], \"size\": {\"exact\": [64, 32]}},"
             "\"output\": \"%s\"}", order, output);
    CHECK_INT(add(kind, manifest), KB3D_OK);
    return kb3d_estimate_depth(ctx, &picture, KB3D_DEPTH_QUALITY_NORMAL, &estimate, &made_by, &call);
}

static float at(int x, int y) {
    return ((float *)estimate.data)[y * estimate.width + x];
}

static void test_runs(void) {
    if (CHECK_INT(run("first", "rgb", "disparity"), KB3D_OK)) {
        CHECK_INT(estimate.width, WIDTH);
        CHECK_INT(estimate.height, HEIGHT);
        CHECK(!strcmp(kb3d_model_manifest(made_by)->name, "fake"));
        CHECK_NEAR(at(0, 0), 0.05, 1e-5); /* red rises from left to right */
        CHECK_NEAR(at(WIDTH - 1, 5), 1, 1e-5);
        CHECK_NEAR(at(WIDTH / 2, 5), 0.05 + 0.95 * 32 / 63, 1e-5);
        CHECK_TEXT(logged, "3 depth by fake at 64x32 in ");
    }
    finish();
    if (CHECK_INT(run("first", "bgr", "affine_inverse_depth"), KB3D_OK))
        CHECK(at(5, HEIGHT - 1) > at(5, 0)); /* blue rises downwards */
    finish();
}

static void test_depth_is_inverted(void) {
    /* red 0 comes as (0 - 0.1) / 0.5, no depth that can be; the rest is larger = farther */
    if (CHECK_INT(run("first", "rgb", "depth"), KB3D_OK)) {
        CHECK(isnan(at(0, 0)));
        CHECK(at(WIDTH - 1, 0) < at(WIDTH / 2, 0));
    }
    finish();
}

static void test_flat(void) {
    if (CHECK_INT(run("flat", "rgb", "depth"), KB3D_OK))
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            CHECK_NEAR(at(i % WIDTH, i / WIDTH), 1, 0);
    finish();
}

static void test_holes(void) {
    if (CHECK_INT(run("holes", "rgb", "disparity"), KB3D_OK)) {
        CHECK(isnan(at(0, 0)));
        CHECK_NEAR(at(WIDTH / 2, 0), 0.05, 1e-5);
        CHECK_NEAR(at(WIDTH - 1, 0), 1, 1e-5);
    }
    finish();
}

static void fails(const char *kind, const char *message) {
    CHECK_INT(run(kind, "rgb", "disparity"), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, pt);
    CHECK_TEXT(call.message, message);
    CHECK(!estimate.data);
    finish();
}

static void test_failures(void) {
    fails("shape", "1x2x32x64");
    fails("nan", "no number");
    fails("fails", "it hurts");
    fails("unloadable", "not a fake network");
}

static void test_without_manifest(void) {
    CHECK_INT(add("first", NULL), KB3D_OK);
    CHECK_TEXT(logged, "2 ");
    CHECK_TEXT(logged, "has no manifest");
    if (CHECK_INT(kb3d_estimate_depth(ctx, &picture, KB3D_DEPTH_QUALITY_NORMAL, &estimate, &made_by, &call), KB3D_OK)) {
        CHECK(!strcmp(kb3d_model_manifest(made_by)->name, "net"));
        CHECK_INT(estimate.width, 384);
        CHECK_INT(estimate.height, 192);
    }
    finish();
}

static void test_registry(void) {
    kb3d_model_info info;
    KB3D_INIT(info);
    CHECK_INT(add("first", "{"), KB3D_ERROR_FORMAT);
    CHECK_TEXT(call.message, json);
    CHECK_INT(kb3d_ctx_get_model(ctx, KB3D_MODEL_DEPTH, &info, &call), KB3D_ERROR_MODEL);
    CHECK_INT(kb3d_estimate_depth(ctx, &picture, KB3D_DEPTH_QUALITY_NORMAL, &estimate, &made_by, &call), KB3D_ERROR_MODEL);
    CHECK_INT(add_path(ctx, KB3D_MODEL_DEPTH, "/nowhere/net.pt"), KB3D_ERROR_IO);
    CHECK_TEXT(call.message, "/nowhere/net.pt");
    CHECK_INT(add_path(ctx, KB3D_MODEL_DEPTH, folder), KB3D_ERROR_IO);
    CHECK_INT(add_path(ctx, KB3D_MODEL_DEPTH, NULL), KB3D_ERROR_ARGUMENT);
    CHECK_INT(add_path(NULL, KB3D_MODEL_DEPTH, pt), KB3D_ERROR_ARGUMENT);
    CHECK_INT(add_path(ctx, (kb3d_model_role)9, pt), KB3D_ERROR_ARGUMENT);
    unlink(json);
    CHECK_INT(add_path(ctx, KB3D_MODEL_DEPTH, pt), KB3D_OK);
    CHECK_INT(add_path(ctx, KB3D_MODEL_DEPTH, pt), KB3D_ERROR_MODEL);
    CHECK_INT(kb3d_ctx_get_model(ctx, KB3D_MODEL_DEPTH, &info, NULL), KB3D_OK);
    CHECK(!strcmp(info.path, pt) && !strcmp(info.name, "net"));
    info.size = 3;
    CHECK_INT(kb3d_ctx_get_model(ctx, KB3D_MODEL_DEPTH, &info, &call), KB3D_ERROR_ARGUMENT);
    finish();
}

static void test_module_missing(void) {
    char *path = strdup(getenv("KB3D_PLUGIN_PATH"));
    setenv("KB3D_PLUGIN_PATH", ":/nowhere", 1);
    CHECK_INT(run("first", "rgb", "disparity"), KB3D_ERROR_UNAVAILABLE);
    CHECK_TEXT(call.message, "/nowhere");
    finish();
    setenv("KB3D_PLUGIN_PATH", path, 1);
    free(path);
}

static int stop_at_network(void *user, const char *stage, double fraction) {
    return fraction > 0;
}

static void test_cancelled(void) {
    CHECK_INT(add("first", NULL), KB3D_OK);
    call.progress = stop_at_network;
    CHECK_INT(kb3d_estimate_depth(ctx, &picture, KB3D_DEPTH_QUALITY_NORMAL, &estimate, &made_by, &call), KB3D_ERROR_CANCELLED);
    CHECK(!estimate.data);
    finish();
}

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Against sorting, for many counts, with equal values among them. */
static void test_percentiles(void) {
    static float values[3000], sorted[3000], scratch[3000];
    unsigned state = 1;
    for (int count = 1; count < 3000; count = count * 3 / 2 + 1) {
        for (int i = 0; i < count; i++) {
            state = state * 1664525u + 1013904223u;
            values[i] = sorted[i] = (float)(state >> (count % 2 ? 28 : 8));
        }
        qsort(sorted, (size_t)count, sizeof *sorted, by_value);
        float low = sorted[(int)(0.005 * (count - 1) + 0.5)], high = sorted[(int)(0.995 * (count - 1) + 0.5)];
        float first = values[0];
        CHECK(kb3d_estimate_normalise(values, (size_t)count, scratch));
        double want = high > low ? 0.05 + 0.95 * (first - low) / (high - low) : 1;
        CHECK_NEAR(values[0], fmin(fmax(want, 0), 2), 1e-6);
    }
    float unknown[] = {NAN, INFINITY, -INFINITY};
    CHECK(!kb3d_estimate_normalise(unknown, 3, scratch));
}

int main(void) {
    if (!mkdtemp(folder))
        return 1;
    snprintf(pt, sizeof pt, "%s/net.pt", folder);
    snprintf(json, sizeof json, "%s/net.json", folder);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            memcpy(pixels[y][x], (unsigned char[]){(unsigned char)(x * 4), 0, (unsigned char)(y * 8)}, 3);
    RUN(test_module_missing); /* first: one that was opened stays open */
    RUN(test_runs);
    RUN(test_depth_is_inverted);
    RUN(test_flat);
    RUN(test_holes);
    RUN(test_failures);
    RUN(test_without_manifest);
    RUN(test_registry);
    RUN(test_cancelled);
    RUN(test_percentiles);
    unlink(pt);
    unlink(json);
    rmdir(folder);
    return check_end();
}
