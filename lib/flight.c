#include "flight.h"

#include <math.h>

kb3d_window kb3d_window_largest(const kb3d_scene *s, double aspect) {
    double width = s->camera.width, height = s->camera.height;
    kb3d_window w = {0.5 * width, 0.5 * height, width, width / aspect};
    if (w.height > height) {
        w.width = height * aspect;
        w.height = height;
    }
    return w;
}

static kb3d_window moved_inside(const kb3d_scene *s, kb3d_window w) {
    w.center_x = fmin(fmax(w.center_x, 0.5 * w.width), s->camera.width - 0.5 * w.width);
    w.center_y = fmin(fmax(w.center_y, 0.5 * w.height), s->camera.height - 0.5 * w.height);
    return w;
}

/* Grown about its centre to the frame's shape, moved into the picture; shrunk only
   where the picture is too small for it. */
static kb3d_window fit(const kb3d_scene *s, kb3d_window w, double aspect) {
    double width = s->camera.width, height = s->camera.height;
    if (w.width < w.height * aspect)
        w.width = w.height * aspect;
    else
        w.height = w.width / aspect;
    double shrink = fmin(1, fmin(width / w.width, height / w.height));
    w.width *= shrink;
    w.height *= shrink;
    return moved_inside(s, w);
}

/* A derived window keeps its ratio to the other: grown by itself it might come out
   as large. A dolly's says how far to travel, and may be larger than the picture. */
static kb3d_window derive(const kb3d_flight *f, const kb3d_scene *s, const kb3d_window *base, double ratio,
                          const kb3d_window *wanted) {
    kb3d_window w = {wanted->center_x, wanted->center_y, base->width * ratio, base->height * ratio};
    if (f->motion == KB3D_MOTION_DOLLY)
        return w;
    double shrink = fmin(1, fmin(s->camera.width / w.width, s->camera.height / w.height));
    w.width *= shrink;
    w.height *= shrink;
    return moved_inside(s, w);
}

/* Both windows in the frame's shape. */
static void fit_both(const kb3d_flight *f, const kb3d_scene *s, double aspect, kb3d_window *from, kb3d_window *to) {
    *from = fit(s, f->from, aspect);
    *to = fit(s, f->to, aspect);
    double ratio = f->to.width / f->from.width;
    if (f->derived == KB3D_DERIVED_TO)
        *to = derive(f, s, from, ratio, &f->to);
    else if (f->derived == KB3D_DERIVED_FROM)
        *from = derive(f, s, to, 1 / ratio, &f->from);
}

/* Round about the picture's middle, clockwise from the top, as far as the picture leaves room. */
static kb3d_window circling(const kb3d_flight *f, const kb3d_scene *s, const kb3d_window *window, double t) {
    double width = s->camera.width, height = s->camera.height, angle = 2 * M_PI * (t - floor(t));
    double room = 0.5 * fmin(width - window->width, height - window->height);
    double radius = fmin(f->radius, fmax(room, 0));
    return (kb3d_window){0.5 * width + radius * sin(angle), 0.5 * height - radius * cos(angle), window->width,
                         window->height};
}

/* Sizes interpolate geometrically, so they stay positive for any t; the centre
   follows the size, so that one point of the picture stands still. */
static kb3d_window window_at(const kb3d_flight *f, const kb3d_scene *scene, const kb3d_window *from,
                             const kb3d_window *to, double t) {
    if (f->motion == KB3D_MOTION_CIRCLE)
        return circling(f, scene, from, t);
    double ratio = to->width / from->width, size = pow(ratio, t);
    double s = fabs(ratio - 1) > 1e-9 ? (size - 1) / (ratio - 1) : t;
    return (kb3d_window){from->center_x + (to->center_x - from->center_x) * s,
                         from->center_y + (to->center_y - from->center_y) * s, from->width * size,
                         from->height * size};
}

/* How far the camera would travel if all of the motion were travelled. */
static void full_travel(const kb3d_flight *f, const kb3d_scene *s, const kb3d_window *from, const kb3d_window *to,
                        const kb3d_window *at, double travel[3]) {
    double z = f->focus_disp > 0 ? 1 / f->focus_disp : 0; /* infinitely far: no travel changes anything */
    double whole = f->motion == KB3D_MOTION_DOLLY ? from->width : fmax(from->width, to->width);
    travel[0] = (at->center_x - s->camera.principal_x) / s->camera.focal_px * z;
    travel[1] = (at->center_y - s->camera.principal_y) / s->camera.focal_px * z;
    travel[2] = z * (1 - at->width / whole);
}

double kb3d_flight_bearable(const kb3d_flight *f, const kb3d_scene *s, double t0, double t1, double sideways,
                            double forward) {
    double share = 1;
    const double times[] = {t0, t1, 0, 1};
    for (int i = 0; i < 4; i++) {
        kb3d_window at = window_at(f, s, &f->from, &f->to, times[i]);
        double travel[3];
        full_travel(f, s, &f->from, &f->to, &at, travel);
        double relief = s->disp_near - s->disp_far;
        double across = hypot(travel[0], travel[1]) * relief * s->camera.focal_px / at.width;
        double ahead = fmax(fabs(travel[2]) * relief, travel[2] * s->disp_near);
        if (across > sideways)
            share = fmin(share, sideways / across);
        if (ahead > forward)
            share = fmin(share, forward / ahead);
    }
    return share;
}

