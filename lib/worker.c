#include "worker.h"

#include "worker/host.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALIGNMENT = 64 };

/* Memory of the library's own: the worker could go on writing into what it shares. */
typedef struct worker_answer {
    kb3d_mem *mem;
    void *memory;
} worker_answer;

/* Memory that a run's inputs lie in. */
typedef struct lending {
    kb3d_shared *shared[KB3D_INFER_TENSOR_MAX];
    bool copied[KB3D_INFER_TENSOR_MAX];
    int files[KB3D_INFER_TENSOR_MAX];
} lending;

kb3d_status kb3d_worker_create(kb3d_worker **out, kb3d_mem *mem, const kb3d_log *log,
                               const kb3d_worker_limits *limits, kb3d_call *call) {
    kb3d_status status = kb3d_mem_alloc_zero(mem, out, 1, sizeof **out, call);
    if (status)
        return status;
    kb3d_worker *worker = *out;
    worker->mem = mem;
    worker->log = log;
    worker->limits = *limits;
    kb3d_shared_pool_init(&worker->inputs, mem, false);
    kb3d_shared_pool_init(&worker->answers, mem, true);
    kb3d_process_init(&worker->process);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&worker->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return KB3D_OK;
}

void kb3d_worker_destroy(kb3d_worker **out) {
    if (!out || !*out)
        return;
    kb3d_worker *worker = *out;
    kb3d_process_kill(&worker->process);
    kb3d_process_reap(&worker->process);
    kb3d_shared_pool_destroy(&worker->inputs);
    kb3d_shared_pool_destroy(&worker->answers);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    kb3d_mem_free(worker->mem, worker);
    *out = NULL;
}

const char *kb3d_worker_runtime(kb3d_worker *worker) {
    pthread_mutex_lock(&worker->lock);
    const char *runtime = *worker->runtime ? worker->runtime : "worker";
    pthread_mutex_unlock(&worker->lock);
    return runtime;
}

static kb3d_status answer_status(kb3d_status status, const kb3d_call *call, char *message) {
    if (status)
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "%.*s", KB3D_INFER_MESSAGE_SIZE - 1, call->message);
    return status;
}

static kb3d_status load(kb3d_worker *worker, const kb3d_infer_file *file, kb3d_infer_model **out, kb3d_call *call) {
    kb3d_wait wait = {file->stop, file->user, 0, 0};
    kb3d_infer_model *model;
    kb3d_status status = kb3d_mem_alloc_zero(worker->mem, &model, 1, sizeof *model, call);
    if (status)
        return status;
    char resolved[PATH_MAX];
    if (file->operators) /* the worker has a current folder of its own */
        snprintf(model->operators, sizeof model->operators, "%s",
                 realpath(file->operators, resolved) ? resolved : file->operators);
    model->worker = worker;
    model->byte_count = file->byte_count;
    if ((status = kb3d_shared_from_bytes(&model->file, file->bytes, file->byte_count, &wait, call))) {
        kb3d_mem_free(worker->mem, model);
        return status;
    }
    pthread_mutex_lock(&worker->lock);
    model->id = ++worker->model_count;
    pthread_mutex_unlock(&worker->lock);
    if ((status = kb3d_worker_begin(worker, model, &wait, call))) {
        close(model->file);
        kb3d_mem_free(worker->mem, model);
        return status;
    }
    kb3d_worker_end(worker);
    *out = model;
    return KB3D_OK;
}

static kb3d_status worker_load(void *self, const kb3d_infer_file *file, kb3d_infer_model **model,
                               uint64_t *weight_bytes, char *message) {
    kb3d_call call;
    KB3D_INIT(call);
    *model = NULL;
    kb3d_status status = load(self, file, model, &call);
    *weight_bytes = status ? 0 : (*model)->weight_bytes;
    return answer_status(status, &call, message);
}

/* Bytes of a dense tensor; false for one that cannot be. */
static bool tensor_bytes(int rank, const int64_t *shape, uint64_t *byte_count) {
    int64_t bytes = sizeof(float);
    bool has_none = false;
    if (rank < 0 || rank > KB3D_TENSOR_RANK_MAX)
        return false;
    for (int i = 0; i < rank; i++) {
        if (shape[i] < 0 || __builtin_mul_overflow(bytes, shape[i] ? shape[i] : 1, &bytes))
            return false;
        has_none |= !shape[i];
    }
    *byte_count = has_none ? 0 : (uint64_t)bytes;
    return true;
}

