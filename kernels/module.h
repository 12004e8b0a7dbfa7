/*
 * What a backend with a memory of its own exports: kernels/cuda, opened by lib/backend.c.
 *
 * Its kernels find their device by kb3d_parallel::queue. They take any memory: what the device cannot reach is
 * copied there and back. Memory from `alloc` is reached by both the device and the processor. A fault on the device
 * is kept for the thread that met it, whose further kernels then do nothing until take_fault.
 */
#ifndef KB3D_MODULE_H
#define KB3D_MODULE_H

#include "kernels.h"

#include <kb3d/status.h>

typedef struct kb3d_fault {
    kb3d_status status;
    char text[256];
} kb3d_fault;

/* A device as `describe` finds it. */
typedef struct kb3d_backend_device {
    char name[128];
    int major, minor; /* of its compute capability */
    uint64_t memory_bytes;
    kb3d_fault fault; /* why it cannot be used, or KB3D_OK */
} kb3d_backend_device;

typedef struct kb3d_backend_api {
    int abi;
    const char *built_for; /* such as "CUDA 13.0" */
    const kb3d_kernels *kernels;

    /* How many devices there are; when none, the fault says why. */
    int (*count)(kb3d_fault *fault);
    void (*describe)(int index, kb3d_backend_device *device);

    /* One device for one context. NULL: see the thread's fault. */
    void *(*open)(int index);
    void (*close)(void *device);

    /* As kb3d_allocator wants them, with the device for `user`. */
    void *(*alloc)(void *device, size_t byte_count);
    void (*free)(void *device, void *memory);

    /* A queue of work. With `waits` every kernel is done when it returns, and threads may share the queue; else all
       is done after `finish`, and `render` answers -1. NULL: see the thread's fault. */
    void *(*queue_create)(void *device, int waits);
    void (*queue_destroy)(void *queue);
    void (*finish)(void *queue);

    /* Orders a queue after what is in the host's stream, or that stream after the queue. */
    void (*follow)(void *queue, void *stream);
    void (*lead)(void *queue, void *stream);

    /* Copies rows between any two memories, and waits. */
    void (*copy_rows)(void *device, void *to, ptrdiff_t to_stride, const void *from, ptrdiff_t from_stride,
                      size_t row_bytes, int rows);

    /* The thread's first fault since it was last asked. */
    kb3d_fault (*take_fault)(void);
} kb3d_backend_api;

/* The one symbol: a function that answers the table. */
#define KB3D_BACKEND_SYMBOL "kb3d_backend_open"
typedef const kb3d_backend_api *(*kb3d_backend_open_fn)(void);

enum { KB3D_BACKEND_ABI = 1 };

#endif
