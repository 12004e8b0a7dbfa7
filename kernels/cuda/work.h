/*
 * What a kernel here is written with.
 *
 * A kernel is a struct of its arguments with `void operator()(int x, int y) const`, which runs once for every x and y
 * below a width and a height, in any order and at once: so none waits for another, and work that must wait is a
 * kernel of its own. kb3d_work::run is the only launch. Compiled with KB3D_EMULATED the same sources run on the CPU.
 */
#ifndef KB3D_CUDA_WORK_H
#define KB3D_CUDA_WORK_H

#if defined(KB3D_EMULATED)
#include "emulated/emulate.h"
#else
#include <cuda_runtime.h>
#endif

#include <module.h>

#include <pthread.h>
#include <string.h>

#define KB3D_DEVICE __device__ inline

/* One device of one context. */
struct kb3d_device {
    int index;
    cudaMemPool_t pool; /* its own, so that the host's default pool is left alone */
};

/* A frame's part that is on its way to memory of the host's that the device cannot write. */
struct kb3d_delivery {
    void *pinned;
    size_t capacity;
    char *to;
    ptrdiff_t stride;
    size_t row_bytes;
    int rows;
};

enum { KB3D_DELIVERY_MAX = 5 };

struct kb3d_queue {
    kb3d_device *device;
    cudaStream_t stream;
    cudaEvent_t event;
    bool waits;
    pthread_mutex_t lock;
    kb3d_delivery deliveries[KB3D_DELIVERY_MAX];
    int delivery_count;
};

/* Notes the thread's first fault. True when there is none. */
bool kb3d_cuda_ok(cudaError_t error, const char *what);
bool kb3d_cuda_is_faulty();
kb3d_fault kb3d_cuda_take_fault();

/* The host's current device comes back. */
class kb3d_current {
  public:
    explicit kb3d_current(int device);
    ~kb3d_current();

  private:
    int before_;
};

#if !defined(KB3D_EMULATED)
template <class Kernel> __global__ void kb3d_run(const Kernel kernel, int width, int height) {
    int x = (int)(blockIdx.x * blockDim.x + threadIdx.x), y = (int)(blockIdx.y * blockDim.y + threadIdx.y);
    if (x < width && y < height)
        kernel(x, y);
}

template <class Kernel> void kb3d_launch(const Kernel &kernel, int width, int height, cudaStream_t stream) {
    dim3 block(height > 1 ? 32 : 256, height > 1 ? 8 : 1);
    dim3 grid(((unsigned)width + block.x - 1) / block.x, ((unsigned)height + block.y - 1) / block.y);
    kb3d_run<<<grid, block, 0, stream>>>(kernel, width, height);
}
#endif

/* The work of one call of a kernel's slot: memory as the device reaches it, and launches. At its end what was written
   is brought back. */
class kb3d_work {
  public:
    explicit kb3d_work(const kb3d_parallel *par);
    ~kb3d_work();

    /* `count` items that are read, all written, or changed. */
    template <class T> const T *read(const T *memory, size_t count) {
        return (const T *)reach((void *)memory, count * sizeof(T), true, false);
    }
    template <class T> T *write(T *memory, size_t count) {
        return (T *)reach(memory, count * sizeof(T), false, true);
    }
    template <class T> T *change(T *memory, size_t count) {
        return (T *)reach(memory, count * sizeof(T), true, true);
    }
    const void *read_bytes(const void *memory, size_t count) {
        return reach((void *)memory, count, true, false);
    }
    void *write_bytes(void *memory, size_t count) {
        return reach(memory, count, false, true);
    }
    void *change_bytes(void *memory, size_t count) {
        return reach(memory, count, true, true);
    }

    kb3d_texture read(const kb3d_texture *texture);
    kb3d_texture change(const kb3d_texture *texture);
    kb3d_surface read(const kb3d_surface *surface, bool with_patches);
    kb3d_depth_map read(const kb3d_depth_map *map);
    kb3d_pixels read(const kb3d_pixels *pixels);
    kb3d_pixels write(const kb3d_pixels *pixels);

    /* Memory for this work alone, undefined. */
    template <class T> T *room(size_t count) {
        return (T *)allocate(count * sizeof(T));
    }
    void fill(void *memory, int byte, size_t count);

