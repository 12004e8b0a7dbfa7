#include "segment.h"

#include "decode.h"
#include "pixels.h"
#include "tensor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A plane counts when some pixel of it is more likely of the class than not. */
#define PRESENT 0.5f

void kb3d_segments_free(kb3d_ctx *ctx, kb3d_segments *segments) {
    for (int i = 0; i < segments->count; i++)
        kb3d_mem_free(&ctx->mem, segments->items[i].share);
    segments->count = 0;
}

/* A network's answer as C planes of HxW. */
typedef struct answer {
    const float *data;
    int channels, width, height; /* channels 1: class numbers instead of scores */
    int is_share;                /* scores are probabilities already, else logits */
    float *most, *norm;          /* of logits: each pixel's largest, and the sum of their exponentials from there */
} answer;

/* Softmax scores lie in 0..1 and sum to one; what sums to something else are logits. */
static int are_shares(const answer *a) {
    size_t count = (size_t)a->width * (size_t)a->height;
    size_t step = count / 997 + 1; /* a sample tells */
    for (size_t i = 0; i < count; i += step) {
        float sum = 0;
        for (int c = 0; c < a->channels; c++) {
            float v = a->data[(size_t)c * count + i];
            if (isnan(v))
                continue;
            if (!(v >= -1e-4f && v <= 1.0001f))
                return 0;
            sum += v;
        }
        if (fabsf(sum - 1) > 0.02f)
            return 0;
    }
    return 1;
}

static int is_listed(const kb3d_class_ids *ids, int id) {
    for (int i = 0; i < ids->count; i++)
        if (ids->ids[i] == id)
            return 1;
    return 0;
}

/* The two planes that turn logits into shares (softmax). */
static kb3d_status prepare_softmax(kb3d_ctx *ctx, answer *a, kb3d_call *call) {
    size_t count = (size_t)a->width * (size_t)a->height;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &a->most, count, sizeof *a->most, call);
    if (status || (status = kb3d_mem_alloc_zero(&ctx->mem, &a->norm, count, sizeof *a->norm, call)))
        return status;
    for (size_t i = 0; i < count; i++)
        a->most[i] = -INFINITY;
    for (int c = 0; c < a->channels; c++)
        for (size_t i = 0; i < count; i++)
            a->most[i] = fmaxf(a->most[i], a->data[(size_t)c * count + i]);
    for (int c = 0; c < a->channels && !(status = kb3d_call_check(call)); c++)
        for (size_t i = 0; i < count; i++) {
            float v = a->data[(size_t)c * count + i];
            a->norm[i] += isnan(v) ? 0 : expf(v - a->most[i]);
        }
    return status;
}

/* How likely pixel `i` is of the class, 0..1. */
static float share_of(const answer *a, const kb3d_class_ids *ids, size_t i) {
    size_t count = (size_t)a->width * (size_t)a->height;
    const float *at = a->data + i;
    if (a->channels == 1)
        return isfinite(at[0]) && at[0] > -1 && at[0] < 65536 && is_listed(ids, (int)lrintf(at[0]));
    float sum = 0;
    for (int k = 0; k < ids->count; k++) {
        float v = at[(size_t)ids->ids[k] * count];
        sum += isnan(v) ? 0 : a->is_share ? v : expf(v - a->most[i]) / a->norm[i];
    }
    return sum >= 0 ? fminf(sum, 1) : 0; /* false for NaN, which infinite logits make */
}

static kb3d_status add_class(kb3d_ctx *ctx, const answer *a, kb3d_class kind, const kb3d_class_ids *ids,
                             kb3d_segments *segments, kb3d_call *call) {
    size_t count = (size_t)a->width * (size_t)a->height;
    float *share, most = 0;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &share, count, sizeof *share, call);
    if (status)
        return status;
    for (size_t i = 0; i < count; i++) {
        share[i] = share_of(a, ids, i);
        most = fmaxf(most, share[i]);
    }
    if (most > PRESENT)
        segments->items[segments->count++] =
            (kb3d_segment){.kind = kind, .width = a->width, .height = a->height, .share = share};
    else
        kb3d_mem_free(&ctx->mem, share);
    return KB3D_OK;
}

static kb3d_status check_answer(const kb3d_model *model, const kb3d_tensor *t, answer *a, kb3d_call *call) {
    const kb3d_manifest *m = kb3d_model_manifest(model);
    *a = (answer){.data = t->data, .channels = 1};
    if (m->output == KB3D_OUTPUT_CLASS_IDS)
        return kb3d_tensor_is_map(t, &a->width, &a->height)
                   ? KB3D_OK
                   : kb3d_model_fail_shape(model, t, "1x1xHxW of class numbers", call);
    kb3d_tensor plane = {.rank = 2};
    if (t->rank >= 3)
        memcpy(plane.shape, &t->shape[t->rank - 2], 2 * sizeof *plane.shape);
    int64_t channels = t->rank >= 3 ? t->shape[t->rank - 3] : 0;
    if (channels < 2 || channels > 65536 || (t->rank == 4 && t->shape[0] != 1) ||
        !kb3d_tensor_is_map(&plane, &a->width, &a->height))
        return kb3d_model_fail_shape(model, t, "1xCxHxW of class scores", call);
    a->channels = (int)channels;
    for (int k = KB3D_CLASS_PERSON; k < KB3D_CLASS_COUNT; k++)
        for (int i = 0; i < m->classes[k].count; i++)
            if (m->classes[k].ids[i] >= a->channels)
                return kb3d_fail(call, KB3D_ERROR_MODEL,
                                 "%s: the network answered %d classes, and the manifest names class %d",
                                 kb3d_model_label(model), a->channels, m->classes[k].ids[i]);
    a->is_share = are_shares(a);
    return KB3D_OK;
}

