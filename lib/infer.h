/* Running a network: one interface, with the torch shim as its first
   implementation and a fake one in the tests. */
#ifndef KB3D_LIB_INFER_H
#define KB3D_LIB_INFER_H

#include <stddef.h>
#include <stdint.h>

enum { KB3D_INFER_RANK_MAX = 4, KB3D_INFER_MESSAGE_SIZE = 384 };

/* A dense float tensor in C order. The data of an input stays the caller's, is not
   copied, and must last until release_output, for an output may share it; the
   data of an output is the implementation's until release_output. */
typedef struct kb3d_tensor {
    float *data;
    int rank;
    int64_t shape[KB3D_INFER_RANK_MAX];
} kb3d_tensor;

typedef struct kb3d_infer_model kb3d_infer_model;

/* The table that a module exports through the one symbol kb3d_infer_open. Every
   function answers 0 on success, else non-zero with one sentence in `message`
   (KB3D_INFER_MESSAGE_SIZE bytes). No function prints or throws. */
typedef struct kb3d_infer_api {
    uint32_t abi; /* KB3D_INFER_ABI */
    const char *runtime; /* such as "libtorch 1.13.1", static */
    int (*load)(const char *path, kb3d_infer_model **model, char *message);
    void (*unload)(kb3d_infer_model *model);
    /* Runs a method on one input; `threads` intra-op threads at most. Safe from
       several threads at once. `output_owner` goes to release_output. */
    int (*run)(kb3d_infer_model *model, const char *entry, const kb3d_tensor *input, int threads,
               kb3d_tensor *output, void **output_owner, char *message);
    void (*release_output)(void *output_owner);
} kb3d_infer_api;

#define KB3D_INFER_ABI 1u
#define KB3D_INFER_SYMBOL "kb3d_infer_open"
typedef const kb3d_infer_api *(*kb3d_infer_open_fn)(void);

#endif
