#include "host.h"

#include "plugin.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { START_MS = 60000, CRASH_MS = 500 };

kb3d_wait kb3d_worker_wait(const kb3d_worker *worker, const kb3d_wait *wait) {
    int limit = worker->limits.time_ms;
    return (kb3d_wait){wait->stop, wait->user, limit > 0 ? kb3d_wait_now() + limit : 0, limit};
}

/* The process has closed its end: says how it ended. */
static kb3d_status fail_ended(kb3d_worker *worker, const char *doing, const kb3d_wait *wait, kb3d_call *call) {
    char how[64], limit[64] = "";
    unsigned long long memory = worker->limits.memory;
    kb3d_wait moment = {wait->stop, wait->user, 0, 0};
    int64_t until = kb3d_wait_now() + CRASH_MS;
    while (!kb3d_process_has_ended(&worker->process, KB3D_WAIT_STEP_MS, how, sizeof how)) {
        kb3d_status status = kb3d_wait_check(&moment, call);
        if (status)
            return status;
        if (kb3d_wait_now() >= until)
            return kb3d_fail(call, KB3D_ERROR_MODEL, "the worker process stopped answering while it %s", doing);
    }
    if (memory)
        snprintf(limit, sizeof limit, "; it may hold %llu MB of memory", memory >> 20);
    return kb3d_fail(call, KB3D_ERROR_MODEL, "the worker process ended while it %s%s%s%s%s", doing,
                     *how ? " (" : "", how, *how ? ")" : "", limit);
}

/* What the worker itself answers when something fails there. */
static kb3d_status read_failure(kb3d_worker *worker, kb3d_worker_reply *reply, kb3d_call *call) {
    kb3d_text_clean(reply->message, sizeof reply->message);
    const char *text = *reply->message ? reply->message : "failed without a reason";
    switch (reply->status) {
    case KB3D_ERROR_MEMORY:
        if (worker->limits.memory)
            return kb3d_fail(call, KB3D_ERROR_LIMIT, "%s; the worker may hold %llu MB", text,
                             (unsigned long long)worker->limits.memory >> 20);
        return kb3d_fail(call, KB3D_ERROR_MEMORY, "%s", text);
    case KB3D_ERROR_IO:
    case KB3D_ERROR_FORMAT:
    case KB3D_ERROR_UNSUPPORTED:
    case KB3D_ERROR_UNAVAILABLE: return kb3d_fail(call, (kb3d_status)reply->status, "%s", text);
    }
    return kb3d_fail(call, KB3D_ERROR_MODEL, "%s", text);
}

kb3d_status kb3d_worker_ask(kb3d_worker *worker, kb3d_worker_request *request, const int *files, int count,
                            kb3d_worker_reply *reply, const char *doing, const kb3d_wait *wait, kb3d_call *call) {
    request->protocol = KB3D_WORKER_PROTOCOL;
    request->serial = ++worker->serial;
    kb3d_status status = kb3d_process_send(&worker->process, request, files, count, wait, call);
    if (!status)
        status = kb3d_process_receive(&worker->process, reply, wait, call);
    if (!status && (reply->protocol != KB3D_WORKER_PROTOCOL || reply->kind != request->kind ||
                    reply->serial != request->serial))
        status = kb3d_fail(call, KB3D_ERROR_MODEL, "the worker process answered what it was not asked");
    if (status == KB3D_ERROR_IO)
        status = fail_ended(worker, doing, wait, call);
    if (status) {
        kb3d_process_kill(&worker->process);
        return status;
    }
    return reply->status ? read_failure(worker, reply, call) : KB3D_OK;
}

void kb3d_worker_tell(kb3d_worker *worker, kb3d_worker_request *request) {
    kb3d_wait none = {0};
    request->protocol = KB3D_WORKER_PROTOCOL;
    request->serial = ++worker->serial;
    none.deadline = kb3d_wait_now() + KB3D_WAIT_STEP_MS;
    if (kb3d_process_send(&worker->process, request, NULL, 0, &none, NULL))
        kb3d_process_kill(&worker->process);
}