static kb3d_camera windows_camera(const kb3d_flight *f, const kb3d_scene *s, double t, int width, int height) {
    double aspect = (double)width / height;
    kb3d_window from, to;
    fit_both(f, s, aspect, &from, &to);
    kb3d_window at = window_at(f, s, &from, &to, t);
    double travel[3];
    full_travel(f, s, &from, &to, &at, travel);
    kb3d_camera c = s->camera;
    for (int i = 0; i < 3; i++)
        c.translation[i] = -(travel[i] *= f->parallax);
    /* what travel leaves of the motion is done by focal length and principal point */
    double closer = 1 - travel[2] * f->focus_disp;
    closer = fmax(closer, 1e-3); /* a window of no size at t far beyond 1 */
    double shown = f->motion == KB3D_MOTION_DOLLY ? from.width : at.width;
    c.focal_px = s->camera.focal_px * width / shown * closer;
    double x = (at.center_x - s->camera.principal_x) / s->camera.focal_px - travel[0] * f->focus_disp;
    double y = (at.center_y - s->camera.principal_y) / s->camera.focal_px - travel[1] * f->focus_disp;
    c.principal_x = 0.5 * width - c.focal_px * x / closer;
    c.principal_y = 0.5 * height - c.focal_px * y / closer;
    c.width = width;
    c.height = height;
    return c;
}

/* Rotation about one axis that takes a to b, a share of its angle (Rodrigues). */
static void rotate_between(const double a[9], const double b[9], double share, double out[9]) {
    double r[9]; /* b times a's inverse */
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            r[3 * i + j] = b[3 * i] * a[3 * j] + b[3 * i + 1] * a[3 * j + 1] + b[3 * i + 2] * a[3 * j + 2];
    double axis[3] = {r[7] - r[5], r[2] - r[6], r[3] - r[1]};
    double twice_sine = sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
    double angle = atan2(twice_sine, r[0] + r[4] + r[8] - 1) * share;
    for (int i = 0; i < 9; i++)
        out[i] = a[i];
    if (twice_sine < 1e-12) /* no turn, or half a turn, which has no one axis */
        return;
    for (int i = 0; i < 3; i++)
        axis[i] /= twice_sine;
    double sine = sin(angle), rest = 1 - cos(angle), turn[9];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            turn[3 * i + j] = rest * axis[i] * axis[j] + (i == j ? 1 - rest : 0);
    turn[1] -= sine * axis[2];
    turn[2] += sine * axis[1];
    turn[3] += sine * axis[2];
    turn[5] -= sine * axis[0];
    turn[6] -= sine * axis[1];
    turn[7] += sine * axis[0];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[3 * i + j] = turn[3 * i] * a[j] + turn[3 * i + 1] * a[3 + j] + turn[3 * i + 2] * a[6 + j];
}

static kb3d_camera listed_camera(const kb3d_flight *f, double t, int width, int height) {
    size_t i = 0;
    while (i + 2 < f->camera_count && t > f->times[i + 1])
        i++;
    kb3d_camera a = kb3d_camera_for_frame(&f->cameras[i], width, height);
    if (f->camera_count == 1)
        return a;
    kb3d_camera b = kb3d_camera_for_frame(&f->cameras[i + 1], width, height), c = a;
    double s = (t - f->times[i]) / (f->times[i + 1] - f->times[i]);
    rotate_between(a.rotation, b.rotation, s, c.rotation);
    for (int k = 0; k < 3; k++)
        c.translation[k] += (b.translation[k] - a.translation[k]) * s;
    c.focal_px = a.focal_px * pow(b.focal_px / a.focal_px, s);
    c.principal_x += (b.principal_x - a.principal_x) * s;
    c.principal_y += (b.principal_y - a.principal_y) * s;
    return c;
}

kb3d_camera kb3d_flight_camera(const kb3d_flight *f, const kb3d_scene *s, double t, int width, int height) {
    return f->motion == KB3D_MOTION_CAMERAS ? listed_camera(f, t, width, height)
                                            : windows_camera(f, s, t, width, height);
}

enum { FOCUS_SAMPLES = 48 };

double kb3d_flight_focus(const kb3d_scene *s, const kb3d_window *w) {
    int width = s->levels[0].texture.width, height = s->levels[0].texture.height, count = 0;
    static const double share = 0.8; /* of the middle is farther than the focus */
    float values[FOCUS_SAMPLES * FOCUS_SAMPLES];
    for (int j = 0; j < FOCUS_SAMPLES; j++)
        for (int i = 0; i < FOCUS_SAMPLES; i++) {
            double x = w->center_x + ((i + 0.5) / FOCUS_SAMPLES - 0.5) * 0.5 * w->width;
            double y = w->center_y + ((j + 0.5) / FOCUS_SAMPLES - 0.5) * 0.5 * w->height;
            int px = kb3d_clamp_i((int)x, 0, width - 1), py = kb3d_clamp_i((int)y, 0, height - 1);
            values[count++] = kb3d_scene_disp(s)[(size_t)py * width + px];
        }
    /* the value that `share` of them do not exceed, by bisection */
    float low = s->disp_min, high = s->disp_max;
    for (int step = 0; step < 24; step++) {
        float middle = 0.5f * (low + high);
        int below = 0;
        for (int i = 0; i < count; i++)
            below += values[i] <= middle;
        if (below >= share * count)
            high = middle;
        else
            low = middle;
    }
    return high;
}
