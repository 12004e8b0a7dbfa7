#include "estimate.h"

#include "tensor.h"

#include <math.h>
#include <string.h>

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

/* One run of the network: how the picture is shown to it. */
typedef struct look {
    int mirrored;
    double scale; /* of the network's usual size */
} look;

static void mirror_rows(float *values, size_t rows, int width) {
    for (size_t y = 0; y < rows; y++) {
        float *row = values + y * (size_t)width;
        for (int a = 0, b = width - 1; a < b; a++, b--) {
            float swap = row[a];
            row[a] = row[b];
            row[b] = swap;
        }
    }
}

/* Turns an answer into inverse depth in place; a z that cannot be is unknown. */
static void interpret(kb3d_model_output output, float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            values[i] = NAN;
        else if (output == KB3D_OUTPUT_DEPTH || output == KB3D_OUTPUT_METRIC_DEPTH)
            values[i] = values[i] > 0 ? 1 / values[i] : NAN;
}

static kb3d_status take_output(kb3d_ctx *ctx, kb3d_model *model, const kb3d_tensor *output, const look *look,
                               kb3d_raster *answer, kb3d_call *call) {
    int width, height;
    float *values;
    if (!kb3d_tensor_is_map(output, &width, &height))
        return kb3d_model_fail_shape(model, output, "1x1xHxW", call);
    size_t count = (size_t)width * (size_t)height;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &values, count, sizeof *values, call);
    if (status)
        return status;
    memcpy(values, output->data, count * sizeof *values);
    interpret(kb3d_model_manifest(model)->output, values, count);
    if (look->mirrored)
        mirror_rows(values, (size_t)height, width);
    *answer = (kb3d_raster){width, height, 1, KB3D_SAMPLE_F32, 0, values};
    return KB3D_OK;
}

/* The network's size for this look, still one that its rule allows. */
static void look_size(const kb3d_manifest *m, const look *look, const kb3d_raster *picture, int *width, int *height) {
    kb3d_manifest scaled = *m;
    scaled.long_side = (int)(m->long_side * look->scale);
    kb3d_manifest_input_size(&scaled, picture->width, picture->height, width, height);
}

static kb3d_status run_look(kb3d_ctx *ctx, kb3d_model *model, const kb3d_raster *picture, const look *look,
                            double fraction, kb3d_raster *answer, kb3d_call *call) {
    int width, height;
    kb3d_tensor input;
    look_size(kb3d_model_manifest(model), look, picture, &width, &height);
    kb3d_status status = kb3d_tensor_from_picture(ctx, model, picture, width, height, &input, call);
    if (status)
        return status;
    if (look->mirrored)
        mirror_rows(input.data, 3 * (size_t)height, width);
    kb3d_model_run run = {
        .model = model, .inputs = &input, .input_count = 1, .output_count = 1, .fraction = fraction};
    if (!(status = kb3d_call_progress(call, "depth", fraction)) && !(status = kb3d_model_execute(ctx, &run, call))) {
        status = take_output(ctx, model, &run.outputs[0], look, answer, call);
        kb3d_model_run_end(&run);
    }
    kb3d_model_free(ctx, model, input.data);
    return status;
}

/* Adds another look's answer, brought to the first one's size and, by least squares, to its
   scale and shift: a network's answers agree in no more than that. */
static kb3d_status add_look(kb3d_ctx *ctx, const float *first, const kb3d_raster *answer, const kb3d_raster *sum,
                            kb3d_call *call) {
    size_t count = (size_t)sum->width * (size_t)sum->height;
    float *to = sum->data, *values;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &values, count, sizeof *values, call);
    if (status)
        return status;
    kb3d_job job = {.pool = ctx->pool, .call = call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    ctx->kernels->area_average(&par, answer->data, KB3D_TEXEL_F32, 1, answer->width, answer->height, values, 1,
                               sum->width, sum->height);
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]) && isfinite(first[i])) {
            n++;
            x += values[i];
            y += first[i];
            xx += (double)values[i] * values[i];
            xy += (double)values[i] * first[i];
        }
    double spread = n * xx - x * x, scale = spread > 0 ? (n * xy - x * y) / spread : 0;
    for (size_t i = 0; i < count; i++)
        to[i] += scale > 0 && isfinite(values[i]) ? (float)(scale * values[i] + (y - scale * x) / n) : first[i];
    kb3d_mem_free(&ctx->mem, values);
    return KB3D_OK;
}

