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

static kb3d_status read_frame(targets *t, const kb3d_frame *frame, uint64_t pixel_limit, kb3d_call *call) {
    kb3d_frame f;
    kb3d_status status;
    if ((status = kb3d_struct_read(&f, sizeof f, frame, sizeof f, "kb3d_frame", call)) ||
        (status = add_target(t, &t->color, f.color, KB3D_USE_FRAME, 0, "the frame's color", call)) ||
        (status = add_target(t, &t->depth, f.depth, KB3D_USE_DEPTH, KB3D_FORMAT_GRAYF32, "the frame's depth", call)) ||
        (status = add_target(t, &t->painted, f.painted, KB3D_USE_DEPTH, KB3D_FORMAT_GRAY8, "the frame's painted",
                             call)))
        return status;
    if (!t->width)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the frame has no image");
    if ((uint64_t)t->width * (uint64_t)t->height > pixel_limit)
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "a frame of %d x %d pixels exceeds the limit of %llu", t->width,
                         t->height, (unsigned long long)pixel_limit);
    t->to_linear = f.color && f.color->transfer == KB3D_TRANSFER_LINEAR;
    return KB3D_OK;
}

static void copy_mask(uint8_t *to, const uint8_t *painted, int count) {
    for (int x = 0; x < count; x++)
        to[x] = painted[x] ? 255 : 0;
}

/* Depth and mask as they are. */
static void copy_extras(const targets *t, const kb3d_planes *p) {
    for (int y = 0; y < p->height; y++) {
        size_t at = (size_t)y * p->width;
        if (t->depth.format)
            memcpy((char *)t->depth.data[0] + y * t->depth.stride[0], p->disp + at, (size_t)p->width * sizeof *p->disp);
        if (t->painted.format)
            copy_mask((uint8_t *)t->painted.data[0] + y * t->painted.stride[0], p->painted + at, p->width);
    }
}

/* Pixels that the quick fill of an unprepared path looks for background. */
enum { QUICK_REACH = 96 };

static kb3d_status render(const kb3d_path *path, const kb3d_camera *camera, const targets *t, kb3d_workspace *w,
                          kb3d_call *call) {
    const kb3d_scene *scene = path->scene;
    const kb3d_kernels *k = scene->ctx->kernels;
    kb3d_job job = {.pool = scene->ctx->pool, .call = call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    kb3d_layer layers[KB3D_LAYER_MAX];
    int count = kb3d_path_layers(path, camera, layers);
    int64_t holes = k->render(&par, layers, count, &w->planes, w->scratch);
    kb3d_status status = kb3d_call_check(call);
    if (!status && holes > 0) {
        kb3d_fill_params fill = {.jump = layers[0].surface->jump, .reach = QUICK_REACH};
        memcpy(fill.epipole, layers[0].warp.b, sizeof fill.epipole);
        k->fill(&par, &w->planes, &fill);
        status = kb3d_call_check(call);
    }
    if (status)
        return status;
    if (t->color.format)
        k->export_color(&par, &w->planes, scene->linear, t->to_linear, &t->color);
    copy_extras(t, &w->planes);
    return kb3d_call_check(call);
}

kb3d_status kb3d_path_render(const kb3d_path *path, double t, const kb3d_frame *frame, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!path)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "path is NULL");
    if (!isfinite(t) || fabs(t) > 1e6)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the time %g is not within +-1e6", t);
    kb3d_ctx *ctx = path->scene->ctx;
    targets to = {0};
    if ((status = read_frame(&to, frame, ctx->pixel_limit, call)) ||
        (status = kb3d_call_progress(call, "render", 0)))
        return status;
    kb3d_workspace *w;
    status = kb3d_workspace_acquire(ctx, to.width, to.height, path->scene->levels[0].texture.texel, &w, call);
    if (status)
        return status;
    kb3d_camera camera = kb3d_flight_camera(&path->flight, path->scene, t, to.width, to.height);
    status = render(path, &camera, &to, w, call);
    kb3d_workspace_release(ctx, w);
    return status ? status : kb3d_call_progress(call, "render", 1);
}
