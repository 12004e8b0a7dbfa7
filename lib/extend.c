/* Extension: painting in what a flight uncovers, as points of its path. */
#include "paint.h"
#include "path.h"
#include "workspace.h"

#include <kb3d/path.h>
#include <math.h>
#include <string.h>

/* Views of the flown range: both ends first, because they uncover most. */
static const double VIEWS[] = {1, 0, 0.5, 0.75, 0.25, 0.875, 0.625, 0.375, 0.125};
enum { VIEW_COUNT = sizeof VIEWS / sizeof *VIEWS };

/* Painted views reach beyond the frame on each side, for cameras beside them. */
#define OVERSCAN 0.05

/* Rim of what is there already, kept in a painted layer so that no crack is left. */
enum { RIM = 2 };

/* Pixels along a line that the fill looks for background. */
enum { REACH = 512 };

/* Pixels around a hole's that are searched for its texture, at least; and how much of the fill's colours is kept,
   blurred by SIGMA pixels. */
enum { WOVEN_REACH = 64 };
#define SIGMA 3.0f
#define GUIDED 0.6f

typedef struct box {
    int x0, y0, x1, y1;
} box;

typedef struct extension {
    kb3d_path *path;
    kb3d_ctx *ctx;
    kb3d_call *call;
    kb3d_job job;
    int width, height; /* of the frames to come */
    double fraction;   /* of the stage, done */
    kb3d_model *model; /* the inpainting network, or NULL: the classical way alone */
} extension;

static kb3d_camera overscanned(const extension *e, double t) {
    kb3d_camera c = kb3d_flight_camera(&e->path->flight, e->path->scene, t, e->width, e->height);
    double x = ceil(e->width * OVERSCAN), y = ceil(e->height * OVERSCAN);
    c.principal_x += x;
    c.principal_y += y;
    c.width += 2 * x;
    c.height += 2 * y;
    return c;
}

static box hole_box(const kb3d_planes *p) {
    box b = {p->width, p->height, 0, 0};
    for (int y = 0; y < p->height; y++) {
        const uint8_t *row = p->cover + (size_t)y * p->width;
        int first = 0, last = p->width;
        while (first < last && row[first] == 255)
            first++;
        if (first == last)
            continue;
        while (row[last - 1] == 255)
            last--;
        b.x0 = kb3d_min_i(b.x0, first);
        b.x1 = kb3d_max_i(b.x1, last);
        b.y0 = kb3d_min_i(b.y0, y);
        b.y1 = y + 1;
    }
    b.x0 = kb3d_max_i(b.x0 - RIM, 0);
    b.y0 = kb3d_max_i(b.y0 - RIM, 0);
    b.x1 = kb3d_min_i(b.x1 + RIM, p->width);
    b.y1 = kb3d_min_i(b.y1 + RIM, p->height);
    return b;
}

/* Whether a pixel becomes a point: a hole, or on the rim of one and of its surface. */
static int is_wanted(const kb3d_planes *p, int x, int y, float jump) {
    size_t at = (size_t)y * p->width + x;
    if (p->cover[at] != 255)
        return 1;
    for (int dy = -RIM; dy <= RIM; dy++)
        for (int dx = -RIM; dx <= RIM; dx++) {
            int qx = x + dx, qy = y + dy;
            if (qx < 0 || qy < 0 || qx >= p->width || qy >= p->height)
                continue;
            size_t q = (size_t)qy * p->width + qx;
            if (p->cover[q] != 255 && !kb3d_is_torn(p->disp[q], p->disp[at], jump))
                return 1;
        }
    return 0;
}

/* What is copied out of a filled view into a layer. */
typedef struct points {
    const kb3d_planes *from;
    box box;
    float jump;
    kb3d_cloud *to;
} points;

static int is_all_covered(const uint8_t *cover, int count) {
    int uncovered = 0;
    for (int x = 0; x < count; x++)
        uncovered |= cover[x] ^ 255;
    return !uncovered;
}

