/* A torch module through its table, on networks that make_models wrote:
       shim FOLDER_OF_MODELS OPERATORS VERSION_OF_OPERATORS
   KB3D_PLUGIN_PATH names the modules' folder, KB3D_TORCH the module. */
#include "../check.h"
#include "plugin.h"
#include "torch_module.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static const char *folder, *operators, *operators_version;
static const kb3d_infer_api *api;
static char message[KB3D_INFER_MESSAGE_SIZE];
static float pixels[3 * 4 * 6], plane[4 * 6];
static const kb3d_tensor inputs[2] = {{pixels, 4, {1, 3, 4, 6}}, {plane, 4, {1, 1, 4, 6}}};
static kb3d_tensor outputs[2];
static uint64_t weight_bytes;
static kb3d_status status;
static int threads = 2;

static kb3d_infer_model *load(const char *name) {
    char path[512];
    static char bytes[1 << 16];
    kb3d_infer_model *model = NULL;
    snprintf(path, sizeof path, "%s/%s.pt", folder, name);
    FILE *stream = fopen(path, "rb");
    kb3d_infer_file file = {.bytes = bytes};
    if (stream) {
        file.byte_count = fread(bytes, 1, sizeof bytes, stream);
        fclose(stream);
    }
    message[0] = 0;
    status = api->load(NULL, &file, &model, &weight_bytes, message);
    memset(bytes, -1, sizeof bytes); /* ours again */
    CHECK(!status == !!model);
    CHECK(!status || *message);
    CHECK(!strchr(message, '\n'));
    return model;
}

static kb3d_status run(kb3d_infer_model *model, const char *entry, const char *key, int input_count,
                       int output_count, void **answer) {
    kb3d_infer_request request = {.entry = entry,
                                  .inputs = inputs,
                                  .input_count = input_count,
                                  .output_key = key,
                                  .outputs = outputs,
                                  .output_count = output_count,
                                  .threads = threads};
    message[0] = 0;
    status = api->run(model, &request, answer, message);
    CHECK(!status || *message);
    CHECK(!strchr(message, '\n'));
    return status;
}

/* Loads, runs, and gives the value at `at` of the last output. */
static float value(const char *name, const char *entry, const char *key, int input_count, int output_count,
                   int at) {
    float v = NAN;
    void *answer;
    kb3d_infer_model *model = load(name);
    if (!CHECK(model)) {
        fprintf(stderr, "    %s: %s\n", name, message);
        return v;
    }
    if (CHECK_INT(run(model, entry, key, input_count, output_count, &answer), KB3D_OK)) {
        v = outputs[output_count - 1].data[at];
        api->release(answer);
    } else {
        fprintf(stderr, "    %s: %s\n", name, message);
    }
    api->unload(model);
    return v;
}

static float answer_of(const char *name, int at) {
    return value(name, "forward", "", 1, 1, at);
}

static void test_answers(void) {
    CHECK_NEAR(answer_of("bright", 7), 7, 1e-5);
    CHECK_INT(outputs[0].rank, 4);
    CHECK_INT(outputs[0].shape[1], 1);
    CHECK_INT(outputs[0].shape[2], 4);
    CHECK_INT(outputs[0].shape[3], 6);
    CHECK_INT(weight_bytes, 3 * sizeof(float));
    CHECK_NEAR(value("bright", "other", "", 1, 1, 7), 7, 0);
    CHECK_INT(outputs[0].rank, 2);
    CHECK_NEAR(answer_of("strided", 1), 6, 1e-5); /* made dense */
    CHECK_INT(outputs[0].shape[2], 6);
    CHECK(isnan(answer_of("nan", 0)));
    CHECK_NEAR(value("sum", "forward", "", 2, 1, 7), 107, 1e-5);
}

static void test_types(void) {
    CHECK_NEAR(answer_of("half", 9), 9, 1e-2);
    CHECK_INT(outputs[0].rank, 3);
    CHECK_NEAR(answer_of("integers", 9), 9, 0);
    CHECK_NEAR(answer_of("truths", 9), 1, 0);
    CHECK_NEAR(answer_of("truths", 2), 0, 0);
}

