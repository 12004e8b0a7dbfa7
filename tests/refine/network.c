/* The library's whole refinement with a network: what a program gets that names one. */
#include "candidates.h"

#include <refine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kb3d_ctx *ctx;
static kb3d_call call;

static void check(kb3d_status status) {
    if (!status)
        return;
    fprintf(stderr, "%s\n", call.message);
    exit(1);
}

void candidate_network_open(const char *path) {
    kb3d_ctx_params params;
    kb3d_model_source source;
    KB3D_INIT(params);
    KB3D_INIT(source);
    KB3D_INIT(call);
    params.threads = 1;
    source.role = KB3D_MODEL_REFINE;
    source.path = path;
    check(kb3d_ctx_create(&ctx, &params, &call));
    check(kb3d_ctx_add_model(ctx, &source, &call));
}

void candidate_network(const refine_input *in, float *to) {
    const kb3d_raster picture = {in->texture.width, in->texture.height, 3, KB3D_SAMPLE_U8, 0, (void *)in->rgb};
    const kb3d_raster map = {in->low_width, in->low_height, 1, KB3D_SAMPLE_F32, 0, (void *)in->disp};
    const kb3d_refine_params params = {.picture = &picture, .map = &map, .texture = &in->texture, .jump = in->jump};
    kb3d_job job = {.pool = ctx->pool, .call = &call};
    kb3d_model *made_by;
    check(kb3d_refine_depth(ctx, &params, to, &made_by, &job, &call));
}

void candidate_network_close(void) {
    kb3d_ctx_destroy(&ctx);
}
