/* Threads of a context. Workers start at the first job that can use them. */
#ifndef KB3D_LIB_POOL_H
#define KB3D_LIB_POOL_H

#include "call.h"
#include "mem.h"

#include <kernels.h>

typedef struct kb3d_pool kb3d_pool;

/* `queue` is the backend's that kernels get with their loops, or NULL. */
kb3d_status kb3d_pool_create(kb3d_pool **pool, kb3d_mem *mem, int threads, void *queue, kb3d_call *call);
void kb3d_pool_destroy(kb3d_pool **pool);

/* Runs task(arg, 0 .. count - 1), each once, on the workers and the calling
   thread; returns when all are done. Several threads may run jobs at once. Tasks
   that have not begun are skipped once the call is cancelled. Progress of
   `stage`, from `begin` to `end`, is reported on the calling thread. */
typedef struct kb3d_job {
    kb3d_pool *pool;
    kb3d_call *call; /* may be NULL */
    const char *stage; /* NULL: no progress */
    double begin, end;
    void *queue; /* NULL: the pool's */
} kb3d_job;

/* The same as kernels take it: kb3d_parallel par = kb3d_job_parallel(&job). */
kb3d_parallel kb3d_job_parallel(kb3d_job *job);

#endif
