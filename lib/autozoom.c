/* The automatic flight: of many directions the one that uncovers least. */
#include "path.h"
#include "workspace.h"

#include <math.h>

enum { DIRECTIONS = 16, SEARCH_SIDE = 160 };

/* How far an automatic flight pulls near and far apart, and how close it goes;
   see path.c. */
#define SIDEWAYS 0.05
#define FORWARD 0.3

/* Share of a view that a flight may uncover without being held back. */
#define UNCOVERED 0.06

/* Ratio of window sizes from which there is hardly a zoom, only a move. */
#define NO_ZOOM 0.9

/* A number in 0..1 from a seed and an index (SplitMix64, Steele et al. 2014). */
static double random_unit(uint64_t seed, int index) {
    uint64_t z = seed + (uint64_t)(index + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* Share of a view that nothing covers, on a small copy. */
static double uncovered(const kb3d_scene *s, const kb3d_flight *f, double t, kb3d_workspace *w, kb3d_job *job) {
    kb3d_camera camera = kb3d_flight_camera(f, s, t, w->planes.width, w->planes.height);
    kb3d_layer layers[KB3D_SCENE_LAYERS];
    int count = kb3d_scene_layers(s, &camera, layers);
    kb3d_parallel par = kb3d_job_parallel(job);
    int64_t holes = s->ctx->kernels->render(&par, layers, count, &w->planes, w->scratch);
    return (double)holes / ((double)w->planes.width * w->planes.height);
}

static kb3d_status small_copy(const kb3d_scene *s, kb3d_workspace **w, kb3d_call *call) {
    double scale = fmin(1, SEARCH_SIDE / fmax(s->camera.width, s->camera.height));
    int width = kb3d_max_i(1, (int)(s->camera.width * scale)), height = kb3d_max_i(1, (int)(s->camera.height * scale));
    return kb3d_workspace_acquire(s->ctx, width, height, s->levels[0].texture.texel, w, call);
}

kb3d_status kb3d_flight_hold_back(kb3d_flight *f, const kb3d_scene *s, double t0, double t1, kb3d_call *call) {
    kb3d_workspace *w;
    kb3d_status status = small_copy(s, &w, call);
    if (status)
        return status;
    kb3d_job job = {.pool = s->ctx->pool, .call = call};
    double share = fmax(uncovered(s, f, t0, w, &job), uncovered(s, f, t1, w, &job));
    kb3d_workspace_release(s->ctx, w);
    if (share > UNCOVERED)
        f->parallax *= UNCOVERED / share;
    return kb3d_call_check(call);
}

static kb3d_flight candidate(const kb3d_scene *s, const kb3d_path_params *p, const kb3d_flight *base, int direction,
                             double turn) {
    kb3d_flight f = *base;
    double zoom = p->zoom > 0 ? p->zoom : 1.25, shift = p->shift < 0 ? 0 : p->shift > 0 ? p->shift : 0.08;
    double width = s->camera.width, height = s->camera.height, ratio = fmin(zoom, 1 / zoom);
    kb3d_window large = kb3d_window_largest(s, width / height), small;
    if (ratio > NO_ZOOM) { /* leave room to move sideways */
        large.width *= NO_ZOOM;
        large.height *= NO_ZOOM;
    }
    small = large;
    small.width *= ratio;
    small.height *= ratio;
    double angle = (direction + turn) * 2 * 3.14159265358979323846 / DIRECTIONS;
    double dx = shift * width * cos(angle), dy = shift * width * sin(angle);
    double fits = fmin(0.5 * (width - small.width) / fmax(fabs(dx), 1e-9),
                       0.5 * (height - small.height) / fmax(fabs(dy), 1e-9));
    small.center_x += dx * fmin(fits, 1);
    small.center_y += dy * fmin(fits, 1);
    f.from = zoom < 1 ? small : large;
    f.to = zoom < 1 ? large : small;
    f.derived = zoom < 1 ? KB3D_DERIVED_FROM : KB3D_DERIVED_TO;
    f.parallax = kb3d_flight_bearable(&f, s, 0, 1, SIDEWAYS, FORWARD);
    return f;
}

kb3d_status kb3d_autozoom(const kb3d_scene *s, const kb3d_path_params *p, kb3d_flight *flight, kb3d_call *call) {
    kb3d_workspace *w;
    kb3d_status status = small_copy(s, &w, call);
    if (status)
        return status;
    kb3d_job job = {.pool = s->ctx->pool, .call = call};
    kb3d_flight best = {0};
    double best_score = 1e300;
    for (int i = 0; i < DIRECTIONS && !status; i++) {
        kb3d_flight f = candidate(s, p, flight, i, random_unit(p->seed, DIRECTIONS));
        /* what uncovers about as little is as good: the seed chooses among such */
        double score = uncovered(s, &f, 0, w, &job) + uncovered(s, &f, 1, w, &job) + 0.002 * random_unit(p->seed, i);
        if (score < best_score) {
            best_score = score;
            best = f;
        }
        status = kb3d_call_progress(call, "search", (i + 1.0) / DIRECTIONS);
    }
    kb3d_workspace_release(s->ctx, w);
    if (status)
        return status;
    *flight = best;
    /* where even the best direction uncovers much, the depth is torn to pieces */
    return kb3d_flight_hold_back(flight, s, 0, 1, call);
}