/* The first is all that normal quality takes. Smaller looks see more of the whole; larger
   ones than a network was trained for made it worse on real rooms with known depth. */
static const look looks[] = {{0, 1}, {1, 1}, {0, 0.75}, {1, 0.75}};

/* The mean of the further looks and the first, in the first's place. */
static kb3d_status merge_looks(kb3d_ctx *ctx, kb3d_model *model, const kb3d_raster *picture, int count,
                               kb3d_raster *estimate, kb3d_call *call) {
    size_t size = (size_t)estimate->width * (size_t)estimate->height;
    float *first, *sum = estimate->data;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &first, size, sizeof *first, call);
    if (status)
        return status;
    memcpy(first, sum, size * sizeof *first);
    for (int i = 1; i < count && !status; i++) {
        kb3d_raster answer;
        status = run_look(ctx, model, picture, &looks[i], (double)i / count, &answer, call);
        if (!status) {
            status = add_look(ctx, first, &answer, estimate, call);
            kb3d_mem_free(&ctx->mem, answer.data);
        }
    }
    for (size_t i = 0; i < size; i++)
        sum[i] /= (float)count;
    kb3d_mem_free(&ctx->mem, first);
    return status;
}

/* Of a network without a unit: brought to our range. A metric one keeps its metres. */
static kb3d_status normalise(kb3d_ctx *ctx, const kb3d_model *model, const kb3d_raster *estimate, kb3d_call *call) {
    size_t count = (size_t)estimate->width * (size_t)estimate->height;
    float *scratch;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &scratch, count, sizeof *scratch, call);
    if (status)
        return status;
    bool any = false;
    if (kb3d_model_manifest(model)->output != KB3D_OUTPUT_METRIC_DEPTH)
        any = kb3d_estimate_normalise(estimate->data, count, scratch);
    else
        for (size_t i = 0; i < count && !any; i++)
            any = isfinite(((const float *)estimate->data)[i]);
    kb3d_mem_free(&ctx->mem, scratch);
    return any ? KB3D_OK
               : kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the network's answer holds no number",
                           kb3d_model_label(model));
}

kb3d_status kb3d_estimate_depth(kb3d_ctx *ctx, const kb3d_raster *picture, kb3d_depth_quality quality,
                                kb3d_raster *estimate, kb3d_model **made_by, kb3d_call *call) {
    int count = quality == KB3D_DEPTH_QUALITY_HIGH ? (int)(sizeof looks / sizeof *looks) : 1;
    kb3d_model *model;
    *estimate = (kb3d_raster){0};
    kb3d_status status = kb3d_call_progress(call, "depth", 0);
    if (status || (status = kb3d_model_find(ctx, KB3D_MODEL_DEPTH, &model, call)))
        return status;
    if (!model)
        return kb3d_model_fail_none(ctx, KB3D_MODEL_DEPTH, call);
    if (kb3d_model_manifest(model)->exact_width && count > 2)
        count = 2; /* no other size is allowed */
    status = run_look(ctx, model, picture, &looks[0], 0, estimate, call);
    if (!status && count > 1)
        status = merge_looks(ctx, model, picture, count, estimate, call);
    if (!status && !(status = normalise(ctx, model, estimate, call)))
        status = kb3d_call_progress(call, "depth", 1);
    if (status) {
        kb3d_mem_free(&ctx->mem, estimate->data);
        *estimate = (kb3d_raster){0};
        return status;
    }
    kb3d_model_info info;
    kb3d_model_get_info(ctx, model, &info);
    kb3d_log_line(&ctx->log, KB3D_LOG_INFO, "depth by %s at %dx%d in %.0f ms (%s, loaded in %.0f ms)", info.name,
                  estimate->width, estimate->height, info.last_ms, info.runtime, info.load_ms);
    *made_by = model;
    return KB3D_OK;
}
