/* Manifests, and the networks a context has. */
#ifndef KB3D_LIB_MODEL_H
#define KB3D_LIB_MODEL_H

#include "ctx.h"
#include "infer.h"

#include <kb3d/model.h>
#include <kb3d/scene.h>

enum { KB3D_ROLE_COUNT = 5, KB3D_CLASS_COUNT = 5, KB3D_CLASS_ID_MAX = 64 };

typedef enum kb3d_model_output {
    KB3D_OUTPUT_DISPARITY,            /* depth: larger = nearer, zero = infinitely far, up to scale */
    KB3D_OUTPUT_AFFINE_INVERSE_DEPTH, /* depth: larger = nearer, up to scale and shift */
    KB3D_OUTPUT_DEPTH,                /* depth: larger = farther, up to scale */
    KB3D_OUTPUT_METRIC_DEPTH,         /* depth: larger = farther, metres */
    KB3D_OUTPUT_CLASS_SCORES,         /* segment: 1xCxHxW, the largest of a pixel is its class */
    KB3D_OUTPUT_CLASS_IDS,            /* segment: 1x1xHxW, 1xHxW or HxW, the number of its class */
    KB3D_OUTPUT_INVERSE_DEPTH,        /* refine, inpaint_depth: 1x1xHxW, in the units of the input */
    KB3D_OUTPUT_COLOR,                /* inpaint: 1x3xHxW */
    KB3D_OUTPUT_COLOR_AND_INVERSE_DEPTH /* inpaint: 1x3xHxW and 1x1xHxW */
} kb3d_model_output;

/* Numbers of a segmentation network's classes that belong to one of ours. */
typedef struct kb3d_class_ids {
    int count;
    int ids[KB3D_CLASS_ID_MAX];
} kb3d_class_ids;

/* A checked manifest. Texts are cut at their sizes. */
typedef struct kb3d_manifest {
    kb3d_model_role role;
    char name[64], version[32], licence[64], source[256];
    char entry[64];        /* method to call, "forward" */
    char context[64];      /* inpaint: method that is asked about the picture before; "": none */
    char output_key[32];   /* of a tuple, list or dictionary; see kb3d_infer_request */
    char operators[256];   /* file of custom operators, beside the manifest; "": none */
    int has_sha256;
    uint8_t sha256[32];    /* of the TorchScript file */
    int channel_order_bgr;
    double mean[3], std[3];
    int long_side;         /* of the network's input */
    int multiple, offset;  /* each side = multiple * k + offset */
    int exact_width, exact_height; /* both 0: by the long side */
    int depth_of_picture_size; /* refine: inverse depth comes enlarged to the picture input's size, else at its own */
    kb3d_model_output output;
    kb3d_class_ids classes[KB3D_CLASS_COUNT]; /* segment; by kb3d_class */
} kb3d_manifest;

/* What holds where a manifest says nothing, and for a network without one. */
void kb3d_manifest_init(kb3d_manifest *manifest, kb3d_model_role role);

/* Parses a manifest (JSON text). `file` names it in messages. */
kb3d_status kb3d_manifest_parse(kb3d_manifest *manifest, const char *json, size_t byte_count, const char *file,
                                const kb3d_log *log, kb3d_call *call);

/* The network input's size for a picture. */
void kb3d_manifest_input_size(const kb3d_manifest *manifest, int width, int height, int *input_width,
                              int *input_height);

/* The size of an inpainting network's crop around holes of width x height: at least theirs, as far as the network
   takes so much. */
void kb3d_manifest_crop_size(const kb3d_manifest *manifest, int width, int height, int *crop_width,
                             int *crop_height);

/* "depth", "segment", "refine", "inpaint", "inpaint_depth" */
const char *kb3d_role_name(kb3d_model_role role);

/* A network of a context; lives as long as the context. */
typedef struct kb3d_model kb3d_model;

const kb3d_manifest *kb3d_model_manifest(const kb3d_model *model);

/* How messages call it: its file, or its name. */
const char *kb3d_model_label(const kb3d_model *model);

/* The context's network for a role, from the search path if none was added. Not loaded
   by this. Without any: *model is NULL, the status OK. */
kb3d_status kb3d_model_find(kb3d_ctx *ctx, kb3d_model_role role, kb3d_model **model, kb3d_call *call);

/* The failure of a stage that needs a network and found none: names the places searched. */
kb3d_status kb3d_model_fail_none(kb3d_ctx *ctx, kb3d_model_role role, kb3d_call *call);

/* Loads it if it was not: once for all scenes. For who wants to know what loading takes;
   alloc and execute do it too. */
kb3d_status kb3d_model_load(kb3d_ctx *ctx, kb3d_model *model, kb3d_call *call);

/* Memory for an input, `count` floats, undefined. */
kb3d_status kb3d_model_alloc(kb3d_ctx *ctx, kb3d_model *model, size_t count, float **memory, kb3d_call *call);
void kb3d_model_free(kb3d_ctx *ctx, kb3d_model *model, float *memory); /* NULL is ignored */

enum { KB3D_MODEL_OUTPUT_MAX = 2 };

typedef struct kb3d_model_run {
    kb3d_model *model;
    const char *entry;  /* NULL: the manifest's */
    const kb3d_tensor *inputs;
    int input_count, output_count;
    double fraction;    /* of the role's stage, for the progress that is reported while a worker runs */
    kb3d_tensor outputs[KB3D_MODEL_OUTPUT_MAX]; /* out; rank and shape are whatever the network answered */
    void *answer;       /* owns the outputs */
} kb3d_model_run;

/* Runs an entry point. On success the outputs last until kb3d_model_run_end;
   on failure there is nothing to end. Loads the network if it was not. */
kb3d_status kb3d_model_execute(kb3d_ctx *ctx, kb3d_model_run *run, kb3d_call *call);
void kb3d_model_run_end(kb3d_model_run *run);

/* The failure of a network that answered a tensor of a wrong shape; `wanted` such as "1x1xHxW". */
kb3d_status kb3d_model_fail_shape(const kb3d_model *model, const kb3d_tensor *answered, const char *wanted,
                                  kb3d_call *call);

void kb3d_model_get_info(kb3d_ctx *ctx, const kb3d_model *model, kb3d_model_info *info);

/* Frees what kb3d_ctx_add_model made, if anything. */
void kb3d_models_free(kb3d_ctx *ctx);

#endif