static void take_back(kb3d_worker *worker, lending *lent, int count) {
    for (int i = 0; i < count; i++)
        if (lent->copied[i])
            kb3d_shared_pool_give(&worker->inputs, lent->shared[i]);
}

/* Inputs of alloc's lie in shared memory already; others are copied there. */
static kb3d_status lend(kb3d_worker *worker, const kb3d_infer_request *request, lending *lent,
                        kb3d_worker_request *packet, const kb3d_wait *wait, kb3d_call *call) {
    kb3d_status status = KB3D_OK;
    int done = 0;
    for (; done < request->input_count && !status; done++) {
        const kb3d_tensor *input = &request->inputs[done];
        kb3d_worker_tensor *sent = &packet->tensors[done];
        uint64_t bytes;
        if (!tensor_bytes(input->rank, input->shape, &bytes)) {
            status = kb3d_fail(call, KB3D_ERROR_INTERNAL, "a network's input has an impossible shape");
            break;
        }
        kb3d_shared *shared = kb3d_shared_pool_find(&worker->inputs, input->data, bytes);
        if (!shared) {
            if ((status = kb3d_shared_pool_take(&worker->inputs, bytes, &shared, wait, call)))
                break;
            lent->copied[done] = true;
            status = kb3d_shared_copy(shared->memory, input->data, bytes, wait, call);
        }
        lent->shared[done] = shared;
        lent->files[done] = shared->file;
        sent->rank = input->rank;
        memcpy(sent->shape, input->shape, sizeof sent->shape);
        sent->offset = lent->copied[done] ? 0 : (uint64_t)((char *)input->data - (char *)shared->memory);
    }
    if (status)
        take_back(worker, lent, done);
    return status;
}

