/* The inside of the library's side: whose turn it is, and questions to the process. */
#ifndef KB3D_LIB_WORKER_HOST_H
#define KB3D_LIB_WORKER_HOST_H

#include "process.h"
#include "shared.h"
#include "worker.h"

struct kb3d_infer_model {
    kb3d_worker *worker;
    kb3d_infer_model *next; /* in `condemned` */
    uint32_t id;
    uint32_t generation;    /* of the process that has it; 0: none */
    int file;               /* its contents, for the next process */
    size_t byte_count;
    uint64_t weight_bytes;
    char operators[KB3D_WORKER_PATH_SIZE];
};

struct kb3d_worker {
    kb3d_mem *mem;
    const kb3d_log *log;
    kb3d_worker_limits limits;
    kb3d_shared_pool inputs, answers;
    pthread_mutex_t lock; /* of the next five */
    pthread_cond_t changed;
    bool busy;            /* somebody has the turn */
    kb3d_infer_model *condemned; /* to be unloaded at the end of the turn */
    uint32_t model_count; /* ids given so far */
    char runtime[80];     /* written once */
    kb3d_process process; /* this and what follows belong to the turn */
    uint32_t generation, serial;
    bool reads_files;     /* a network needs custom operators: a library that may lie anywhere */
};

/* Waits for the turn. A process runs then, with the network in it. On failure there is nothing to end. */
kb3d_status kb3d_worker_begin(kb3d_worker *worker, kb3d_infer_model *model, const kb3d_wait *wait, kb3d_call *call);
void kb3d_worker_end(kb3d_worker *worker);

/* What one load or run may take, from now on. */
kb3d_wait kb3d_worker_wait(const kb3d_worker *worker, const kb3d_wait *wait);

/* Asks the process and waits for its reply, whose texts are clean then; `doing` such as "ran the network".
   Whatever is not an orderly reply ends the process. */
kb3d_status kb3d_worker_ask(kb3d_worker *worker, kb3d_worker_request *request, const int *files, int count,
                            kb3d_worker_reply *reply, const char *doing, const kb3d_wait *wait, kb3d_call *call);

/* Tells the process what needs no reply. */
void kb3d_worker_tell(kb3d_worker *worker, kb3d_worker_request *request);

/* Unloads at the end of the turn, now if nobody has it, and frees the model. */
void kb3d_worker_condemn(kb3d_infer_model *model);

#endif