static void copy_row(void *arg, int index) {
    const points *c = arg;
    const kb3d_planes *p = c->from;
    int y = c->box.y0 + index, columns = c->box.x1 - c->box.x0;
    size_t pixel = 4 * (size_t)p->texel, from = (size_t)y * p->width + c->box.x0, to = (size_t)index * columns;
    memcpy((char *)c->to->texture.data + (size_t)index * (size_t)c->to->texture.stride * pixel,
           (const char *)p->color + from * pixel, (size_t)columns * pixel);
    memcpy(c->to->disp + to, p->disp + from, (size_t)columns * sizeof *c->to->disp);
    uint8_t *mask = c->to->mask + to;
    enum { CHUNK = 32 }; /* most of a view is far from any hole */
    for (int x0 = 0; x0 < columns; x0 += CHUNK) {
        int count = kb3d_min_i(CHUNK, columns - x0), near = 0;
        int left = kb3d_max_i(c->box.x0 + x0 - RIM, 0);
        int right = kb3d_min_i(c->box.x0 + x0 + count + RIM, p->width);
        for (int qy = kb3d_max_i(y - RIM, 0); qy <= kb3d_min_i(y + RIM, p->height - 1); qy++)
            near |= !is_all_covered(p->cover + (size_t)qy * p->width + left, right - left);
        for (int x = x0; x < x0 + count; x++)
            mask[x] = (uint8_t)(near && is_wanted(p, c->box.x0 + x, y, c->jump));
    }
}

/* The rendered view's holes, filled, as a new layer of the path. */
static kb3d_status append_layer(extension *e, const kb3d_camera *camera, const kb3d_planes *planes, float jump,
                                float tolerance) {
    kb3d_mem *mem = &e->ctx->mem;
    kb3d_painted layer = {.camera = *camera};
    box b = hole_box(planes);
    kb3d_status status =
        kb3d_cloud_alloc(&layer.cloud, mem, b.x1 - b.x0, b.y1 - b.y0, planes->texel, e->call);
    if (status)
        return status;
    size_t count = (size_t)(b.x1 - b.x0) * (size_t)(b.y1 - b.y0);
    if (!(status = kb3d_mem_alloc(mem, &layer.cloud.mask, count, 1, e->call))) {
        points copy = {planes, b, jump, &layer.cloud};
        kb3d_parallel par = kb3d_job_parallel(&e->job);
        par.run(par.impl, b.y1 - b.y0, copy_row, &copy);
        e->ctx->kernels->fill_apron(&layer.cloud.texture);
        layer.camera.principal_x -= b.x0;
        layer.camera.principal_y -= b.y0;
        layer.camera.width = b.x1 - b.x0;
        layer.camera.height = b.y1 - b.y0;
        status = kb3d_cloud_cut(&layer.cloud, mem, e->ctx->kernels, &e->job, jump, tolerance);
    }
    if (status) {
        kb3d_cloud_free(&layer.cloud, mem);
        return status;
    }
    e->path->painted[e->path->painted_count++] = layer;
    return KB3D_OK;
}

/* Texture into the smoothed fill. */
static kb3d_status weave_view(extension *e, const kb3d_planes *smooth, float jump, void *color) {
    const kb3d_kernels *k = e->ctx->kernels;
    void *memory;
    kb3d_status status = kb3d_mem_alloc(&e->ctx->mem, &memory, k->weave_bytes(smooth->width, smooth->height), 1, e->call);
    if (status)
        return status;
    kb3d_weave_params params = {.jump = jump, .reach = WOVEN_REACH, .sigma = SIGMA, .guided = GUIDED};
    params.reach = kb3d_max_i(params.reach, kb3d_max_i(smooth->width, smooth->height) / 16);
    kb3d_parallel par = kb3d_job_parallel(&e->job);
    k->weave(&par, smooth, &params, memory, color);
    kb3d_mem_free(&e->ctx->mem, memory);
    return kb3d_call_check(e->call);
}

