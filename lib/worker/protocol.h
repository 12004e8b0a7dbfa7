/* What libkb3d and kb3d-worker say to each other: packets of one size each way over a
   socket pair, memory as descriptors beside them. Both are of one build; the number
   guards against a mixed installation. The library trusts nothing in a reply. */
#ifndef KB3D_LIB_WORKER_PROTOCOL_H
#define KB3D_LIB_WORKER_PROTOCOL_H

#include "infer.h"

enum {
    KB3D_WORKER_PROTOCOL = 0x6b770001,
    KB3D_WORKER_SOCKET = 3, /* the worker's descriptor */
    KB3D_WORKER_ENTRY_SIZE = 128,
    KB3D_WORKER_KEY_SIZE = 64,
    KB3D_WORKER_PATH_SIZE = 4096
};

typedef enum kb3d_worker_kind {
    KB3D_WORKER_START = 1, /* the first: limits in, confinement and runtime out */
    KB3D_WORKER_LOAD,      /* one descriptor: the network's file */
    KB3D_WORKER_UNLOAD,    /* no reply */
    KB3D_WORKER_RUN,       /* a descriptor for each input; the reply has the answer's shapes */
    KB3D_WORKER_FETCH,     /* one descriptor: write the answer there, at the tensors' offsets */
    KB3D_WORKER_DROP       /* forget the answer; no reply */
} kb3d_worker_kind;

typedef struct kb3d_worker_tensor {
    int32_t rank, unused;
    int64_t shape[KB3D_TENSOR_RANK_MAX];
    uint64_t offset; /* in the memory of its descriptor */
} kb3d_worker_tensor;

typedef struct kb3d_worker_request {
    uint32_t protocol, kind, serial, model;
    uint64_t memory_limit; /* START; 0: none */
    int64_t host;          /* START; the library's process */
    uint64_t byte_count;   /* LOAD, FETCH: of the descriptor */
    int32_t threads, tensor_count, output_count; /* RUN; tensors are inputs. FETCH: outputs */
    int32_t reads_files;   /* START: any, for custom operators; else only the system's */
    kb3d_worker_tensor tensors[KB3D_INFER_TENSOR_MAX];
    char entry[KB3D_WORKER_ENTRY_SIZE], output_key[KB3D_WORKER_KEY_SIZE]; /* RUN */
    char operators[KB3D_WORKER_PATH_SIZE]; /* LOAD; "": none */
} kb3d_worker_request;

typedef struct kb3d_worker_reply {
    uint32_t protocol, kind, serial;
    int32_t status;        /* a kb3d_status */
    uint64_t weight_bytes; /* LOAD */
    int32_t tensor_count, unused; /* RUN */
    kb3d_worker_tensor tensors[KB3D_INFER_TENSOR_MAX];
    char message[KB3D_INFER_MESSAGE_SIZE]; /* of a failure */
    char runtime[64];      /* START */
    char unconfined[128];  /* START: what the system could not give, "" if nothing */
} kb3d_worker_reply;

#endif
