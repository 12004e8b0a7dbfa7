#include "pool.h"

#include <pthread.h>

typedef struct batch {
    struct batch *next;
    kb3d_task_fn task;
    void *arg;
    kb3d_call *call;
    int count;
    int next_index; /* first index nobody has taken */
    int done;
} batch;

struct kb3d_pool {
    kb3d_mem *mem;
    pthread_mutex_t lock;
    pthread_cond_t work; /* a batch was added, or the pool ends */
    pthread_cond_t idle; /* a batch was finished */
    batch *batches;
    pthread_t *workers;
    int threads; /* with the calling one */
    int started;
    bool ending;
    void *queue;
};

/* Takes one index of the batch; unlinks the batch when it was the last. Locked. */
static int take(kb3d_pool *pool, batch *b) {
    int index = b->next_index++;
    if (b->next_index >= b->count) {
        batch **link = &pool->batches;
        while (*link && *link != b)
            link = &(*link)->next;
        if (*link)
            *link = b->next;
    }
    return index;
}

/* Runs one taken index with the lock given up meanwhile. */
static void run_one(kb3d_pool *pool, batch *b, int index) {
    pthread_mutex_unlock(&pool->lock);
    if (!kb3d_call_is_cancelled(b->call))
        b->task(b->arg, index);
    pthread_mutex_lock(&pool->lock);
    if (++b->done == b->count)
        pthread_cond_broadcast(&pool->idle);
}

static void *worker(void *arg) {
    kb3d_pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    while (!pool->ending) {
        batch *b = pool->batches;
        if (b)
            run_one(pool, b, take(pool, b));
        else
            pthread_cond_wait(&pool->work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void start_workers(kb3d_pool *pool) {
    while (pool->started < pool->threads - 1) {
        if (pthread_create(&pool->workers[pool->started], NULL, worker, pool))
            pool->threads = pool->started + 1; /* the system gives no more: go on with fewer */
        else
            pool->started++;
    }
}

static void run(void *impl, int count, kb3d_task_fn task, void *arg) {
    kb3d_job *job = impl;
    kb3d_pool *pool = job->pool;
    if (count <= 0 || kb3d_call_is_cancelled(job->call))
        return;
    batch b = {.task = task, .arg = arg, .call = job->call, .count = count};
    pthread_mutex_lock(&pool->lock);
    if (pool->threads > 1 && count > 1) {
        start_workers(pool);
        b.next = pool->batches;
        pool->batches = &b;
        pthread_cond_broadcast(&pool->work);
    }
    while (b.next_index < b.count) {
        run_one(pool, &b, take(pool, &b));
        if (job->stage && job->call && job->call->progress) {
            double fraction = job->begin + (job->end - job->begin) * b.done / b.count;
            pthread_mutex_unlock(&pool->lock);
            (void)kb3d_call_progress(job->call, job->stage, fraction);
            pthread_mutex_lock(&pool->lock);
        }
    }
    while (b.done < b.count)
        pthread_cond_wait(&pool->idle, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

kb3d_parallel kb3d_job_parallel(kb3d_job *job) {
    return (kb3d_parallel){.run = run,
                           .impl = job,
                           .threads = job->pool->threads,
                           .queue = job->queue ? job->queue : job->pool->queue};
}

kb3d_status kb3d_pool_create(kb3d_pool **out, kb3d_mem *mem, int threads, void *queue, kb3d_call *call) {
    kb3d_pool *pool;
    kb3d_status status = kb3d_mem_alloc_zero(mem, &pool, 1, sizeof *pool, call);
    if (status)
        return status;
    status = kb3d_mem_alloc(mem, &pool->workers, (size_t)threads, sizeof *pool->workers, call);
    if (status) {
        kb3d_mem_free(mem, pool);
        return status;
    }
    pool->mem = mem;
    pool->threads = threads;
    pool->queue = queue;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->idle, NULL);
    *out = pool;
    return KB3D_OK;
}

void kb3d_pool_destroy(kb3d_pool **handle) {
    kb3d_pool *pool = *handle;
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->started; i++)
        pthread_join(pool->workers[i], NULL);
    pthread_cond_destroy(&pool->idle);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    kb3d_mem_free(pool->mem, pool->workers);
    kb3d_mem_free(pool->mem, pool);
    *handle = NULL;
}
