#include "path.h"

#include <math.h>
#include <string.h>

/* The motion may pull the nearest and the farthest things this far apart (share of
   the frame's width), and travel this share of the way to the nearest. More than
   that and the estimate's faults show; a host that asks by number gets its number. */
#define SIDEWAYS_BEARABLE 0.15
#define FORWARD_BEARABLE 0.5

static kb3d_status check_window(const kb3d_scene *s, const kb3d_window *w, const char *name, kb3d_call *call) {
    double width = s->camera.width, height = s->camera.height;
    if (!(w->width > 0 && w->height > 0) || !isfinite(w->center_x) || !isfinite(w->center_y))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the window `%s` has no size", name);
    double slack = 1e-6 * (width + height);
    if (!(w->center_x - 0.5 * w->width >= -slack && w->center_x + 0.5 * w->width <= width + slack &&
          w->center_y - 0.5 * w->height >= -slack && w->center_y + 0.5 * w->height <= height + slack))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT,
                         "the window `%s` (centre %g,%g, size %g x %g) leaves the picture of %g x %g pixels", name,
                         w->center_x, w->center_y, w->width, w->height, width, height);
    return KB3D_OK;
}

static int is_missing(const kb3d_window *w) {
    return w->center_x == 0 && w->center_y == 0 && w->width == 0 && w->height == 0;
}

/* A missing `from` is the largest window, a missing `to` is `from` shrunk by the zoom. */
static kb3d_status derive_windows(kb3d_flight *f, const kb3d_scene *s, const kb3d_path_params *p, kb3d_call *call) {
    kb3d_status status;
    int dolly = f->motion == KB3D_MOTION_DOLLY;
    double zoom = p->zoom > 0 ? p->zoom : dolly ? 1.5 : 1.25;
    f->from = p->from;
    f->to = p->to;
    if (!is_missing(&p->from) && (status = check_window(s, &f->from, "from", call)))
        return status;
    if (!is_missing(&p->to) && (status = check_window(s, &f->to, "to", call)))
        return status;
    kb3d_window whole = kb3d_window_largest(s, s->camera.width / s->camera.height);
    if (is_missing(&p->from) && dolly && is_missing(&p->to)) {
        /* a dolly forward sees more and more of the background: leave room for it */
        f->from = whole;
        double room = fmax(zoom, 1);
        f->from.width /= room;
        f->from.height /= room;
    } else if (is_missing(&p->from)) {
        f->from = whole;
    }
    if (is_missing(&p->to)) {
        f->derived = KB3D_DERIVED_TO;
        f->to = f->from;
        f->to.width /= zoom;
        f->to.height /= zoom;
        double fits = fmin(1, fmin(whole.width / f->to.width, whole.height / f->to.height));
        if (!dolly) { /* a dolly's only says how far to travel */
            f->to.width *= fits;
            f->to.height *= fits;
        }
    }
    return KB3D_OK;
}

/* A window in the middle, and what it leaves of the picture to circle in. */
static kb3d_status derive_circle(kb3d_flight *f, const kb3d_scene *s, const kb3d_path_params *p, kb3d_call *call) {
    double zoom = p->zoom > 0 ? p->zoom : 1.25;
    if (!(zoom > 1))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "a circle needs a zoom above 1, not %g", zoom);
    f->from = kb3d_window_largest(s, s->camera.width / s->camera.height);
    f->radius = 0.5 * (1 - 1 / zoom) * fmin(f->from.width, f->from.height);
    f->from.width /= zoom;
    f->from.height /= zoom;
    f->to = f->from;
    return KB3D_OK;
}

static kb3d_status find_focus(kb3d_flight *f, const kb3d_scene *s, const kb3d_path_params *p, kb3d_call *call) {
    switch (p->focus) {
    case KB3D_FOCUS_AUTO: f->focus_disp = kb3d_flight_focus(s, &f->to); return KB3D_OK;
    case KB3D_FOCUS_DEPTH:
        if (!(p->focus_z > 0))
            return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the focus depth %g is not above 0", p->focus_z);
        f->focus_disp = 1 / p->focus_z;
        return KB3D_OK;
    case KB3D_FOCUS_POINT:
        if (!(p->focus_x >= 0 && p->focus_y >= 0 && p->focus_x < s->camera.width && p->focus_y < s->camera.height))
            return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the focus point %g,%g lies outside the picture", p->focus_x,
                             p->focus_y);
        f->focus_disp =
            kb3d_scene_disp(s)[(size_t)p->focus_y * (size_t)s->levels[0].texture.width + (size_t)p->focus_x];
        return KB3D_OK;
    }
    return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no focus %d", (int)p->focus);
}

