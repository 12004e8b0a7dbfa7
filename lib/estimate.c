#include "estimate.h"

#include "model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

/* The value that stands at `rank` once sorted; reorders the values (Hoare's FIND). */
static float select_rank(float *values, size_t count, size_t rank) {
    size_t low = 0, high = count - 1;
    while (low < high) {
        float pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            float swap = values[i];
            values[i++] = values[j];
            values[j--] = swap;
        }
        /* values[low..j] <= pivot <= values[j + 1..high] */
        if (rank <= j)
            high = j;
        else
            low = j + 1;
    }
    return values[rank];
}

bool kb3d_estimate_normalise(float *inverse_depth, size_t count, float *scratch) {
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(inverse_depth[i]))
            scratch[known++] = inverse_depth[i];
        else
            inverse_depth[i] = NAN;
    }
    if (!known)
        return false;
    double far = select_rank(scratch, known, (size_t)(0.005 * (known - 1) + 0.5));
    double near = select_rank(scratch, known, (size_t)(0.995 * (known - 1) + 0.5));
    double range = near - far;
    bool flat = range <= 1e-6 * fmax(fabs(near), fabs(far)); /* rounding noise is no relief */
    for (size_t i = 0; i < count; i++) {
        if (isnan(inverse_depth[i]))
            continue;
        double value = flat ? 1.0 : 0.05 + 0.95 * (inverse_depth[i] - far) / range;
        inverse_depth[i] = (float)fmin(fmax(value, 0.0), 2.0);
    }
    return true;
}

static float srgb_from_linear(float v) {
    return v <= 0.0031308f ? v * 12.92f : 1.055f * powf(v, 1 / 2.4f) - 0.055f;
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
            to[i] = ((picture->linear ? srgb_from_linear(v) : v) - mean) * scale;
        }
    }
}

static kb3d_status make_input(kb3d_ctx *ctx, const kb3d_manifest *m, const kb3d_raster *picture, int width,
                              int height, float **planes, kb3d_call *call) {
    size_t count = (size_t)width * height;
    float *pixels;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &pixels, count * 3, sizeof *pixels, call);
    if (status)
        return status;
    if (!(status = kb3d_mem_alloc(&ctx->mem, planes, count * 3, sizeof **planes, call))) {
        kb3d_job job = {.pool = ctx->pool, .call = call};
        kb3d_parallel par = kb3d_job_parallel(&job);
        ctx->kernels->area_average(&par, picture->data, (kb3d_texel)picture->sample, picture->channels,
                                   picture->width, picture->height, pixels, 3, width, height);
        fill_planes(m, picture, pixels, count, *planes);
    }
    kb3d_mem_free(&ctx->mem, pixels);
    return status;
}

/* Accepts 1x1xHxW, 1xHxW and HxW. */
static kb3d_status check_output(const kb3d_model *model, const kb3d_tensor *t, kb3d_call *call) {
    char shape[96] = "a single number";
    bool is_map = t->rank >= 2;
    for (int i = 0, used = 0; i < t->rank; i++) {
        int64_t least = 1, most = i < t->rank - 2 ? 1 : 8192;
        is_map = is_map && t->shape[i] >= least && t->shape[i] <= most;
        used += snprintf(shape + used, sizeof shape - used, i ? "x%lld" : "%lld", (long long)t->shape[i]);
    }
    if (!is_map)
        return kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the network answered %s, not 1x1xHxW", model->path,
                         shape);
    return KB3D_OK;
}

/* Copies the answer as inverse depth; a z that cannot be is unknown. */
static void copy_output(const kb3d_manifest *m, const float *from, size_t count, float *to) {
    for (size_t i = 0; i < count; i++)
        to[i] = m->output != KB3D_OUTPUT_DEPTH ? from[i] : from[i] > 0 ? 1 / from[i] : NAN;
}

static kb3d_status take_output(kb3d_ctx *ctx, const kb3d_model *model, const kb3d_tensor *output,
                               kb3d_raster *estimate, kb3d_call *call) {
    kb3d_status status = check_output(model, output, call);
    if (status)
        return status;
    int width = (int)output->shape[output->rank - 1], height = (int)output->shape[output->rank - 2];
    size_t count = (size_t)width * height;
    float *values, *scratch;
    if ((status = kb3d_mem_alloc(&ctx->mem, &scratch, count, sizeof *scratch, call)))
        return status;
    if (!(status = kb3d_mem_alloc(&ctx->mem, &values, count, sizeof *values, call))) {
        copy_output(&model->manifest, output->data, count, values);
        if (kb3d_estimate_normalise(values, count, scratch)) {
            *estimate = (kb3d_raster){.width = width, .height = height, .channels = 1,
                                      .sample = KB3D_SAMPLE_F32, .data = values};
        } else {
            kb3d_mem_free(&ctx->mem, values);
            status = kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the network's answer holds no number", model->path);
        }
    }
    kb3d_mem_free(&ctx->mem, scratch);
    return status;
}

static kb3d_status run(kb3d_ctx *ctx, const kb3d_model *model, float *planes, int width, int height,
                       kb3d_raster *estimate, kb3d_call *call) {
    kb3d_tensor input = {planes, 4, {1, 3, height, width}}, output = {0};
    void *owner = NULL;
    char message[KB3D_INFER_MESSAGE_SIZE] = "";
    if (model->api->run(model->network, model->manifest.entry, &input, ctx->threads, &output, &owner, message))
        return kb3d_fail(call, KB3D_ERROR_MODEL, "%s: %s", model->path, message);
    kb3d_status status = take_output(ctx, model, &output, estimate, call);
    model->api->release_output(owner);
    return status;
}

kb3d_status kb3d_estimate_depth(kb3d_ctx *ctx, const kb3d_raster *picture, kb3d_raster *estimate,
                                const char **name, kb3d_call *call) {
    *estimate = (kb3d_raster){0};
    double begin = now_ms();
    const kb3d_model *model;
    float *planes = NULL;
    int width, height;
    kb3d_status status = kb3d_call_progress(call, "depth", 0);
    if (status || (status = kb3d_model_acquire(ctx, KB3D_MODEL_DEPTH, &model, call)))
        return status;
    *name = model->manifest.name;
    double loaded = now_ms();
    kb3d_manifest_input_size(&model->manifest, picture->width, picture->height, &width, &height);
    status = make_input(ctx, &model->manifest, picture, width, height, &planes, call);
    /* also what keeps a half-averaged picture of a cancelled call from the network */
    if (!status && !(status = kb3d_call_progress(call, "depth", 0.1)))
        status = run(ctx, model, planes, width, height, estimate, call);
    kb3d_mem_free(&ctx->mem, planes);
    if (!status && (status = kb3d_call_progress(call, "depth", 1))) {
        kb3d_mem_free(&ctx->mem, estimate->data);
        *estimate = (kb3d_raster){0};
    }
    if (!status)
        kb3d_log_line(&ctx->log, KB3D_LOG_INFO, "depth by %s at %dx%d in %.0f ms (loading %.0f ms)",
                      model->manifest.name, width, height, now_ms() - loaded, loaded - begin);
    return status;
}
