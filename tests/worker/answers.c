/* What networks in the worker answer, and how they fail, with the fake module. */
#include "stage.h"

#include <limits.h>

static void test_echo(void) {
    worker_begin((kb3d_worker_limits){0});
    CHECK_TEXT(kb3d_worker_runtime(worker), "worker");
    CHECK(!has_children()); /* nothing starts before the first network */
    kb3d_infer_model *model = network("echo");
    CHECK_TEXT(kb3d_worker_runtime(worker), "worker, fake 1.0");
    for (int round = 0; round < 3; round++) {
        result r = network_run(model, NULL, NULL);
        CHECK_INT(r.status, KB3D_OK);
        CHECK_INT(r.rank, 4);
        CHECK_INT(r.shape[2], SMALL_HEIGHT);
        CHECK_INT(r.shape[3], SMALL_WIDTH);
        for (int i = 0; i < SMALL; i++)
            CHECK_NEAR(r.values[i], i, 0);
    }
    network_free(model);
    worker_end();
    CHECK_TEXT(log_text, "started: fake 1.0");
    printf("    %s", log_text);
}

static void test_shapes(void) {
    worker_begin((kb3d_worker_limits){0});
    result r = run_once("scalar");
    CHECK_INT(r.status, KB3D_OK);
    CHECK_INT(r.rank, 0);
    CHECK_NEAR(r.values[0], 42, 0);
    r = run_once("empty");
    CHECK_INT(r.status, KB3D_OK);
    CHECK_INT(r.rank, 2);
    CHECK_INT(r.shape[0], 0);
    CHECK_INT(r.shape[1], 5);
    worker_end();
}

/* The caller's numbers arrive, and the answer's memory is its own. */
static void test_request(void) {
    worker_begin((kb3d_worker_limits){0});
    const kb3d_infer_api *api = kb3d_worker_api();
    kb3d_infer_model *model = network("request"), *twice = network("twice");
    float a[3] = {1, 2, 3}, b[5] = {9, 8, 7, 6, 5};
    kb3d_tensor inputs[2] = {{b, 1, {5}}, {a, 4, {1, 1, 1, 3}}}, outputs[2];
    kb3d_infer_request request = {.entry = "paint", .inputs = inputs, .input_count = 2, .output_key = "out",
                                  .outputs = outputs, .output_count = 1, .threads = 7};
    void *answer, *second;
    CHECK_INT(api->run(model, &request, &answer, message), KB3D_OK);
    CHECK_NEAR(outputs[0].data[0], 7, 0);
    CHECK_NEAR(outputs[0].data[1], 2, 0);
    CHECK_NEAR(outputs[0].data[2], 1, 0);
    CHECK_NEAR(outputs[0].data[3], 5, 0);
    CHECK_NEAR(outputs[0].data[4], 3, 0);
    float *before = outputs[0].data;
    request.output_count = 2;
    CHECK_INT(api->run(twice, &request, &second, message), KB3D_OK);
    CHECK_INT(outputs[0].shape[3], 3);
    CHECK_NEAR(outputs[0].data[2], 3, 0);
    CHECK_INT(outputs[1].rank, 1);
    CHECK_INT(outputs[1].shape[0], 5);
    CHECK_NEAR(outputs[1].data[4], 5, 0);
    outputs[1].data[4] = 11; /* a stage may change it */
    CHECK_NEAR(before[0], 7, 0);
    api->unload(twice);
    api->unload(model);
    api->release(answer);
    CHECK_NEAR(outputs[1].data[4], 11, 0);
    api->release(second);
    request.entry = "a name of a method that is far too long for what the worker can be told, which is a hundred "
                    "and twenty-eight characters with its end";
    CHECK_INT(api->run(model = network("echo"), &request, &answer, message), KB3D_ERROR_INTERNAL);
    api->unload(model);
    worker_end();
}

