/* What a segmentation network's answers and a host's masks become. */
#include "segment.h"

#include "../check.h"

#include <stdlib.h>

enum { WIDTH = 8, HEIGHT = 4, COUNT = WIDTH * HEIGHT };

static kb3d_ctx *ctx;
static kb3d_call call;
static kb3d_segments segments;
static unsigned char pixels[HEIGHT][WIDTH][3];
static const kb3d_raster picture = {WIDTH, HEIGHT, 3, KB3D_SAMPLE_U8, 0, pixels};

/* What the host's network answers for class c at pixel i, on how many channels. */
typedef struct network {
    int channels, rank;
    float (*value)(int c, int i);
} network;

static int run_network(void *user, kb3d_run *run) {
    const network *n = user;
    int64_t shape[4] = {1, n->channels, HEIGHT, WIDTH};
    float *out = kb3d_run_answer(run, 0, n->rank, shape + 4 - n->rank);
    for (int c = 0; out && c < n->channels; c++)
        for (int i = 0; i < COUNT; i++)
            out[c * COUNT + i] = n->value(c, i);
    return out == NULL;
}

/* Classes: 0 the rest, 1 and 2 persons, 3 sky. */
static kb3d_status segment(network *n, const char *output, const char *sky) {
    char manifest[512];
    kb3d_model_source source;
    kb3d_model *made_by;
    KB3D_INIT(source);
    KB3D_INIT(call);
    snprintf(manifest, sizeof manifest,
             "{\"kb3d_manifest\": 1, \"role\": \"segment\", \"name\": \"s\", \"output\": \"%s\", \"classes\":"
             "{\"person\": [1, 2], \"sky\": [%s]}, \"input\": {\"size\": {\"exact\": [16, 16]}}}", output, sky);
    source.role = KB3D_MODEL_SEGMENT;
    source.run = run_network;
    source.user = n;
    source.manifest = manifest;
    if (ctx)
        kb3d_ctx_destroy(&ctx);
    CHECK_INT(kb3d_ctx_create(&ctx, NULL, &call), KB3D_OK);
    CHECK_INT(kb3d_ctx_add_model(ctx, &source, &call), KB3D_OK);
    return kb3d_segment_picture(ctx, &picture, &segments, &made_by, &call);
}

static float shares(int c, int i) {
    static const float left[] = {0.1f, 0.4f, 0.3f, 0.2f}, right[] = {0.8f, 0.1f, 0.1f, 0};
    return i % WIDTH < 4 ? left[c] : right[c];
}

static float logits(int c, int i) {
    return logf(shares(c, i) + 1e-9f) + 3;
}

static float broken(int c, int i) {
    return i == 5 ? NAN : i == 6 ? INFINITY : logits(c, i);
}

static float ids(int c, int i) {
    return i == 9 ? NAN : i == 10 ? -5e9f : (float)(i % 4);
}

static void test_shares(void) {
    network n = {4, 4, shares};
    CHECK_INT(segment(&n, "class_scores", "3"), KB3D_OK);
    if (CHECK_INT(segments.count, 1)) { /* no sky is likely anywhere */
        CHECK_INT(segments.items[0].kind, KB3D_CLASS_PERSON);
        CHECK_INT(segments.items[0].width, WIDTH);
        CHECK_NEAR(segments.items[0].share[0], 0.7, 1e-6);
        CHECK_NEAR(segments.items[0].share[7], 0.2, 1e-6);
    }
    kb3d_segments_free(ctx, &segments);
    n = (network){4, 3, logits};
    CHECK_INT(segment(&n, "class_scores", "3"), KB3D_OK);
    if (CHECK_INT(segments.count, 1))
        CHECK_NEAR(segments.items[0].share[0], 0.7, 1e-5);
    kb3d_segments_free(ctx, &segments);
}

static void test_broken(void) {
    network n = {4, 4, broken};
    CHECK_INT(segment(&n, "class_scores", "3"), KB3D_OK);
    for (int i = 0; i < segments.count; i++)
        for (int p = 0; p < COUNT; p++)
            CHECK(segments.items[i].share[p] >= 0 && segments.items[i].share[p] <= 1);
    kb3d_segments_free(ctx, &segments);
}

