#include "refine.h"

kb3d_status kb3d_refine_depth(kb3d_ctx *ctx, const kb3d_refine_params *p, float *disp, kb3d_model **made_by,
                              kb3d_job *job, kb3d_call *call) {
    const kb3d_raster *m = p->map;
    float *guide;
    *made_by = NULL;
    kb3d_status status =
        kb3d_mem_alloc(&ctx->mem, &guide, (size_t)m->width * (size_t)m->height * 3, sizeof *guide, call);
    if (status)
        return status;
    kb3d_job quiet = {.pool = ctx->pool, .call = call}; /* the stage's progress is that of the longer one */
    kb3d_parallel par = kb3d_job_parallel(&quiet);
    ctx->kernels->area_average(&par, p->picture->data, (kb3d_texel)p->picture->sample, p->picture->channels,
                               p->picture->width, p->picture->height, guide, 3, m->width, m->height);
    kb3d_upsample_params params = {.disp = m->data,
                                   .low_width = m->width,
                                   .low_height = m->height,
                                   .guide = guide,
                                   .jump = p->jump,
                                   .color_sigma = 0.06f};
    par = kb3d_job_parallel(job);
    ctx->kernels->upsample(&par, &params, p->texture, disp);
    kb3d_mem_free(&ctx->mem, guide);
    return kb3d_call_check(call);
}