static kb3d_status copy_cameras(kb3d_flight *f, kb3d_mem *mem, const kb3d_path_params *p, kb3d_call *call) {
    if (!p->cameras || p->camera_count < 1 || p->camera_count > 1000000)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "a path by cameras needs 1 to 1000000 of them");
    kb3d_status status;
    if ((status = kb3d_mem_alloc(mem, &f->cameras, p->camera_count, sizeof *f->cameras, call)) ||
        (status = kb3d_mem_alloc(mem, &f->times, p->camera_count, sizeof *f->times, call)))
        return status;
    f->camera_count = p->camera_count;
    const char *from = (const char *)p->cameras;
    for (size_t i = 0; i < f->camera_count; i++) {
        if ((status = kb3d_struct_read(&f->cameras[i], sizeof *f->cameras, from, sizeof *f->cameras, "a kb3d_camera",
                                       call)) ||
            (status = kb3d_camera_check(&f->cameras[i], call)))
            return status;
        from += ((const kb3d_camera *)from)->size; /* the host's struct may be of another release */
        f->times[i] = p->times ? p->times[i] : f->camera_count == 1 ? 0 : (double)i / (double)(f->camera_count - 1);
        if (!isfinite(f->times[i]) || (i && !(f->times[i] > f->times[i - 1])))
            return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the cameras' times do not ascend at number %zu", i);
    }
    return KB3D_OK;
}

static kb3d_status plan(kb3d_path *path, const kb3d_path_params *p, kb3d_call *call) {
    kb3d_flight *f = &path->flight;
    const kb3d_scene *s = path->scene;
    kb3d_status status;
    f->motion = p->motion;
    if (p->motion == KB3D_MOTION_CAMERAS)
        return copy_cameras(f, &s->ctx->mem, p, call);
    if (p->motion == KB3D_MOTION_AUTO) {
        f->motion = KB3D_MOTION_WINDOWS;
        kb3d_window middle = kb3d_window_largest(s, s->camera.width / s->camera.height);
        f->to = middle;
        if ((status = find_focus(f, s, p, call)) || (status = kb3d_autozoom(s, p, f, call)))
            return status;
    } else {
        status = p->motion == KB3D_MOTION_CIRCLE ? derive_circle(f, s, p, call) : derive_windows(f, s, p, call);
        if (status || (status = find_focus(f, s, p, call)))
            return status;
    }
    if (p->parallax != 0) {
        f->parallax = fmax(p->parallax, 0);
        return KB3D_OK;
    }
    if (p->motion == KB3D_MOTION_AUTO) /* it has seen to that */
        return KB3D_OK;
    f->parallax = kb3d_flight_bearable(f, s, path->range_start, path->range_end, SIDEWAYS_BEARABLE, FORWARD_BEARABLE);
    if (f->motion == KB3D_MOTION_CIRCLE) { /* its extremes, wherever it starts and ends */
        status = kb3d_flight_hold_back(f, s, 0.25, 0.75, call);
        return status ? status : kb3d_flight_hold_back(f, s, 0, 0.5, call);
    }
    return kb3d_flight_hold_back(f, s, path->range_start, path->range_end, call);
}

static kb3d_status check_params(const kb3d_path_params *p, kb3d_call *call) {
    if ((int)p->motion < 0 || p->motion > KB3D_MOTION_CIRCLE)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no motion %d", (int)p->motion);
    if ((int)p->ease < 0 || p->ease > KB3D_EASE_OUT)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no easing %d", (int)p->ease);
    if (p->loop != KB3D_LOOP_ONCE && p->loop != KB3D_LOOP_BOUNCE)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no loop %d", (int)p->loop);
    if (!(p->zoom >= 0 && p->zoom <= 1000) || (p->zoom > 0 && p->zoom < 0.001))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the zoom %g is not within 0.001..1000", p->zoom);
    if (!(p->shift <= 1) || !isfinite(p->shift))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the shift %g is above 1", p->shift);
    if (!(p->parallax <= 1) || !isfinite(p->parallax))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the parallax %g is above 1", p->parallax);
    if (!isfinite(p->range_start) || !isfinite(p->range_end) || fabs(p->range_start) > 1000 ||
        fabs(p->range_end) > 1000)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the range %g..%g is not within -1000..1000", p->range_start,
                         p->range_end);
    return KB3D_OK;
}

