/*
 * A host that uses CUDA itself: memory on the device by the driver's interface, without any header of it; on the
 * emulated device by what its module offers tests.
 */
#ifndef KB3D_TESTS_CUDA_DEVICE_H
#define KB3D_TESTS_CUDA_DEVICE_H

#include "../stage.h"

#include <dlfcn.h>

static struct {
    int is_emulated;
    void *(*emulated_alloc)(size_t bytes);
    void (*emulated_free)(void *memory);
    void (*emulated_fail)(int calls, int error);
    int (*alloc)(uintptr_t *memory, size_t bytes);
    int (*release)(uintptr_t memory);
    int (*get)(void *to, uintptr_t from, size_t bytes);
    int (*put)(uintptr_t to, const void *from, size_t bytes);
    int (*stream_create)(void **stream, unsigned flags);
    int (*stream_wait)(void *stream);
    int (*stream_destroy)(void *stream);
} device;

static inline int device_find(void *library, const char *name, void *to) {
    void *address = dlsym(library, name);
    memcpy(to, &address, sizeof address);
    return address != NULL;
}

/* After a context of the backend has been made: its module is open. */
static inline int device_open(void) {
    const char *folder = getenv("KB3D_PLUGIN_PATH");
    char path[1024];
    snprintf(path, sizeof path, "%s/kb3d-cuda.so", folder ? folder : ".");
    void *module = dlopen(path, RTLD_NOW | RTLD_NOLOAD), *driver;
    if (module && device_find(module, "kb3d_emulated_alloc", &device.emulated_alloc))
        return device.is_emulated = device_find(module, "kb3d_emulated_free", &device.emulated_free) &&
                                    device_find(module, "kb3d_emulated_fail", &device.emulated_fail);
    int (*init)(unsigned), (*retain)(void **, int), (*set)(void *);
    void *context;
    return (driver = dlopen("libcuda.so.1", RTLD_NOW)) && device_find(driver, "cuInit", &init) &&
           device_find(driver, "cuDevicePrimaryCtxRetain", &retain) && device_find(driver, "cuCtxSetCurrent", &set) &&
           device_find(driver, "cuMemAlloc_v2", &device.alloc) && device_find(driver, "cuMemFree_v2", &device.release) &&
           device_find(driver, "cuMemcpyDtoH_v2", &device.get) && device_find(driver, "cuMemcpyHtoD_v2", &device.put) &&
           device_find(driver, "cuStreamCreate", &device.stream_create) &&
           device_find(driver, "cuStreamSynchronize", &device.stream_wait) &&
           device_find(driver, "cuStreamDestroy_v2", &device.stream_destroy) && !init(0) && !retain(&context, 0) &&
           !set(context);
}

static inline void *device_alloc(size_t bytes) {
    uintptr_t memory = 0;
    if (device.is_emulated)
        return device.emulated_alloc(bytes);
    return device.alloc(&memory, bytes) ? NULL : (void *)memory;
}

static inline void device_free(void *memory) {
    if (device.is_emulated)
        device.emulated_free(memory);
    else
        CHECK_INT(device.release((uintptr_t)memory), 0);
}

static inline void device_get(void *to, const void *from, size_t bytes) {
    if (device.is_emulated)
        memcpy(to, from, bytes);
    else
        CHECK_INT(device.get(to, (uintptr_t)from, bytes), 0);
}

static inline void device_put(void *to, const void *from, size_t bytes) {
    if (device.is_emulated)
        memcpy(to, from, bytes);
    else
        CHECK_INT(device.put((uintptr_t)to, from, bytes), 0);
}

/* A stream of the host's. The emulated device works at once, so that any handle will do. */
static inline void *device_stream_create(void) {
    void *stream = NULL;
    if (device.is_emulated)
        return &device;
    return device.stream_create(&stream, 1) ? NULL : stream;
}

static inline void device_stream_wait(void *stream) {
    if (!device.is_emulated)
        CHECK_INT(device.stream_wait(stream), 0);
}

static inline void device_stream_destroy(void *stream) {
    if (!device.is_emulated)
        CHECK_INT(device.stream_destroy(stream), 0);
}

#endif
