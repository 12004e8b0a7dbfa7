#include "emulate.h"

#include <map>
#include <mutex>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

struct block {
    size_t bytes;
    cudaMemoryType type;
};

std::mutex lock;
std::map<uintptr_t, block> blocks;
int calls_left = -1; /* until one fails; below 0: none does */
cudaError_t next_error, sticky = cudaSuccess;
thread_local cudaError_t last = cudaSuccess;
thread_local int current;
bool is_backwards_next;

cudaError_t answer(cudaError_t error) {
    if (error != cudaSuccess)
        last = error;
    return error;
}

/* Every call of the runtime begins here: the place where it may be made to fail. */
cudaError_t begin() {
    std::lock_guard<std::mutex> guard(lock);
    if (sticky != cudaSuccess)
        return sticky;
    if (calls_left < 0 || calls_left-- > 0)
        return cudaSuccess;
    if (next_error != cudaErrorMemoryAllocation)
        sticky = next_error;
    return next_error;
}

#define BEGIN()                                \
    do {                                       \
        cudaError_t error_ = begin();          \
        if (error_ != cudaSuccess)             \
            return answer(error_);             \
    } while (0)

cudaError_t allocate(void **memory, size_t bytes, cudaMemoryType type) {
    BEGIN();
    *memory = malloc(bytes);
    if (!*memory)
        return answer(cudaErrorMemoryAllocation);
    memset(*memory, 0xcd, bytes);
    std::lock_guard<std::mutex> guard(lock);
    blocks[(uintptr_t)*memory] = block{bytes, type};
    return cudaSuccess;
}

cudaError_t release(void *memory) {
    if (!memory)
        return cudaSuccess;
    {
        std::lock_guard<std::mutex> guard(lock);
        if (!blocks.erase((uintptr_t)memory))
            return answer(cudaErrorInvalidValue);
    }
    free(memory);
    return cudaSuccess;
}

cudaMemoryType type_of(uintptr_t at) {
    std::lock_guard<std::mutex> guard(lock);
    std::map<uintptr_t, block>::const_iterator next = blocks.upper_bound(at);
    if (next == blocks.begin())
        return cudaMemoryTypeUnregistered;
    --next;
    return at < next->first + next->second.bytes ? next->second.type : cudaMemoryTypeUnregistered;
}

/* Whether a word of a kernel's arguments points into the host's memory. Stack, heap and libraries lie high; below may be
   two numbers side by side, and a sanitizer's own memory. */
bool is_host_pointer(uintptr_t word) {
    if (word >> 45 == 0 || word >> 47 || type_of(word) == cudaMemoryTypeDevice || type_of(word) == cudaMemoryTypeManaged)
        return false;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    unsigned char is_there;
    return !mincore((void *)(word / page * page), 1, &is_there);
}

} // namespace

/* For tests: `calls` calls of the runtime succeed, then one fails; any error but one of memory stays. Below 0: all is
   well again. */
extern "C" __attribute__((visibility("default"))) void kb3d_emulated_fail(int calls, int error) {
    std::lock_guard<std::mutex> guard(lock);
    calls_left = calls;
    next_error = (cudaError_t)error;
    sticky = cudaSuccess;
}

/* For tests: memory that a host has on the device. */
extern "C" __attribute__((visibility("default"))) void *kb3d_emulated_alloc(size_t bytes) {
    void *memory = NULL;
    return allocate(&memory, bytes, cudaMemoryTypeDevice) == cudaSuccess ? memory : NULL;
}

extern "C" __attribute__((visibility("default"))) void kb3d_emulated_free(void *memory) {
    (void)release(memory);
}

bool kb3d_emulated_begin(const void *kernel, size_t bytes, bool *is_backwards) {
    cudaError_t error = begin();
    for (size_t i = 0; i + sizeof(uintptr_t) <= bytes && error == cudaSuccess; i += sizeof(uintptr_t)) {
        uintptr_t word;
        memcpy(&word, (const char *)kernel + i, sizeof word);
        if (is_host_pointer(word)) {
            fprintf(stderr, "a kernel was handed the host's pointer %#zx, word %zu\n", (size_t)word, i / sizeof word);
            error = cudaErrorIllegalAddress;
        }
    }
    if (error != cudaSuccess) {
        answer(error);
        return false;
    }
    std::lock_guard<std::mutex> guard(lock);
    *is_backwards = is_backwards_next;
    is_backwards_next = !is_backwards_next;
    return true;
}

const char *cudaGetErrorString(cudaError_t error) {
    switch (error) {
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorIllegalAddress: return "an illegal memory access was encountered";
    default: return "an error of the emulated device";
    }
}

cudaError_t cudaGetLastError() {
    cudaError_t error = last;
    last = cudaSuccess;
    return error;
}

cudaError_t cudaDriverGetVersion(int *version) {
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version) {
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *count) {
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaGetDevice(int *device) {
    BEGIN();
    *device = current;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
    BEGIN();
    current = device;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *p, int) {
    snprintf(p->name, sizeof p->name, "the processor in the place of a device");
    p->major = 7;
    p->minor = 5;
    p->totalGlobalMem = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr, int) {
    *value = 1;
    return cudaSuccess;
}

cudaError_t cudaMemPoolCreate(cudaMemPool_t *pool, const cudaMemPoolProps *) {
    BEGIN();
    *pool = NULL;
    return cudaSuccess;
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, int, void *) {
    return cudaSuccess;
}

cudaError_t cudaMemPoolDestroy(cudaMemPool_t) {
    return cudaSuccess;
}

cudaError_t cudaMallocFromPoolAsync(void **memory, size_t bytes, cudaMemPool_t, cudaStream_t) {
    return allocate(memory, bytes, cudaMemoryTypeDevice);
}

cudaError_t cudaFreeAsync(void *memory, cudaStream_t) {
    return release(memory);
}

cudaError_t cudaMallocManaged(void **memory, size_t bytes, int) {
    return allocate(memory, bytes, cudaMemoryTypeManaged);
}

cudaError_t cudaFree(void *memory) {
    return release(memory);
}

cudaError_t cudaMallocHost(void **memory, size_t bytes) {
    return allocate(memory, bytes, cudaMemoryTypeHost);
}

cudaError_t cudaFreeHost(void *memory) {
    return release(memory);
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *attributes, const void *memory) {
    BEGIN();
    attributes->type = type_of((uintptr_t)memory);
    return cudaSuccess;
}

cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
                              size_t height, cudaMemcpyKind, cudaStream_t) {
    BEGIN();
    if (width > to_pitch || width > from_pitch)
        return answer(cudaErrorInvalidValue);
    for (size_t y = 0; y < height; y++)
        memcpy((char *)to + y * to_pitch, (const char *)from + y * from_pitch, width);
    return cudaSuccess;
}

cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                         cudaMemcpyKind kind) {
    return cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, height, kind, NULL);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind, cudaStream_t) {
    BEGIN();
    memcpy(to, from, bytes);
    return cudaSuccess;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind) {
    return cudaMemcpyAsync(to, from, bytes, kind, NULL);
}

cudaError_t cudaMemsetAsync(void *memory, int byte, size_t count, cudaStream_t) {
    BEGIN();
    memset(memory, byte, count);
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned) {
    BEGIN();
    *stream = NULL;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t) {
    BEGIN();
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t) {
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) {
    BEGIN();
    return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned) {
    BEGIN();
    *event = NULL;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) {
    BEGIN();
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t) {
    return cudaSuccess;
}
