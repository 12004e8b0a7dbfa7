/*
 * CUDA's runtime on the CPU, as far as this folder uses it: for tests on machines without a GPU.
 *
 * Kernels run one index after the other, forwards and backwards in turn. Device memory is apart from the host's: a
 * kernel that was handed a pointer into the host's memory is a fault, as it would be on a device.
 */
#ifndef KB3D_CUDA_EMULATE_H
#define KB3D_CUDA_EMULATE_H

#include <stddef.h>
#include <stdint.h>

#define __device__
#define __host__

enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInvalidValue = 1,
    cudaErrorInsufficientDriver = 35,
    cudaErrorDevicesUnavailable = 46,
    cudaErrorNoDevice = 100,
    cudaErrorIllegalAddress = 700
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDefault };
enum cudaMemoryType { cudaMemoryTypeUnregistered, cudaMemoryTypeHost, cudaMemoryTypeDevice, cudaMemoryTypeManaged };
enum { cudaMemAttachGlobal = 1, cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2 };
enum cudaDeviceAttr { cudaDevAttrConcurrentManagedAccess, cudaDevAttrMemoryPoolsSupported };
enum { cudaMemAllocationTypePinned = 1, cudaMemLocationTypeDevice = 1, cudaMemPoolAttrReleaseThreshold = 4 };

struct cudaPointerAttributes {
    cudaMemoryType type;
};
struct cudaDeviceProp {
    char name[256];
    int major, minor;
    size_t totalGlobalMem;
};
struct cudaMemPoolProps {
    int allocType;
    struct {
        int type, id;
    } location;
};
typedef struct kb3d_emulated_stream *cudaStream_t;
typedef struct kb3d_emulated_event *cudaEvent_t;
typedef struct kb3d_emulated_pool *cudaMemPool_t;

const char *cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaDriverGetVersion(int *version);
cudaError_t cudaRuntimeGetVersion(int *version);
cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaGetDevice(int *device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device);
cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device);
cudaError_t cudaMemPoolCreate(cudaMemPool_t *pool, const cudaMemPoolProps *properties);
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, int attribute, void *value);
cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool);
cudaError_t cudaMallocFromPoolAsync(void **memory, size_t bytes, cudaMemPool_t pool, cudaStream_t stream);
cudaError_t cudaFreeAsync(void *memory, cudaStream_t stream);
cudaError_t cudaMalloc(void **memory, size_t bytes);
cudaError_t cudaMallocManaged(void **memory, size_t bytes, int flags);
cudaError_t cudaFree(void *memory);
cudaError_t cudaMallocHost(void **memory, size_t bytes);
cudaError_t cudaFreeHost(void *memory);
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *attributes, const void *memory);
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                         cudaMemcpyKind kind);
cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
                              size_t height, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void *memory, int byte, size_t count, cudaStream_t stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventDestroy(cudaEvent_t event);

template <class T> T atomicMax(T *to, T value) {
    T before = __atomic_load_n(to, __ATOMIC_RELAXED);
    while (before < value && !__atomic_compare_exchange_n(to, &before, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return before;
}

template <class T> T atomicMin(T *to, T value) {
    T before = __atomic_load_n(to, __ATOMIC_RELAXED);
    while (value < before && !__atomic_compare_exchange_n(to, &before, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return before;
}

template <class T> T atomicAdd(T *to, T value) {
    return __atomic_fetch_add(to, value, __ATOMIC_RELAXED);
}

/* Begins a launch: whether a kernel with these arguments may run; and whether it runs backwards. No bytes: what it
   points to is not looked at. */
bool kb3d_emulated_begin(const void *kernel, size_t bytes, bool *is_backwards);

template <class Kernel> void kb3d_launch(const Kernel &kernel, int width, int height, cudaStream_t) {
    bool is_backwards;
    size_t bytes = 0;
    Kernel arguments = kernel;
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding) /* else what lies between members may look like a pointer */
    __builtin_clear_padding(&arguments);
    bytes = sizeof arguments;
#endif
#endif
    if (!kb3d_emulated_begin(&arguments, bytes, &is_backwards))
        return;
    for (int row = 0; row < height; row++)
        for (int column = 0; column < width; column++)
            kernel(is_backwards ? width - 1 - column : column, is_backwards ? height - 1 - row : row);
}

#endif