kb3d_status kb3d_path_create(const kb3d_scene *scene, const kb3d_path_params *params, kb3d_path **out,
                             kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!out)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "path is NULL");
    *out = NULL;
    if (!scene)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "scene is NULL");
    kb3d_path_params p = {0};
    if ((params && (status = kb3d_struct_read(&p, sizeof p, params, sizeof p, "kb3d_path_params", call))) ||
        (status = check_params(&p, call)))
        return status;
    kb3d_path *path;
    if ((status = kb3d_mem_alloc_zero(&scene->ctx->mem, &path, 1, sizeof *path, call)))
        return status;
    kb3d_scene_retain(scene);
    path->scene = scene;
    path->ease = p.ease;
    path->loop = p.loop;
    path->range_start = p.range_start;
    path->range_end = p.range_start == 0 && p.range_end == 0 ? 1 : p.range_end;
    if ((status = plan(path, &p, call))) {
        kb3d_path_destroy(&path);
        return status;
    }
    *out = path;
    return KB3D_OK;
}

void kb3d_path_destroy(kb3d_path **handle) {
    if (!handle || !*handle)
        return;
    kb3d_path *path = *handle;
    const kb3d_scene *scene = path->scene;
    kb3d_mem *mem = &scene->ctx->mem;
    for (int i = 0; i < path->painted_count; i++)
        kb3d_cloud_free(&path->painted[i].cloud, mem);
    kb3d_mem_free(mem, path->flight.cameras);
    kb3d_mem_free(mem, path->flight.times);
    kb3d_mem_free(mem, path);
    kb3d_scene_release(scene);
    *handle = NULL;
}

static double eased(kb3d_ease ease, double s) {
    switch (ease) {
    case KB3D_EASE_SMOOTH: return s * s * (3 - 2 * s);
    case KB3D_EASE_IN: return s * s;
    case KB3D_EASE_OUT: return 1 - (1 - s) * (1 - s);
    case KB3D_EASE_LINEAR: break;
    }
    return s;
}

kb3d_status kb3d_path_get_time(const kb3d_path *path, double progress, double *t, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!path || !t)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "path or t is NULL");
    if (!isfinite(progress))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "progress is no finite number");
    double s = fmin(fmax(progress, 0), 1);
    if (path->loop == KB3D_LOOP_BOUNCE)
        s = s < 0.5 ? 2 * s : 2 - 2 * s;
    *t = path->range_start + (path->range_end - path->range_start) * eased(path->ease, s);
    return KB3D_OK;
}

kb3d_status kb3d_path_get_camera(const kb3d_path *path, double t, int width, int height, kb3d_camera *camera,
                                 kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!path)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "path is NULL");
    if (!isfinite(t) || fabs(t) > 1e6 || width < 1 || height < 1)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "no camera for time %g and a frame of %d x %d", t, width, height);
    kb3d_camera c = kb3d_flight_camera(&path->flight, path->scene, t, width, height);
    return kb3d_struct_write(camera, sizeof c, &c, sizeof c, "kb3d_camera", call);
}

int kb3d_path_layers(const kb3d_path *path, const kb3d_camera *frame, kb3d_layer layers[KB3D_LAYER_MAX]) {
    int count = kb3d_scene_layers(path->scene, frame, layers);
    for (int i = 0; i < path->painted_count; i++) {
        const kb3d_painted *p = &path->painted[i];
        layers[count++] = (kb3d_layer){.surface = &p->cloud.surface,
                                     .warp = kb3d_warp_between(&p->camera, frame),
                                     .texture = &p->cloud.texture,
                                     .is_painted = 1,
                                     .behind = 0.5f * p->cloud.surface.jump};
    }
    return count;
}
