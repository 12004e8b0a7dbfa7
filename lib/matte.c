#include "matte.h"

#include <string.h>

static kb3d_status split(kb3d_ctx *ctx, kb3d_cloud *cloud, kb3d_cloud *behind, kb3d_matte *m, void *memory,
                         kb3d_call *call) {
    kb3d_mem *mem = &ctx->mem;
    int width = cloud->texture.width, height = cloud->texture.height;
    size_t pixels = (size_t)width * (size_t)height;
    kb3d_status status;
    if ((status = kb3d_cloud_alloc(behind, mem, width, height, cloud->texture.texel, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &behind->mask, pixels, 1, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &cloud->soft, pixels, 1, call)) ||
        (status = kb3d_mem_alloc(mem, &m->before_disp, pixels, sizeof *m->before_disp, call)))
        return status;
    memcpy(m->before_disp, m->disp, pixels * sizeof *m->before_disp);
    behind->before = m->before_disp;
    m->soft = cloud->soft;
    m->behind = &behind->texture;
    m->behind_disp = behind->disp;
    m->behind_mask = behind->mask;
    kb3d_job job = {.pool = ctx->pool, .call = call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    ctx->kernels->matte_split(&par, m, memory);
    return kb3d_call_check(call);
}

kb3d_status kb3d_matte_cloud(kb3d_ctx *ctx, kb3d_cloud *cloud, kb3d_cloud *behind, float **disp,
                             const kb3d_matte_params *params, kb3d_call *call) {
    const kb3d_kernels *k = ctx->kernels;
    kb3d_matte m = {.params = *params, .texture = &cloud->texture, .disp = cloud->disp};
    void *memory;
    *disp = NULL;
    kb3d_status status =
        kb3d_mem_alloc(&ctx->mem, &memory, k->matte_bytes(cloud->texture.width, cloud->texture.height), 1, call);
    if (status)
        return status;
    kb3d_job job = {.pool = ctx->pool, .call = call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    int64_t count = k->matte_find(&par, &m, memory);
    if (!(status = kb3d_call_check(call)) && count > 0)
        status = split(ctx, cloud, behind, &m, memory, call);
    kb3d_mem_free(&ctx->mem, memory);
    if (!m.before_disp)
        return status;
    *disp = cloud->disp;
    cloud->disp = m.before_disp;
    return status;
}
