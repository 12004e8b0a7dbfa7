/**
 * @file model.h
 * @brief Networks: TorchScript files with a manifest, or the host's own functions.
 *
 * A model is `NAME.pt` with a manifest `NAME.json` beside it; docs/models.md
 * describes the manifest. The library opens its torch module (and with it
 * libtorch), or starts its worker process, only when the first network runs.
 */
#ifndef KB3D_MODEL_H
#define KB3D_MODEL_H

#include <kb3d/context.h>

KB3D_BEGIN

/** What a network is for. */
typedef enum kb3d_model_role {
    KB3D_MODEL_DEPTH = 1,   /**< picture to inverse depth */
    KB3D_MODEL_SEGMENT = 2, /**< picture to classes: people, animals, vehicles, sky */
    KB3D_MODEL_REFINE = 3,  /**< picture and inverse depth to inverse depth on the picture's edges */
    KB3D_MODEL_INPAINT = 4, /**< picture with holes to a picture without */
    KB3D_MODEL_INPAINT_DEPTH = 5 /**< picture that was painted, and inverse depth with holes, to one without; beside INPAINT */
} kb3d_model_role;

/** Dimensions a tensor can have. */
#define KB3D_TENSOR_RANK_MAX 4

/** A dense tensor of float32 in C order, the last dimension fastest. This struct never grows. */
typedef struct kb3d_tensor {
    float *data;      /**< the first value */
    int rank;         /**< 0..KB3D_TENSOR_RANK_MAX; pictures: 4, batch 1, NCHW */
    int64_t shape[KB3D_TENSOR_RANK_MAX]; /**< sizes of the dimensions */
} kb3d_tensor;

/** One run of a host's network, made by the library. Read it; answer with kb3d_run_answer. */
typedef struct kb3d_run {
    size_t size;               /**< sizeof(kb3d_run) as the library knows it */
    const char *entry;         /**< the manifest's entry point */
    const kb3d_tensor *inputs; /**< in the order that docs/models.md gives for the role; not to be written */
    int input_count;           /**< of inputs */
    int output_count;          /**< answers wanted */
    int threads;               /**< threads the context may use */
    char *message;             /**< 384 bytes for a sentence on failure */
    void *library;             /**< the library's own */
} kb3d_run;

/**
 * A host's network. Answers every output with kb3d_run_answer and returns 0;
 * non-zero is a failure, with a sentence in `run->message`. May run on any
 * thread that is inside a call of this library, several at once if scenes are
 * built at once. Must not call back into the library but for kb3d_run_answer
 * and kb3d_run_is_cancelled.
 */
typedef int (*kb3d_network_fn)(void *user, kb3d_run *run);

/**
 * Memory for an answer, to be filled by the host before its function returns.
 * @param run    the run
 * @param index  which output, from 0
 * @param rank   0..KB3D_TENSOR_RANK_MAX
 * @param shape  rank sizes, each 1 or more
 * @return zeroed floats in C order, the library's; NULL when an argument is
 *         wrong, was answered before, or the context's memory is used up
 *
 * Thread-safety: from the thread that the function runs on.
 */
KB3D_API float *kb3d_run_answer(kb3d_run *run, int index, int rank, const int64_t *shape);

/**
 * Whether the call that needs the network was cancelled, so that a long run
 * can return early (with any result). Reports the call's progress too.
 * Thread-safety: from the thread that the function runs on.
 */
KB3D_API int kb3d_run_is_cancelled(const kb3d_run *run);

/** Where a network comes from. Prepare with KB3D_INIT; exactly one of path, bytes and run. */
typedef struct kb3d_model_source {
    size_t size;            /**< sizeof(kb3d_model_source) */
    kb3d_model_role role;   /**< needed */
    /**
     * A TorchScript file, UTF-8. A name without a slash that is no file here
     * is looked for in the search path, with ".pt" appended if it has no dot.
     */
    const char *path;
    const void *bytes;      /**< a TorchScript file's contents; copied */
    size_t byte_count;      /**< of bytes */
    kb3d_network_fn run;    /**< the host's own network */
    void *user;             /**< handed to run */
    /** The manifest, JSON text. NULL: the file beside path with .json, and for bytes and run the usual kind. */
    const char *manifest;
} kb3d_model_source;

/**
 * What kb3d_ctx_get_model and kb3d_scene_get_model fill. Prepare with KB3D_INIT.
 * Texts live as long as the context or scene that was asked.
 */
typedef struct kb3d_model_info {
    size_t size;         /**< sizeof(kb3d_model_info) */
    const char *name;    /**< from the manifest */
    const char *version; /**< from the manifest, else "" */
    const char *licence; /**< from the manifest, else "" */
    const char *path;    /**< the TorchScript file; "" when it came from memory or is the host's */
    const char *source;  /**< from the manifest, else "": where the weights are from */
    const char *runtime; /**< such as "libtorch 1.13.1", "worker, libtorch 1.13.1" or "host"; "" before it was loaded */
    uint64_t weight_bytes; /**< memory of its parameters and buffers; 0 before it was loaded, and for a host's */
    double load_ms;      /**< what loading took, its runtime included; 0 before */
    int run_count;       /**< how often it ran */
    double last_ms;      /**< its last run */
    double total_ms;     /**< all its runs */
} kb3d_model_info;

/**
 * Gives the context a network for a role, before the first scene or path that
 * needs it. The manifest is read and checked now; the network itself is loaded
 * when it first runs, once, and shared by all scenes of the context.
 *
 * A role without one takes `depth.pt`, `segment.pt`, `refine.pt`, `inpaint.pt`
 * or `inpaint_depth.pt` with its manifest from the first folder of the search path that
 * has it: kb3d_ctx_params::model_path, the environment's KB3D_MODEL_PATH
 * (folders separated by colons), the installed models. The first of these that
 * is an empty text ends the search: "" as model_path leaves only what the host
 * adds. Without any network people are not kept whole, depth is refined by the
 * built-in filter, and holes are painted the classical way; depth itself must
 * come from one or from the host.
 *
 * A TorchScript file is code: load only files you trust, or see
 * KB3D_NETWORKS_IN_WORKER.
 *
 * @param ctx     the context
 * @param source  see there
 * @param call    may be NULL
 * @return KB3D_OK; ARGUMENT; IO; FORMAT (manifest); MODEL (of another role,
 *         the role has a model already, or it is nowhere in the search path);
 *         LIMIT; MEMORY
 *
 * Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_ctx_add_model(kb3d_ctx *ctx, const kb3d_model_source *source,
                                                      kb3d_call *call);

/**
 * Answers which network the context has for a role, and what it cost so far.
 * @return KB3D_OK; ARGUMENT; MODEL when it has none. Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_ctx_get_model(const kb3d_ctx *ctx, kb3d_model_role role,
                                                      kb3d_model_info *info, kb3d_call *call);

KB3D_END

#endif
