/* The automatic flight: of many directions the one that uncovers least. */
#include "path.h"
#include "workspace.h"

#include <math.h>

enum { DIRECTIONS = 16, SEARCH_SIDE = 160 };

/* How far an automatic flight pulls near and far apart, and how close it goes;
   see path.c. */
#define SIDEWAYS 0.05
#define FORWARD 0.3

/* Share of the end view that a flight may uncover without being held back. */
#define UNCOVERED 0.06

/* A number in 0..1 from a seed and an index (SplitMix64, Steele et al. 2014). */
static double random_unit(uint64_t seed, int index) {
    uint64_t z = seed + (uint64_t)(index + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* Share of the end view that nothing covers, on a small copy. */
static double uncovered(const kb3d_scene *s, const kb3d_flight *f, kb3d_workspace *w, kb3d_job *job) {
    kb3d_camera camera = kb3d_flight_camera(f, s, 1, w->planes.width, w->planes.height);
    kb3d_layer layer = kb3d_scene_layer(s, &camera);
    kb3d_parallel par = kb3d_job_parallel(job);
    int64_t holes = s->ctx->kernels->render(&par, &layer, 1, &w->planes, w->scratch);
    return (double)holes / ((double)w->planes.width * w->planes.height);
}

static kb3d_flight candidate(const kb3d_scene *s, const kb3d_path_params *p, const kb3d_flight *base, int direction,
                             double turn) {
    kb3d_flight f = *base;
    double zoom = p->zoom > 0 ? p->zoom : 1.25, shift = p->shift < 0 ? 0 : p->shift > 0 ? p->shift : 0.08;
    double width = s->camera.width, height = s->camera.height, ratio = fmin(zoom, 1 / zoom);
    kb3d_window large = kb3d_window_largest(s, width / height), small;
    if (ratio > 1 - shift) { /* hardly a zoom: leave room to move sideways */
        large.width *= 1 - shift;
        large.height *= 1 - shift;
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
    double longer = fmax(s->camera.width, s->camera.height), scale = fmin(1, SEARCH_SIDE / longer);
    int width = kb3d_max_i(1, (int)(s->camera.width * scale)), height = kb3d_max_i(1, (int)(s->camera.height * scale));
    kb3d_workspace *w;
    kb3d_status status =
        kb3d_workspace_acquire(s->ctx, width, height, s->levels[0].texture.texel, &w, call);
    if (status)
        return status;
    kb3d_job job = {.pool = s->ctx->pool, .call = call};
    kb3d_flight best = {0};
    double best_score = 1e300;
    for (int i = 0; i < DIRECTIONS && !status; i++) {
        kb3d_flight f = candidate(s, p, flight, i, random_unit(p->seed, DIRECTIONS));
        /* what uncovers about as little is as good: the seed chooses among such */
        double score = uncovered(s, &f, w, &job) + 0.002 * random_unit(p->seed, i);
        if (score < best_score) {
            best_score = score;
            best = f;
        }
        status = kb3d_call_progress(call, "search", (i + 1.0) / DIRECTIONS);
    }
    kb3d_workspace_release(s->ctx, w);
    if (status)
        return status;
    /* where even the best direction uncovers much, the depth is torn to pieces:
       travel less */
    if (best_score > UNCOVERED)
        best.parallax *= UNCOVERED / best_score;
    *flight = best;
    return KB3D_OK;
}