    /* A few bytes to the device, and back: this waits. */
    void put(void *to, const void *from, size_t count);
    template <class T> T get(const T *from) {
        T value = T();
        fetch(&value, from, sizeof value);
        return value;
    }

    bool waits() const {
        return queue_->waits;
    }

    template <class Kernel> void run(int width, int height, const Kernel &kernel) {
        if (width < 1 || height < 1 || kb3d_cuda_is_faulty())
            return;
        kb3d_launch(kernel, width, height, queue_->stream);
        kb3d_cuda_ok(cudaGetLastError(), "a kernel");
    }

  private:
    enum { TEMPORARY_MAX = 192 };
    struct temporary {
        void *device;
        void *host;         /* to copy to at the end, or NULL */
        ptrdiff_t stride;   /* of host; rows there and here are row_bytes long */
        size_t row_bytes;
        int rows;
        bool is_image;
    };

    void *reach(void *memory, size_t bytes, bool in, bool out);
    void *allocate(size_t bytes);
    void fetch(void *to, const void *from, size_t bytes);
    kb3d_pixels reach_pixels(const kb3d_pixels *pixels, bool in);
    kb3d_texture reach_texture(const kb3d_texture *texture, bool out);
    bool deliver(const temporary &t);

    kb3d_work(const kb3d_work &);
    void operator=(const kb3d_work &);

    kb3d_queue *queue_;
    kb3d_current current_;
    temporary temporaries_[TEMPORARY_MAX];
    int count_;
};

/* Whether the device reaches this memory itself. */
bool kb3d_cuda_reaches(const void *memory);


/* Slots of the table; their contracts are in kernels.h. */
void kb3d_cuda_area_average(const kb3d_parallel *par, const void *from, kb3d_texel texel, int channels, int width,
                            int height, float *to, int to_channels, int to_width, int to_height);
void kb3d_cuda_surface_cut(const kb3d_parallel *par, kb3d_surface *surface);
size_t kb3d_cuda_matte_bytes(int width, int height);
int64_t kb3d_cuda_matte_find(const kb3d_parallel *par, const kb3d_matte *matte, void *memory);
void kb3d_cuda_matte_split(const kb3d_parallel *par, const kb3d_matte *matte, void *memory);
size_t kb3d_cuda_render_scratch(int width, int threads);
int64_t kb3d_cuda_render(const kb3d_parallel *par, const kb3d_layer *layers, int layer_count,
                         const kb3d_planes *planes, void *scratch);
void kb3d_cuda_fill(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_fill_params *params);
void kb3d_cuda_smooth(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_smooth_params *params,
                      void *color, float *disp);
size_t kb3d_cuda_weave_bytes(int width, int height);
void kb3d_cuda_weave(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_weave_params *params,
                     void *memory, void *color);
void kb3d_cuda_keep_behind(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_warp *warp,
                           const kb3d_surface *picture, const kb3d_surface *behind);
int kb3d_cuda_import_texture(const kb3d_parallel *par, const kb3d_pixels *from, const kb3d_texture *to);
void kb3d_cuda_fill_apron(const kb3d_texture *texture);
void kb3d_cuda_halve(const kb3d_parallel *par, const kb3d_texture *from, const float *disp, float jump,
                     const kb3d_texture *to, float *half_disp);
void kb3d_cuda_export_color(const kb3d_parallel *par, const kb3d_planes *planes, int linear, int to_linear,
                            const kb3d_pixels *to);
void kb3d_cuda_export_maps(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_pixels *depth,
                           const kb3d_pixels *painted);
void kb3d_cuda_enlarge(const kb3d_parallel *par, const float *from, int width, int height, float *to, int to_width,
                       int to_height);
size_t kb3d_cuda_map_bytes(int width, int height);
void kb3d_cuda_map_prepare(const kb3d_parallel *par, const float *disp, const float *guide, float jump, void *memory,
                           kb3d_depth_map *map);
void kb3d_cuda_map_snap(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params,
                        float *to);
void kb3d_cuda_upsample(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params,
                        const kb3d_texture *texture, float *to);

/* The apron of a texture that the device reaches. */
void kb3d_cuda_repeat_border(kb3d_work &work, const kb3d_texture &texture);

#endif