/* Memory of input_alloc is read where it lies; a network that changes it changes its own copy. */
static void test_input_memory(void) {
    enum { COUNT = 300 * 200 };
    worker_begin((kb3d_worker_limits){0});
    const kb3d_infer_api *api = kb3d_worker_api();
    kb3d_infer_model *model = network("double"), *sum = network("sum");
    void *memory, *other, *answer;
    kb3d_tensor inputs[3] = {{0}}, output;
    if (CHECK_INT(api->input_alloc(model, COUNT * sizeof(float), &memory, message), KB3D_OK)) {
        float *pixels = memory;
        inputs[0] = (kb3d_tensor){pixels, 4, {1, 1, 200, 300}};
        kb3d_infer_request request = {.entry = "forward", .inputs = inputs, .input_count = 1, .outputs = &output,
                                      .output_count = 1, .threads = 1};
        for (int round = 1; round < 4; round++) {
            for (int i = 0; i < COUNT; i++)
                pixels[i] = (float)(i % 1000 + round);
            CHECK_INT(api->run(model, &request, &answer, message), KB3D_OK);
            CHECK_NEAR(output.data[COUNT - 1], 2.0 * ((COUNT - 1) % 1000 + round), 0);
            CHECK_NEAR(pixels[COUNT - 1], (COUNT - 1) % 1000 + round, 0);
            api->release(answer);
        }
        /* one of alloc's, a part of one, and one from elsewhere */
        float *own = malloc(COUNT / 2 * sizeof *own);
        for (int i = 0; i < COUNT; i++)
            pixels[i] = 1;
        for (int i = 0; i < COUNT / 2; i++)
            own[i] = 100, pixels[COUNT / 2 + i] = 10;
        for (int i = 0; i < 3; i++)
            inputs[i] = (kb3d_tensor){i == 0 ? pixels : i == 1 ? pixels + COUNT / 2 : own, 4, {1, 1, 100, 300}};
        request.input_count = 3;
        CHECK_INT(api->run(sum, &request, &answer, message), KB3D_OK);
        CHECK_NEAR(output.data[0], 111, 0);
        CHECK_NEAR(output.data[COUNT / 2 - 1], 111, 0);
        api->release(answer);
        free(own);
        api->input_free(model, memory);
        /* the next one of that size is the same */
        CHECK_INT(api->input_alloc(model, COUNT * sizeof(float), &other, message), KB3D_OK);
        CHECK(other == memory);
        api->input_free(model, other);
    }
    int before = files_open();
    void *many[40];
    for (int i = 0; i < 40; i++)
        CHECK_INT(api->input_alloc(model, (size_t)(1 + i) << 20, &many[i], message), KB3D_OK);
    for (int i = 0; i < 40; i++)
        api->input_free(model, many[i]);
    CHECK(files_open() <= before + 6); /* a few are kept */
    CHECK_INT(api->input_alloc(model, SIZE_MAX, &memory, message), KB3D_ERROR_LIMIT);
    CHECK(!memory);
    CHECK_INT(api->input_alloc(model, ((size_t)1 << 30) + 1, &memory, message), KB3D_ERROR_LIMIT);
    network_free(sum);
    network_free(model);
    worker_end();
}

static void test_load_failures(void) {
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *model, *good = network("process");
    float process = network_run(good, NULL, NULL).values[0];
    CHECK_INT(network_load(&model, "unloadable"), KB3D_ERROR_MODEL);
    CHECK(!model);
    CHECK_TEXT(message, "not a fake network");
    CHECK_INT(network_load(&model, ""), KB3D_ERROR_MODEL);
    CHECK_NEAR(network_run(good, NULL, NULL).values[0], process, 0); /* the process goes on */
    CHECK_INT(network_load(&model, "load-crash"), KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "ended while it loaded the network (signal 11: segmentation fault)");
    result r = network_run(good, NULL, NULL); /* in a new process, loaded anew */
    CHECK_INT(r.status, KB3D_OK);
    CHECK(r.values[0] != process);
    network_free(good);
    worker_end();
}

/* A library of custom operators is opened in the worker, by a path that holds there. */
static void test_operators(void) {
    const char *folders = getenv("KB3D_PLUGIN_PATH");
    char library[300], absolute[PATH_MAX], text[400];
    kb3d_infer_model *model = NULL;
    uint64_t weights;
    snprintf(library, sizeof library, "%.*s/../worker/kb3d-torch-0.1.so", (int)strcspn(folders, ":"), folders);
    if (!CHECK(realpath(library, absolute)))
        return;
    worker_begin((kb3d_worker_limits){0});
    int length = snprintf(text, sizeof text, "operators 0 %.300s", absolute);
    kb3d_infer_file file = {.bytes = text, .byte_count = (size_t)length, .operators = library};
    CHECK_INT(kb3d_worker_api()->load(worker, &file, &model, &weights, message), KB3D_OK);
    CHECK_INT(weights, length);
    network_free(model);
    file.operators = "/nowhere/operators.so";
    CHECK_INT(kb3d_worker_api()->load(worker, &file, &model, &weights, message), KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "the custom operators cannot be opened: /nowhere/operators.so");
    worker_end();
}

