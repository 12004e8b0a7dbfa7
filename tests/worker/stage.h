/* What the worker's tests share: a worker, networks of the fake module by their file's text, and
   looks at what is left of files and processes. */
#ifndef KB3D_TESTS_WORKER_STAGE_H
#define KB3D_TESTS_WORKER_STAGE_H

#include "../check.h"
#include "call.h"
#include "worker.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static kb3d_mem mem;
static char log_text[4096]; /* of all lines */
static char message[KB3D_INFER_MESSAGE_SIZE];
static kb3d_worker *worker;

static inline double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static inline void nap_ms(int ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* A sanitizer makes everything slower. */
static inline double slack(void) {
    return getenv("KB3D_TEST_SANITIZED") ? 10 : 1;
}

static inline void log_line(void *user, kb3d_log_level level, const char *text) {
    size_t used = strlen(log_text);
    snprintf(log_text + used, sizeof log_text - used, "%s\n", text);
}

static const kb3d_log log_to = {log_line, NULL, KB3D_LOG_DEBUG};

static inline void worker_make(kb3d_worker_limits limits) {
    kb3d_call call;
    KB3D_INIT(call);
    if (!mem.allocator.alloc)
        kb3d_mem_init(&mem, NULL, 0);
    log_text[0] = 0;
    CHECK_INT(kb3d_worker_create(&worker, &mem, &log_to, &limits, &call), KB3D_OK);
}

static inline int files_open(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static inline int has_children(void) {
    siginfo_t about = {0};
    return !waitid(P_ALL, 0, &about, WEXITED | WNOHANG | WNOWAIT) || errno != ECHILD;
}

static int files_before;

static inline void worker_begin(kb3d_worker_limits limits) {
    files_before = files_open();
    worker_make(limits);
}

static inline void worker_end(void) {
    kb3d_worker_destroy(&worker);
    CHECK(!worker);
    CHECK_INT(files_open(), files_before);
    CHECK(!has_children());
    CHECK_INT(atomic_load(&mem.used), 0);
}

static inline kb3d_status network_load(kb3d_infer_model **model, const char *text) {
    kb3d_infer_file file = {.bytes = text, .byte_count = strlen(text)};
    uint64_t weights;
    message[0] = 0;
    return kb3d_worker_api()->load(worker, &file, model, &weights, message);
}

static inline kb3d_infer_model *network(const char *text) {
    kb3d_infer_model *model;
    if (!CHECK_INT(network_load(&model, text), KB3D_OK))
        fprintf(stderr, "    %s: %s\n", text, message);
    return model;
}

static inline void network_free(kb3d_infer_model *model) {
    if (model)
        kb3d_worker_api()->unload(model);
}

/* A run on a small picture that counts from 0; the answer's first values are copied out. */
typedef struct result {
    kb3d_status status;
    double ms;
    int rank;
    int64_t shape[4];
    float values[32];
} result;

enum { SMALL_WIDTH = 6, SMALL_HEIGHT = 4, SMALL = SMALL_WIDTH * SMALL_HEIGHT };

static inline result network_run(kb3d_infer_model *model, int (*stop)(void *), void *user) {
    float pixels[SMALL];
    kb3d_tensor input = {pixels, 4, {1, 1, SMALL_HEIGHT, SMALL_WIDTH}}, output = {0};
    result r = {0};
    for (int i = 0; i < SMALL; i++)
        pixels[i] = (float)i;
    kb3d_infer_request request = {.entry = "forward", .inputs = &input, .input_count = 1, .output_key = "",
                                  .outputs = &output, .output_count = 1, .threads = 2, .stop = stop, .user = user};
    message[0] = 0;
    void *answer;
    double begin = now_ms();
    r.status = kb3d_worker_api()->run(model, &request, &answer, message);
    r.ms = now_ms() - begin;
    if (r.status)
        return r;
    r.rank = output.rank;
    memcpy(r.shape, output.shape, sizeof r.shape);
    size_t count = 1;
    for (int i = 0; i < r.rank; i++)
        count *= (size_t)r.shape[i];
    for (size_t i = 0; i < count && i < 32; i++)
        r.values[i] = output.data[i];
    kb3d_worker_api()->release(answer);
    return r;
}

/* Runs a network that is loaded for this only. */
static inline result run_once(const char *text) {
    kb3d_infer_model *model = network(text);
    result r = {.status = KB3D_ERROR_INTERNAL};
    if (model)
        r = network_run(model, NULL, NULL);
    network_free(model);
    return r;
}

/* A time that is to stop a call. */
static inline int stop_at(void *when) {
    return now_ms() >= *(double *)when;
}

#endif
