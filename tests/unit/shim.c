/* The torch shim through its table, on networks that make_models wrote: shim FOLDER_OF_MODELS.
   KB3D_PLUGIN_PATH names the shim's folder. With KB3D_TEST_DATA also a real network. */
#include "../check.h"
#include "decode.h"
#include "estimate.h"
#include "model.h"
#include "plugin.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

static const char *folder;
static const kb3d_infer_api *api;
static char message[KB3D_INFER_MESSAGE_SIZE];
static float pixels[3 * 4 * 6];
static const kb3d_tensor input = {pixels, 4, {1, 3, 4, 6}};
static kb3d_tensor output;

static kb3d_infer_model *load(const char *name) {
    char path[512];
    kb3d_infer_model *model;
    snprintf(path, sizeof path, "%s/%s.pt", folder, name);
    message[0] = 0;
    return api->load(path, &model, message) ? NULL : model;
}

/* Runs and gives the answer's value at `at`. */
static float run(const char *name, const char *entry, int at) {
    float value = NAN;
    void *owner;
    kb3d_infer_model *model = load(name);
    if (!CHECK(model))
        return value;
    if (CHECK(!api->run(model, entry, &input, 2, &output, &owner, message))) {
        value = output.data[at];
        api->release_output(owner);
    }
    api->unload(model);
    return value;
}

static void test_answers(void) {
    for (int i = 0; i < 72; i++)
        pixels[i] = (float)(i % 24);
    CHECK_NEAR(run("bright", "forward", 7), 7, 1e-5);
    CHECK_INT(output.rank, 4);
    CHECK_INT(output.shape[1], 1);
    CHECK_INT(output.shape[2], 4);
    CHECK_INT(output.shape[3], 6);
    CHECK_NEAR(run("bright", "other", 7), 7, 0);
    CHECK_INT(output.rank, 2);
    CHECK_NEAR(run("half", "forward", 9), 9, 1e-2); /* converted */
    CHECK_INT(output.rank, 3);
    CHECK_NEAR(run("strided", "forward", 1), 6, 1e-5); /* made dense */
    CHECK_INT(output.shape[2], 6);
    CHECK(isnan(run("nan", "forward", 0)));
}

static void test_not_copied(void) {
    kb3d_infer_model *model = load("same");
    void *owner;
    if (CHECK(model && !api->run(model, "forward", &input, 1, &output, &owner, message))) {
        CHECK(output.data == pixels);
        api->release_output(owner);
    }
    api->unload(model);
}

static void fails_to_run(const char *name, const char *entry, const char *text) {
    void *owner;
    kb3d_infer_model *model = load(name);
    if (!CHECK(model))
        return;
    CHECK(api->run(model, entry, &input, 2, &output, &owner, message));
    CHECK_TEXT(message, text);
    CHECK(!strchr(message, '\n'));
    api->unload(model);
}

static void test_failures(void) {
    fails_to_run("throws", "forward", "no picture is good enough");
    fails_to_run("mismatch", "forward", "RuntimeError: ");
    fails_to_run("tuple", "forward", "Tuple");
    fails_to_run("five", "forward", "four dimensions");
    fails_to_run("bright", "missing", "\"missing\"");
    static const char *const damaged[] = {"truncated", "text", "absent"};
    for (int i = 0; i < 3; i++) {
        CHECK(!load(damaged[i]));
        CHECK_TEXT(message, i < 2 ? "not a TorchScript file" : "cannot be opened");
        CHECK(!strchr(message, '\n'));
    }
}

static int ask(const char *library, const char *function) {
    void *opened = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
    int (*get)(void) = opened ? (int (*)(void))dlsym(opened, function) : NULL;
    return get ? get() : -1;
}

/* What a host that uses OpenMP and OpenBLAS itself has set. */
static void test_settings_restored(void) {
    int omp = ask("libgomp.so.1", "omp_get_max_threads");
    int blas = ask("libopenblas.so.0", "openblas_get_num_threads");
    run("bright", "forward", 0);
    CHECK_INT(ask("libgomp.so.1", "omp_get_max_threads"), omp);
    CHECK_INT(ask("libopenblas.so.0", "openblas_get_num_threads"), blas);
    printf("OpenMP %d threads, OpenBLAS %d, before and after\n", omp, blas);
}

static void *run_often(void *model) {
    char text[KB3D_INFER_MESSAGE_SIZE];
    for (int i = 0; i < 20; i++) {
        kb3d_tensor answer;
        void *owner;
        if (api->run(model, "forward", &input, 1, &answer, &owner, text) || answer.data[5] != 5)
            return model; /* anything but NULL */
        api->release_output(owner);
    }
    return NULL;
}

static void test_two_threads(void) {
    kb3d_infer_model *model = load("bright");
    pthread_t thread;
    void *fault = NULL;
    CHECK(!pthread_create(&thread, NULL, run_often, model));
    CHECK(!run_often(model));
    pthread_join(thread, &fault);
    CHECK(!fault);
    api->unload(model);
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

static void compare(kb3d_ctx *ctx, const char *data, const char *picture_name) {
    char path[512];
    kb3d_raster picture, estimate;
    kb3d_file_info info;
    const char *name;
    kb3d_call call;
    KB3D_INIT(call);
    snprintf(path, sizeof path, "%s/models/reference/%s.jpg", data, picture_name);
    if (!CHECK(!kb3d_decode_picture(&ctx->mem, ctx->pixel_limit, path, NULL, 0, &picture, &info, &call)))
        return;
    if (CHECK(!kb3d_estimate_depth(ctx, &picture, &estimate, &name, &call))) {
        size_t count = (size_t)estimate.width * estimate.height;
        snprintf(path, sizeof path, "%s/models/reference/%s.npy", data, picture_name);
        float *reference = read_reference(path, count);
        double alike = reference ? correlation(reference, estimate.data, count) : 0;
        printf("%s: correlation with the authors' own answer %.5f\n", picture_name, alike);
        CHECK(alike >= 0.999);
        free(reference);
        kb3d_mem_free(&ctx->mem, estimate.data);
    }
    kb3d_mem_free(&ctx->mem, picture.data);
}

static void test_real_network(void) {
    const char *data = getenv("KB3D_TEST_DATA");
    char path[512];
    kb3d_ctx *ctx;
    if (!data)
        return;
    snprintf(path, sizeof path, "%s/models/tiefenrausch.pt", data);
    if (!CHECK(!kb3d_ctx_create(&ctx, NULL, NULL)))
        return;
    kb3d_model_source source;
    KB3D_INIT(source);
    source.role = KB3D_MODEL_DEPTH;
    source.path = path;
    if (CHECK(!kb3d_ctx_add_model(ctx, &source, NULL))) {
        compare(ctx, data, "columns");
        compare(ctx, data, "pumpkin");
    }
    kb3d_ctx_destroy(&ctx);
}

int main(int count, char **arguments) {
    kb3d_call call;
    KB3D_INIT(call);
    void *address;
    folder = count > 1 ? arguments[1] : ".";
    if (kb3d_plugin_open("kb3d-torch", KB3D_INFER_SYMBOL, &address, &call)) {
        fprintf(stderr, "%s\n", call.message);
        return 1;
    }
    api = ((kb3d_infer_open_fn)address)();
    CHECK_INT(api->abi, KB3D_INFER_ABI);
    CHECK_TEXT(api->runtime, "libtorch ");
    RUN(test_answers);
    RUN(test_not_copied);
    RUN(test_failures);
    RUN(test_settings_restored);
    RUN(test_two_threads);
    RUN(test_real_network);
    return check_end();
}
