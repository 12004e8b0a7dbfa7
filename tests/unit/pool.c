/* The pool: each index once, jobs within jobs' time, cancel, and no thread left behind. */
#include "pool.h"

#include "../check.h"

#include <pthread.h>

enum { COUNT = 1000 };

static kb3d_mem mem;

typedef struct work {
    _Atomic int done[COUNT];
    _Atomic int all;
    kb3d_call *cancel_at_100;
} work;

static void mark(void *arg, int index) {
    work *w = arg;
    atomic_fetch_add(&w->done[index], 1);
    if (atomic_fetch_add(&w->all, 1) == 100)
        kb3d_call_cancel(w->cancel_at_100);
}

static void clear(work *w) {
    memset(w, 0, sizeof *w);
}

static void test_each_index_once(void) {
    static const int threads[] = {1, 2, 3, 8};
    static work w;
    for (int k = 0; k < 4; k++) {
        kb3d_pool *pool;
        CHECK_INT(kb3d_pool_create(&pool, &mem, threads[k], NULL, NULL), KB3D_OK);
        kb3d_job job = {.pool = pool};
        kb3d_parallel par = kb3d_job_parallel(&job);
        CHECK_INT(par.threads, threads[k]);
        for (int count = 0; count <= COUNT; count = count * 3 + 1) {
            clear(&w);
            par.run(par.impl, count, mark, &w);
            CHECK_INT(atomic_load(&w.all), count);
            for (int i = 0; i < count; i++)
                if (!CHECK_INT(atomic_load(&w.done[i]), 1))
                    break;
        }
        kb3d_pool_destroy(&pool);
        CHECK(!pool);
    }
    kb3d_pool *none = NULL;
    kb3d_pool_destroy(&none);
    CHECK_INT(atomic_load(&mem.used), 0);
}

static void test_cancel(void) {
    static work w;
    kb3d_pool *pool;
    kb3d_call call;
    KB3D_INIT(call);
    CHECK_INT(kb3d_pool_create(&pool, &mem, 4, NULL, NULL), KB3D_OK);
    kb3d_job job = {.pool = pool, .call = &call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    clear(&w);
    w.cancel_at_100 = &call;
    par.run(par.impl, COUNT, mark, &w);
    int done = atomic_load(&w.all);
    CHECK(done > 100 && done < 100 + 8); /* those that had begun */
    clear(&w);
    par.run(par.impl, COUNT, mark, &w);
    CHECK_INT(atomic_load(&w.all), 0);
    CHECK_INT(kb3d_call_check(&call), KB3D_ERROR_CANCELLED);
    kb3d_pool_destroy(&pool);
}

typedef struct reports {
    double last;
    int count, wrong;
} reports;

static int note(void *user, const char *stage, double fraction) {
    reports *r = user;
    r->wrong += strcmp(stage, "refine") != 0 || fraction < r->last || fraction > 0.75;
    r->last = fraction;
    r->count++;
    return 0;
}

static void test_progress(void) {
    static work w;
    reports seen = {.last = 0.25};
    kb3d_pool *pool;
    kb3d_call call;
    KB3D_INIT(call);
    call.progress = note;
    call.user = &seen;
    CHECK_INT(kb3d_pool_create(&pool, &mem, 3, NULL, NULL), KB3D_OK);
    kb3d_job job = {pool, &call, "refine", 0.25, 0.75, NULL};
    kb3d_parallel par = kb3d_job_parallel(&job);
    clear(&w);
    par.run(par.impl, COUNT, mark, &w);
    CHECK(seen.count > 0);
    CHECK_INT(seen.wrong, 0);
    kb3d_pool_destroy(&pool);
}

static void *many_jobs(void *pool) {
    static _Thread_local work w;
    kb3d_job job = {.pool = pool};
    kb3d_parallel par = kb3d_job_parallel(&job);
    size_t wrong = 0;
    for (int i = 0; i < 50; i++) {
        clear(&w);
        par.run(par.impl, 37 + i, mark, &w);
        wrong += atomic_load(&w.all) != 37 + i;
    }
    return wrong ? pool : NULL;
}

static void test_jobs_at_once(void) {
    kb3d_pool *pool;
    pthread_t threads[4];
    CHECK_INT(kb3d_pool_create(&pool, &mem, 3, NULL, NULL), KB3D_OK);
    for (int i = 0; i < 4; i++)
        CHECK(!pthread_create(&threads[i], NULL, many_jobs, pool));
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        CHECK(!wrong);
    }
    kb3d_pool_destroy(&pool);
}

int main(void) {
    kb3d_mem_init(&mem, NULL, 0);
    RUN(test_each_index_once);
    RUN(test_cancel);
    RUN(test_progress);
    RUN(test_jobs_at_once);
    return check_end();
}
