#include "crop.h"

#include "tensor.h"

#include <math.h>
#include <string.h>

enum { INPUT_MAX = 4 };

/* One network and what it gets. */
typedef struct asking {
    const kb3d_painting *p;
    kb3d_crop *crop;
    kb3d_model *model;
    int width, height; /* of its input */
    float disp_max;
    kb3d_tensor inputs[INPUT_MAX];
    int input_count;
} asking;

static kb3d_status add_input(asking *a, int channels, kb3d_tensor **input) {
    *input = &a->inputs[a->input_count++];
    **input = (kb3d_tensor){.rank = 4, .shape = {1, channels, a->height, a->width}};
    return kb3d_model_alloc(a->p->ctx, a->model, (size_t)channels * (size_t)a->width * (size_t)a->height,
                            &(*input)->data, a->p->call);
}

/* Planes of the crop's size at the input's. */
static void fit_plane(const asking *a, const void *from, kb3d_texel texel, float *to) {
    kb3d_job job = {.pool = a->p->ctx->pool, .call = a->p->call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    a->p->ctx->kernels->area_average(&par, from, texel, 1, a->crop->width, a->crop->height, to, 1, a->width, a->height);
}

/* 1 where everything that an input's pixel covers is known, else 0. */
static kb3d_status add_mask(asking *a) {
    kb3d_tensor *mask;
    size_t count = (size_t)a->width * (size_t)a->height;
    kb3d_status status = add_input(a, 1, &mask);
    if (status)
        return status;
    fit_plane(a, a->crop->known, KB3D_TEXEL_U8, mask->data);
    for (size_t i = 0; i < count; i++)
        mask->data[i] = mask->data[i] > 0.999f / 255;
    return KB3D_OK;
}

/* What is known, and where nothing is what `planes` have there. */
static kb3d_status add_picture(asking *a, const float *planes) {
    kb3d_tensor *picture = &a->inputs[a->input_count];
    size_t count = (size_t)a->width * (size_t)a->height, from = (size_t)a->crop->width * (size_t)a->crop->height;
    float *colors, *whole;
    kb3d_mem *mem = &a->p->ctx->mem;
    kb3d_status status = kb3d_mem_alloc(mem, &colors, 3 * count, sizeof *colors, a->p->call);
    if (status)
        return status;
    if (!(status = kb3d_mem_alloc(mem, &whole, from, sizeof *whole, a->p->call))) {
        for (size_t c = 0; c < 3; c++) {
            for (size_t i = 0; i < from; i++) {
                float painted = planes[c * from + i];
                whole[i] = a->crop->known[i] || !isfinite(painted) ? a->crop->given[c * from + i] : painted;
            }
            fit_plane(a, whole, KB3D_TEXEL_F32, colors + c * count);
        }
        a->input_count++;
        status = kb3d_tensor_from_planes(a->p->ctx, a->model, colors, a->width, a->height, picture, a->p->call);
    }
    kb3d_mem_free(mem, whole);
    kb3d_mem_free(mem, colors);
    return status;
}

static kb3d_status add_disp(asking *a) {
    kb3d_tensor *disp;
    size_t count = (size_t)a->width * (size_t)a->height, from = (size_t)a->crop->width * (size_t)a->crop->height;
    kb3d_status status = add_input(a, 1, &disp);
    if (status)
        return status;
    fit_plane(a, a->crop->given + 3 * from, KB3D_TEXEL_F32, disp->data);
    for (size_t i = 0; i < count; i++)
        disp->data[i] *= a->disp_max > 0 ? 1 / a->disp_max : 0;
    return KB3D_OK;
}

/* The mask is the last input. */
static void blank_holes(asking *a, int first, int last) {
    size_t count = (size_t)a->width * (size_t)a->height;
    const float *mask = a->inputs[a->input_count - 1].data;
    for (int i = first; i <= last; i++)
        for (size_t k = 0; k < count * (size_t)a->inputs[i].shape[1]; k++)
            a->inputs[i].data[k] *= mask[k % count];
}

/* A plane of the answer at a position, bilinear. */
static float sample(const float *plane, int width, int height, double x, double y) {
    x = fmin(fmax(x - 0.5, 0), width - 1);
    y = fmin(fmax(y - 0.5, 0), height - 1);
    int x0 = (int)x, y0 = (int)y, x1 = x0 + 1 < width ? x0 + 1 : x0, y1 = y0 + 1 < height ? y0 + 1 : y0;
    float fx = (float)(x - x0), fy = (float)(y - y0);
    const float *a = plane + (size_t)y0 * (size_t)width, *b = plane + (size_t)y1 * (size_t)width;
    float top = a[x0] + (a[x1] - a[x0]) * fx, bottom = b[x0] + (b[x1] - b[x0]) * fx;
    return top + (bottom - top) * fy;
}

/* A plane of an answer of any size, times `scale` plus `offset`. */
static void take_plane(const asking *a, const kb3d_tensor *t, int plane, float scale, float offset, float *to) {
    const kb3d_crop *c = a->crop;
    int width = (int)t->shape[t->rank - 1], height = (int)t->shape[t->rank - 2];
    const float *from = t->data + (size_t)plane * (size_t)width * (size_t)height;
    size_t at = 0;
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++, at++) {
            float v = width == c->width && height == c->height
                          ? from[at]
                          : sample(from, width, height, (x + 0.5) * width / c->width, (y + 0.5) * height / c->height);
            to[at] = v * scale + offset;
        }
}

