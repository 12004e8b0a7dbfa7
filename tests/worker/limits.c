/* Cancelling, time and memory limits, and several threads at one worker. */
#include "stage.h"

#include <pthread.h>

/* A call that is told to stop while the network runs, or loads, ends at once. */
static void test_cancel(void) {
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *hang = network("hang"), *good = network("echo"), *model;
    double worst = 0;
    for (int i = 0; i < 10; i++) {
        double when = now_ms() + 30 + 7 * i;
        result r = network_run(hang, stop_at, &when);
        double late = now_ms() - when;
        worst = late > worst ? late : worst;
        CHECK_INT(r.status, KB3D_ERROR_CANCELLED);
        CHECK_TEXT(message, "cancelled by the host");
        CHECK_INT(network_run(good, NULL, NULL).status, KB3D_OK);
    }
    CHECK(worst < 50 * slack());
    double when = now_ms() + 40;
    kb3d_infer_file file = {.bytes = "load-hang", .byte_count = 9, .stop = stop_at, .user = &when};
    uint64_t weights;
    CHECK_INT(kb3d_worker_api()->load(worker, &file, &model, &weights, message), KB3D_ERROR_CANCELLED);
    CHECK(!model);
    double late = now_ms() - when;
    CHECK(late < 50 * slack());
    when = now_ms(); /* before anything begins */
    CHECK_INT(network_run(good, stop_at, &when).status, KB3D_ERROR_CANCELLED);
    CHECK_INT(network_run(good, NULL, NULL).status, KB3D_OK);
    printf("    cancelled at most %.1f ms late while running, %.1f ms while loading\n", worst, late);
    network_free(good);
    network_free(hang);
    worker_end();
}

/* Cancelled while it holds much memory: the system's cleaning up is not waited for. */
static void test_cancel_large(void) {
    enum { MB = 400 };
    char text[32];
    worker_begin((kb3d_worker_limits){0});
    snprintf(text, sizeof text, "eat-hang %d", MB);
    kb3d_infer_model *model = network(text);
    double when = now_ms() + 600 * slack();
    CHECK_INT(network_run(model, stop_at, &when).status, KB3D_ERROR_CANCELLED);
    double late = now_ms() - when;
    CHECK(late < 50 * slack());
    printf("    %.1f ms late\n", late);
    network_free(model);
    worker_end();
}

static int count_questions(void *count) {
    ++*(int *)count;
    return 0;
}

static void test_stop_is_asked_often(void) {
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *slow = network("slow 300");
    int count = 0;
    result r = network_run(slow, count_questions, &count);
    CHECK_INT(r.status, KB3D_OK);
    CHECK(count >= r.ms / (10 * slack()));
    CHECK(count < 1000);
    network_free(slow);
    worker_end();
}

static void test_time_limit(void) {
    worker_begin((kb3d_worker_limits){.time_ms = 400});
    kb3d_infer_model *hang = network("hang"), *slow = network("slow 100"), *model;
    for (int i = 0; i < 2; i++) {
        result r = network_run(hang, NULL, NULL);
        CHECK_INT(r.status, KB3D_ERROR_LIMIT);
        CHECK_TEXT(message, "took longer than the worker's limit of 400 ms");
        CHECK(r.ms >= 399 && r.ms < 2000 * slack());
        CHECK_INT(network_run(slow, NULL, NULL).status, KB3D_OK);
    }
    double begin = now_ms();
    CHECK_INT(network_load(&model, "load-hang"), KB3D_ERROR_LIMIT);
    CHECK_TEXT(message, "took longer than the worker's limit of 400 ms");
    CHECK(now_ms() - begin < 2000 * slack());
    CHECK_INT(network_run(slow, NULL, NULL).status, KB3D_OK);
    network_free(slow);
    network_free(hang);
    worker_end();
}