/* Each ends in its status and message, and the same worker runs the next. */
static void test_failures(void) {
    static const struct {
        const char *network;
        kb3d_status status;
        const char *text;
    } cases[] = {
        {"crash", KB3D_ERROR_MODEL,
         "the worker process ended while it ran the network (signal 11: segmentation fault)"},
        {"abort", KB3D_ERROR_MODEL, "(signal 6: aborted)"},
        {"kill", KB3D_ERROR_MODEL, "(signal 9: killed, perhaps because memory ran out)"},
        {"exit 0", KB3D_ERROR_MODEL, "(exit status 0)"},
        {"exit 5", KB3D_ERROR_MODEL, "(exit status 5)"},
        {"fails", KB3D_ERROR_MODEL, "it  [31mhurts ?\xc3\xa9?"},
        {"silent", KB3D_ERROR_MODEL, "failed without a reason"},
        {"odd-status 77", KB3D_ERROR_MODEL, "odd"},
        {"odd-status -9", KB3D_ERROR_MODEL, "odd"}, /* cancelled, says the network */
        {"odd-status -7", KB3D_ERROR_UNAVAILABLE, "odd"},
        {"odd-status -2", KB3D_ERROR_MEMORY, "odd"},
        {"absurd 0", KB3D_ERROR_MODEL, "impossible shape"},
        {"absurd 1", KB3D_ERROR_MODEL, "impossible shape"},
        {"absurd 2", KB3D_ERROR_MODEL, "impossible shape"},
        {"absurd 3", KB3D_ERROR_MODEL, "impossible shape"},
        {"absurd 4", KB3D_ERROR_MODEL, "impossible shape"},
        {"absurd 5", KB3D_ERROR_MODEL, "impossible shape"},
        {"absurd 6", KB3D_ERROR_LIMIT, "the network answered more than 1024 MB"},
        {"hang-up 20", KB3D_ERROR_MODEL, "while it ran the network"},
    };
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *good = network("echo");
    int before = files_open();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        result r = run_once(cases[i].network);
        if (!CHECK_INT(r.status, cases[i].status) | !CHECK_TEXT(message, cases[i].text))
            fprintf(stderr, "    %s\n", cases[i].network);
        CHECK(r.ms < 1500 * slack());
        CHECK_INT(network_run(good, NULL, NULL).status, KB3D_OK);
        CHECK(files_open() <= before + 2); /* memory of the first input and answer */
    }
    network_free(good);
    worker_end();
}

static long fail_at; /* the allocation that fails, from 1 */
static long allocations;

static void *failing_alloc(void *user, size_t byte_count) {
    return ++allocations == fail_at ? NULL : malloc(byte_count);
}

static void failing_free(void *user, void *memory) {
    free(memory);
}

/* Every allocation of the library's side fails once. */
static void test_out_of_memory(void) {
    const kb3d_allocator allocator = {failing_alloc, failing_free, NULL};
    kb3d_mem usual = mem;
    int files = files_open();
    long failures = 0;
    for (fail_at = 1;; fail_at++) {
        kb3d_worker_limits limits = {0};
        kb3d_infer_model *model = NULL;
        allocations = 0;
        kb3d_mem_init(&mem, &allocator, 0);
        kb3d_status status = kb3d_worker_create(&worker, &mem, &log_to, &limits, NULL);
        if (!status && !(status = network_load(&model, "echo")))
            status = network_run(model, NULL, NULL).status;
        bool reached = allocations >= fail_at;
        if (status) {
            CHECK_INT(status, KB3D_ERROR_MEMORY);
            CHECK(!worker || *message);
            failures++;
        } else {
            CHECK(!reached);
        }
        long failed_at = fail_at;
        fail_at = 0;
        if (model)
            CHECK_INT(network_run(model, NULL, NULL).status, KB3D_OK); /* it has not suffered */
        fail_at = failed_at;
        network_free(model);
        kb3d_worker_destroy(&worker);
        CHECK_INT(atomic_load(&mem.used), 0);
        CHECK_INT(files_open(), files);
        if (!reached || fail_at > 100)
            break;
    }
    CHECK(failures > 5 && failures < 100);
    CHECK(!has_children());
    printf("    %ld failures\n", failures);
    mem = usual;
}

int main(void) {
    RUN(test_echo);
    RUN(test_shapes);
    RUN(test_request);
    RUN(test_input_memory);
    RUN(test_load_failures);
    RUN(test_operators);
    RUN(test_failures);
    RUN(test_out_of_memory);
    return check_end();
}