static kb3d_status fill_view(extension *e, const kb3d_camera *camera, kb3d_planes *planes, const kb3d_layer *scene) {
    const kb3d_kernels *k = e->ctx->kernels;
    kb3d_mem *mem = &e->ctx->mem;
    float jump = scene->surface->jump;
    kb3d_parallel par = kb3d_job_parallel(&e->job);
    kb3d_fill_params fill = {.jump = jump, .reach = REACH, .mirror = 1, .under = 1};
    memcpy(fill.epipole, scene->warp.b, sizeof fill.epipole);
    k->fill(&par, planes, &fill);
    kb3d_status status = kb3d_call_check(e->call);
    const kb3d_scene *s = e->path->scene;
    if (!status && e->model)
        status = kb3d_paint_view(e->ctx, e->model, planes, s->disp_max, s->linear, e->fraction, e->call);
    if (status)
        return status;
    kb3d_warp to_picture = kb3d_warp_between(camera, &s->camera);
    k->keep_behind(&par, planes, &to_picture, &s->levels[0].surface);
    size_t pixels = (size_t)planes->width * (size_t)planes->height;
    kb3d_planes smooth = *planes;
    if ((status = kb3d_call_check(e->call)) ||
        (status = kb3d_mem_alloc(mem, &smooth.color, pixels, 4 * (size_t)planes->texel, e->call)))
        return status;
    if (!(status = kb3d_mem_alloc(mem, &smooth.disp, pixels, sizeof(float), e->call))) {
        kb3d_smooth_params params = {.jump = jump, .sigma = SIGMA, .strength = e->model ? 0.0f : 1.0f};
        k->smooth(&par, planes, &params, smooth.color, smooth.disp);
        kb3d_planes woven = smooth;
        if (!e->model) {
            status = weave_view(e, &smooth, jump, planes->color);
            woven.color = planes->color;
        }
        if (!status)
            status = append_layer(e, camera, &woven, jump, scene->surface->tolerance);
    }
    kb3d_mem_free(mem, smooth.color);
    kb3d_mem_free(mem, smooth.disp);
    return status;
}

static kb3d_status extend_view(extension *e, double t) {
    kb3d_camera camera = overscanned(e, t);
    kb3d_workspace *w;
    kb3d_status status = kb3d_workspace_acquire(e->ctx, (int)camera.width, (int)camera.height,
                                                e->path->scene->levels[0].texture.texel, &w, e->call);
    if (status)
        return status;
    kb3d_layer layers[KB3D_LAYER_MAX];
    int count = kb3d_path_layers(e->path, &camera, layers);
    kb3d_parallel par = kb3d_job_parallel(&e->job);
    int64_t holes = e->ctx->kernels->render(&par, layers, count, &w->planes, w->scratch);
    status = kb3d_call_check(e->call);
    if (!status && holes > 0)
        status = fill_view(e, &camera, &w->planes, &layers[0]);
    kb3d_workspace_release(e->ctx, w);
    return status;
}

static void free_painted(kb3d_path *path) {
    while (path->painted_count)
        kb3d_cloud_free(&path->painted[--path->painted_count].cloud, &path->scene->ctx->mem);
}

static kb3d_status extend(extension *e) {
    const kb3d_path *p = e->path;
    int count = p->flight.motion == KB3D_MOTION_CAMERAS && p->flight.camera_count == 1 ? 1 : VIEW_COUNT;
    for (int i = 0; i < count && p->painted_count < KB3D_PAINTED_MAX; i++) {
        kb3d_status status = kb3d_call_progress(e->call, "extend", e->fraction = (double)i / count);
        if (status ||
            (status = extend_view(e, p->range_start + (p->range_end - p->range_start) * VIEWS[i])))
            return status;
    }
    return kb3d_call_progress(e->call, "extend", 1);
}

/* The network that is to paint. */
static kb3d_status find_network(extension *e, kb3d_extend way) {
    if (way != KB3D_EXTEND_AUTO && way != KB3D_EXTEND_NETWORK)
        return KB3D_OK;
    kb3d_status status = kb3d_model_find(e->ctx, KB3D_MODEL_INPAINT, &e->model, e->call);
    if (!status && !e->model && way == KB3D_EXTEND_NETWORK)
        status = kb3d_model_fail_none(e->ctx, KB3D_MODEL_INPAINT, e->call);
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
    extension e = {.path = &fresh, .ctx = scene->ctx, .call = call, .width = p.width, .height = p.height};
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