static void test_ids(void) {
    network n = {1, 2, ids};
    CHECK_INT(segment(&n, "class_ids", "3"), KB3D_OK);
    if (CHECK_INT(segments.count, 2)) {
        CHECK_INT(segments.items[1].kind, KB3D_CLASS_SKY);
        for (int i = 0; i < COUNT; i++) {
            int known = i != 9 && i != 10;
            CHECK_NEAR(segments.items[0].share[i], known && (i % 4 == 1 || i % 4 == 2), 0);
            CHECK_NEAR(segments.items[1].share[i], known && i % 4 == 3, 0);
        }
    }
    kb3d_segments_free(ctx, &segments);
}

static void test_refused(void) {
    network n = {4, 4, shares};
    CHECK_INT(segment(&n, "class_scores", "3, 4"), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "4 classes, and the manifest names class 4");
    CHECK_INT(segments.count, 0);
    CHECK_INT(segment(&n, "class_ids", "3"), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "class numbers");
    n.rank = 2;
    n.channels = 1;
    CHECK_INT(segment(&n, "class_scores", "3"), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "1xCxHxW");
}

static void test_masks(void) {
    static unsigned char gray[2][6] = {{0, 127, 128, 255, 0, 0}, {255, 0, 0, 0, 0, 0}};
    kb3d_image image;
    kb3d_source source;
    kb3d_mask mask;
    const kb3d_mask *list[2] = {&mask, &mask};
    KB3D_INIT(call);
    KB3D_INIT(image);
    KB3D_INIT(source);
    KB3D_INIT(mask);
    image.format = KB3D_FORMAT_GRAY8;
    image.width = 6;
    image.height = 2;
    image.data[0] = gray;
    source.image = &image;
    mask.kind = KB3D_CLASS_ANIMAL;
    mask.source = &source;
    CHECK_INT(kb3d_segment_masks(ctx, list, 2, &segments, &call), KB3D_OK);
    if (CHECK_INT(segments.count, 2)) {
        static const float want[] = {0, 0, 1, 1, 0, 0, 1};
        CHECK_INT(segments.items[1].kind, KB3D_CLASS_ANIMAL);
        CHECK_INT(segments.items[1].is_one_thing, 1);
        for (int i = 0; i < 7; i++)
            CHECK_NEAR(segments.items[1].share[i], want[i], 0);
    }
    kb3d_segments_free(ctx, &segments);
    mask.kind = (kb3d_class)9;
    CHECK_INT(kb3d_segment_masks(ctx, list, 1, &segments, &call), KB3D_ERROR_ARGUMENT);
    mask.kind = KB3D_CLASS_SKY;
    source.path = "/nowhere/mask.png";
    CHECK_INT(kb3d_segment_masks(ctx, list, 1, &segments, &call), KB3D_ERROR_ARGUMENT); /* two places */
    source.image = NULL;
    CHECK_INT(kb3d_segment_masks(ctx, list, 1, &segments, &call), KB3D_ERROR_IO);
    CHECK_TEXT(call.message, "/nowhere/mask.png");
    mask.source = NULL;
    CHECK_INT(kb3d_segment_masks(ctx, list, 1, &segments, &call), KB3D_ERROR_ARGUMENT);
    list[0] = NULL;
    CHECK_INT(kb3d_segment_masks(ctx, list, 1, &segments, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(segments.count, 0);
    uint64_t held = 0;
    kb3d_ctx_info info;
    KB3D_INIT(info);
    CHECK_INT(kb3d_ctx_get_info(ctx, &info, &call), KB3D_OK);
    held = info.memory_used;
    CHECK(held < 20000); /* nothing is left of any of this */
}

int main(void) {
    setenv("KB3D_MODEL_PATH", "", 1);
    RUN(test_shares);
    RUN(test_broken);
    RUN(test_ids);
    RUN(test_refused);
    RUN(test_masks);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
