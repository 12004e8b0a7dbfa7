/* Manifests, and the networks a context has. */
#ifndef KB3D_LIB_MODEL_H
#define KB3D_LIB_MODEL_H

#include "ctx.h"
#include "infer.h"

#include <kb3d/model.h>

typedef enum kb3d_model_output {
    KB3D_OUTPUT_DISPARITY, /* larger = nearer, zero = infinitely far, up to scale */
    KB3D_OUTPUT_AFFINE_INVERSE_DEPTH, /* larger = nearer, up to scale and shift */
    KB3D_OUTPUT_DEPTH      /* larger = farther, metric or up to scale */
} kb3d_model_output;

/* A checked manifest. Texts are cut at their sizes. */
typedef struct kb3d_manifest {
    kb3d_model_role role;
    char name[64], version[32], licence[64];
    char entry[64];        /* method to call, "forward" */
    int channel_order_bgr;
    double mean[3], std[3];
    int long_side;         /* of the network's input */
    int multiple, offset;  /* each side = multiple * k + offset */
    int exact_width, exact_height; /* both 0: by the long side */
    kb3d_model_output output;
} kb3d_manifest;

/* What holds where a manifest says nothing, and for a network without one. */
void kb3d_manifest_init(kb3d_manifest *manifest, kb3d_model_role role);

/* Parses a manifest (JSON text). `file` names it in messages. */
kb3d_status kb3d_manifest_parse(kb3d_manifest *manifest, const char *json, size_t byte_count, const char *file,
                                const kb3d_log *log, kb3d_call *call);

/* The network input's size for a picture. */
void kb3d_manifest_input_size(const kb3d_manifest *manifest, int width, int height, int *input_width,
                              int *input_height);

/* A network of a context. All of it lives as long as the context. */
typedef struct kb3d_model {
    char *path; /* the TorchScript file; NULL: the context has none for this role */
    kb3d_manifest manifest;
    const kb3d_infer_api *api;
    kb3d_infer_model *network; /* NULL until it was needed */
} kb3d_model;

/* The context's network for a role, loaded now if it was not. */
kb3d_status kb3d_model_acquire(kb3d_ctx *ctx, kb3d_model_role role, const kb3d_model **model, kb3d_call *call);

/* Frees what kb3d_ctx_add_model made, if anything. */
void kb3d_models_free(kb3d_ctx *ctx);

#endif
