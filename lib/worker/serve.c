#include "serve.h"

#include "channel.h"
#include "plugin.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct served_model {
    struct served_model *next;
    uint32_t id;
    kb3d_infer_model *model;
} served_model;

typedef kb3d_served_memory memory_view;

static kb3d_status map(int file, int protection, int kind, memory_view *view, char *message) {
    struct stat about;
    *view = (memory_view){0};
    if (fstat(file, &about) || about.st_size < 0) {
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "memory from the library has no size");
        return KB3D_ERROR_INTERNAL;
    }
    if (!about.st_size)
        return KB3D_OK;
    void *memory = mmap(NULL, (size_t)about.st_size, protection, kind, file, 0);
    if (memory == MAP_FAILED) {
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "memory from the library cannot be used: %s", strerror(errno));
        return KB3D_ERROR_MEMORY;
    }
    *view = (memory_view){memory, (size_t)about.st_size};
    return KB3D_OK;
}

static void unmap(memory_view *view) {
    if (view->bytes)
        munmap(view->bytes, view->byte_count);
    *view = (memory_view){0};
}

static kb3d_status fail(char *message, const char *text) {
    snprintf(message, KB3D_INFER_MESSAGE_SIZE, "%.*s", KB3D_INFER_MESSAGE_SIZE - 1, text);
    return KB3D_ERROR_INTERNAL;
}

