#include "worker.h"

#include "call.h"

kb3d_status kb3d_worker_create(kb3d_worker **worker, kb3d_mem *mem, const kb3d_log *log,
                               const kb3d_worker_limits *limits, kb3d_call *call) {
    *worker = NULL;
    return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "the worker was not built");
}

const kb3d_infer_api *kb3d_worker_api(void) {
    return NULL;
}

const char *kb3d_worker_runtime(kb3d_worker *worker) {
    return "worker";
}

void kb3d_worker_destroy(kb3d_worker **worker) {
    *worker = NULL;
}