/* Checks the shapes that the worker answered, and lays the tensors out in memory to come. */
static kb3d_status plan_answer(const kb3d_worker_reply *reply, const kb3d_infer_request *request,
                               kb3d_worker_request *fetch, kb3d_call *call) {
    uint64_t size = 0, bytes;
    if (reply->tensor_count != request->output_count)
        return kb3d_fail(call, KB3D_ERROR_MODEL, "the worker process answered %d tensors, not %d",
                         reply->tensor_count, request->output_count);
    for (int i = 0; i < reply->tensor_count; i++) {
        const kb3d_worker_tensor *from = &reply->tensors[i];
        if (!tensor_bytes(from->rank, from->shape, &bytes))
            return kb3d_fail(call, KB3D_ERROR_MODEL, "the worker process answered an impossible shape");
        if (bytes > KB3D_SHARED_MAX || size + bytes > KB3D_SHARED_MAX)
            return kb3d_fail(call, KB3D_ERROR_LIMIT, "the network answered more than %d MB", KB3D_SHARED_MAX >> 20);
        fetch->tensors[i] = *from;
        fetch->tensors[i].offset = size;
        size += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    fetch->tensor_count = reply->tensor_count;
    fetch->byte_count = size;
    return KB3D_OK;
}

/* Has the answer written into shared memory, and copies it from there. */
static kb3d_status fetch_answer(kb3d_worker *worker, kb3d_worker_request *fetch, worker_answer *to,
                                const kb3d_wait *wait, kb3d_call *call) {
    kb3d_shared *shared;
    kb3d_worker_reply reply;
    kb3d_status status = kb3d_shared_pool_take(&worker->answers, fetch->byte_count, &shared, wait, call);
    if (status)
        return status;
    if (!(status = kb3d_worker_ask(worker, fetch, &shared->file, 1, &reply, "answered", wait, call)) &&
        !(status = kb3d_mem_alloc(worker->mem, &to->memory, fetch->byte_count, 1, call)))
        status = kb3d_shared_copy(to->memory, shared->memory, fetch->byte_count, wait, call);
    kb3d_shared_pool_give(&worker->answers, shared);
    return status;
}

/* With the turn taken and the network loaded. */
static kb3d_status ask_to_run(kb3d_worker *worker, const kb3d_infer_request *request, kb3d_worker_request *packet,
                              const lending *lent, worker_answer *to, const kb3d_wait *wait, kb3d_call *call) {
    kb3d_worker_request fetch = {.kind = KB3D_WORKER_FETCH}, drop = {.kind = KB3D_WORKER_DROP};
    kb3d_worker_reply reply;
    kb3d_status status = kb3d_worker_ask(worker, packet, lent->files, packet->tensor_count, &reply,
                                         "ran the network", wait, call);
    if (status)
        return status;
    if (!(status = plan_answer(&reply, request, &fetch, call)))
        status = fetch_answer(worker, &fetch, to, wait, call);
    if (status == KB3D_ERROR_MODEL)
        kb3d_process_kill(&worker->process); /* no worker of ours would answer so */
    else if (status && worker->process.socket >= 0)
        kb3d_worker_tell(worker, &drop);
    if (status)
        return status;
    for (int i = 0; i < request->output_count; i++) {
        kb3d_tensor *output = &request->outputs[i];
        output->data = (float *)((char *)to->memory + fetch.tensors[i].offset);
        output->rank = fetch.tensors[i].rank;
        memcpy(output->shape, fetch.tensors[i].shape, sizeof output->shape);
    }
    return KB3D_OK;
}

static kb3d_status run(kb3d_infer_model *model, const kb3d_infer_request *request, worker_answer *to,
                       kb3d_call *call) {
    kb3d_worker *worker = model->worker;
    kb3d_wait wait = {request->stop, request->user, 0, 0};
    lending lent = {0};
    kb3d_worker_request packet = {.kind = KB3D_WORKER_RUN, .model = model->id, .threads = request->threads,
                                  .tensor_count = request->input_count, .output_count = request->output_count};
    const char *key = request->output_key ? request->output_key : "";
    if (request->input_count > KB3D_INFER_TENSOR_MAX || request->output_count > KB3D_INFER_TENSOR_MAX ||
        strlen(request->entry) >= sizeof packet.entry || strlen(key) >= sizeof packet.output_key)
        return kb3d_fail(call, KB3D_ERROR_INTERNAL, "a network was asked for more than the worker can be told");
    strcpy(packet.entry, request->entry);
    strcpy(packet.output_key, key);
    kb3d_status status = lend(worker, request, &lent, &packet, &wait, call);
    if (status)
        return status;
    if (!(status = kb3d_worker_begin(worker, model, &wait, call))) {
        kb3d_wait limited = kb3d_worker_wait(worker, &wait);
        status = ask_to_run(worker, request, &packet, &lent, to, &limited, call);
        kb3d_worker_end(worker);
    }
    take_back(worker, &lent, request->input_count);
    return status;
}

static kb3d_status worker_run(kb3d_infer_model *model, const kb3d_infer_request *request, void **answer,
                              char *message) {
    kb3d_call call;
    KB3D_INIT(call);
    worker_answer *to;
    kb3d_status status = kb3d_mem_alloc_zero(model->worker->mem, &to, 1, sizeof *to, &call);
    if (!status) {
        to->mem = model->worker->mem;
        if ((status = run(model, request, to, &call))) {
            kb3d_mem_free(to->mem, to->memory);
            kb3d_mem_free(to->mem, to);
        }
    }
    *answer = status ? NULL : to;
    return answer_status(status, &call, message);
}

static void worker_release(void *answer) {
    worker_answer *a = answer;
    kb3d_mem_free(a->mem, a->memory);
    kb3d_mem_free(a->mem, a);
}

static kb3d_status worker_alloc(kb3d_infer_model *model, size_t byte_count, void **memory, char *message) {
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_wait wait = {0};
    kb3d_shared *shared;
    kb3d_status status = kb3d_shared_pool_take(&model->worker->inputs, byte_count, &shared, &wait, &call);
    *memory = status ? NULL : shared->memory;
    return answer_status(status, &call, message);
}

static void worker_free(kb3d_infer_model *model, void *memory) {
    kb3d_shared *shared = kb3d_shared_pool_find(&model->worker->inputs, memory, 1);
    if (shared)
        kb3d_shared_pool_give(&model->worker->inputs, shared);
}

const kb3d_infer_api *kb3d_worker_api(void) {
    static const kb3d_infer_api api = {.abi = KB3D_INFER_ABI, .runtime = "worker", .load = worker_load,
                                       .unload = kb3d_worker_condemn, .run = worker_run, .release = worker_release,
                                       .input_alloc = worker_alloc, .input_free = worker_free};
    return &api;
}
