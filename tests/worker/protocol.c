/* The library beside a worker that lies. */
#include "stage.h"

static void lie_is(const char *lie) {
    setenv("KB3D_TEST_DOUBLE", lie, 1);
}

static void test_orderly(void) {
    lie_is("");
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *model = network("x");
    for (int i = 0; i < 3; i++) {
        result r = network_run(model, NULL, NULL);
        CHECK_INT(r.status, KB3D_OK);
        CHECK_INT(r.shape[3], 3);
        CHECK_NEAR(r.values[0], 0, 0); /* no harm done to the input, nor to the answer's size */
    }
    network_free(model);
    worker_end();
}

/* The answer stays what it was when the call returned. */
static void test_answer_stays(void) {
    lie_is("");
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *model = network("x");
    float pixel = 3;
    kb3d_tensor input = {&pixel, 4, {1, 1, 1, 1}}, output;
    kb3d_infer_request request = {.entry = "forward", .inputs = &input, .input_count = 1, .outputs = &output,
                                  .output_count = 1, .threads = 1};
    void *answer;
    if (CHECK_INT(kb3d_worker_api()->run(model, &request, &answer, message), KB3D_OK)) {
        for (int i = 0; i < 20; i++, nap_ms(1))
            CHECK_NEAR(*(volatile float *)&output.data[1], 1, 0);
        kb3d_worker_api()->release(answer);
    }
    network_free(model);
    worker_end();
}

static void test_lies(void) {
    static const struct {
        const char *lie;
        kb3d_status status;
        const char *text;
    } cases[] = {
        {"rank-5", KB3D_ERROR_MODEL, "impossible shape"},
        {"rank-negative", KB3D_ERROR_MODEL, "impossible shape"},
        {"rank-huge", KB3D_ERROR_MODEL, "impossible shape"},
        {"side-negative", KB3D_ERROR_MODEL, "impossible shape"},
        {"side-least", KB3D_ERROR_MODEL, "impossible shape"},
        {"overflow", KB3D_ERROR_MODEL, "impossible shape"},
        {"overflow-hidden", KB3D_ERROR_MODEL, "impossible shape"},
        {"most", KB3D_ERROR_MODEL, "impossible shape"},
        {"bytes-just-over", KB3D_ERROR_LIMIT, "more than 1024 MB"},
        {"count-0", KB3D_ERROR_MODEL, "0 tensors, not 1"},
        {"count-9", KB3D_ERROR_MODEL, "9 tensors, not 1"},
        {"count-negative", KB3D_ERROR_MODEL, "-1 tensors, not 1"},
        {"offset", KB3D_OK, ""},
        {"protocol", KB3D_ERROR_MODEL, "not asked"},
        {"kind", KB3D_ERROR_MODEL, "not asked"},
        {"serial", KB3D_ERROR_MODEL, "not asked"},
        {"texts", KB3D_ERROR_MODEL, "????"},
        {"status-positive", KB3D_ERROR_MODEL, "failed without a reason"},
        {"empty", KB3D_ERROR_MODEL, "stopped answering while it ran the network"},
        {"short", KB3D_ERROR_MODEL, "what is no answer"},
        {"one", KB3D_ERROR_MODEL, "what is no answer"},
        {"long", KB3D_ERROR_MODEL, "what is no answer"},
        {"mute", KB3D_ERROR_LIMIT, "took longer than the worker's limit of 700 ms"},
        {"descriptors", KB3D_OK, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lie_is(cases[i].lie);
        worker_begin((kb3d_worker_limits){.time_ms = 700});
        kb3d_infer_model *model = network("x");
        for (int round = 0; round < 2 && model; round++) {
            result r = network_run(model, NULL, NULL);
            if (!CHECK_INT(r.status, cases[i].status) | !CHECK_TEXT(message, cases[i].text))
                fprintf(stderr, "    %s: %s\n", cases[i].lie, message);
            CHECK(r.ms < 2000 * slack());
            for (const char *c = message; *c; c++)
                CHECK((unsigned char)*c >= 32 && (unsigned char)*c < 127);
        }
        network_free(model);
        worker_end();
    }
}

/* What was said unasked between two calls is not taken for an answer. */
static void test_unasked(void) {
    static const char *const lies[] = {"twice", "flood"};
    for (int i = 0; i < 2; i++) {
        lie_is(lies[i]);
        worker_begin((kb3d_worker_limits){.time_ms = 700});
        kb3d_infer_model *model;
        kb3d_status status = network_load(&model, "x");
        for (int round = 0; round < 3 && !status; round++) {
            status = network_run(model, NULL, NULL).status;
            CHECK(i || !status);
            nap_ms(20);
        }
        if (i)
            CHECK_INT(status, KB3D_ERROR_MODEL);
        network_free(model);
        worker_end();
    }
}

static void test_start(void) {
    kb3d_infer_model *model;
    lie_is("start-protocol");
    worker_begin((kb3d_worker_limits){0});
    CHECK_INT(network_load(&model, "x"), KB3D_ERROR_UNAVAILABLE);
    CHECK_TEXT(message, "kb3d-worker cannot be used: the worker process answered what it was not asked");
    lie_is("mute-start");
    double when = now_ms() + 50;
    kb3d_infer_file file = {.bytes = "x", .byte_count = 1, .stop = stop_at, .user = &when};
    uint64_t weights;
    CHECK_INT(kb3d_worker_api()->load(worker, &file, &model, &weights, message), KB3D_ERROR_CANCELLED);
    CHECK(now_ms() - when < 50 * slack());
    lie_is("texts");
    model = network("x");
    CHECK_TEXT(kb3d_worker_runtime(worker), "worker, ");
    CHECK(!strpbrk(log_text, "\033"));
    network_free(model);
    worker_end();
}

/* Random bytes in every reply: any status, but in bounded time, and nothing is left. */
static void test_fuzz(void) {
    int runs = getenv("KB3D_TEST_SANITIZED") ? 60 : 300, failed = 0;
    for (int seed = 0; seed < runs; seed++) {
        char text[16];
        snprintf(text, sizeof text, "%d", seed);
        setenv("KB3D_TEST_SEED", text, 1);
        lie_is("fuzz");
        worker_begin((kb3d_worker_limits){.time_ms = 2000});
        kb3d_infer_model *model;
        double begin = now_ms();
        kb3d_status status = network_load(&model, "x");
        for (int round = 0; round < 4 && !status; round++)
            status = network_run(model, NULL, NULL).status;
        failed += status != KB3D_OK;
        CHECK(!status || *message);
        CHECK(now_ms() - begin < 3000 * slack());
        network_free(model);
        worker_end();
    }
    CHECK(failed > runs / 4);
    CHECK(failed < runs);
    printf("    %d of %d workers failed\n", failed, runs);
}

int main(void) {
    RUN(test_orderly);
    RUN(test_answer_stays);
    RUN(test_lies);
    RUN(test_unasked);
    RUN(test_start);
    RUN(test_fuzz);
    return check_end();
}