static kb3d_status take_colors(const asking *a, const kb3d_tensor *t) {
    const kb3d_manifest *m = kb3d_model_manifest(a->model);
    size_t count = (size_t)a->crop->width * (size_t)a->crop->height;
    if (t->rank != 4 || t->shape[0] != 1 || t->shape[1] != 3 || t->shape[2] < 1 || t->shape[2] > 8192 ||
        t->shape[3] < 1 || t->shape[3] > 8192)
        return kb3d_model_fail_shape(a->model, t, "1x3xHxW", a->p->call);
    for (int c = 0; c < 3; c++) {
        int plane = m->channel_order_bgr ? 2 - c : c;
        take_plane(a, t, plane, (float)m->std[plane], (float)m->mean[plane], a->crop->answer + (size_t)c * count);
    }
    for (size_t i = 0; i < 3 * count; i++)
        if (isfinite(a->crop->answer[i]))
            a->crop->answer[i] = fminf(fmaxf(a->crop->answer[i], 0), 1);
    return KB3D_OK;
}

static kb3d_status take_disp(const asking *a, const kb3d_tensor *t) {
    int width, height;
    if (!kb3d_tensor_is_map(t, &width, &height))
        return kb3d_model_fail_shape(a->model, t, "1x1xHxW", a->p->call);
    take_plane(a, t, 0, a->disp_max, 0, a->crop->answer + 3 * (size_t)a->crop->width * (size_t)a->crop->height);
    return KB3D_OK;
}

static kb3d_status run(asking *a, int has_colors, int has_disp) {
    kb3d_model_run r = {.model = a->model, .inputs = a->inputs, .input_count = a->input_count,
                        .output_count = has_colors + has_disp, .fraction = a->p->fraction};
    kb3d_status status = kb3d_model_execute(a->p->ctx, &r, a->p->call);
    if (status)
        return status;
    if (has_colors)
        status = take_colors(a, &r.outputs[0]);
    if (!status && has_disp)
        status = take_disp(a, &r.outputs[has_colors]);
    kb3d_model_run_end(&r);
    return status;
}

static kb3d_status ask_for_colors(asking *a) {
    const kb3d_manifest *m = kb3d_model_manifest(a->model);
    size_t count = (size_t)a->crop->width * (size_t)a->crop->height;
    int has_disp = m->output == KB3D_OUTPUT_COLOR_AND_INVERSE_DEPTH, has_context = *m->context != 0;
    a->width = a->crop->width;
    a->height = a->crop->height;
    memcpy(a->crop->answer + 3 * count, a->crop->given + 3 * count, count * sizeof(float));
    kb3d_status status = add_picture(a, a->crop->given);
    if (!status && has_disp)
        status = add_disp(a);
    if (!status && has_context)
        status = kb3d_crop_context(a->p, a->crop, &a->inputs[a->input_count++]);
    if (status || (status = add_mask(a)))
        return status;
    if (!has_context)
        blank_holes(a, 0, has_disp);
    return run(a, 1, has_disp);
}

/* A network for inverse depth alone sees the colours that were painted. */
static kb3d_status ask_for_depth(asking *a) {
    kb3d_manifest_crop_size(kb3d_model_manifest(a->model), a->crop->width, a->crop->height, &a->width, &a->height);
    kb3d_status status = add_picture(a, a->crop->answer);
    if (status || (status = add_disp(a)) || (status = add_mask(a)))
        return status;
    blank_holes(a, 1, 1);
    return run(a, 0, 1);
}

kb3d_status kb3d_crop_ask(const kb3d_painting *p, kb3d_crop *crop) {
    kb3d_model *models[2] = {p->model, p->depth_model};
    kb3d_status status = KB3D_OK;
    for (int i = 0; i < 2 && models[i] && !status; i++) {
        asking a = {.p = p, .crop = crop, .model = models[i], .disp_max = p->path->scene->disp_max};
        status = i ? ask_for_depth(&a) : ask_for_colors(&a);
        for (int k = 0; k < a.input_count; k++)
            kb3d_model_free(p->ctx, models[i], a.inputs[k].data);
    }
    return status;
}
