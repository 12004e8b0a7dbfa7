#include "paint.h"

#include "tensor.h"

#include <math.h>

/* What the network sees, and where its answer goes. */
typedef struct painting {
    kb3d_ctx *ctx;
    kb3d_model *model;
    const kb3d_planes *planes;
    kb3d_call *call;
    float disp_max;
    double fraction;
    int linear, width, height; /* of the network's input */
    kb3d_tensor picture, disp, mask;
} painting;

static kb3d_status alloc_map(painting *p, kb3d_tensor *tensor) {
    *tensor = (kb3d_tensor){.rank = 4, .shape = {1, 1, p->height, p->width}};
    return kb3d_model_alloc(p->ctx, p->model, (size_t)p->width * (size_t)p->height, &tensor->data, p->call);
}

/* 1 where everything a network's pixel covers is known, else 0. */
static kb3d_status make_mask(painting *p) {
    const kb3d_planes *v = p->planes;
    size_t count = (size_t)p->width * (size_t)p->height;
    kb3d_status status = alloc_map(p, &p->mask);
    if (status)
        return status;
    kb3d_job job = {.pool = p->ctx->pool, .call = p->call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    p->ctx->kernels->area_average(&par, v->cover, KB3D_TEXEL_U8, 1, v->width, v->height, p->mask.data, 1, p->width,
                                  p->height);
    for (size_t i = 0; i < count; i++)
        p->mask.data[i] = p->mask.data[i] >= 1 - 1e-4f;
    return KB3D_OK;
}

static kb3d_status make_picture(painting *p) {
    const kb3d_planes *v = p->planes;
    kb3d_raster view = {.width = v->width, .height = v->height, .channels = 4, .sample = (kb3d_sample)v->texel,
                        .linear = p->linear, .data = v->color};
    kb3d_status status = kb3d_tensor_from_picture(p->ctx, p->model, &view, p->width, p->height, &p->picture, p->call);
    size_t count = (size_t)p->width * (size_t)p->height;
    for (size_t i = 0; !status && i < 3 * count; i++)
        p->picture.data[i] *= p->mask.data[i % count];
    return status;
}

static kb3d_status make_disp(painting *p) {
    const kb3d_planes *v = p->planes;
    size_t count = (size_t)p->width * (size_t)p->height;
    kb3d_status status = alloc_map(p, &p->disp);
    if (status)
        return status;
    kb3d_job job = {.pool = p->ctx->pool, .call = p->call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    p->ctx->kernels->area_average(&par, v->disp, KB3D_TEXEL_F32, 1, v->width, v->height, p->disp.data, 1, p->width,
                                  p->height);
    float scale = p->disp_max > 0 ? 1 / p->disp_max : 0;
    for (size_t i = 0; i < count; i++)
        p->disp.data[i] *= scale * p->mask.data[i];
    return KB3D_OK;
}

/* A plane of the answer at a position of the view, bilinear. */
static float sample(const float *plane, int width, int height, double x, double y) {
    x = fmin(fmax(x - 0.5, 0), width - 1);
    y = fmin(fmax(y - 0.5, 0), height - 1);
    int x0 = (int)x, y0 = (int)y, x1 = x0 + 1 < width ? x0 + 1 : x0, y1 = y0 + 1 < height ? y0 + 1 : y0;
    float fx = (float)(x - x0), fy = (float)(y - y0);
    const float *a = plane + (size_t)y0 * (size_t)width, *b = plane + (size_t)y1 * (size_t)width;
    float top = a[x0] + (a[x1] - a[x0]) * fx, bottom = b[x0] + (b[x1] - b[x0]) * fx;
    return top + (bottom - top) * fy;
}

static float linear_from_srgb(float v) {
    return v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
}

static void store(const kb3d_planes *v, size_t at, int c, float value) {
    if (v->texel == KB3D_TEXEL_U8)
        ((uint8_t *)v->color)[4 * at + c] = (uint8_t)(value * 255 + 0.5f);
    else if (v->texel == KB3D_TEXEL_U16)
        ((uint16_t *)v->color)[4 * at + c] = (uint16_t)(value * 65535 + 0.5f);
    else
        ((float *)v->color)[4 * at + c] = value;
}

/* One hole pixel from the answers. Answers 0 where that is no number: it stays as the classical fill has it. */
static int take_pixel(const painting *p, const kb3d_tensor *answers, int output_count, int x, int y) {
    const kb3d_planes *v = p->planes;
    const kb3d_manifest *m = kb3d_model_manifest(p->model);
    size_t at = (size_t)y * (size_t)v->width + (size_t)x;
    float rgb[3];
    for (int i = 0; i < output_count; i++) {
        int width = (int)answers[i].shape[3], height = (int)answers[i].shape[2];
        size_t count = (size_t)width * (size_t)height;
        double ax = (x + 0.5) * width / v->width, ay = (y + 0.5) * height / v->height;
        if (i == 1) {
            float disp = sample(answers[i].data, width, height, ax, ay) * p->disp_max;
            if (disp >= 0 && disp < 1e30f)
                v->disp[at] = disp;
            continue;
        }
        for (int c = 0; c < 3; c++) {
            int plane = m->channel_order_bgr ? 2 - c : c;
            float value = sample(answers[i].data + (size_t)plane * count, width, height, ax, ay);
            value = (float)(value * m->std[plane] + m->mean[plane]);
            if (!isfinite(value))
                return 0;
            value = fminf(fmaxf(value, 0), 1);
            rgb[c] = p->linear ? linear_from_srgb(value) : value;
        }
        for (int c = 0; c < 3; c++)
            store(v, at, c, rgb[c]);
        store(v, at, 3, 1);
    }
    return 1;
}

static void take_holes(const painting *p, const kb3d_tensor *answers, int output_count) {
    const kb3d_planes *v = p->planes;
    size_t holes = 0, taken = 0, count = (size_t)v->width * (size_t)v->height;
    for (size_t at = 0; at < count; at++)
        if (v->cover[at] != 255) {
            holes++;
            taken += (size_t)take_pixel(p, answers, output_count, (int)(at % (size_t)v->width), (int)(at / (size_t)v->width));
        }
    if (taken < holes)
        kb3d_log_line(&p->ctx->log, KB3D_LOG_WARNING,
                      "%s: the answer has no number for %zu of %zu pixels; they are painted the classical way",
                      kb3d_model_label(p->model), holes - taken, holes);
}

static kb3d_status check_answers(const painting *p, const kb3d_tensor *answers, int output_count) {
    for (int i = 0; i < output_count; i++) {
        const kb3d_tensor *t = &answers[i];
        if (t->rank != 4 || t->shape[0] != 1 || t->shape[1] != (i ? 1 : 3) || t->shape[2] < 1 || t->shape[2] > 8192 ||
            t->shape[3] < 1 || t->shape[3] > 8192)
            return kb3d_model_fail_shape(p->model, t, i ? "1x1xHxW" : "1x3xHxW", p->call);
    }
    return KB3D_OK;
}

static kb3d_status run(painting *p, int output_count) {
    kb3d_tensor inputs[3] = {p->picture, p->mask};
    if (output_count == 2) {
        inputs[1] = p->disp;
        inputs[2] = p->mask;
    }
    kb3d_model_run r = {.model = p->model, .inputs = inputs, .input_count = output_count + 1,
                        .output_count = output_count, .fraction = p->fraction};
    kb3d_status status = kb3d_model_execute(p->ctx, &r, p->call);
    if (status)
        return status;
    if (!(status = check_answers(p, r.outputs, output_count)))
        take_holes(p, r.outputs, output_count);
    kb3d_model_run_end(&r);
    return status;
}

kb3d_status kb3d_paint_view(kb3d_ctx *ctx, kb3d_model *model, const kb3d_planes *planes, float disp_max, int linear,
                            double fraction, kb3d_call *call) {
    const kb3d_manifest *m = kb3d_model_manifest(model);
    int output_count = m->output == KB3D_OUTPUT_COLOR_AND_INVERSE_DEPTH ? 2 : 1;
    painting p = {.ctx = ctx, .model = model, .planes = planes, .call = call, .disp_max = disp_max,
                  .fraction = fraction, .linear = linear};
    kb3d_manifest_input_size(m, planes->width, planes->height, &p.width, &p.height);
    kb3d_status status = make_mask(&p);
    if (!status && !(status = make_picture(&p)) && (output_count == 1 || !(status = make_disp(&p))))
        status = run(&p, output_count);
    kb3d_model_free(ctx, model, p.picture.data);
    kb3d_model_free(ctx, model, p.disp.data);
    kb3d_model_free(ctx, model, p.mask.data);
    return status;
}
