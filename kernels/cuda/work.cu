#include "work.h"

#include <formats.h>

#include <stdio.h>

static thread_local kb3d_fault fault;

bool kb3d_cuda_ok(cudaError_t error, const char *what) {
    if (error == cudaSuccess)
        return true;
    if (!fault.status) {
        bool is_memory = error == cudaErrorMemoryAllocation, is_driver = error == cudaErrorInsufficientDriver ||
                                                                         error == cudaErrorNoDevice ||
                                                                         error == cudaErrorDevicesUnavailable;
        fault.status = is_memory ? KB3D_ERROR_MEMORY : is_driver ? KB3D_ERROR_UNAVAILABLE : KB3D_ERROR_INTERNAL;
        snprintf(fault.text, sizeof fault.text, "CUDA: %s: %.180s", what, cudaGetErrorString(error));
    }
    return false;
}

bool kb3d_cuda_is_faulty() {
    return fault.status != KB3D_OK;
}

kb3d_fault kb3d_cuda_take_fault() {
    kb3d_fault taken = fault;
    fault = kb3d_fault();
    return taken;
}

kb3d_current::kb3d_current(int device) : before_(device) {
    if (kb3d_cuda_ok(cudaGetDevice(&before_), "the current device") && before_ != device)
        kb3d_cuda_ok(cudaSetDevice(device), "the device");
    else
        before_ = -1;
}

kb3d_current::~kb3d_current() {
    if (before_ >= 0)
        (void)cudaSetDevice(before_);
}

bool kb3d_cuda_reaches(const void *memory) {
    cudaPointerAttributes a;
    return kb3d_cuda_ok(cudaPointerGetAttributes(&a, memory), "a pointer") &&
           (a.type == cudaMemoryTypeDevice || a.type == cudaMemoryTypeManaged);
}

static int device_of(const kb3d_parallel *par) {
    return ((kb3d_queue *)par->queue)->device->index;
}

kb3d_work::kb3d_work(const kb3d_parallel *par)
    : queue_((kb3d_queue *)par->queue), current_(device_of(par)), count_(0) {
    pthread_mutex_lock(&queue_->lock);
}

/* Brings back what was written, gives the rooms back and waits where the queue does. */
kb3d_work::~kb3d_work() {
    for (int i = 0; i < count_; i++) {
        const temporary &t = temporaries_[i];
        if (t.host && !kb3d_cuda_is_faulty() && !deliver(t))
            kb3d_cuda_ok(cudaMemcpy2DAsync(t.host, (size_t)t.stride, t.device, t.row_bytes, t.row_bytes,
                                           (size_t)t.rows, cudaMemcpyDeviceToHost, queue_->stream), "copying back");
    }
    for (int i = 0; i < count_; i++)
        kb3d_cuda_ok(cudaFreeAsync(temporaries_[i].device, queue_->stream), "giving memory back");
    if (queue_->waits)
        kb3d_cuda_ok(cudaStreamSynchronize(queue_->stream), "the work");
    pthread_mutex_unlock(&queue_->lock);
}

/* Pinned memory lets the copy run beside the work of another queue. Whole images alone: other memory may be wanted at
   once. */
bool kb3d_work::deliver(const temporary &t) {
    if (queue_->waits || !t.is_image || queue_->delivery_count == KB3D_DELIVERY_MAX)
        return false;
    kb3d_delivery *d = &queue_->deliveries[queue_->delivery_count];
    size_t bytes = t.row_bytes * (size_t)t.rows;
    if (d->capacity < bytes) {
        if (d->pinned)
            kb3d_cuda_ok(cudaFreeHost(d->pinned), "giving pinned memory back");
        d->capacity = 0;
        d->pinned = NULL;
        if (!kb3d_cuda_ok(cudaMallocHost(&d->pinned, bytes), "pinned memory"))
            return true;
        d->capacity = bytes;
    }
    if (!kb3d_cuda_ok(cudaMemcpyAsync(d->pinned, t.device, bytes, cudaMemcpyDeviceToHost, queue_->stream),
                      "copying back"))
        return true;
    d->to = (char *)t.host;
    d->stride = t.stride;
    d->row_bytes = t.row_bytes;
    d->rows = t.rows;
    queue_->delivery_count++;
    return true;
}

void *kb3d_work::allocate(size_t bytes) {
    void *memory = NULL;
    if (kb3d_cuda_is_faulty())
        return NULL;
    if (count_ == TEMPORARY_MAX) {
        kb3d_cuda_ok(cudaErrorMemoryAllocation, "a kernel's temporary memory");
        return NULL;
    }
    if (!kb3d_cuda_ok(cudaMallocFromPoolAsync(&memory, bytes ? bytes : 1, queue_->device->pool, queue_->stream),
                      "memory"))
        return NULL;
    temporary t = {memory, NULL, 0, 0, 0, false};
    temporaries_[count_++] = t;
    return memory;
}

