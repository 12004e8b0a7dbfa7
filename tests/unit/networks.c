/* The real networks of KB3D_TEST_DATA through their manifests, by the module that KB3D_TORCH names. */
#include "../check.h"
#include "decode.h"
#include "estimate.h"
#include "tensor.h"

#include <stdlib.h>
#include <time.h>

#define DEPTH_MANIFEST(name, size, output)                                                                         \
    "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"" name "\", \"input\": {\"size\": {" size             \
    "}}, \"output\": \"" output "\"}"
#define SEGMENT_MANIFEST                                                                                           \
    "{\"kb3d_manifest\": 1, \"role\": \"segment\", \"name\": \"DeepLab\", \"output\": \"class_scores\","           \
    "\"input\": {\"size\": {\"long_side\": 513, \"multiple\": 16, \"offset\": 1}},"                                \
    "\"classes\": {\"person\": [15], \"animal\": [3, 8, 12]}}"

static const char *data;
static kb3d_raster picture;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

/* A context with one network, and a picture. */
static kb3d_ctx *begin(kb3d_model_role role, const char *network, const char *manifest, const char *picture_name) {
    char path[512];
    kb3d_ctx *ctx;
    kb3d_file_info info;
    kb3d_model_source source;
    kb3d_call call;
    KB3D_INIT(source);
    KB3D_INIT(call);
    snprintf(path, sizeof path, "%s/models/%s.pt", data, network);
    source.role = role;
    source.path = path;
    source.manifest = manifest;
    if (!CHECK_INT(kb3d_ctx_create(&ctx, NULL, NULL), KB3D_OK))
        return NULL;
    if (!CHECK_INT(kb3d_ctx_add_model(ctx, &source, &call), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    snprintf(path, sizeof path, "%s/%s", data, picture_name);
    if (!CHECK_INT(kb3d_decode_picture(&ctx->mem, ctx->pixel_limit, path, NULL, 0, &picture, &info, &call),
                   KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    return ctx;
}

static void end(kb3d_ctx *ctx) {
    kb3d_mem_free(&ctx->mem, picture.data);
    kb3d_ctx_destroy(&ctx);
}

static int estimate(kb3d_ctx *ctx, kb3d_raster *depth) {
    kb3d_model *made_by;
    kb3d_call call;
    KB3D_INIT(call);
    double start = now_ms();
    if (CHECK_INT(kb3d_estimate_depth(ctx, &picture, KB3D_DEPTH_QUALITY_NORMAL, depth, &made_by, &call), KB3D_OK)) {
        printf("%s: loaded and run in %.0f ms\n", kb3d_model_label(made_by), now_ms() - start);
        return 1;
    }
    fprintf(stderr, "    %s\n", call.message);
    return 0;
}

/* Reads the values of a float32 .npy of the estimate's size. */
static float *read_reference(const char *path, size_t count) {
    unsigned char head[10];
    float *values = malloc(count * sizeof *values);
    FILE *file = fopen(path, "rb");
    int ok = file && fread(head, 1, 10, file) == 10 && !fseek(file, head[8] | head[9] << 8, SEEK_CUR) &&
             fread(values, sizeof *values, count, file) == count;
    if (file)
        fclose(file);
    if (CHECK(ok))
        return values;
    free(values);
    return NULL;
}

static double correlation(const float *a, const float *b, size_t count) {
    double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
    for (size_t i = 0; i < count; i++) {
        sa += a[i];
        sb += b[i];
        saa += (double)a[i] * a[i];
        sbb += (double)b[i] * b[i];
        sab += (double)a[i] * b[i];
    }
    return (count * sab - sa * sb) / sqrt((count * saa - sa * sa) * (count * sbb - sb * sb));
}

static void test_tiefenrausch(void) {
    static const char *const names[] = {"columns", "pumpkin"};
    for (int i = 0; i < 2; i++) {
        char name[128], path[512];
        kb3d_raster depth;
        snprintf(name, sizeof name, "models/reference/%s.jpg", names[i]);
        kb3d_ctx *ctx =
            begin(KB3D_MODEL_DEPTH, "tiefenrausch",
                  DEPTH_MANIFEST("Tiefenrausch", "\"long_side\": 384, \"multiple\": 32", "disparity"), name);
        if (!ctx || !estimate(ctx, &depth))
            return;
        size_t count = (size_t)depth.width * depth.height;
        snprintf(path, sizeof path, "%s/models/reference/%s.npy", data, names[i]);
        float *reference = read_reference(path, count);
        double alike = reference ? correlation(reference, depth.data, count) : 0;
        printf("%s: correlation with the authors' own answer %.5f\n", names[i], alike);
        CHECK(alike >= 0.999);
        free(reference);
        kb3d_mem_free(&ctx->mem, depth.data);
        end(ctx);
    }
}

static double mean_of_rows(const kb3d_raster *map, int from, int to) {
    double sum = 0;
    for (int i = from * map->width; i < to * map->width; i++)
        sum += ((const float *)map->data)[i];
    return sum / ((to - from) * map->width);
}

/* A cup on a table: what is low in the picture is near. */
static void test_fastdepth(void) {
    kb3d_raster depth;
    kb3d_ctx *ctx =
        begin(KB3D_MODEL_DEPTH, "fastdepth", DEPTH_MANIFEST("FastDepth", "\"exact\": [224, 224]", "metric_depth"),
              "photos/coffee.png");
    if (!ctx || !estimate(ctx, &depth))
        return;
    CHECK_INT(depth.width, 224);
    int finite = 0, positive = 0;
    for (int i = 0; i < 224 * 224; i++) {
        float d = ((float *)depth.data)[i];
        finite += isfinite(d);
        positive += d > 0 && d < 10; /* inverse metres: farther than 10 cm */
    }
    CHECK_INT(finite, 224 * 224);
    CHECK_INT(positive, 224 * 224);
    double top = mean_of_rows(&depth, 0, 56), bottom = mean_of_rows(&depth, 168, 224);
    printf("inverse depth %.3f above, %.3f below\n", top, bottom);
    CHECK(bottom > top);
    kb3d_mem_free(&ctx->mem, depth.data);
    end(ctx);
}

/* The share of a picture whose largest score is that of a class. */
static double share_of_class(const kb3d_tensor *scores, int class) {
    int64_t classes = scores->shape[1], plane = scores->shape[2] * scores->shape[3], count = 0;
    for (int64_t i = 0; i < plane; i++) {
        int best = 0;
        for (int c = 1; c < classes; c++)
            if (scores->data[c * plane + i] > scores->data[best * plane + i])
                best = c;
        count += best == class;
    }
    return (double)count / plane;
}

static double find_class(const char *picture_name, int class) {
    kb3d_ctx *ctx = begin(KB3D_MODEL_SEGMENT, "deeplab_mnv2_voc", SEGMENT_MANIFEST, picture_name);
    kb3d_model *model = NULL;
    kb3d_tensor input;
    kb3d_call call;
    int width, height;
    double share = 0;
    KB3D_INIT(call);
    if (!ctx || !CHECK_INT(kb3d_model_find(ctx, KB3D_MODEL_SEGMENT, &model, &call), KB3D_OK))
        return 0;
    kb3d_manifest_input_size(kb3d_model_manifest(model), picture.width, picture.height, &width, &height);
    CHECK_INT(kb3d_tensor_from_picture(ctx, model, &picture, width, height, &input, &call), KB3D_OK);
    kb3d_model_run run = {.model = model, .inputs = &input, .input_count = 1, .output_count = 1};
    if (CHECK_INT(kb3d_model_execute(ctx, &run, &call), KB3D_OK)) {
        CHECK_INT(run.outputs[0].rank, 4);
        CHECK_INT(run.outputs[0].shape[1], 21);
        share = share_of_class(&run.outputs[0], class);
        kb3d_model_run_end(&run);
    } else {
        fprintf(stderr, "    %s\n", call.message);
    }
    printf("%s: %.0f%% of class %d\n", picture_name, 100 * share, class);
    kb3d_model_free(ctx, model, input.data);
    end(ctx);
    return share;
}

static void test_deeplab(void) {
    CHECK(find_class("photos/astronaut.png", 15) > 0.3);
    CHECK(find_class("photos/cat_1080p.jpg", 8) > 0.1);
    CHECK(find_class("photos/coffee.png", 15) < 0.05);
}

int main(void) {
    data = getenv("KB3D_TEST_DATA");
    if (!data || !*data)
        return 77;
    RUN(test_tiefenrausch);
    RUN(test_fastdepth);
    RUN(test_deeplab);
    return check_end();
}
