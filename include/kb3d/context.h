/**
 * @file context.h
 * @brief The context: backend, threads, memory, limits, log.
 */
#ifndef KB3D_CONTEXT_H
#define KB3D_CONTEXT_H

#include <kb3d/call.h>

KB3D_BEGIN

/** Holds threads, models and limits. Scenes are made from it. */
typedef struct kb3d_ctx kb3d_ctx;

/** Where the pixel work runs. */
typedef enum kb3d_backend {
    KB3D_BACKEND_AUTO = 0, /**< the best that can start here and has been verified */
    KB3D_BACKEND_CPU = 1,
    KB3D_BACKEND_CUDA = 2
} kb3d_backend;

/** How important a line of the log is. */
typedef enum kb3d_log_level {
    KB3D_LOG_ERROR = 1,
    KB3D_LOG_WARNING = 2,
    KB3D_LOG_INFO = 3,
    KB3D_LOG_DEBUG = 4
} kb3d_log_level;

/**
 * Receives a line of the log, without a line end. May run on any thread that
 * is inside a call of this library, several at once. Must not call back into
 * the library.
 */
typedef void (*kb3d_log_fn)(void *user, kb3d_log_level level, const char *text);

/** Where networks run. A host's own (kb3d_model_source::run) always run in the process. */
typedef enum kb3d_networks {
    /** In the process; in a worker when the process has a libtorch that no installed module matches. */
    KB3D_NETWORKS_AUTO = 0,
    /** In the process, through the module for the libtorch that it has, else the newest installed. */
    KB3D_NETWORKS_IN_PROCESS = 1,
    /**
     * In a process of their own, `kb3d-worker`, started when the first network
     * runs: whatever a network does there, it is an error of that call, and the
     * next call starts a new worker. For networks from elsewhere, and for hosts
     * that may load another libtorch later.
     */
    KB3D_NETWORKS_IN_WORKER = 2
} kb3d_networks;

/** The host's allocator. Both functions or none; they may run on any thread. */
typedef struct kb3d_allocator {
    void *(*alloc)(void *user, size_t byte_count); /**< aligned as malloc; NULL when out of memory */
    void (*free)(void *user, void *memory);        /**< memory is never NULL */
    void *user; /**< handed to both */
} kb3d_allocator;

/** Parameters of kb3d_ctx_create. Prepare with KB3D_INIT; zero is the default. */
typedef struct kb3d_ctx_params {
    size_t size;               /**< sizeof(kb3d_ctx_params) */
    kb3d_backend backend;      /**< default: auto */
    int threads;               /**< 1..256; 0: one for each processor the process may use */
    uint64_t memory_limit;     /**< bytes the context, its scenes and their paths may hold, networks aside; 0: none */
    uint64_t pixel_limit;      /**< pixels a picture or depth map may have; 0: 100 million */
    kb3d_allocator allocator;  /**< zero: malloc and free; not with the CUDA backend, which has its own */
    kb3d_log_fn log;           /**< NULL: silent */
    void *log_user;            /**< handed to log */
    kb3d_log_level log_level;  /**< lines above it are not sent; 0: KB3D_LOG_INFO */
    kb3d_networks networks;    /**< where networks run; default: auto */
    const char *model_path;    /**< folders to look for models in first, colons between them; "": look nowhere; copied */
    uint64_t worker_memory_limit; /**< bytes the worker may hold, libtorch's included; 0: none */
    int worker_time_limit_ms;  /**< for one loading or run of a network in the worker; 0: none */
    int allow_operators;       /**< non-zero: open the libraries of custom operators that manifests name. They are code */
    int device;                /**< of the CUDA backend, numbered from 1; 0: the first that can be used */
} kb3d_ctx_params;

/** What kb3d_ctx_get_info fills. Prepare with KB3D_INIT. */
typedef struct kb3d_ctx_info {
    size_t size;             /**< sizeof(kb3d_ctx_info) */
    kb3d_backend backend;    /**< the one in use, never auto */
    int threads;             /**< the number in use */
    const char *simd;        /**< "none", "sse4", "avx2" or "avx512"; static text */
    uint64_t memory_used;    /**< bytes held now */
    uint64_t memory_peak;    /**< the most held at any time */
    int device;              /**< number of the device, from 1; 0: the processor */
} kb3d_ctx_info;

/**
 * Makes a context. Cheap: about a millisecond; nothing is read from disk.
 *
 * @param[out] ctx     the new context, to be freed with kb3d_ctx_destroy;
 *                     NULL on failure
 * @param params       NULL: defaults
 * @param call         may be NULL
 * @return KB3D_OK; ARGUMENT; MEMORY; UNAVAILABLE when the backend was asked
 *         for by name and cannot be had (the message says why)
 *
 * Thread-safety: safe. Contexts are independent; there is no global state.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_ctx_create(kb3d_ctx **ctx, const kb3d_ctx_params *params,
                                                   kb3d_call *call);

/**
 * Gives the context back and sets the handle to NULL. NULL, and a handle that
 * is NULL, are accepted. Scenes keep what they need of it, so the order of
 * destruction does not matter.
 *
 * Thread-safety: no other call may use this handle at the same time.
 */
KB3D_API void kb3d_ctx_destroy(kb3d_ctx **ctx);

/**
 * Answers what the context uses.
 * @return KB3D_OK or ARGUMENT. Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_ctx_get_info(const kb3d_ctx *ctx, kb3d_ctx_info *info,
                                                     kb3d_call *call);

/**
 * Tells whether a backend could be used here, without making a context.
 * @return KB3D_OK; ARGUMENT; UNAVAILABLE with the reason in the call's message.
 * Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_backend_probe(kb3d_backend backend, kb3d_call *call);

/** What kb3d_backend_get_device fills. Prepare with KB3D_INIT. */
typedef struct kb3d_device_info {
    size_t size;           /**< sizeof(kb3d_device_info) */
    char name[128];        /**< as its driver names it */
    uint64_t memory_bytes; /**< that it has in all */
    int compute_major;     /**< its compute capability, as 9 of 9.0 */
    int compute_minor;     /**< as 0 of 9.0 */
    int is_usable;         /**< non-zero: a context can be made on it */
    char problem[256];     /**< why not, or empty */
} kb3d_device_info;

/**
 * Tells how many devices a backend has here; the CPU has none to choose.
 * @return KB3D_OK; ARGUMENT; UNAVAILABLE with the reason when there is none.
 * Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_backend_device_count(kb3d_backend backend, int *count, kb3d_call *call);

/**
 * Describes device `number`, 1 to the count.
 * @return KB3D_OK, also for one that cannot be used; ARGUMENT; UNAVAILABLE.
 * Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_backend_get_device(kb3d_backend backend, int number, kb3d_device_info *info,
                                                           kb3d_call *call);

KB3D_END

#endif