/* Not with a sanitizer, whose own memory would be counted. */
static void test_memory_limit(void) {
    if (getenv("KB3D_TEST_SANITIZED")) {
        printf("    skipped\n");
        return;
    }
    worker_begin((kb3d_worker_limits){.memory = (uint64_t)300 << 20});
    kb3d_infer_model *much = network("eat 600"), *little = network("eat 150");
    for (int i = 0; i < 2; i++) {
        result r = network_run(much, NULL, NULL);
        CHECK_INT(r.status, KB3D_ERROR_LIMIT);
        CHECK_TEXT(message, "out of memory in the network; the worker may hold 300 MB");
        CHECK_INT(network_run(little, NULL, NULL).status, KB3D_OK);
    }
    CHECK_INT(run_once("crash").status, KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "(signal 11: segmentation fault); it may hold 300 MB");
    network_free(little);
    network_free(much);
    worker_end();
}

typedef struct visitor {
    kb3d_infer_model *model;
    int failures;
} visitor;

static void *visit(void *arg) {
    visitor *v = arg;
    float pixels[SMALL], answer_to[SMALL];
    char text[KB3D_INFER_MESSAGE_SIZE];
    for (int round = 0; round < 40; round++) {
        kb3d_tensor input = {pixels, 4, {1, 1, SMALL_HEIGHT, SMALL_WIDTH}}, output;
        kb3d_infer_request request = {.entry = "forward", .inputs = &input, .input_count = 1, .outputs = &output,
                                      .output_count = 1, .threads = 1};
        void *answer;
        for (int i = 0; i < SMALL; i++)
            pixels[i] = (float)(i * round);
        if (kb3d_worker_api()->run(v->model, &request, &answer, text)) {
            v->failures++;
            continue;
        }
        memcpy(answer_to, output.data, sizeof answer_to);
        kb3d_worker_api()->release(answer);
        v->failures += memcmp(pixels, answer_to, sizeof pixels) != 0;
    }
    return NULL;
}

static void test_threads(void) {
    enum { COUNT = 4 };
    worker_begin((kb3d_worker_limits){0});
    pthread_t threads[COUNT];
    visitor visitors[COUNT];
    for (int i = 0; i < COUNT; i++) {
        visitors[i] = (visitor){network(i < 2 ? "echo" : "slow 2"), 0};
        CHECK(!pthread_create(&threads[i], NULL, visit, &visitors[i]));
    }
    for (int i = 0; i < COUNT; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(visitors[i].failures, 0);
        network_free(visitors[i].model);
    }
    worker_end();
}

typedef struct blocker {
    kb3d_infer_model *model;
    double until;
    result result;
} blocker;

/* As network_run, but with a message of its own. */
static void *block(void *arg) {
    blocker *b = arg;
    float pixel = 1;
    char text[KB3D_INFER_MESSAGE_SIZE];
    kb3d_tensor input = {&pixel, 4, {1, 1, 1, 1}}, output;
    kb3d_infer_request request = {.entry = "forward", .inputs = &input, .input_count = 1, .outputs = &output,
                                  .output_count = 1, .threads = 1, .stop = stop_at, .user = &b->until};
    void *answer;
    b->result.status = kb3d_worker_api()->run(b->model, &request, &answer, text);
    if (!b->result.status)
        kb3d_worker_api()->release(answer);
    return NULL;
}

/* Who waits for another's network can stop too, and goes on when that one is killed. */
static void test_waiting_for_another(void) {
    worker_begin((kb3d_worker_limits){.time_ms = 5000});
    kb3d_infer_model *good = network("echo"), *other = network("echo");
    blocker b = {.model = network("hang"), .until = now_ms() + 500 * slack()};
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, block, &b));
    nap_ms(50);
    double when = now_ms() + 50;
    CHECK_INT(network_run(good, stop_at, &when).status, KB3D_ERROR_CANCELLED);
    CHECK(now_ms() - when < 50 * slack());
    network_free(other); /* does not wait for the network that runs */
    CHECK(now_ms() < b.until);
    CHECK_INT(network_run(good, NULL, NULL).status, KB3D_OK); /* in the next process */
    CHECK(now_ms() >= b.until);
    pthread_join(thread, NULL);
    CHECK_INT(b.result.status, KB3D_ERROR_CANCELLED);
    network_free(b.model);
    network_free(good);
    worker_end();
}

int main(void) {
    RUN(test_cancel);
    RUN(test_cancel_large);
    RUN(test_stop_is_asked_often);
    RUN(test_time_limit);
    RUN(test_memory_limit);
    RUN(test_threads);
    RUN(test_waiting_for_another);
    return check_end();
}
