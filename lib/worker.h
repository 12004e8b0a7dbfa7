/* Networks in a process of their own: the host's side of kb3d-worker. */
#ifndef KB3D_LIB_WORKER_H
#define KB3D_LIB_WORKER_H

#include "infer.h"
#include "log.h"
#include "mem.h"

typedef struct kb3d_worker kb3d_worker;

typedef struct kb3d_worker_limits {
    uint64_t memory;  /* bytes, 0: none */
    int time_ms;      /* for one load or run, 0: none */
} kb3d_worker_limits;

/* Starts nothing yet. `mem` and `log` must outlive it. */
kb3d_status kb3d_worker_create(kb3d_worker **worker, kb3d_mem *mem, const kb3d_log *log,
                               const kb3d_worker_limits *limits, kb3d_call *call);

/* The table whose load takes the worker as `self`. Loading starts the process. A model
   outlives the process: it is loaded anew into the next one. */
const kb3d_infer_api *kb3d_worker_api(void);

/* Such as "worker, libtorch 1.13.1" once a process has run, else "worker"; lives as long
   as the worker. */
const char *kb3d_worker_runtime(kb3d_worker *worker);

/* All its models must have been unloaded. Ends the process and waits for it. */
void kb3d_worker_destroy(kb3d_worker **worker);

#endif
