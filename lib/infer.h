/* Running a network: one interface with three implementations, the torch module
   (lib/torch), the worker process (worker.c) and the host's callback (callback.c),
   and a fake one in the tests. */
#ifndef KB3D_LIB_INFER_H
#define KB3D_LIB_INFER_H

#include <kb3d/model.h>

enum { KB3D_INFER_MESSAGE_SIZE = 384, KB3D_INFER_TENSOR_MAX = 8 };

/* One run. Inputs are not copied and must last until the answer's release, for an
   output may share their memory. */
typedef struct kb3d_infer_request {
    const char *entry; /* method to call */
    const kb3d_tensor *inputs;
    int input_count;
    /* What is wanted of the answer: `output_count` tensors. A lone tensor counts as one;
       of a tuple or list the first ones; of a dictionary, or where `output_key` is not
       empty, the one with that name (or index, in digits). */
    const char *output_key;
    kb3d_tensor *outputs; /* out: dense floats of the implementation's, until release */
    int output_count;
    int threads; /* intra-op threads at most */
    /* Asked every few milliseconds where a run can be broken off (the worker): non-zero ends
       it with KB3D_ERROR_CANCELLED. Always on the thread that called run. */
    int (*stop)(void *user);
    void *user;
} kb3d_infer_request;

typedef struct kb3d_infer_model kb3d_infer_model;

/* What a file needs to be loaded: its contents, which stay the caller's and may go
   after load has returned. */
typedef struct kb3d_infer_file {
    const void *bytes;
    size_t byte_count;
    /* A library of custom operators that the network needs, or NULL. A module looks away:
       whoever calls its load has opened the library before (kb3d_plugin_open_operators). */
    const char *operators;
    int (*stop)(void *user); /* as in kb3d_infer_request */
    void *user;
} kb3d_infer_file;

/* A module exports its table through the one symbol kb3d_infer_open. Functions answer a
   status, and on failure one sentence in `message` (KB3D_INFER_MESSAGE_SIZE bytes): MEMORY,
   MODEL for what the network does wrong. None prints or throws. All are safe from several
   threads at once. */
typedef struct kb3d_infer_api {
    uint32_t abi; /* KB3D_INFER_ABI */
    const char *runtime; /* such as "libtorch 1.13.1"; lives as long as the implementation */
    /* `self` is what came with the table, NULL for a module. `weight_bytes`: parameters and
       buffers. */
    kb3d_status (*load)(void *self, const kb3d_infer_file *file, kb3d_infer_model **model, uint64_t *weight_bytes,
                        char *message);
    void (*unload)(kb3d_infer_model *model);
    /* `answer` owns the outputs, for release. */
    kb3d_status (*run)(kb3d_infer_model *model, const kb3d_infer_request *request, void **answer, char *message);
    void (*release)(void *answer);
    /* Memory for an input that saves a copy on the way to the network, or NULL: none needed.
       `input_free` before or after the run, in any order with release. */
    kb3d_status (*input_alloc)(kb3d_infer_model *model, size_t byte_count, void **memory, char *message);
    void (*input_free)(kb3d_infer_model *model, void *memory);
} kb3d_infer_api;

#define KB3D_INFER_ABI 2u
#define KB3D_INFER_SYMBOL "kb3d_infer_open"
typedef const kb3d_infer_api *(*kb3d_infer_open_fn)(void);

#endif
