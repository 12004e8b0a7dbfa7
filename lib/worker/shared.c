#define _GNU_SOURCE /* memfd_create, fallocate */
#include "shared.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u /* Linux 6.3 */
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10 /* Linux 5.1 */
#endif

enum {
    PIECE = 16 << 20,       /* what is done between two questions */
    STEP = 1 << 20,
    GRAIN = 64 << 10,
    FREE_COUNT_MAX = 6,     /* of shareds kept for the next run */
    FREE_BYTES_MAX = 256 << 20
};

/* Growing a file beyond the host's own limit on files would bring it a SIGXFSZ. */
static bool size_is_allowed(size_t byte_count) {
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur == RLIM_INFINITY || byte_count <= limit.rlim_cur;
}

static kb3d_status fail_memory(size_t byte_count, int error, kb3d_call *call) {
    return kb3d_fail(call, KB3D_ERROR_MEMORY, "%zu bytes of memory to share with the worker could not be had: %s",
                     byte_count, strerror(error));
}

/* A signal undoes the whole of one call, so there is little in each. */
static int take_pages(int file, size_t from, size_t size) {
    int failed;
    do
        failed = fallocate(file, 0, (off_t)from, (off_t)size);
    while (failed && errno == EINTR);
    return failed;
}

kb3d_status kb3d_shared_create(int *file, size_t byte_count, const kb3d_wait *wait, kb3d_call *call) {
    *file = -1;
    if (!size_is_allowed(byte_count))
        return fail_memory(byte_count, EFBIG, call);
    int made = memfd_create("kb3d", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (made < 0 && errno == EINVAL)
        made = memfd_create("kb3d", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (made < 0)
        return fail_memory(byte_count, errno, call);
    kb3d_status status = KB3D_OK;
    for (size_t done = 0; done < byte_count && !status; done += STEP) {
        if (take_pages(made, done, byte_count - done < STEP ? byte_count - done : STEP))
            status = fail_memory(byte_count, errno, call);
        else if (done % PIECE == 0)
            status = kb3d_wait_check(wait, call);
    }
    if (!status && fcntl(made, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW))
        status = fail_memory(byte_count, errno, call);
    if (status)
        close(made);
    else
        *file = made;
    return status;
}

kb3d_status kb3d_shared_copy(void *to, const void *from, size_t byte_count, const kb3d_wait *wait,
                             kb3d_call *call) {
    for (size_t done = 0; done < byte_count; done += PIECE) {
        memcpy((char *)to + done, (const char *)from + done, byte_count - done < PIECE ? byte_count - done : PIECE);
        kb3d_status status = kb3d_wait_check(wait, call);
        if (status)
            return status;
    }
    return KB3D_OK;
}

kb3d_status kb3d_shared_from_bytes(int *file, const void *bytes, size_t byte_count, const kb3d_wait *wait,
                                    kb3d_call *call) {
    kb3d_status status = kb3d_shared_create(file, byte_count, wait, call);
    if (status || !byte_count)
        return status;
    void *memory = mmap(NULL, byte_count, PROT_READ | PROT_WRITE, MAP_SHARED, *file, 0);
    if (memory == MAP_FAILED) {
        status = fail_memory(byte_count, errno, call);
    } else {
        status = kb3d_shared_copy(memory, bytes, byte_count, wait, call);
        munmap(memory, byte_count);
        if (!status && fcntl(*file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL))
            status = fail_memory(byte_count, errno, call);
    }
    if (status) {
        close(*file);
        *file = -1;
    }
    return status;
}

void kb3d_shared_pool_init(kb3d_shared_pool *pool, kb3d_mem *mem, bool worker_writes) {
    *pool = (kb3d_shared_pool){.mem = mem, .worker_writes = worker_writes, .owner = getpid()};
    pthread_mutex_init(&pool->lock, NULL);
}

static void drop(kb3d_shared_pool *pool, kb3d_shared *shared) {
    munmap(shared->memory, shared->byte_count);
    close(shared->file);
    kb3d_mem_free(pool->mem, shared);
}

void kb3d_shared_pool_destroy(kb3d_shared_pool *pool) {
    while (pool->first) {
        kb3d_shared *shared = pool->first;
        pool->first = shared->next;
        drop(pool, shared);
    }
    pthread_mutex_destroy(&pool->lock);
}

static kb3d_status make(kb3d_shared_pool *pool, size_t byte_count, kb3d_shared **shared, const kb3d_wait *wait,
                        kb3d_call *call) {
    kb3d_shared *made;
    kb3d_status status = kb3d_mem_alloc_zero(pool->mem, &made, 1, sizeof *made, call);
    if (status)
        return status;
    if (!(status = kb3d_shared_create(&made->file, byte_count, wait, call))) {
        made->byte_count = byte_count;
        made->memory = mmap(NULL, byte_count, PROT_READ | PROT_WRITE, MAP_SHARED, made->file, 0);
        if (made->memory == MAP_FAILED) {
            status = fail_memory(byte_count, errno, call);
            close(made->file);
        } else if (pool->worker_writes || fcntl(made->file, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SEAL)) {
            fcntl(made->file, F_ADD_SEALS, F_SEAL_SEAL); /* an older kernel cannot keep the worker from writing */
        }
    }
    if (status)
        kb3d_mem_free(pool->mem, made);
    else
        *shared = made;
    return status;
}

static kb3d_shared *find_free(kb3d_shared_pool *pool, size_t byte_count) {
    kb3d_shared *best = NULL;
    bool forked = pool->owner != getpid();
    pool->owner = getpid();
    for (kb3d_shared **s = &pool->first; *s;) {
        kb3d_shared *shared = *s;
        if (!shared->used && forked) {
            *s = shared->next;
            drop(pool, shared);
            continue;
        }
        if (!shared->used && shared->byte_count >= byte_count && (!best || shared->byte_count < best->byte_count))
            best = shared;
        s = &shared->next;
    }
    return best;
}

kb3d_status kb3d_shared_pool_take(kb3d_shared_pool *pool, size_t byte_count, kb3d_shared **shared,
                               const kb3d_wait *wait, kb3d_call *call) {
    *shared = NULL;
    if (byte_count > KB3D_SHARED_MAX)
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "%zu MB at once are more than the worker takes", byte_count >> 20);
    byte_count = (byte_count / GRAIN + 1) * GRAIN;
    pthread_mutex_lock(&pool->lock);
    if ((*shared = find_free(pool, byte_count)))
        (*shared)->used = true;
    pthread_mutex_unlock(&pool->lock);
    if (*shared)
        return KB3D_OK;
    kb3d_status status = make(pool, byte_count, shared, wait, call);
    if (status)
        return status;
    (*shared)->used = true;
    pthread_mutex_lock(&pool->lock);
    (*shared)->next = pool->first;
    pool->first = *shared;
    pthread_mutex_unlock(&pool->lock);
    return KB3D_OK;
}

/* Takes a free one out of the list when too much is kept: the last, which was not needed the longest. */
static kb3d_shared *surplus(kb3d_shared_pool *pool) {
    size_t count = 0, bytes = 0;
    kb3d_shared **last = NULL;
    for (kb3d_shared **s = &pool->first; *s; s = &(*s)->next) {
        if ((*s)->used)
            continue;
        count++;
        bytes += (*s)->byte_count;
        last = s;
    }
    if (count <= FREE_COUNT_MAX && bytes <= FREE_BYTES_MAX)
        return NULL;
    kb3d_shared *taken = *last;
    *last = taken->next;
    return taken;
}

void kb3d_shared_pool_give(kb3d_shared_pool *pool, kb3d_shared *shared) {
    kb3d_shared *extra;
    pthread_mutex_lock(&pool->lock);
    for (kb3d_shared **s = &pool->first; *s; s = &(*s)->next)
        if (*s == shared) {
            *s = shared->next;
            break;
        }
    shared->used = false;
    shared->next = pool->first;
    pool->first = shared;
    do {
        if ((extra = surplus(pool)))
            drop(pool, extra);
    } while (extra);
    pthread_mutex_unlock(&pool->lock);
}

kb3d_shared *kb3d_shared_pool_find(kb3d_shared_pool *pool, const void *memory, size_t byte_count) {
    kb3d_shared *found = NULL;
    uintptr_t at = (uintptr_t)memory;
    pthread_mutex_lock(&pool->lock);
    for (kb3d_shared *s = pool->first; s && !found; s = s->next) {
        uintptr_t from = (uintptr_t)s->memory;
        if (s->used && at >= from && at - from <= s->byte_count && byte_count <= s->byte_count - (at - from))
            found = s;
    }
    pthread_mutex_unlock(&pool->lock);
    return found;
}
