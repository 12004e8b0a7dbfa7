/* What the module exports: devices, memory, queues, and the table of kernels. */
#include "work.h"

#include <stdio.h>
#include <stdlib.h>

namespace {

/* Below this no code is built; see meson.build. */
enum { LEAST_MAJOR = 7, LEAST_MINOR = 5 };

const kb3d_kernels kernels = {
    "cuda",
    kb3d_cuda_area_average,
    kb3d_cuda_surface_cut,
    kb3d_cuda_matte_bytes,
    kb3d_cuda_matte_find,
    kb3d_cuda_matte_split,
    kb3d_cuda_render_scratch,
    kb3d_cuda_render,
    kb3d_cuda_fill,
    kb3d_cuda_smooth,
    kb3d_cuda_weave_bytes,
    kb3d_cuda_weave,
    kb3d_cuda_keep_behind,
    kb3d_cuda_import_texture,
    kb3d_cuda_fill_apron,
    kb3d_cuda_halve,
    kb3d_cuda_export_color,
    kb3d_cuda_export_maps,
    kb3d_cuda_enlarge,
    kb3d_cuda_map_bytes,
    kb3d_cuda_map_prepare,
    kb3d_cuda_map_snap,
    kb3d_cuda_upsample,
};

void set(kb3d_fault *fault, kb3d_status status, const char *text) {
    fault->status = status;
    snprintf(fault->text, sizeof fault->text, "%s", text);
}

int count_devices(kb3d_fault *fault) {
    int count = 0, driver = 0, needed = 0;
    memset(fault, 0, sizeof *fault);
    if (cudaDriverGetVersion(&driver) != cudaSuccess || !driver) {
        set(fault, KB3D_ERROR_UNAVAILABLE, "CUDA: no NVIDIA driver is installed here");
        return 0;
    }
    cudaError_t error = cudaGetDeviceCount(&count);
    (void)cudaRuntimeGetVersion(&needed);
    (void)cudaGetLastError();
    if (error == cudaErrorInsufficientDriver) {
        char text[128];
        snprintf(text, sizeof text, "CUDA: the driver is for CUDA %d.%d, and this build needs %d.%d or later",
                 driver / 1000, driver % 1000 / 10, needed / 1000, needed % 1000 / 10);
        set(fault, KB3D_ERROR_UNAVAILABLE, text);
        return 0;
    }
    if (error == cudaErrorNoDevice || (error == cudaSuccess && !count)) {
        set(fault, KB3D_ERROR_UNAVAILABLE, "CUDA: there is a driver, but no device that it can use");
        return 0;
    }
    if (!kb3d_cuda_ok(error, "the list of devices")) {
        *fault = kb3d_cuda_take_fault();
        return 0;
    }
    return count;
}

void describe_device(int index, kb3d_backend_device *to) {
    memset(to, 0, sizeof *to);
    static cudaDeviceProp none;
    cudaDeviceProp p = none;
    int managed = 0, pools = 0;
    if (!kb3d_cuda_ok(cudaGetDeviceProperties(&p, index), "a device's properties") ||
        !kb3d_cuda_ok(cudaDeviceGetAttribute(&managed, cudaDevAttrConcurrentManagedAccess, index), "an attribute") ||
        !kb3d_cuda_ok(cudaDeviceGetAttribute(&pools, cudaDevAttrMemoryPoolsSupported, index), "an attribute")) {
        to->fault = kb3d_cuda_take_fault();
        return;
    }
    snprintf(to->name, sizeof to->name, "%.127s", p.name);
    to->major = p.major;
    to->minor = p.minor;
    to->memory_bytes = p.totalGlobalMem;
    char text[256];
    if (p.major < LEAST_MAJOR || (p.major == LEAST_MAJOR && p.minor < LEAST_MINOR)) {
        snprintf(text, sizeof text, "CUDA: %.100s is too old: its compute capability is %d.%d, and %d.%d is needed",
                 to->name, p.major, p.minor, LEAST_MAJOR, LEAST_MINOR);
        set(&to->fault, KB3D_ERROR_UNAVAILABLE, text);
    } else if (!managed || !pools) {
        snprintf(text, sizeof text, "CUDA: the system does not let %.100s share memory with the processor (%s)",
                 to->name, managed ? "no memory pools" : "no concurrent managed access, as under WSL");
        set(&to->fault, KB3D_ERROR_UNAVAILABLE, text);
    }
}

void *open_device(int index) {
    kb3d_current current(index);
    kb3d_device *d = (kb3d_device *)calloc(1, sizeof *d);
    if (!d) {
        kb3d_cuda_ok(cudaErrorMemoryAllocation, "a device's state");
        return NULL;
    }
    d->index = index;
    cudaMemPoolProps props;
    memset(&props, 0, sizeof props);
    props.allocType = cudaMemAllocationTypePinned;
    props.location.type = cudaMemLocationTypeDevice;
    props.location.id = index;
    unsigned long long keep = 256ull << 20; /* bytes that stay with the pool when nothing uses them */
    if (!kb3d_cuda_ok(cudaMemPoolCreate(&d->pool, &props), "a memory pool")) {
        free(d);
        return NULL;
    }
    kb3d_cuda_ok(cudaMemPoolSetAttribute(d->pool, cudaMemPoolAttrReleaseThreshold, &keep), "a memory pool");
    return d;
}

void close_device(void *device) {
    kb3d_device *d = (kb3d_device *)device;
    kb3d_current current(d->index);
    (void)cudaMemPoolDestroy(d->pool);
    free(d);
}

void *alloc(void *device, size_t byte_count) {
    kb3d_current current(((kb3d_device *)device)->index);
    void *memory = NULL;
    if (cudaMallocManaged(&memory, byte_count ? byte_count : 1, cudaMemAttachGlobal) != cudaSuccess) {
        (void)cudaGetLastError();
        return NULL;
    }
    return memory;
}

void free_memory(void *device, void *memory) {
    kb3d_current current(((kb3d_device *)device)->index);
    (void)cudaFree(memory);
}

void destroy_queue(void *queue) {
    kb3d_queue *q = (kb3d_queue *)queue;
    kb3d_current current(q->device->index);
    if (q->stream) {
        (void)cudaStreamSynchronize(q->stream);
        (void)cudaStreamDestroy(q->stream);
    }
    if (q->event)
        (void)cudaEventDestroy(q->event);
    for (int i = 0; i < KB3D_DELIVERY_MAX; i++)
        if (q->deliveries[i].pinned)
            (void)cudaFreeHost(q->deliveries[i].pinned);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

void *create_queue(void *device, int waits) {
    kb3d_device *d = (kb3d_device *)device;
    kb3d_current current(d->index);
    kb3d_queue *q = (kb3d_queue *)calloc(1, sizeof *q);
    if (!q) {
        kb3d_cuda_ok(cudaErrorMemoryAllocation, "a queue");
        return NULL;
    }
    q->device = d;
    q->waits = waits;
    pthread_mutex_init(&q->lock, NULL);
    if (!kb3d_cuda_ok(cudaStreamCreateWithFlags(&q->stream, cudaStreamNonBlocking), "a stream") ||
        !kb3d_cuda_ok(cudaEventCreateWithFlags(&q->event, cudaEventDisableTiming), "an event")) {
        destroy_queue(q);
        return NULL;
    }
    return q;
}

void finish(void *queue) {
    kb3d_queue *q = (kb3d_queue *)queue;
    kb3d_current current(q->device->index);
    bool is_done = kb3d_cuda_ok(cudaStreamSynchronize(q->stream), "the work");
    for (int i = 0; i < q->delivery_count && is_done; i++) {
        const kb3d_delivery *d = &q->deliveries[i];
        for (int y = 0; y < d->rows; y++)
            memcpy(d->to + y * d->stride, (const char *)d->pinned + (size_t)y * d->row_bytes, d->row_bytes);
    }
    q->delivery_count = 0;
}

void order(kb3d_queue *q, cudaStream_t first, cudaStream_t then) {
    kb3d_current current(q->device->index);
    if (kb3d_cuda_ok(cudaEventRecord(q->event, first), "an event"))
        kb3d_cuda_ok(cudaStreamWaitEvent(then, q->event, 0), "waiting for an event");
}

void follow(void *queue, void *stream) {
    kb3d_queue *q = (kb3d_queue *)queue;
    order(q, (cudaStream_t)stream, q->stream);
}

void lead(void *queue, void *stream) {
    kb3d_queue *q = (kb3d_queue *)queue;
    order(q, q->stream, (cudaStream_t)stream);
}

void copy_rows(void *device, void *to, ptrdiff_t to_stride, const void *from, ptrdiff_t from_stride, size_t row_bytes,
               int rows) {
    kb3d_current current(((kb3d_device *)device)->index);
    char *t = (char *)to;
    const char *f = (const char *)from;
    if (to_stride >= 0 && from_stride >= 0) {
        kb3d_cuda_ok(cudaMemcpy2D(t, (size_t)to_stride, f, (size_t)from_stride, row_bytes, (size_t)rows,
                                  cudaMemcpyDefault), "copying rows");
        return;
    }
    for (int y = 0; y < rows; y++)
        if (!kb3d_cuda_ok(cudaMemcpy(t + y * to_stride, f + y * from_stride, row_bytes, cudaMemcpyDefault),
                          "copying rows"))
            return;
}

} // namespace

extern "C" __attribute__((visibility("default"))) const kb3d_backend_api *kb3d_backend_open(void) {
    static const kb3d_backend_api api = {
        KB3D_BACKEND_ABI, KB3D_BUILT_FOR, &kernels, count_devices, describe_device, open_device, close_device, alloc,
        free_memory, create_queue, destroy_queue, finish, follow, lead, copy_rows, kb3d_cuda_take_fault};
    return &api;
}
