#include "models.h"

#include "decode.h"
#include "plugin.h"
#include "torch_module.h"

#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* TorchScript files; more than any published network's. */
#define MODEL_LIMIT ((size_t)8 << 30)

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

/* What a network is waited for with. */
typedef struct waiting {
    kb3d_call *call;
    const char *stage;
    double fraction;
} waiting;

static waiting waiting_for(const kb3d_model *model, double fraction, kb3d_call *call) {
    static const char *const stages[KB3D_ROLE_COUNT] = {"depth", "adjust", "refine", "extend", "extend"};
    return (waiting){call, stages[model->manifest.role - KB3D_MODEL_DEPTH], fraction};
}

static int stop(void *user) {
    waiting *w = user;
    return kb3d_call_progress(w->call, w->stage, w->fraction) != KB3D_OK;
}

/* A lock that another scene may hold for as long as a network loads. */
static kb3d_status lock(pthread_mutex_t *mutex, waiting *w) {
    const struct timespec step = {.tv_nsec = 5000000};
    while (pthread_mutex_trylock(mutex)) {
        if (stop(w))
            return kb3d_call_check(w->call);
        nanosleep(&step, NULL);
    }
    return KB3D_OK;
}

static kb3d_status check_sha256(const kb3d_model *model, const unsigned char *bytes, size_t byte_count,
                                kb3d_call *call) {
    if (!model->manifest.has_sha256)
        return KB3D_OK;
    SHA2_CTX sum;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Init(&sum);
    SHA256Update(&sum, bytes, byte_count);
    SHA256Final(digest, &sum);
    if (!memcmp(digest, model->manifest.sha256, sizeof digest))
        return KB3D_OK;
    char text[2 * SHA256_DIGEST_LENGTH + 1];
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return kb3d_fail(call, KB3D_ERROR_MODEL, "%s: is not the file that its manifest describes: its sha256 is %s",
                     kb3d_model_label(model), text);
}

/* A network that was broken off may say anything: the cancelled call counts. */
static kb3d_status fail(const kb3d_model *model, kb3d_status status, const char *message, kb3d_call *call) {
    kb3d_status cancelled = kb3d_call_check(call);
    return cancelled ? cancelled : kb3d_fail(call, status, "%s: %s", kb3d_model_label(model), message);
}

/* The worker of the context, made now if there is none. */
static kb3d_status get_worker(kb3d_ctx *ctx, void **self, kb3d_call *call) {
    struct kb3d_models *m = ctx->models;
    kb3d_status status = KB3D_OK;
    pthread_mutex_lock(&m->worker_lock);
    if (!m->worker)
        status = kb3d_worker_create(&m->worker, &ctx->mem, &ctx->log, &m->worker_limits, call);
    *self = m->worker;
    pthread_mutex_unlock(&m->worker_lock);
    return status;
}

/* Where the network is to run. */
static kb3d_status choose_api(kb3d_ctx *ctx, kb3d_model *model, const kb3d_infer_api **api, void **self,
                              kb3d_call *call) {
    kb3d_networks networks = ctx->models->networks;
    int clash = 0;
    *self = NULL;
    if (model->callback.run) {
        *api = kb3d_callback_api();
        *self = &model->callback;
        return KB3D_OK;
    }
    if (networks != KB3D_NETWORKS_IN_WORKER) {
        kb3d_status status = kb3d_torch_module_open(api, &clash, call);
        if (!status || !clash || networks == KB3D_NETWORKS_IN_PROCESS)
            return status;
        kb3d_log_line(&ctx->log, KB3D_LOG_INFO, "networks run in a worker: %s",
                      call ? call->message : "the process has another libtorch");
    }
    *api = kb3d_worker_api();
    return get_worker(ctx, self, call);
}

/* The library of custom operators, beside the model's file. */
static kb3d_status find_operators(const kb3d_ctx *ctx, const kb3d_model *model, char *path, const char **operators,
                                  kb3d_call *call) {
    const char *name = model->manifest.operators;
    *operators = NULL;
    if (!*name || model->callback.run)
        return KB3D_OK;
    if (!ctx->models->allow_operators)
        return kb3d_fail(call, KB3D_ERROR_MODEL,
                         "%s: needs the custom operators of %s, which are code; the host does not allow them",
                         kb3d_model_label(model), name);
    const char *slash = model->path ? strrchr(model->path, '/') : NULL;
    int folder = slash ? (int)(slash - model->path) : 1;
    if (snprintf(path, PATH_MAX, "%.*s/%s", folder, slash ? model->path : ".", name) >= PATH_MAX)
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "%s: the path of %s is too long", kb3d_model_label(model), name);
    *operators = path;
    return KB3D_OK;
}

