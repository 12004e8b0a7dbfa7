#include "extend_view.h"

#include "paint.h"
#include "painted.h"
#include "workspace.h"

#include <math.h>
#include <string.h>

/* Painted views reach beyond the frame on each side, for cameras beside them. */
#define OVERSCAN 0.05

/* Pixels along a line that the fill looks for background. */
enum { REACH = 512 };

/* Pixels around a hole's that are searched for its texture, at least; and how much of the fill's colours is kept,
   blurred by SIGMA pixels. */
enum { WOVEN_REACH = 64 };
#define SIGMA 3.0f
#define GUIDED 0.6f

/* Share of a view that a network may leave to the fill without its texture being searched. */
#define REST 0.0005

/* A view on its way to become a layer. */
typedef struct view {
    kb3d_extension *e;
    kb3d_camera camera;
    kb3d_workspace *w;
    kb3d_planes *planes;      /* w's */
    const kb3d_layer *scene;  /* the picture before the camera */
} view;

static kb3d_camera overscanned(const kb3d_extension *e, int frame) {
    kb3d_camera c = e->frames[frame];
    double x = ceil(e->width * OVERSCAN), y = ceil(e->height * OVERSCAN);
    c.principal_x += x;
    c.principal_y += y;
    c.width += 2 * x;
    c.height += 2 * y;
    return c;
}

static kb3d_status fill(const view *v, int mirror) {
    kb3d_fill_params params = {.jump = v->scene->surface->jump, .reach = REACH, .mirror = mirror, .under = 1};
    kb3d_parallel par = kb3d_job_parallel(&v->e->job);
    memcpy(params.epipole, v->scene->warp.b, sizeof params.epipole);
    v->e->ctx->kernels->fill(&par, v->planes, &params);
    return kb3d_call_check(v->e->call);
}

/* Nothing that was filled may hide what the picture shows. */
static kb3d_status keep_behind(const view *v) {
    const kb3d_scene *s = v->e->path->scene;
    kb3d_parallel par = kb3d_job_parallel(&v->e->job);
    kb3d_warp to_picture = kb3d_warp_between(&v->camera, &s->camera);
    kb3d_surface picture = s->levels[0].surface;
    picture.disp = kb3d_scene_disp(s);
    const kb3d_surface *behind = s->behind[0].mask ? &s->behind[0].surface : NULL;
    v->e->ctx->kernels->keep_behind(&par, v->planes, &to_picture, &picture, behind);
    return kb3d_call_check(v->e->call);
}

static void smooth(const view *v, float strength, const kb3d_planes *to) {
    kb3d_parallel par = kb3d_job_parallel(&v->e->job);
    kb3d_smooth_params params = {.jump = v->scene->surface->jump, .sigma = SIGMA, .strength = strength};
    v->e->ctx->kernels->smooth(&par, v->planes, &params, to->color, to->disp);
}

/* Texture into the smoothed fill. */
static kb3d_status weave(const view *v, const kb3d_planes *smoothed) {
    kb3d_extension *e = v->e;
    const kb3d_kernels *k = e->ctx->kernels;
    void *memory;
    size_t bytes = k->weave_bytes(smoothed->width, smoothed->height);
    kb3d_status status = kb3d_mem_alloc(&e->ctx->mem, &memory, bytes, 1, e->call);
    if (status)
        return status;
    kb3d_weave_params params = {.jump = v->scene->surface->jump, .reach = WOVEN_REACH, .sigma = SIGMA, .guided = GUIDED};
    params.reach = kb3d_max_i(params.reach, kb3d_max_i(smoothed->width, smoothed->height) / 16);
    kb3d_parallel par = kb3d_job_parallel(&e->job);
    k->weave(&par, smoothed, &params, memory, v->planes->color);
    kb3d_mem_free(&e->ctx->mem, memory);
    return kb3d_call_check(e->call);
}

/* The classical way: colours are v's then, inverse depth that of `smoothed`. */
static kb3d_status fill_classical(const view *v, const kb3d_planes *smoothed) {
    kb3d_status status;
    if ((status = fill(v, 1)) || (status = keep_behind(v)))
        return status;
    smooth(v, 1, smoothed);
    return weave(v, smoothed);
}

/* The networks' way. What they leave is filled the classical way: a little of it without its texture. */
static kb3d_status fill_by_network(const view *v, const kb3d_planes *smoothed) {
    kb3d_extension *e = v->e;
    kb3d_painting p = {.ctx = e->ctx, .model = e->model, .depth_model = e->depth_model, .path = e->path,
                       .camera = &v->camera, .frames = e->frames, .frame_count = e->frame_count, .planes = v->planes,
                       .fraction = e->fraction, .call = e->call};
    double rest = 0;
    kb3d_status status;
    if ((status = kb3d_paint_clean(&p)) || (status = fill(v, 0)))
        return status;
    if (!(status = kb3d_paint_ask(&p, &rest)))
        status = rest > REST * v->planes->width * v->planes->height ? fill_classical(v, smoothed) : fill(v, 1);
    if (!status) {
        kb3d_paint_mix(&p);
        if (!(status = keep_behind(v)))
            smooth(v, 0, smoothed);
    }
    kb3d_paint_free(&p);
    return status;
}

static kb3d_status add_layer(const view *v) {
    kb3d_extension *e = v->e;
    kb3d_mem *mem = &e->ctx->mem;
    size_t pixels = (size_t)v->planes->width * (size_t)v->planes->height;
    kb3d_planes smoothed = *v->planes;
    kb3d_status status = kb3d_mem_alloc(mem, &smoothed.color, pixels, 4 * (size_t)smoothed.texel, e->call);
    if (status)
        return status;
    if (!(status = kb3d_mem_alloc(mem, &smoothed.disp, pixels, sizeof(float), e->call)) &&
        !(status = e->model ? fill_by_network(v, &smoothed) : fill_classical(v, &smoothed))) {
        kb3d_planes filled = *v->planes;
        filled.disp = smoothed.disp;
        status = kb3d_painted_make(&e->path->painted[e->path->painted_count], e->ctx, &v->camera, &filled,
                                   v->scene->surface->jump, v->scene->surface->tolerance, &e->job);
        e->path->painted_count += !status;
    }
    kb3d_mem_free(mem, smoothed.color);
    kb3d_mem_free(mem, smoothed.disp);
    return status;
}

kb3d_status kb3d_extend_view(kb3d_extension *e, int frame) {
    view v = {.e = e, .camera = overscanned(e, frame)};
    kb3d_status status = kb3d_workspace_acquire(e->ctx, (int)v.camera.width, (int)v.camera.height,
                                                e->path->scene->levels[0].texture.texel, &v.w, e->call);
    if (status)
        return status;
    v.planes = &v.w->planes;
    kb3d_layer layers[KB3D_LAYER_MAX];
    int count = kb3d_path_layers(e->path, &v.camera, layers);
    v.scene = &layers[0];
    kb3d_parallel par = kb3d_job_parallel(&e->job);
    int64_t holes = e->ctx->kernels->render(&par, layers, count, v.planes, v.w->scratch);
    status = kb3d_call_check(e->call);
    if (!status && holes > 0)
        status = add_layer(&v);
    kb3d_workspace_release(e->ctx, v.w);
    return status;
}