static served_model **find(kb3d_serve *serve, uint32_t id) {
    served_model **at = &serve->models;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static void drop_answer(kb3d_serve *serve) {
    if (serve->has_answer)
        serve->api->release(serve->answer);
    serve->has_answer = false;
    for (int i = 0; i < KB3D_INFER_TENSOR_MAX; i++)
        unmap(&serve->inputs[i]);
}

static kb3d_status load(kb3d_serve *serve, const kb3d_worker_request *request, const int *files, int count,
                        kb3d_worker_reply *reply) {
    memory_view contents;
    served_model *made;
    kb3d_call call;
    KB3D_INIT(call);
    if (count != 1)
        return fail(reply->message, "a network came without its file");
    kb3d_status status = map(files[0], PROT_READ, MAP_PRIVATE, &contents, reply->message);
    if (status)
        return status;
    kb3d_infer_file file = {.bytes = contents.bytes ? contents.bytes : "", .byte_count = contents.byte_count,
                            .operators = *request->operators ? request->operators : NULL};
    if ((file.operators && (status = kb3d_plugin_open_operators(file.operators, &call))) ||
        (status = kb3d_mem_alloc_zero(serve->mem, &made, 1, sizeof *made, &call))) {
        fail(reply->message, call.message);
    } else {
        made->id = request->model;
        status = serve->api->load(NULL, &file, &made->model, &reply->weight_bytes, reply->message);
        if (status) {
            kb3d_mem_free(serve->mem, made);
        } else {
            made->next = serve->models;
            serve->models = made;
        }
    }
    unmap(&contents);
    return status;
}

static void unload(kb3d_serve *serve, uint32_t id) {
    served_model **at = find(serve, id), *model = *at;
    if (!model)
        return;
    *at = model->next;
    serve->api->unload(model->model);
    kb3d_mem_free(serve->mem, model);
}

/* Bytes of a tensor; false when they cannot be counted. */
static bool count_bytes(const kb3d_tensor *tensor, uint64_t *byte_count) {
    int64_t bytes = sizeof(float);
    if (tensor->rank < 0 || tensor->rank > KB3D_TENSOR_RANK_MAX)
        return false;
    for (int i = 0; i < tensor->rank; i++)
        if (tensor->shape[i] < 0 || __builtin_mul_overflow(bytes, tensor->shape[i], &bytes))
            return false;
    *byte_count = (uint64_t)bytes;
    return true;
}

/* Private: a network that changes its input changes a copy, and the next run sees the library's. */
static kb3d_status map_inputs(const kb3d_worker_request *request, const int *files, int count,
                              memory_view *views, kb3d_tensor *inputs, char *message) {
    if (request->tensor_count != count || request->output_count < 1 ||
        request->output_count > KB3D_INFER_TENSOR_MAX)
        return fail(message, "a run came without its inputs");
    for (int i = 0; i < count; i++) {
        const kb3d_worker_tensor *from = &request->tensors[i];
        uint64_t bytes;
        kb3d_status status = map(files[i], PROT_READ | PROT_WRITE, MAP_PRIVATE, &views[i], message);
        if (status)
            return status;
        inputs[i].rank = from->rank;
        memcpy(inputs[i].shape, from->shape, sizeof inputs[i].shape);
        if (!count_bytes(&inputs[i], &bytes) || from->offset > views[i].byte_count ||
            bytes > views[i].byte_count - from->offset)
            return fail(message, "an input does not lie in its memory");
        inputs[i].data = (float *)(views[i].bytes + from->offset);
    }
    return KB3D_OK;
}

static kb3d_status run(kb3d_serve *serve, const kb3d_worker_request *request, const int *files, int count,
                       kb3d_worker_reply *reply) {
    kb3d_tensor inputs[KB3D_INFER_TENSOR_MAX] = {{0}};
    served_model *model = *find(serve, request->model);
    if (!model)
        return fail(reply->message, "a network was asked for that is not there");
    kb3d_status status = map_inputs(request, files, count, serve->inputs, inputs, reply->message);
    if (status)
        return status;
    kb3d_infer_request r = {.entry = request->entry, .inputs = inputs, .input_count = count,
                            .output_key = request->output_key, .outputs = serve->outputs,
                            .output_count = request->output_count, .threads = request->threads};
    if ((status = serve->api->run(model->model, &r, &serve->answer, reply->message)))
        return status;
    serve->has_answer = true;
    serve->output_count = request->output_count;
    reply->tensor_count = request->output_count;
    for (int i = 0; i < request->output_count; i++) {
        reply->tensors[i].rank = serve->outputs[i].rank;
        memcpy(reply->tensors[i].shape, serve->outputs[i].shape, sizeof reply->tensors[i].shape);
    }
    return KB3D_OK;
}

static kb3d_status fetch(kb3d_serve *serve, const kb3d_worker_request *request, const int *files, int count,
                         kb3d_worker_reply *reply) {
    memory_view to;
    if (count != 1 || !serve->has_answer || request->tensor_count != serve->output_count)
        return fail(reply->message, "an answer was asked for that is not there");
    kb3d_status status = map(files[0], PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, &to, reply->message);
    if (status)
        return status;
    for (int i = 0; i < serve->output_count && !status; i++) {
        uint64_t bytes, offset = request->tensors[i].offset;
        if (!count_bytes(&serve->outputs[i], &bytes) || offset > to.byte_count || bytes > to.byte_count - offset)
            status = fail(reply->message, "an answer does not fit into its memory");
        else if (bytes)
            memcpy(to.bytes + offset, serve->outputs[i].data, bytes);
    }
    unmap(&to);
    return status;
}

bool kb3d_serve_reply(const kb3d_serve *serve, const kb3d_worker_reply *reply) {
    for (;;) {
        int error = kb3d_channel_send(serve->socket, reply, sizeof *reply, NULL, 0);
        struct pollfd room = {serve->socket, POLLOUT, 0};
        if (error != EAGAIN)
            return !error;
        poll(&room, 1, -1);
    }
}

bool kb3d_serve_next(kb3d_serve *serve) {
    kb3d_worker_request request;
    kb3d_worker_reply reply = {.protocol = KB3D_WORKER_PROTOCOL};
    int files[KB3D_INFER_TENSOR_MAX], count = KB3D_INFER_TENSOR_MAX;
    bool wants_reply = true;
    if (kb3d_channel_receive(serve->socket, &request, sizeof request, files, &count))
        return false;
    request.operators[sizeof request.operators - 1] = 0;
    request.entry[sizeof request.entry - 1] = 0;
    request.output_key[sizeof request.output_key - 1] = 0;
    reply.kind = request.kind;
    reply.serial = request.serial;
    if (request.kind != KB3D_WORKER_FETCH)
        drop_answer(serve);
    switch (request.kind) {
    case KB3D_WORKER_LOAD: reply.status = load(serve, &request, files, count, &reply); break;
    case KB3D_WORKER_RUN: reply.status = run(serve, &request, files, count, &reply); break;
    case KB3D_WORKER_FETCH: reply.status = fetch(serve, &request, files, count, &reply); break;
    case KB3D_WORKER_UNLOAD: unload(serve, request.model); /* fall through */
    default: wants_reply = false;
    }
    if (request.kind == KB3D_WORKER_FETCH || reply.status)
        drop_answer(serve);
    for (int i = 0; i < count; i++)
        close(files[i]);
    return !wants_reply || kb3d_serve_reply(serve, &reply);
}
