/* The worker with the real torch modules: worker_torch FOLDER_OF_MODELS OPERATORS VERSION_OF_OPERATORS
   KB3D_TORCH names the module. */
#include "stage.h"

#include <unistd.h>

static const char *folder, *operators;
static int operators_fit;

static kb3d_status file_load(const char *name, int with_operators, kb3d_infer_model **model) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.pt", folder, name);
    FILE *from = fopen(path, "rb");
    if (!CHECK(from))
        return KB3D_ERROR_IO;
    static char bytes[1 << 20];
    kb3d_infer_file file = {.bytes = bytes, .byte_count = fread(bytes, 1, sizeof bytes, from),
                            .operators = with_operators ? operators : NULL};
    fclose(from);
    uint64_t weights;
    message[0] = 0;
    return kb3d_worker_api()->load(worker, &file, model, &weights, message);
}

/* Runs a network on three planes that count; answers the status and the answer's value at 7. */
static kb3d_status run(kb3d_infer_model *model, int (*stop)(void *), void *user, float *value) {
    float pixels[3 * SMALL];
    kb3d_tensor input = {pixels, 4, {1, 3, SMALL_HEIGHT, SMALL_WIDTH}}, output;
    kb3d_infer_request request = {.entry = "forward", .inputs = &input, .input_count = 1, .output_key = "",
                                  .outputs = &output, .output_count = 1, .threads = 2, .stop = stop, .user = user};
    void *answer;
    for (int i = 0; i < 3 * SMALL; i++)
        pixels[i] = (float)(i % SMALL);
    message[0] = 0;
    kb3d_status status = kb3d_worker_api()->run(model, &request, &answer, message);
    if (!status) {
        *value = output.data[output.rank ? 7 : 0];
        kb3d_worker_api()->release(answer);
    }
    return status;
}

static kb3d_infer_model *file_network(const char *name) {
    kb3d_infer_model *model = NULL;
    if (!CHECK_INT(file_load(name, 0, &model), KB3D_OK))
        fprintf(stderr, "    %s: %s\n", name, message);
    return model;
}

static void test_answers(void) {
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *bright = file_network("bright"), *same = file_network("same"), *model;
    float value = 0;
    for (int i = 0; i < 3; i++) {
        CHECK_INT(run(bright, NULL, NULL, &value), KB3D_OK);
        CHECK_NEAR(value, 7, 1e-5);
        CHECK_INT(run(same, NULL, NULL, &value), KB3D_OK);
        CHECK_NEAR(value, 7, 0);
    }
    CHECK_INT(file_load("text", 0, &model), KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "not a TorchScript file");
    CHECK_INT(file_load("truncated", 0, &model), KB3D_ERROR_MODEL);
    model = file_network("throws");
    CHECK_INT(run(model, NULL, NULL, &value), KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "no picture is good enough");
    network_free(model);
    model = file_network("prints");
    CHECK_INT(run(model, NULL, NULL, &value), KB3D_OK);
    network_free(model);
    network_free(same);
    network_free(bright);
    worker_end();
    CHECK_TEXT(log_text, "started: libtorch ");
    printf("    %s", log_text);
}

/* A network that never ends, inside libtorch. */
static void test_endless(void) {
    worker_begin((kb3d_worker_limits){.time_ms = 10000});
    kb3d_infer_model *endless = file_network("endless"), *bright = file_network("bright");
    float value;
    double when = now_ms() + 300;
    CHECK_INT(run(endless, stop_at, &when, &value), KB3D_ERROR_CANCELLED);
    double late = now_ms() - when;
    CHECK(late < 50);
    CHECK_INT(run(bright, NULL, NULL, &value), KB3D_OK);
    network_free(bright);
    network_free(endless);
    worker_end();
    worker_begin((kb3d_worker_limits){.time_ms = 2000});
    endless = file_network("endless");
    CHECK_INT(run(endless, NULL, NULL, &value), KB3D_ERROR_LIMIT);
    CHECK_TEXT(message, "took longer than the worker's limit of 2000 ms");
    network_free(endless);
    worker_end();
    printf("    cancelled %.1f ms late\n", late);
}

static void test_memory(void) {
    worker_begin((kb3d_worker_limits){.memory = (uint64_t)800 << 20, .time_ms = 30000});
    kb3d_infer_model *greedy = file_network("greedy"), *huge = file_network("huge");
    kb3d_infer_model *bright = file_network("bright");
    float value;
    for (int i = 0; i < 2; i++) {
        CHECK_INT(run(greedy, NULL, NULL, &value), KB3D_ERROR_LIMIT);
        CHECK_TEXT(message, "the worker may hold 800 MB");
        CHECK_INT(run(huge, NULL, NULL, &value), KB3D_ERROR_LIMIT);
        CHECK_INT(run(bright, NULL, NULL, &value), KB3D_OK);
    }
    network_free(bright);
    network_free(huge);
    network_free(greedy);
    worker_end();
}

/* TorchScript itself can read and write files. */
static void test_files(void) {
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *writes = file_network("writes");
    float value;
    CHECK_INT(run(writes, NULL, NULL, &value), KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "unable to open file </tmp/kb3d-test-written>");
    CHECK(access("/tmp/kb3d-test-written", F_OK));
    network_free(writes);
    kb3d_infer_model *reads = file_network("reads");
    if (!strstr(log_text, "Landlock")) {
        CHECK_INT(run(reads, NULL, NULL, &value), KB3D_ERROR_MODEL);
        CHECK_TEXT(message, "unable to open file </etc/passwd>");
    }
    network_free(reads);
    worker_end();
}

static void test_operators(void) {
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *model;
    float value;
    CHECK_INT(file_load("custom", 0, &model), KB3D_ERROR_MODEL);
    if (operators_fit) {
        CHECK_INT(file_load("custom", 1, &model), KB3D_OK);
        CHECK_INT(run(model, NULL, NULL, &value), KB3D_OK);
        CHECK_NEAR(value, 14, 0);
        network_free(model);
        CHECK_INT(file_load("dies", 1, &model), KB3D_OK);
        for (int i = 0; i < 2; i++) { /* loaded anew, with its operators */
            CHECK_INT(run(model, NULL, NULL, &value), KB3D_ERROR_MODEL);
            CHECK_TEXT(message, "the worker process ended while it ran the network (");
        }
        network_free(model);
    } else {
        CHECK_INT(file_load("custom", 1, &model), KB3D_ERROR_MODEL);
        CHECK_TEXT(message, "another libtorch");
    }
    worker_end();
}

int main(int count, char **arguments) {
    if (count != 4)
        return 2;
    folder = arguments[1];
    operators = arguments[2];
    operators_fit = !strcmp(arguments[3], getenv("KB3D_TORCH"));
    RUN(test_answers);
    RUN(test_endless);
    RUN(test_memory);
    RUN(test_files);
    RUN(test_operators);
    return check_end();
}