static void test_parts(void) {
    CHECK_NEAR(answer_of("tuple", 9), 9, 1e-5); /* the first */
    CHECK_INT(outputs[0].shape[1], 1);
    CHECK_NEAR(value("tuple", "forward", "", 1, 2, 24 + 3), 3, 0);
    CHECK_INT(outputs[1].shape[1], 3);
    CHECK_NEAR(outputs[0].shape[1], 1, 0);
    value("tuple", "forward", "1", 1, 1, 0);
    CHECK_INT(outputs[0].shape[1], 3);
    value("list", "forward", "", 1, 2, 0);
    CHECK_INT(outputs[0].shape[1], 1);
    CHECK_INT(outputs[1].shape[1], 3);
    value("list", "forward", "1", 1, 1, 0);
    CHECK_INT(outputs[0].shape[1], 3);
    value("nested", "forward", "0", 1, 2, 0);
    CHECK_INT(outputs[0].shape[1], 3);
    CHECK_INT(outputs[1].shape[1], 1);
    CHECK_NEAR(value("dictionary", "forward", "out", 1, 1, 5), 5, 1e-5);
    CHECK_INT(outputs[0].shape[1], 1);
    CHECK_NEAR(value("lone", "forward", "", 1, 1, 5), 5, 1e-5);
}

static void test_half_weights(void) {
    static const char *const names[] = {"half_weights", "half_frozen", "half_input"};
    for (int i = 0; i < 3; i++) {
        CHECK_NEAR(answer_of(names[i], 9), 9.5, 1e-2);
        CHECK_INT(weight_bytes, 4 * sizeof(float)); /* the bias too */
    }
}

static void test_not_copied(void) {
    kb3d_infer_model *model = load("same");
    void *answer;
    if (CHECK(model && !run(model, "forward", NULL, 1, 1, &answer))) {
        CHECK(outputs[0].data == pixels);
        api->release(answer);
    }
    api->unload(model);
}

static void fails_to_run(const char *name, const char *key, int output_count, const char *text) {
    void *answer;
    kb3d_infer_model *model = load(name);
    if (!CHECK(model))
        return;
    CHECK_INT(run(model, "forward", key, 1, output_count, &answer), KB3D_ERROR_MODEL);
    CHECK_TEXT(message, text);
    api->unload(model);
}

static void test_failures(void) {
    fails_to_run("throws", "", 1, "no picture is good enough");
    fails_to_run("mismatch", "", 1, "RuntimeError: ");
    fails_to_run("five", "", 1, "four dimensions");
    fails_to_run("complex", "", 1, "complex");
    fails_to_run("number", "", 1, "a Double where a tensor is needed");
    fails_to_run("nothing", "", 1, "a None where a tensor is needed");
    fails_to_run("bright", "", 2, "1 tensor instead of 2");
    fails_to_run("bright", "out", 1, "no part \"out\"");
    fails_to_run("tuple", "2", 1, "without a part \"2\"");
    fails_to_run("nested", "", 2, "a GenericList where a tensor is needed");
    fails_to_run("dictionary", "", 1, "\"aux\", \"out\", and the manifest does not say which");
    fails_to_run("dictionary", "depth", 1, "without \"depth\"");
    fails_to_run("sum", "", 1, "missing value for argument 'y'");
    fails_to_run("wants_list", "", 1, "List[Tensor]");
    kb3d_infer_model *model = load("bright");
    void *answer;
    CHECK_INT(run(model, "missing", "", 1, 1, &answer), KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "no method \"missing\"");
    CHECK_INT(run(model, "forward", "", 2, 1, &answer), KB3D_ERROR_MODEL); /* one input too many */
    CHECK_INT(run(model, "forward", "", 1, 1, &answer), KB3D_OK);          /* none the worse for it */
    api->release(answer);
    api->unload(model);
    model = load("huge");
    CHECK_INT(run(model, "forward", "", 1, 1, &answer), KB3D_ERROR_MEMORY);
    CHECK_TEXT(message, "out of memory");
    api->unload(model);
}

static void test_damaged_files(void) {
    static const char *const damaged[] = {"truncated", "text", "absent", "damaged"};
    for (int i = 0; i < 4; i++) {
        CHECK(!load(damaged[i]));
        CHECK_INT(status, KB3D_ERROR_MODEL);
        CHECK_TEXT(message, i < 3 ? "not a TorchScript file, or a damaged one" : "opcode");
    }
}

/* A TorchScript file is code: this one reads a file of the system. */
static void test_is_code(void) {
    FILE *passwords = fopen("/etc/passwd", "rb");
    if (!passwords)
        return;
    int first = getc(passwords);
    fclose(passwords);
    CHECK_NEAR(answer_of("reads", 0), first, 0);
}

