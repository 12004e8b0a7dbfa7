#include "refine_network.h"

#include "tensor.h"

#include <math.h>

/* The map's values between its ends, 0..1: what the network sees and answers. */
typedef struct range {
    float from, span;
} range;

static range measure(const kb3d_raster *map) {
    const float *d = map->data;
    size_t count = (size_t)map->width * (size_t)map->height;
    float low = d[0], high = d[0];
    for (size_t i = 1; i < count; i++) {
        low = fminf(low, d[i]);
        high = fmaxf(high, d[i]);
    }
    return (range){low, high - low};
}

/* One step of the size rule down where a side came out larger than the picture's. */
static int limit_side(const kb3d_manifest *m, int side, int most) {
    return side > most && side >= 2 * m->multiple + m->offset ? side - m->multiple : side;
}

/* No larger than the picture, unless the network takes no other: there is no more to see. */
static void input_size(const kb3d_manifest *m, const kb3d_raster *picture, int *width, int *height) {
    int longer = picture->width > picture->height ? picture->width : picture->height;
    int least = m->multiple + m->offset;
    kb3d_manifest fitting = *m;
    fitting.long_side = m->long_side < longer ? m->long_side : longer < least ? least : longer;
    kb3d_manifest_input_size(&fitting, picture->width, picture->height, width, height);
    if (m->exact_width)
        return;
    *width = limit_side(m, *width, picture->width);
    *height = limit_side(m, *height, picture->height);
}

static kb3d_status make_depth_input(kb3d_ctx *ctx, kb3d_model *model, const kb3d_raster *map, range r, int width,
                                    int height, kb3d_tensor *tensor, kb3d_call *call) {
    if (!kb3d_model_manifest(model)->depth_of_picture_size) {
        width = map->width;
        height = map->height;
    }
    size_t count = (size_t)width * (size_t)height;
    float *values;
    *tensor = (kb3d_tensor){.rank = 4, .shape = {1, 1, height, width}};
    kb3d_status status = kb3d_model_alloc(ctx, model, count, &values, call);
    if (status)
        return status;
    kb3d_job job = {.pool = ctx->pool, .call = call};
    status = kb3d_map_resize(ctx, map->data, map->width, map->height, values, width, height, &job, call);
    if (status) {
        kb3d_model_free(ctx, model, values);
        return status;
    }
    float scale = r.span > 0 ? 1 / r.span : 0;
    for (size_t i = 0; i < count; i++)
        values[i] = (values[i] - r.from) * scale;
    tensor->data = values;
    return KB3D_OK;
}

/* Back into the map's units. What is no number stays as the map had it; what lies outside
   the map's range is held at its end. */
static kb3d_status take_answer(kb3d_ctx *ctx, const kb3d_model *model, const kb3d_tensor *output,
                               const kb3d_raster *map, range r, kb3d_raster *answer, kb3d_call *call) {
    int width, height;
    if (!kb3d_tensor_is_map(output, &width, &height))
        return kb3d_model_fail_shape(model, output, "1x1xHxW", call);
    size_t count = (size_t)width * (size_t)height;
    float *values;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &values, count, sizeof *values, call);
    if (status)
        return status;
    kb3d_job job = {.pool = ctx->pool, .call = call};
    status = kb3d_map_resize(ctx, map->data, map->width, map->height, values, width, height, &job, call);
    if (status) {
        kb3d_mem_free(&ctx->mem, values);
        return status;
    }
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(output->data[i])) {
            values[i] = r.from + r.span * fminf(fmaxf(output->data[i], 0), 1);
            known++;
        }
    if (!known) {
        kb3d_mem_free(&ctx->mem, values);
        return kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the network's answer holds no number", kb3d_model_label(model));
    }
    *answer = (kb3d_raster){width, height, 1, KB3D_SAMPLE_F32, 0, values};
    return KB3D_OK;
}

static kb3d_status ask(kb3d_ctx *ctx, kb3d_model *model, const kb3d_tensor inputs[2], const kb3d_raster *map,
                       range r, kb3d_raster *answer, kb3d_call *call) {
    kb3d_model_run run = {.model = model, .inputs = inputs, .input_count = 2, .output_count = 1};
    kb3d_status status = kb3d_model_execute(ctx, &run, call);
    if (status)
        return status;
    status = take_answer(ctx, model, &run.outputs[0], map, r, answer, call);
    kb3d_model_run_end(&run);
    if (status)
        return status;
    kb3d_model_info info;
    kb3d_model_get_info(ctx, model, &info);
    kb3d_log_line(&ctx->log, KB3D_LOG_INFO, "depth refined by %s at %dx%d in %.0f ms (%s, loaded in %.0f ms)",
                  info.name, answer->width, answer->height, info.last_ms, info.runtime, info.load_ms);
    return KB3D_OK;
}

kb3d_status kb3d_refine_by_network(kb3d_ctx *ctx, kb3d_model *model, const kb3d_raster *picture,
                                   const kb3d_raster *map, kb3d_raster *answer, kb3d_call *call) {
    int width, height;
    kb3d_tensor inputs[2];
    range r = measure(map);
    *answer = (kb3d_raster){0};
    input_size(kb3d_model_manifest(model), picture, &width, &height);
    kb3d_status status = kb3d_call_progress(call, "refine", 0);
    if (status || (status = kb3d_tensor_from_picture(ctx, model, picture, width, height, &inputs[0], call)))
        return status;
    if (!(status = make_depth_input(ctx, model, map, r, width, height, &inputs[1], call))) {
        status = ask(ctx, model, inputs, map, r, answer, call);
        kb3d_model_free(ctx, model, inputs[1].data);
    }
    kb3d_model_free(ctx, model, inputs[0].data);
    return status;
}
