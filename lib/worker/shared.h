/* Memory that the library and its worker share: memfds, sealed so that their size cannot change
   under the library's hands. */
#ifndef KB3D_LIB_WORKER_SHARED_H
#define KB3D_LIB_WORKER_SHARED_H

#include "process.h"

#include <pthread.h>

/* No input and no answer is larger: pages are taken before they are needed. */
enum { KB3D_SHARED_MAX = 1 << 30 };

/* Memory whose pages are there, so that touching it cannot fail; its size is fixed. The
   descriptor is the caller's. */
kb3d_status kb3d_shared_create(int *file, size_t byte_count, const kb3d_wait *wait, kb3d_call *call);

/* A copy of `bytes` that nobody can change any more. */
kb3d_status kb3d_shared_from_bytes(int *file, const void *bytes, size_t byte_count, const kb3d_wait *wait,
                                    kb3d_call *call);

/* Copies in pieces, asking between. */
kb3d_status kb3d_shared_copy(void *to, const void *from, size_t byte_count, const kb3d_wait *wait, kb3d_call *call);

/* Memory that is kept for the next run: warm pages cost a fraction of fresh ones. */
typedef struct kb3d_shared {
    struct kb3d_shared *next;
    int file;
    void *memory;
    size_t byte_count;
    bool used;
} kb3d_shared;

typedef struct kb3d_shared_pool {
    kb3d_mem *mem;
    bool worker_writes; /* else the worker can only read it, or change a copy of its own */
    pthread_mutex_t lock;
    kb3d_shared *first;
    pid_t owner; /* a fork of the host shares the memory, so it takes none of what was kept */
} kb3d_shared_pool;

void kb3d_shared_pool_init(kb3d_shared_pool *pool, kb3d_mem *mem, bool worker_writes);
void kb3d_shared_pool_destroy(kb3d_shared_pool *pool); /* with what is in use */

/* At most KB3D_SHARED_MAX bytes. */
kb3d_status kb3d_shared_pool_take(kb3d_shared_pool *pool, size_t byte_count, kb3d_shared **shared,
                                  const kb3d_wait *wait, kb3d_call *call);
void kb3d_shared_pool_give(kb3d_shared_pool *pool, kb3d_shared *shared);

/* The one in use that has all of this memory, or NULL. */
kb3d_shared *kb3d_shared_pool_find(kb3d_shared_pool *pool, const void *memory, size_t byte_count);

#endif
