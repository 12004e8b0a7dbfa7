#define _GNU_SOURCE /* sched_getaffinity */
#include "backend.h"
#include "ctx.h"
#include "models.h"
#include "workspace.h"

#include <sched.h>
#include <string.h>

static int processors(void) {
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
    return count < 1 ? 1 : count > 256 ? 256 : count;
}

static kb3d_status check_params(const kb3d_ctx_params *p, kb3d_call *call) {
    if (p->threads < 0 || p->threads > 256)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "threads is %d, not 0..256", p->threads);
    if (!p->allocator.alloc != !p->allocator.free)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the allocator has only one of its two functions");
    if (p->backend == KB3D_BACKEND_CUDA && p->allocator.alloc)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the CUDA backend has an allocator of its own");
    if (p->device && p->backend != KB3D_BACKEND_CUDA)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "device is %d, and only the CUDA backend has any", p->device);
    if ((int)p->log_level < 0 || p->log_level > KB3D_LOG_DEBUG)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "log_level is %d, not 0..4", (int)p->log_level);
    if ((int)p->networks < 0 || p->networks > KB3D_NETWORKS_IN_WORKER)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "networks is %d, not 0..2", (int)p->networks);
    if (p->worker_time_limit_ms < 0)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "worker_time_limit_ms is %d", p->worker_time_limit_ms);
    return KB3D_OK;
}

/* Where the pixel work of a context runs. */
typedef struct place {
    const kb3d_kernels *kernels;
    const kb3d_backend_api *backend; /* NULL: the processor */
    int number;
    void *device, *queue;
    kb3d_allocator allocator;
} place;

static void close_place(const kb3d_backend_api *backend, void *device, void *queue) {
    if (queue)
        backend->queue_destroy(queue);
    if (device)
        backend->close(device);
}

static kb3d_status open_place(place *to, const kb3d_ctx_params *p, kb3d_call *call) {
    int index;
    kb3d_status status;
    if (p->backend == KB3D_BACKEND_AUTO || p->backend == KB3D_BACKEND_CPU)
        return KB3D_OK;
    if (p->backend != KB3D_BACKEND_CUDA)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no backend %d", (int)p->backend);
    const kb3d_backend_api *b;
    if ((status = kb3d_backend_load(&b, call)) || (status = kb3d_backend_choose(b, p->device, &index, call)))
        return status;
    void *queue = NULL, *device = b->open(index);
    if (!device || !(queue = b->queue_create(device, 1))) {
        status = kb3d_backend_check(call);
        close_place(b, device, queue);
        return status;
    }
    *to = (place){b->kernels, b, index + 1, device, queue, {b->alloc, b->free, device}};
    return KB3D_OK;
}

kb3d_status kb3d_ctx_create(kb3d_ctx **out, const kb3d_ctx_params *params, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!out)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "ctx is NULL");
    *out = NULL;
    kb3d_ctx_params p = {0};
    if (params && (status = kb3d_struct_read(&p, sizeof p, params, offsetof(kb3d_ctx_params, networks),
                                             "kb3d_ctx_params", call)))
        return status;
    if ((status = check_params(&p, call)))
        return status;
    place here = {.kernels = kb3d_kernels_cpu(), .allocator = p.allocator};
    if ((status = open_place(&here, &p, call)))
        return status;
    kb3d_mem mem, *owned;
    kb3d_mem_init(&mem, &here.allocator, p.memory_limit);
    kb3d_ctx *ctx;
    if ((status = kb3d_mem_alloc_zero(&mem, &ctx, 1, sizeof *ctx, call))) {
        close_place(here.backend, here.device, here.queue);
        return status;
    }
    owned = &ctx->mem;
    kb3d_mem_init(owned, &here.allocator, p.memory_limit);
    atomic_store(&owned->used, atomic_load(&mem.used));
    atomic_store(&owned->peak, atomic_load(&mem.peak));
    atomic_init(&ctx->references, 1);
    ctx->log = (kb3d_log){p.log, p.log_user, p.log_level ? p.log_level : KB3D_LOG_INFO};
    ctx->threads = p.threads ? p.threads : processors();
    ctx->pixel_limit = p.pixel_limit ? p.pixel_limit : 100000000;
    ctx->kernels = here.kernels;
    ctx->backend = here.backend;
    ctx->device = here.device;
    ctx->device_number = here.number;
    ctx->queue = here.queue;
    pthread_mutex_init(&ctx->lock, NULL);
    if ((status = kb3d_models_create(ctx, &p, call)) ||
        (status = kb3d_pool_create(&ctx->pool, owned, ctx->threads, ctx->queue, call))) {
        kb3d_ctx_release(ctx);
        return status;
    }
    if (ctx->backend)
        kb3d_log_line(&ctx->log, KB3D_LOG_INFO, "CUDA: networks, and what else is no kernel, run on the processor");
    *out = ctx;
    return KB3D_OK;
}

kb3d_ctx *kb3d_ctx_retain(kb3d_ctx *ctx) {
    atomic_fetch_add(&ctx->references, 1);
    return ctx;
}

void kb3d_ctx_release(kb3d_ctx *ctx) {
    if (atomic_fetch_sub(&ctx->references, 1) != 1)
        return;
    kb3d_pool_destroy(&ctx->pool);
    kb3d_models_free(ctx);
    kb3d_workspaces_free(ctx);
    pthread_mutex_destroy(&ctx->lock);
    kb3d_mem mem = ctx->mem; /* the context lies in the memory it counts */
    const kb3d_backend_api *backend = ctx->backend;
    void *device = ctx->device, *queue = ctx->queue;
    kb3d_mem_free(&mem, ctx);
    close_place(backend, device, queue);
}

void kb3d_ctx_destroy(kb3d_ctx **ctx) {
    if (!ctx || !*ctx)
        return;
    kb3d_ctx_release(*ctx);
    *ctx = NULL;
}

kb3d_status kb3d_ctx_get_info(const kb3d_ctx *ctx, kb3d_ctx_info *info, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!ctx)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "ctx is NULL");
    kb3d_ctx_info filled = {.backend = ctx->backend ? KB3D_BACKEND_CUDA : KB3D_BACKEND_CPU,
                            .threads = ctx->threads,
                            .simd = kb3d_kernels_cpu()->simd,
                            .memory_used = atomic_load(&ctx->mem.used),
                            .memory_peak = atomic_load(&ctx->mem.peak),
                            .device = ctx->device_number};
    return kb3d_struct_write(info, offsetof(kb3d_ctx_info, device), &filled, sizeof filled, "kb3d_ctx_info", call);
}