static int has_number(const answer *a) {
    size_t count = (size_t)a->channels * (size_t)a->width * (size_t)a->height;
    for (size_t i = 0; i < count; i++)
        if (isfinite(a->data[i]))
            return 1;
    return 0;
}

static kb3d_status take_answer(kb3d_ctx *ctx, const kb3d_model *model, const kb3d_tensor *tensor,
                               kb3d_segments *segments, kb3d_call *call) {
    answer a;
    kb3d_status status = check_answer(model, tensor, &a, call);
    if (!status && !has_number(&a))
        status = kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the network's answer holds no number", kb3d_model_label(model));
    if (!status && a.channels > 1 && !a.is_share)
        status = prepare_softmax(ctx, &a, call);
    for (int k = KB3D_CLASS_PERSON; k < KB3D_CLASS_COUNT && !status; k++)
        if (kb3d_model_manifest(model)->classes[k].count)
            status = add_class(ctx, &a, (kb3d_class)k, &kb3d_model_manifest(model)->classes[k], segments, call);
    kb3d_mem_free(&ctx->mem, a.most);
    kb3d_mem_free(&ctx->mem, a.norm);
    return status;
}

kb3d_status kb3d_segment_picture(kb3d_ctx *ctx, const kb3d_raster *picture, kb3d_segments *segments,
                                 kb3d_model **made_by, kb3d_call *call) {
    kb3d_model *model;
    segments->count = 0;
    *made_by = NULL;
    kb3d_status status = kb3d_model_find(ctx, KB3D_MODEL_SEGMENT, &model, call);
    if (status)
        return status;
    if (!model) {
        kb3d_log_line(&ctx->log, KB3D_LOG_INFO,
                      "no segment network: people, animals, vehicles and sky keep the depth as estimated");
        return KB3D_OK;
    }
    int width, height;
    kb3d_tensor input;
    kb3d_manifest_input_size(kb3d_model_manifest(model), picture->width, picture->height, &width, &height);
    if ((status = kb3d_tensor_from_picture(ctx, model, picture, width, height, &input, call)))
        return status;
    kb3d_model_run run = {.model = model, .inputs = &input, .input_count = 1, .output_count = 1};
    if (!(status = kb3d_model_execute(ctx, &run, call))) {
        status = take_answer(ctx, model, &run.outputs[0], segments, call);
        kb3d_model_run_end(&run);
    }
    kb3d_model_free(ctx, model, input.data);
    *made_by = model;
    return status;
}

static kb3d_status load_mask(kb3d_ctx *ctx, const kb3d_source *source, const char *what, kb3d_raster *map,
                             kb3d_call *call) {
    kb3d_pixels pixels;
    if (!source->image)
        return kb3d_decode_depth(&ctx->mem, ctx->pixel_limit, source->path, source->bytes, source->byte_count, map,
                                 call);
    kb3d_status status = kb3d_pixels_from_image(&pixels, source->image, KB3D_USE_DEPTH, what, call);
    if (status)
        return status;
    if ((uint64_t)pixels.width * (uint64_t)pixels.height > ctx->pixel_limit)
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "%s: %d x %d pixels exceed the limit of %llu", what, pixels.width,
                         pixels.height, (unsigned long long)ctx->pixel_limit);
    return kb3d_raster_from_pixels(map, ctx, &pixels, call);
}

static kb3d_status add_mask(kb3d_ctx *ctx, const kb3d_mask *host, int index, kb3d_segments *segments, kb3d_call *call) {
    kb3d_mask mask;
    kb3d_source source;
    kb3d_raster map;
    char what[32];
    snprintf(what, sizeof what, "mask %d", index);
    kb3d_status status = kb3d_struct_read(&mask, sizeof mask, host, sizeof mask, what, call);
    if (status || (status = kb3d_struct_read(&source, sizeof source, mask.source, sizeof source, what, call)))
        return status;
    if ((int)mask.kind < 0 || mask.kind > KB3D_CLASS_SKY)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s: there is no kind %d", what, (int)mask.kind);
    if (!!source.path + !!source.bytes + !!source.image != 1)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s needs exactly one of path, bytes and image", what);
    if ((status = load_mask(ctx, &source, what, &map, call)))
        return status;
    float *share = map.data;
    for (size_t i = 0; i < (size_t)map.width * (size_t)map.height; i++)
        share[i] = share[i] > 0.5f; /* false for NaN */
    segments->items[segments->count++] = (kb3d_segment){
        .kind = mask.kind, .is_one_thing = 1, .width = map.width, .height = map.height, .share = share};
    return KB3D_OK;
}

kb3d_status kb3d_segment_masks(kb3d_ctx *ctx, const kb3d_mask *const *masks, int count, kb3d_segments *segments,
                               kb3d_call *call) {
    kb3d_status status = KB3D_OK;
    segments->count = 0;
    for (int i = 0; i < count && !status; i++)
        if (!(status = kb3d_call_progress(call, "adjust", (double)i / count)))
            status = add_mask(ctx, masks[i], i, segments, call);
    return status;
}