static kb3d_status load_bytes(kb3d_ctx *ctx, kb3d_model *model, const unsigned char *bytes, size_t byte_count,
                              waiting *w) {
    kb3d_call *call = w->call;
    const kb3d_infer_api *api;
    void *self;
    char operators[PATH_MAX], message[KB3D_INFER_MESSAGE_SIZE] = "";
    double begin = now_ms(); /* opening the runtime counts */
    kb3d_infer_file file = {.bytes = bytes, .byte_count = byte_count, .stop = stop, .user = w};
    kb3d_status status = check_sha256(model, bytes, byte_count, call);
    if (status || (status = find_operators(ctx, model, operators, &file.operators, call)) ||
        (status = choose_api(ctx, model, &api, &self, call)) ||
        (file.operators && !self && (status = kb3d_plugin_open_operators(file.operators, call))))
        return status;
    kb3d_infer_model *network = NULL;
    uint64_t weight_bytes = 0;
    if ((status = api->load(self, &file, &network, &weight_bytes, message)))
        return fail(model, status, message, call);
    pthread_mutex_lock(&ctx->lock);
    model->api = api;
    model->network = network;
    model->weight_bytes = weight_bytes;
    snprintf(model->runtime, sizeof model->runtime, "%s", self && !model->callback.run ? kb3d_worker_runtime(self) : api->runtime);
    model->load_ms = now_ms() - begin;
    pthread_mutex_unlock(&ctx->lock);
    kb3d_log_line(&ctx->log, KB3D_LOG_DEBUG, "%s loaded by %s in %.0f ms", kb3d_model_label(model), model->runtime,
                  model->load_ms);
    return KB3D_OK;
}

static kb3d_status load(kb3d_ctx *ctx, kb3d_model *model, waiting *w) {
    unsigned char *bytes = model->bytes;
    size_t byte_count = model->byte_count;
    kb3d_status status = KB3D_OK;
    if (model->path)
        status = kb3d_read_file(&ctx->mem, model->path, MODEL_LIMIT, &bytes, &byte_count, w->call);
    if (!status)
        status = load_bytes(ctx, model, bytes, byte_count, w);
    if (model->path || !status) { /* who loaded it keeps what it needs */
        kb3d_mem_free(&ctx->mem, bytes);
        model->bytes = NULL;
    }
    return status;
}

static kb3d_status acquire(kb3d_ctx *ctx, kb3d_model *model, waiting *w) {
    kb3d_status status = lock(&model->lock, w);
    if (status)
        return status;
    if (!model->network)
        status = load(ctx, model, w);
    pthread_mutex_unlock(&model->lock);
    return status;
}

kb3d_status kb3d_model_load(kb3d_ctx *ctx, kb3d_model *model, kb3d_call *call) {
    waiting w = waiting_for(model, 0, call);
    return acquire(ctx, model, &w);
}

kb3d_status kb3d_model_alloc(kb3d_ctx *ctx, kb3d_model *model, size_t count, float **memory, kb3d_call *call) {
    char message[KB3D_INFER_MESSAGE_SIZE] = "";
    *memory = NULL;
    kb3d_status status = kb3d_model_load(ctx, model, call);
    if (status)
        return status;
    if (!model->api->input_alloc)
        return kb3d_mem_alloc(&ctx->mem, memory, count, sizeof **memory, call);
    void *bytes;
    status = model->api->input_alloc(model->network, count * sizeof **memory, &bytes, message);
    if (status)
        return kb3d_fail(call, status, "%s: %s", kb3d_model_label(model), message);
    *memory = bytes;
    return KB3D_OK;
}

void kb3d_model_free(kb3d_ctx *ctx, kb3d_model *model, float *memory) {
    if (!memory)
        return;
    if (model->api->input_alloc)
        model->api->input_free(model->network, memory);
    else
        kb3d_mem_free(&ctx->mem, memory);
}

kb3d_status kb3d_model_execute(kb3d_ctx *ctx, kb3d_model_run *run, kb3d_call *call) {
    kb3d_model *model = run->model;
    waiting w = waiting_for(model, run->fraction, call);
    kb3d_status status = acquire(ctx, model, &w);
    if (status)
        return status;
    char message[KB3D_INFER_MESSAGE_SIZE] = "";
    kb3d_infer_request request = {.entry = run->entry ? run->entry : model->manifest.entry,
                                  .inputs = run->inputs,
                                  .input_count = run->input_count,
                                  .output_key = model->manifest.output_key,
                                  .outputs = run->outputs,
                                  .output_count = run->output_count,
                                  .threads = ctx->threads,
                                  .stop = stop,
                                  .user = &w};
    double begin = now_ms();
    status = model->api->run(model->network, &request, &run->answer, message);
    if (status)
        return fail(model, status, message, call);
    pthread_mutex_lock(&ctx->lock);
    model->last_ms = now_ms() - begin;
    model->total_ms += model->last_ms;
    model->run_count++;
    pthread_mutex_unlock(&ctx->lock);
    return KB3D_OK;
}

void kb3d_model_run_end(kb3d_model_run *run) {
    run->model->api->release(run->answer);
    run->answer = NULL;
}

kb3d_status kb3d_model_fail_shape(const kb3d_model *model, const kb3d_tensor *t, const char *wanted, kb3d_call *call) {
    char shape[96] = "a single number";
    for (int i = 0, used = 0; i < t->rank; i++)
        used += snprintf(shape + used, sizeof shape - used, i ? "x%lld" : "%lld", (long long)t->shape[i]);
    return kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the network answered %s, not %s", kb3d_model_label(model), shape,
                     wanted);
}
