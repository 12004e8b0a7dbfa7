/* The worker's own side: answers the library until the connection ends. */
#ifndef KB3D_LIB_WORKER_SERVE_H
#define KB3D_LIB_WORKER_SERVE_H

#include "mem.h"
#include "protocol.h"

#include <stdbool.h>

/* What a descriptor of the library's holds. */
typedef struct kb3d_served_memory {
    char *bytes;
    size_t byte_count;
} kb3d_served_memory;

typedef struct kb3d_serve {
    const kb3d_infer_api *api;
    kb3d_mem *mem;
    int socket;
    struct served_model *models;
    bool has_answer;
    void *answer; /* of the last run, until it is fetched or something else is asked */
    kb3d_tensor outputs[KB3D_INFER_TENSOR_MAX];
    int output_count;
    kb3d_served_memory inputs[KB3D_INFER_TENSOR_MAX]; /* as long as the answer, which may lie in them */
} kb3d_serve;

bool kb3d_serve_reply(const kb3d_serve *serve, const kb3d_worker_reply *reply);

/* Waits for a request and does it. Both: false when the connection has ended or is broken. */
bool kb3d_serve_next(kb3d_serve *serve);

#endif