void *kb3d_work::reach(void *memory, size_t bytes, bool in, bool out) {
    if (!memory || kb3d_cuda_is_faulty() || kb3d_cuda_reaches(memory))
        return kb3d_cuda_is_faulty() ? NULL : memory;
    void *copy = allocate(bytes);
    if (!copy)
        return NULL;
    if (in && bytes)
        put(copy, memory, bytes);
    if (out && bytes) {
        temporary *t = &temporaries_[count_ - 1];
        t->host = memory;
        t->stride = (ptrdiff_t)bytes;
        t->row_bytes = bytes;
        t->rows = 1;
    }
    return copy;
}

void kb3d_work::put(void *to, const void *from, size_t count) {
    if (!kb3d_cuda_is_faulty())
        kb3d_cuda_ok(cudaMemcpyAsync(to, from, count, cudaMemcpyHostToDevice, queue_->stream), "copying");
}

void kb3d_work::fill(void *memory, int byte, size_t count) {
    if (!kb3d_cuda_is_faulty())
        kb3d_cuda_ok(cudaMemsetAsync(memory, byte, count, queue_->stream), "clearing");
}

void kb3d_work::fetch(void *to, const void *from, size_t bytes) {
    if (!kb3d_cuda_is_faulty() &&
        kb3d_cuda_ok(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, queue_->stream), "copying back"))
        kb3d_cuda_ok(cudaStreamSynchronize(queue_->stream), "the work");
}

/* With its apron, and the one pixel more that kb3d_cloud_alloc promises. */
kb3d_texture kb3d_work::reach_texture(const kb3d_texture *texture, bool out) {
    kb3d_texture t = *texture;
    ptrdiff_t pixel = 4 * (ptrdiff_t)t.texel, before = (KB3D_APRON * t.stride + KB3D_APRON) * pixel;
    size_t bytes = (size_t)(t.stride * (t.height + 2 * KB3D_APRON) + 1) * (size_t)pixel;
    char *first = (char *)reach((char *)t.data - before, bytes, true, out);
    t.data = first ? first + before : NULL;
    return t;
}

kb3d_texture kb3d_work::read(const kb3d_texture *texture) {
    return reach_texture(texture, false);
}

kb3d_texture kb3d_work::change(const kb3d_texture *texture) {
    return reach_texture(texture, true);
}

kb3d_surface kb3d_work::read(const kb3d_surface *surface, bool with_patches) {
    kb3d_surface s = *surface;
    size_t pixels = (size_t)s.width * (size_t)s.height;
    s.disp = read(surface->disp, pixels);
    s.mask = read(surface->mask, pixels);
    s.before = read(surface->before, pixels);
    s.soft = read(surface->soft, pixels);
    s.groups = NULL;
    s.patches = with_patches ? (kb3d_patch *)read(surface->patches, surface->patch_count) : NULL;
    return s;
}

kb3d_depth_map kb3d_work::read(const kb3d_depth_map *map) {
    kb3d_depth_map m = *map;
    const float *first = map->disp - KB3D_MAP_BORDER * map->stride - KB3D_MAP_BORDER;
    void *here = (void *)read(first, kb3d_map_size(map->width, map->height) / sizeof *first);
    if (here)
        kb3d_map_lay_out(&m, here);
    return m;
}

/* Rows lie close together in the copy, from the image's upper one down, whatever the sign of its stride. */
kb3d_pixels kb3d_work::reach_pixels(const kb3d_pixels *pixels, bool in) {
    kb3d_pixels p = *pixels;
    for (int i = 0; i < 3; i++)
        if (i >= kb3d_pixels_planes(pixels))
            p.data[i] = NULL;
    for (int i = 0; i < kb3d_pixels_planes(pixels); i++) {
        size_t row_bytes = kb3d_pixels_row_bytes(pixels, i);
        int rows = kb3d_pixels_rows(pixels, i);
        if (kb3d_cuda_is_faulty() || kb3d_cuda_reaches(p.data[i]))
            continue;
        bool is_turned = p.stride[i] < 0;
        char *lowest = (char *)p.data[i] + (is_turned ? p.stride[i] * (rows - 1) : 0);
        size_t pitch = (size_t)(is_turned ? -p.stride[i] : p.stride[i]);
        char *copy = (char *)allocate(row_bytes * (size_t)rows);
        if (!copy)
            continue;
        if (in)
            kb3d_cuda_ok(cudaMemcpy2DAsync(copy, row_bytes, lowest, pitch, row_bytes, (size_t)rows,
                                           cudaMemcpyHostToDevice, queue_->stream), "copying");
        temporary *t = &temporaries_[count_ - 1];
        t->host = in ? NULL : lowest;
        t->stride = (ptrdiff_t)pitch;
        t->row_bytes = row_bytes;
        t->rows = rows;
        t->is_image = true;
        p.data[i] = is_turned ? copy + row_bytes * (size_t)(rows - 1) : copy;
        p.stride[i] = is_turned ? -(ptrdiff_t)row_bytes : (ptrdiff_t)row_bytes;
    }
    return p;
}

kb3d_pixels kb3d_work::read(const kb3d_pixels *pixels) {
    return reach_pixels(pixels, true);
}

kb3d_pixels kb3d_work::write(const kb3d_pixels *pixels) {
    return reach_pixels(pixels, false);
}