/* What is written to a stream of the process meanwhile. */
static long written_by_network(int stream) {
    char path[] = "/tmp/kb3d-shim-XXXXXX";
    int kept = dup(stream), file = mkstemp(path);
    fflush(NULL);
    dup2(file, stream);
    answer_of("prints", 0);
    fflush(NULL);
    long size = (long)lseek(file, 0, SEEK_END);
    dup2(kept, stream);
    close(kept);
    close(file);
    unlink(path);
    return size;
}

static void test_silence(void) {
    CHECK_INT(written_by_network(STDOUT_FILENO), 0);
    CHECK_INT(written_by_network(STDERR_FILENO), 0);
}

static void test_operators(void) {
    kb3d_call call;
    KB3D_INIT(call);
    CHECK(!load("custom"));
    CHECK_INT(status, KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "needs the operator kb3d_test::twice, which");
    CHECK_INT(kb3d_plugin_open_operators("/nowhere/operators.so", &call), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "/nowhere/operators.so");
    kb3d_status opened = kb3d_plugin_open_operators(operators, &call);
    if (strcmp(operators_version, getenv("KB3D_TORCH"))) {
        CHECK_INT(opened, KB3D_ERROR_MODEL);
        CHECK_TEXT(call.message, "another libtorch");
        return;
    }
    CHECK_INT(opened, KB3D_OK);
    CHECK_NEAR(answer_of("custom", 9), 18, 0);
    int processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
    for (threads = 1; threads <= 2; threads++)
        CHECK_INT(answer_of("threads", 0), threads < processors ? threads : processors);
    threads = 2;
}

static int ask(const char *library, const char *function) {
    void *opened = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
    int (*get)(void) = opened ? (int (*)(void))dlsym(opened, function) : NULL;
    return get ? get() : -1;
}

static int count_threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;
    while (tasks && readdir(tasks))
        count++;
    if (tasks)
        closedir(tasks);
    return count;
}

/* What a host that uses OpenMP and OpenBLAS itself has set; and no thread stays behind. */
static void test_settings_restored(void) {
    int omp = ask("libgomp.so.1", "omp_get_max_threads");
    int blas = ask("libopenblas.so.0", "openblas_get_num_threads");
    int before = count_threads();
    answer_of("bright", 0);
    for (int i = 0; i < 100 && count_threads() != before; i++)
        usleep(10000); /* libgomp's end a little later */
    CHECK_INT(count_threads(), before);
    CHECK_INT(ask("libgomp.so.1", "omp_get_max_threads"), omp);
    CHECK_INT(ask("libopenblas.so.0", "openblas_get_num_threads"), blas);
    printf("OpenMP %d threads, OpenBLAS %d, before and after\n", omp, blas);
}

static void *run_often(void *model) {
    char text[KB3D_INFER_MESSAGE_SIZE];
    for (int i = 0; i < 20; i++) {
        kb3d_tensor output;
        void *answer;
        kb3d_infer_request request = {.entry = "forward",
                                      .inputs = inputs,
                                      .input_count = 1,
                                      .outputs = &output,
                                      .output_count = 1,
                                      .threads = 2};
        if (api->run(model, &request, &answer, text) || output.data[5] != 5)
            return model; /* anything but NULL */
        api->release(answer);
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

int main(int count, char **arguments) {
    kb3d_call call;
    KB3D_INIT(call);
    int clash;
    if (count != 4 || kb3d_torch_module_open(&api, &clash, &call)) {
        fprintf(stderr, "%s\n", count == 4 ? call.message : "shim FOLDER_OF_MODELS OPERATORS VERSION_OF_OPERATORS");
        return 1;
    }
    folder = arguments[1];
    operators = arguments[2];
    operators_version = arguments[3];
    for (int i = 0; i < 72; i++)
        pixels[i] = (float)(i % 24);
    for (int i = 0; i < 24; i++)
        plane[i] = 100;
    CHECK_TEXT(api->runtime, "libtorch ");
    CHECK_TEXT(api->runtime, getenv("KB3D_TORCH"));
    printf("%s\n", api->runtime);
    RUN(test_answers);
    RUN(test_types);
    RUN(test_parts);
    RUN(test_half_weights);
    RUN(test_not_copied);
    RUN(test_failures);
    RUN(test_damaged_files);
    RUN(test_is_code);
    RUN(test_silence);
    RUN(test_operators);
    RUN(test_settings_restored);
    RUN(test_two_threads);
    return check_end();
}
