/* The inside of a context. */
#ifndef KB3D_LIB_CTX_H
#define KB3D_LIB_CTX_H

#include "backend.h"
#include "call.h"
#include "log.h"
#include "mem.h"
#include "pool.h"

#include <kb3d/context.h>
#include <pthread.h>

struct kb3d_models;

struct kb3d_ctx {
    _Atomic int references; /* the host's handle and every scene */
    kb3d_mem mem;
    kb3d_log log;
    kb3d_pool *pool;
    int threads;
    uint64_t pixel_limit;
    const kb3d_kernels *kernels;
    const kb3d_backend_api *backend; /* NULL: the processor */
    void *device;                    /* of the backend */
    int device_number;               /* from 1; 0: none */
    void *queue;                     /* that waits, for all calls; see kernels.h */
    struct kb3d_models *models; /* see models.h */
    struct kb3d_workspace *workspaces; /* memory of frames, kept for the next one; see workspace.h */
    pthread_mutex_t lock;       /* guards workspaces, and what models.h says */
};

kb3d_ctx *kb3d_ctx_retain(kb3d_ctx *ctx);
void kb3d_ctx_release(kb3d_ctx *ctx);

#endif
