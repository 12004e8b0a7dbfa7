#include "refine.h"

#include "refine_network.h"

#include <string.h>

/* A larger map is averaged down to this first: its planes would take more memory than the
   whole scene, and its edges are drawn from the picture again. */
enum { LONG_SIDE_MAX = 2048 };

enum { SNAP_PASSES = 2 };

static kb3d_status alloc(kb3d_ctx *ctx, float **values, int width, int height, int channels, kb3d_call *call) {
    size_t count = (size_t)width * (size_t)height * (size_t)channels;
    return kb3d_mem_alloc(&ctx->mem, values, count, sizeof **values, call);
}

kb3d_status kb3d_map_resize(kb3d_ctx *ctx, const float *from, int width, int height, float *to, int to_width,
                            int to_height, kb3d_job *job, kb3d_call *call) {
    const kb3d_kernels *k = ctx->kernels;
    kb3d_job quiet = {.pool = ctx->pool, .call = call}; /* the progress is that of what takes longer */
    int low_width = width < to_width ? width : to_width, low_height = height < to_height ? height : to_height;
    int is_less = low_width < width || low_height < height;
    int is_more = low_width < to_width || low_height < to_height;
    float *low = NULL;
    kb3d_status status = KB3D_OK;
    if (is_less && is_more && (status = alloc(ctx, &low, low_width, low_height, 1, call)))
        return status;
    if (is_less) {
        kb3d_parallel par = kb3d_job_parallel(is_more ? &quiet : job);
        k->area_average(&par, from, KB3D_TEXEL_F32, 1, width, height, low ? low : to, 1, low_width, low_height);
        from = low;
    }
    if (is_more || !is_less) { /* of the same size: a copy */
        kb3d_parallel par = kb3d_job_parallel(job);
        k->enlarge(&par, from, low_width, low_height, to, to_width, to_height);
    }
    kb3d_mem_free(&ctx->mem, low);
    return kb3d_call_check(call);
}

/* What the built-in filter works with. */
typedef struct snapping {
    kb3d_ctx *ctx;
    const kb3d_refine_params *params;
    float *disp;  /* the map, then the map with its edges on the picture's */
    float *guide; /* the picture at its size */
    void *memory; /* of the map's planes */
    kb3d_depth_map map;
} snapping;

static kb3d_status snapping_alloc(snapping *s, const float *from, int width, int height, kb3d_call *call) {
    const kb3d_texture *t = s->params->texture;
    double longer = width > height ? width : height, scale = longer > LONG_SIDE_MAX ? LONG_SIDE_MAX / longer : 1;
    int low_width = (int)(width * scale + 0.5), low_height = (int)(height * scale + 0.5);
    low_width = low_width < 1 ? 1 : low_width > t->width ? t->width : low_width;
    low_height = low_height < 1 ? 1 : low_height > t->height ? t->height : low_height;
    s->map.width = low_width;
    s->map.height = low_height;
    kb3d_ctx *ctx = s->ctx;
    kb3d_job quiet = {.pool = ctx->pool, .call = call};
    kb3d_status status;
    if ((status = alloc(ctx, &s->disp, low_width, low_height, 1, call)) ||
        (status = alloc(ctx, &s->guide, low_width, low_height, 3, call)) ||
        (status = kb3d_mem_alloc(&ctx->mem, &s->memory, ctx->kernels->map_bytes(low_width, low_height), 1, call)))
        return status;
    return kb3d_map_resize(ctx, from, width, height, s->disp, low_width, low_height, &quiet, call);
}

/* Snaps the map at its own size, then takes it to the picture's. */
static kb3d_status snap(snapping *s, float *to, kb3d_job *job, kb3d_call *call) {
    const kb3d_kernels *k = s->ctx->kernels;
    const kb3d_raster *picture = s->params->picture;
    const kb3d_snap_params params = {.jump = s->params->jump, .color_sigma = 0.04f};
    kb3d_job quiet = {.pool = s->ctx->pool, .call = call};
    kb3d_parallel par = kb3d_job_parallel(&quiet);
    k->area_average(&par, picture->data, (kb3d_texel)picture->sample, picture->channels, picture->width,
                    picture->height, s->guide, 3, s->map.width, s->map.height);
    k->map_prepare(&par, s->disp, s->guide, params.jump, s->memory, &s->map);
    for (int pass = 0; pass < SNAP_PASSES; pass++) {
        k->map_snap(&par, &s->map, &params, s->disp);
        k->map_prepare(&par, s->disp, s->guide, params.jump, s->memory, &s->map);
    }
    kb3d_status status = kb3d_call_check(call);
    if (status)
        return status;
    par = kb3d_job_parallel(job);
    k->upsample(&par, &s->map, &params, s->params->texture, to);
    return kb3d_call_check(call);
}

/* Surfaces that are carried on can leave the map's range, and inverse depth below 0 is none. */
static void hold(const kb3d_refine_params *params, float *to) {
    const float *from = params->map->data;
    size_t count = (size_t)params->map->width * (size_t)params->map->height;
    float low = from[0], high = from[0];
    for (size_t i = 1; i < count; i++) {
        low = from[i] < low ? from[i] : low;
        high = from[i] > high ? from[i] : high;
    }
    count = (size_t)params->texture->width * (size_t)params->texture->height;
    for (size_t i = 0; i < count; i++)
        to[i] = to[i] < low ? low : to[i] > high ? high : to[i];
}

kb3d_status kb3d_refine_by_filter(kb3d_ctx *ctx, const kb3d_refine_params *params, float *to, kb3d_job *job,
                                  kb3d_call *call) {
    snapping s = {.ctx = ctx, .params = params};
    kb3d_status status = snapping_alloc(&s, params->map->data, params->map->width, params->map->height, call);
    if (!status)
        status = snap(&s, to, job, call);
    if (!status)
        hold(s.params, to);
    kb3d_mem_free(&ctx->mem, s.disp);
    kb3d_mem_free(&ctx->mem, s.guide);
    kb3d_mem_free(&ctx->mem, s.memory);
    return status;
}

kb3d_status kb3d_refine_depth(kb3d_ctx *ctx, const kb3d_refine_params *params, float *disp, kb3d_model **made_by,
                              kb3d_job *job, kb3d_call *call) {
    const kb3d_raster *m = params->map;
    const kb3d_texture *t = params->texture;
    *made_by = NULL;
    if (params->plain)
        return kb3d_map_resize(ctx, m->data, m->width, m->height, disp, t->width, t->height, job, call);
    kb3d_model *model;
    kb3d_status status = kb3d_model_find(ctx, KB3D_MODEL_REFINE, &model, call);
    if (status)
        return status;
    if (!model)
        return kb3d_refine_by_filter(ctx, params, disp, job, call);
    kb3d_raster answer;
    if ((status = kb3d_refine_by_network(ctx, model, params->picture, m, &answer, call)))
        return status;
    *made_by = model;
    kb3d_refine_params rest = *params;
    rest.map = &answer;
    if (answer.width < t->width || answer.height < t->height)
        status = kb3d_refine_by_filter(ctx, &rest, disp, job, call);
    else
        status = kb3d_map_resize(ctx, answer.data, answer.width, answer.height, disp, t->width, t->height, job, call);
    kb3d_mem_free(&ctx->mem, answer.data);
    return status;
}
