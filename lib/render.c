/* Frames into the host's buffers. */
#include "path.h"
#include "pixels.h"
#include "workspace.h"

#include <kb3d/render.h>
#include <math.h>
#include <string.h>

/* The images of a frame in kernels' terms; format NONE where the host wants none. */
typedef struct targets {
    kb3d_pixels color, depth, painted;
    int to_linear;
    int width, height;
    void *stream;
    int is_on_device; /* all of them */
} targets;

static kb3d_status add_target(targets *t, kb3d_pixels *to, const kb3d_image *image, kb3d_pixels_use use,
                              kb3d_format only, const char *what, kb3d_call *call) {
    if (!image)
        return KB3D_OK;
    kb3d_status status = kb3d_pixels_from_image(to, image, use, what, call);
    if (status)
        return status;
    if (only && to->format != only)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s has the format %d, not %d", what, (int)to->format, (int)only);
    if (t->width && (t->width != to->width || t->height != to->height))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the frame's images differ in size");
    t->width = to->width;
    t->height = to->height;
    return KB3D_OK;
}

static kb3d_status read_frame(targets *t, const kb3d_frame *frame, const kb3d_ctx *ctx, kb3d_call *call) {
    kb3d_frame f;
    kb3d_status status;
    if ((status = kb3d_struct_read(&f, sizeof f, frame, offsetof(kb3d_frame, stream), "kb3d_frame", call)) ||
        (status = add_target(t, &t->color, f.color, kb3d_pixels_allow(ctx, KB3D_USE_FRAME), 0, "the frame's color", call)) ||
        (status = add_target(t, &t->depth, f.depth, kb3d_pixels_allow(ctx, KB3D_USE_DEPTH), KB3D_FORMAT_GRAYF32,
                             "the frame's depth", call)) ||
        (status = add_target(t, &t->painted, f.painted, kb3d_pixels_allow(ctx, KB3D_USE_DEPTH), KB3D_FORMAT_GRAY8,
                             "the frame's painted", call)))
        return status;
    if (!t->width)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the frame has no image");
    if ((uint64_t)t->width * (uint64_t)t->height > ctx->pixel_limit)
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "a frame of %d x %d pixels exceeds the limit of %llu", t->width,
                         t->height, (unsigned long long)ctx->pixel_limit);
    if (f.stream && !ctx->backend)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the frame has a stream, and only the CUDA backend has any");
    t->stream = f.stream;
    t->is_on_device = (!t->color.format || t->color.is_on_device) && (!t->depth.format || t->depth.is_on_device) &&
                      (!t->painted.format || t->painted.is_on_device);
    t->to_linear = f.color && f.color->transfer == KB3D_TRANSFER_LINEAR;
    return KB3D_OK;
}

/* Pixels that the quick fill of an unprepared path looks for background. */
enum { QUICK_REACH = 96 };

/* Puts a frame's kernels into the workspace's queue; on the CPU they have run on return. */
static kb3d_status enqueue(const kb3d_path *path, const kb3d_camera *camera, const targets *t, kb3d_workspace *w,
                           kb3d_call *call) {
    const kb3d_scene *scene = path->scene;
    const kb3d_kernels *k = scene->ctx->kernels;
    kb3d_job job = {.pool = scene->ctx->pool, .call = call, .queue = w->queue};
    kb3d_parallel par = kb3d_job_parallel(&job);
    kb3d_layer layers[KB3D_LAYER_MAX];
    int count = kb3d_path_layers(path, camera, layers);
    int64_t holes = k->render(&par, layers, count, &w->planes, w->scratch);
    kb3d_status status = kb3d_call_check(call);
    if (!status && holes) {
        kb3d_fill_params fill = {.jump = layers[0].surface->jump, .reach = QUICK_REACH};
        memcpy(fill.epipole, layers[0].warp.b, sizeof fill.epipole);
        k->fill(&par, &w->planes, &fill);
        status = kb3d_call_check(call);
    }
    if (status)
        return status;
    if (t->color.format)
        k->export_color(&par, &w->planes, scene->linear, t->to_linear, &t->color);
    if (t->depth.format || t->painted.format)
        k->export_maps(&par, &w->planes, t->depth.format ? &t->depth : NULL, t->painted.format ? &t->painted : NULL);
    return kb3d_call_check(call);
}

