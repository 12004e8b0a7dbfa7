/* The inside of a context's networks, for the three files that share it: model.c (what
   the context has), model_find.c (the search path), model_run.c (loading and running). */
#ifndef KB3D_LIB_MODELS_H
#define KB3D_LIB_MODELS_H

#include "model.h"
#include "worker.h"

#include <pthread.h>

/* A host's function, as callback.c has it behind kb3d_infer_model. */
typedef struct kb3d_callback {
    kb3d_network_fn run; /* NULL: a TorchScript file instead */
    void *user;
    kb3d_mem *mem;
} kb3d_callback;

struct kb3d_model {
    int present;
    kb3d_manifest manifest;
    char *path;           /* the TorchScript file; NULL: from memory or the host's */
    unsigned char *bytes; /* the TorchScript file's contents while nobody else keeps them */
    size_t byte_count;
    kb3d_callback callback;
    pthread_mutex_t lock; /* held while it loads */
    /* set once, by loading; read after it */
    const kb3d_infer_api *api;
    kb3d_infer_model *network; /* NULL before */
    /* statistics; the context's lock guards them */
    char runtime[96];
    uint64_t weight_bytes;
    double load_ms, last_ms, total_ms;
    int run_count;
};

struct kb3d_models {
    kb3d_model of_role[KB3D_ROLE_COUNT];
    char *model_path; /* the host's folders, or NULL */
    kb3d_networks networks;
    kb3d_worker_limits worker_limits;
    int allow_operators;
    pthread_mutex_t worker_lock;
    kb3d_worker *worker; /* NULL until a network needs it */
};

kb3d_status kb3d_models_create(kb3d_ctx *ctx, const kb3d_ctx_params *params, kb3d_call *call);

static inline kb3d_model *kb3d_model_of(const kb3d_ctx *ctx, kb3d_model_role role) {
    return &ctx->models->of_role[role - KB3D_MODEL_DEPTH];
}

/* Adds a file with its manifest. The context is not locked. */
kb3d_status kb3d_model_add_file(kb3d_ctx *ctx, kb3d_model_role role, const char *path, const char *manifest,
                                kb3d_call *call);

/* A file NAME of the search path, in memory to be freed; *path is NULL when it is nowhere. */
kb3d_status kb3d_model_search(kb3d_ctx *ctx, const char *name, char **path, kb3d_call *call);

/* What became of a search in vain, for messages: "in none of" the folders; cut at `size`. */
void kb3d_model_places(kb3d_ctx *ctx, char *text, size_t size);

/* A host's function as an implementation of infer.h; `self` is the kb3d_callback. */
const kb3d_infer_api *kb3d_callback_api(void);

#endif
