#include "tensor.h"

#include <math.h>

float kb3d_srgb_encode(float v) {
    return v <= 0.0031308f ? v * 12.92f : 1.055f * powf(v, 1 / 2.4f) - 0.055f;
}

float kb3d_srgb_decode(float v) {
    return v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
}

/* Interleaved samples to planes with the manifest's order, mean and std. Float pictures
   are clamped into what networks were trained on; the comparison turns NaN into 0. */
static void fill_planes(const kb3d_manifest *m, const kb3d_raster *picture, const float *pixels, size_t count,
                        float *planes) {
    for (int c = 0; c < 3; c++) {
        const float *from = pixels + (m->channel_order_bgr ? 2 - c : c);
        float *to = planes + c * count;
        float mean = (float)m->mean[c], scale = (float)(1 / m->std[c]);
        for (size_t i = 0; i < count; i++) {
            float v = from[3 * i] > 0 ? fminf(from[3 * i], 1) : 0;
            to[i] = ((picture->linear ? kb3d_srgb_encode(v) : v) - mean) * scale;
        }
    }
}

kb3d_status kb3d_tensor_from_picture(kb3d_ctx *ctx, kb3d_model *model, const kb3d_raster *picture, int width,
                                     int height, kb3d_tensor *tensor, kb3d_call *call) {
    size_t count = (size_t)width * (size_t)height;
    float *pixels, *planes;
    *tensor = (kb3d_tensor){.rank = 4, .shape = {1, 3, height, width}};
    kb3d_status status = kb3d_model_alloc(ctx, model, count * 3, &planes, call);
    if (status)
        return status;
    if (!(status = kb3d_mem_alloc(&ctx->mem, &pixels, count * 3, sizeof *pixels, call))) {
        kb3d_job job = {.pool = ctx->pool, .call = call};
        kb3d_parallel par = kb3d_job_parallel(&job);
        ctx->kernels->area_average(&par, picture->data, (kb3d_texel)picture->sample, picture->channels,
                                   picture->width, picture->height, pixels, 3, width, height);
        fill_planes(kb3d_model_manifest(model), picture, pixels, count, planes);
        kb3d_mem_free(&ctx->mem, pixels);
        /* a half-averaged picture of a cancelled call must not reach a network */
        status = kb3d_call_check(call);
    }
    if (status)
        kb3d_model_free(ctx, model, planes);
    else
        tensor->data = planes;
    return status;
}

kb3d_status kb3d_tensor_from_planes(kb3d_ctx *ctx, kb3d_model *model, const float *rgb, int width, int height,
                                    kb3d_tensor *tensor, kb3d_call *call) {
    const kb3d_manifest *m = kb3d_model_manifest(model);
    size_t count = (size_t)width * (size_t)height;
    *tensor = (kb3d_tensor){.rank = 4, .shape = {1, 3, height, width}};
    kb3d_status status = kb3d_model_alloc(ctx, model, 3 * count, &tensor->data, call);
    for (int c = 0; !status && c < 3; c++) {
        const float *from = rgb + (size_t)(m->channel_order_bgr ? 2 - c : c) * count;
        float *to = tensor->data + (size_t)c * count, mean = (float)m->mean[c], scale = (float)(1 / m->std[c]);
        for (size_t i = 0; i < count; i++)
            to[i] = (from[i] - mean) * scale;
    }
    return status;
}

int kb3d_tensor_is_map(const kb3d_tensor *t, int *width, int *height) {
    if (t->rank < 2)
        return 0;
    for (int i = 0; i < t->rank; i++)
        if (t->shape[i] < 1 || t->shape[i] > (i < t->rank - 2 ? 1 : 8192))
            return 0;
    *width = (int)t->shape[t->rank - 1];
    *height = (int)t->shape[t->rank - 2];
    return 1;
}