static kb3d_status begin_frame(const kb3d_path *path, double t, const targets *to, kb3d_workspace *w, kb3d_call *call) {
    const kb3d_ctx *ctx = path->scene->ctx;
    kb3d_camera camera = kb3d_flight_camera(&path->flight, path->scene, t, to->width, to->height);
    if (to->stream)
        ctx->backend->follow(w->queue, to->stream);
    kb3d_status status = enqueue(path, &camera, to, w, call);
    if (to->stream)
        ctx->backend->lead(w->queue, to->stream);
    return status;
}

/* Waits for the workspace's frame. */
static kb3d_status end_frame(kb3d_ctx *ctx, kb3d_workspace *w, kb3d_call *call) {
    if (w->queue)
        ctx->backend->finish(w->queue);
    return kb3d_call_check(call);
}

static kb3d_status check_path(const kb3d_path *path, kb3d_call *call) {
    return path ? KB3D_OK : kb3d_fail(call, KB3D_ERROR_ARGUMENT, "path is NULL");
}

static kb3d_status check_time(double t, kb3d_call *call) {
    if (!isfinite(t) || fabs(t) > 1e6)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the time %g is not within +-1e6", t);
    return KB3D_OK;
}

static kb3d_status acquire(const kb3d_path *path, const targets *to, kb3d_workspace **w, kb3d_call *call) {
    return kb3d_workspace_acquire_queued(path->scene->ctx, to->width, to->height, path->scene->levels[0].texture.texel,
                                         w, call);
}

kb3d_status kb3d_path_render(const kb3d_path *path, double t, const kb3d_frame *frame, kb3d_call *call) {
    targets to = {0};
    kb3d_workspace *w = NULL;
    kb3d_status status = kb3d_call_begin(call);
    if (status || (status = check_path(path, call)) || (status = check_time(t, call)))
        return status;
    kb3d_ctx *ctx = path->scene->ctx;
    if ((status = read_frame(&to, frame, ctx, call)) || (status = kb3d_call_progress(call, "render", 0)))
        return status;
    if (!(status = acquire(path, &to, &w, call)))
        status = begin_frame(path, t, &to, w, call);
    if (w && !(to.stream && to.is_on_device)) {
        kb3d_status end = end_frame(ctx, w, call);
        status = status ? status : end;
    }
    kb3d_workspace_release(ctx, w);
    return status ? status : kb3d_call_progress(call, "render", 1);
}

/* Two frames at a time: one is copied while the other is rendered. */
kb3d_status kb3d_path_render_many(const kb3d_path *path, const double *times, const kb3d_frame *frames, size_t count,
                                  kb3d_call *call) {
    kb3d_workspace *in_flight[2] = {NULL, NULL};
    kb3d_status status = kb3d_call_begin(call);
    if (status || (status = check_path(path, call)))
        return status;
    if (count && (!times || !frames))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "times or frames is NULL");
    kb3d_ctx *ctx = path->scene->ctx;
    for (size_t i = 0; i < count && !status; i++) {
        kb3d_workspace **w = &in_flight[i % 2];
        targets to = {0};
        const kb3d_frame *frame = (const kb3d_frame *)((const char *)frames + i * frames->size);
        if (*w && (status = end_frame(ctx, *w, call)))
            break;
        kb3d_workspace_release(ctx, *w);
        *w = NULL;
        if (!(status = check_time(times[i], call)) && !(status = read_frame(&to, frame, ctx, call)) &&
            !(status = kb3d_call_progress(call, "render", (double)i / (double)count)) &&
            !(status = acquire(path, &to, w, call)))
            status = begin_frame(path, times[i], &to, *w, call);
    }
    for (size_t i = count; i < count + 2; i++) {
        kb3d_workspace *w = in_flight[i % 2];
        kb3d_status end = w ? end_frame(ctx, w, call) : KB3D_OK;
        status = status ? status : end;
        kb3d_workspace_release(ctx, w);
    }
    return status ? status : kb3d_call_progress(call, "render", 1);
}
