/* Extension: painting in what a flight uncovers, as points of its path. */
#include "extend_view.h"
#include "workspace.h"

#include <kb3d/path.h>
#include <math.h>
#include <string.h>

/* Frames are looked at with so many pixels along their longer side. */
enum { SAMPLE_SIDE = 384 };

/* Views that are painted at most: the ends, which uncover most as a rule, then what uncovers most. */
enum { VIEWS_MAX = 9 };

/* Share of a frame that may stay uncovered. */
#define UNCOVERED 0.001

/* How much of a small frame is uncovered. */
static kb3d_status look(const kb3d_extension *e, int frame, double *uncovered) {
    double scale = fmin((double)SAMPLE_SIDE / kb3d_max_i(e->width, e->height), 1);
    int width = kb3d_max_i((int)(e->width * scale), 1), height = kb3d_max_i((int)(e->height * scale), 1);
    kb3d_camera camera = kb3d_camera_for_frame(&e->frames[frame], width, height);
    kb3d_workspace *w;
    kb3d_status status =
        kb3d_workspace_acquire(e->ctx, width, height, e->path->scene->levels[0].texture.texel, &w, e->call);
    if (status)
        return status;
    kb3d_layer layers[KB3D_LAYER_MAX];
    int count = kb3d_path_layers(e->path, &camera, layers);
    kb3d_job job = e->job;
    kb3d_parallel par = kb3d_job_parallel(&job);
    int64_t holes = e->ctx->kernels->render(&par, layers, count, &w->planes, w->scratch);
    *uncovered = (double)holes / ((double)width * height);
    kb3d_workspace_release(e->ctx, w);
    return kb3d_call_check(e->call);
}

/* The frame that uncovers most; -1: none uncovers much. `uncovered` is what each did when it was last looked at:
   painting lessens it. */
static kb3d_status choose(const kb3d_extension *e, double *uncovered, int *frame) {
    *frame = -1;
    for (int i = 0; i < e->frame_count; i++) {
        if (!(uncovered[i] >= UNCOVERED))
            continue;
        kb3d_status status = look(e, i, &uncovered[i]);
        if (status)
            return status;
        if (uncovered[i] >= UNCOVERED && (*frame < 0 || uncovered[i] > uncovered[*frame]))
            *frame = i;
    }
    return KB3D_OK;
}

static void free_painted(kb3d_path *path) {
    while (path->painted_count)
        kb3d_cloud_free(&path->painted[--path->painted_count].cloud, &path->scene->ctx->mem);
}

static void place_frames(kb3d_extension *e) {
    const kb3d_path *p = e->path;
    e->frame_count = p->flight.motion == KB3D_MOTION_CAMERAS && p->flight.camera_count == 1 ? 1 : KB3D_SAMPLE_MAX;
    for (int i = 0; i < e->frame_count; i++) {
        double share = e->frame_count > 1 ? (double)i / (e->frame_count - 1) : 1;
        e->frames[i] = kb3d_flight_camera(&p->flight, p->scene, p->range_start + (p->range_end - p->range_start) * share,
                                          e->width, e->height);
    }
}

static kb3d_status extend(kb3d_extension *e) {
    double uncovered[KB3D_SAMPLE_MAX];
    place_frames(e);
    int most = kb3d_min_i(VIEWS_MAX, e->frame_count);
    for (int i = 0; i < e->frame_count; i++)
        uncovered[i] = 1;
    for (int i = 0; i < most; i++) {
        int frame = i ? 0 : e->frame_count - 1;
        kb3d_status status = kb3d_call_progress(e->call, "extend", e->fraction = (double)i / most);
        if (!status && i > 1)
            status = choose(e, uncovered, &frame);
        if (!status && frame < 0)
            break;
        if (status || (status = kb3d_extend_view(e, frame)))
            return status;
        uncovered[frame] = 0;
    }
    return kb3d_call_progress(e->call, "extend", 1);
}

/* The networks that are to paint. */
static kb3d_status find_network(kb3d_extension *e, kb3d_extend way) {
    if (way != KB3D_EXTEND_AUTO && way != KB3D_EXTEND_NETWORK)
        return KB3D_OK;
    kb3d_status status = kb3d_model_find(e->ctx, KB3D_MODEL_INPAINT, &e->model, e->call);
    if (!status && !e->model && way == KB3D_EXTEND_NETWORK)
        status = kb3d_model_fail_none(e->ctx, KB3D_MODEL_INPAINT, e->call);
    if (!status && e->model)
        status = kb3d_model_find(e->ctx, KB3D_MODEL_INPAINT_DEPTH, &e->depth_model, e->call);
    return status;
}

kb3d_status kb3d_path_prepare(kb3d_path *path, const kb3d_prepare_params *params, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    kb3d_prepare_params p = {0};
    if (params && (status = kb3d_struct_read(&p, sizeof p, params, sizeof p, "kb3d_prepare_params", call)))
        return status;
    if (!path)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "path is NULL");
    if ((int)p.extend < 0 || p.extend > KB3D_EXTEND_NETWORK)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no extension %d", (int)p.extend);
    if (p.width < 0 || p.height < 0 || !p.width != !p.height)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "frames of %d x %d pixels cannot be prepared for", p.width,
                         p.height);
    const kb3d_scene *scene = path->scene;
    if (!p.width) {
        p.width = scene->levels[0].texture.width;
        p.height = scene->levels[0].texture.height;
    }
    if ((uint64_t)p.width * (uint64_t)p.height > scene->ctx->pixel_limit)
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "frames of %d x %d pixels exceed the limit of %llu", p.width, p.height,
                         (unsigned long long)scene->ctx->pixel_limit);
    /* built on a copy, so that a failure leaves the path as it was */
    kb3d_path fresh = *path;
    fresh.painted_count = 0;
    kb3d_extension e = {.path = &fresh, .ctx = scene->ctx, .call = call, .width = p.width, .height = p.height};
    e.job = (kb3d_job){.pool = scene->ctx->pool, .call = call};
    if ((status = find_network(&e, p.extend)))
        return status;
    if (p.extend != KB3D_EXTEND_NONE)
        status = extend(&e);
    if (status) {
        free_painted(&fresh);
        return status;
    }
    free_painted(path);
    memcpy(path->painted, fresh.painted, sizeof path->painted);
    path->painted_count = fresh.painted_count;
    return KB3D_OK;
}