static kb3d_status start(kb3d_worker *worker, const kb3d_wait *wait, kb3d_call *call) {
    char path[PATH_MAX];
    kb3d_worker_request request = {.kind = KB3D_WORKER_START, .memory_limit = worker->limits.memory,
                                   .host = getpid(), .reads_files = worker->reads_files};
    kb3d_worker_reply reply;
    kb3d_wait patience = {wait->stop, wait->user, kb3d_wait_now() + START_MS, START_MS};
    kb3d_process_reap(&worker->process);
    kb3d_status status = kb3d_plugin_find("kb3d-worker", path, sizeof path, call);
    if (!status)
        status = kb3d_process_start(&worker->process, path, worker->mem, call);
    if (status)
        return status;
    worker->generation++;
    status = kb3d_worker_ask(worker, &request, NULL, 0, &reply, "started", &patience, call);
    if (status) {
        kb3d_process_kill(&worker->process);
        if (status == KB3D_ERROR_LIMIT && kb3d_wait_now() >= patience.deadline)
            return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s did not start within %d s", path, START_MS / 1000);
        if (status == KB3D_ERROR_MODEL && call) {
            char reason[sizeof call->message];
            memcpy(reason, call->message, sizeof reason);
            return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s cannot be used: %s", path, reason);
        }
        return status;
    }
    kb3d_text_clean(reply.runtime, sizeof reply.runtime);
    kb3d_text_clean(reply.unconfined, sizeof reply.unconfined);
    pthread_mutex_lock(&worker->lock);
    if (!*worker->runtime)
        snprintf(worker->runtime, sizeof worker->runtime, "worker, %s", reply.runtime);
    pthread_mutex_unlock(&worker->lock);
    kb3d_log_line(worker->log, *reply.unconfined ? KB3D_LOG_WARNING : KB3D_LOG_DEBUG,
                  "worker process %d started: %s%s%s", (int)worker->process.pid, reply.runtime,
                  *reply.unconfined ? "; to confine it the system lacks " : "", reply.unconfined);
    return KB3D_OK;
}

static kb3d_status load(kb3d_infer_model *model, const kb3d_wait *wait, kb3d_call *call) {
    kb3d_worker *worker = model->worker;
    kb3d_worker_request request = {.kind = KB3D_WORKER_LOAD, .model = model->id, .byte_count = model->byte_count};
    kb3d_worker_reply reply;
    kb3d_wait limited = kb3d_worker_wait(worker, wait);
    memcpy(request.operators, model->operators, sizeof request.operators);
    kb3d_status status =
        kb3d_worker_ask(worker, &request, &model->file, 1, &reply, "loaded the network", &limited, call);
    if (status)
        return status;
    model->weight_bytes = reply.weight_bytes;
    model->generation = worker->generation;
    return KB3D_OK;
}

static kb3d_status take_turn(kb3d_worker *worker, const kb3d_wait *wait, kb3d_call *call) {
    kb3d_status status = KB3D_OK;
    pthread_mutex_lock(&worker->lock);
    while (!status && worker->busy) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += KB3D_WAIT_STEP_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&worker->changed, &worker->lock, &until);
        pthread_mutex_unlock(&worker->lock);
        status = kb3d_wait_check(wait, call);
        pthread_mutex_lock(&worker->lock);
    }
    if (!status)
        worker->busy = true;
    pthread_mutex_unlock(&worker->lock);
    return status;
}

kb3d_status kb3d_worker_begin(kb3d_worker *worker, kb3d_infer_model *model, const kb3d_wait *wait,
                              kb3d_call *call) {
    kb3d_status status = take_turn(worker, wait, call);
    if (status)
        return status;
    kb3d_process *process = &worker->process;
    if (process->owner != getpid())
        kb3d_process_kill(process); /* the host has forked: only forgets it */
    else if (process->socket >= 0 && !kb3d_process_is_idle(process)) {
        kb3d_log_line(worker->log, KB3D_LOG_DEBUG, "worker process %d ended, or spoke unasked", (int)process->pid);
        kb3d_process_kill(process);
    }
    if (*model->operators && !worker->reads_files) {
        worker->reads_files = true;
        kb3d_process_kill(process);
    }
    if (process->socket < 0)
        status = start(worker, wait, call);
    if (!status && model->generation != worker->generation)
        status = load(model, wait, call);
    if (status)
        kb3d_worker_end(worker);
    return status;
}

static void unload(kb3d_infer_model *model) {
    kb3d_worker *worker = model->worker;
    kb3d_worker_request request = {.kind = KB3D_WORKER_UNLOAD, .model = model->id};
    if (worker->process.socket >= 0 && worker->process.owner == getpid() && model->generation == worker->generation)
        kb3d_worker_tell(worker, &request);
    close(model->file);
    kb3d_mem_free(worker->mem, model);
}

void kb3d_worker_end(kb3d_worker *worker) {
    pthread_mutex_lock(&worker->lock);
    while (worker->condemned) {
        kb3d_infer_model *model = worker->condemned;
        worker->condemned = model->next;
        pthread_mutex_unlock(&worker->lock);
        unload(model);
        pthread_mutex_lock(&worker->lock);
    }
    worker->busy = false;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

void kb3d_worker_condemn(kb3d_infer_model *model) {
    kb3d_worker *worker = model->worker;
    pthread_mutex_lock(&worker->lock);
    model->next = worker->condemned;
    worker->condemned = model;
    bool free_turn = !worker->busy;
    worker->busy = true;
    pthread_mutex_unlock(&worker->lock);
    if (free_turn)
        kb3d_worker_end(worker);
}
