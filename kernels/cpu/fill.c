/* Filling the holes of a frame. */
#include "level.h"

#include "../math/fill.h"

#include <stdatomic.h>

typedef struct job {
    const kb3d_planes *planes;
    const kb3d_fill_params *params;
    atomic_int left; /* some pixel saw nothing along its line */
    atomic_int is_row_left; /* nothing was found for a whole row */
} job;

static void fill_row(void *arg, int y) {
    job *j = arg;
    const kb3d_planes *p = j->planes;
    for (int x = 0; x < p->width; x++) {
        ptrdiff_t at = (ptrdiff_t)y * p->width + x;
        float color[4], disp;
        if (p->cover[at] == 255)
            continue;
        if (kb3d_fill_pixel(p, j->params, x, y, color, &disp))
            kb3d_fill_put(p, j->params->under, at, color, disp);
        else
            atomic_store(&j->left, 1);
    }
}

static void carry_row(void *arg, int y) {
    job *j = arg;
    const kb3d_planes *p = j->planes;
    if (!kb3d_fill_carry(p, j->params->under, (ptrdiff_t)y * p->width, 1, p->width))
        atomic_store(&j->is_row_left, 1);
}

static void carry_column(void *arg, int x) {
    const job *j = arg;
    const kb3d_planes *p = j->planes;
    (void)kb3d_fill_carry(p, j->params->under, x, p->width, p->height);
}

void kb3d_fill(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_fill_params *params) {
    job j = {.planes = planes, .params = params};
    atomic_init(&j.left, 0);
    par->run(par->impl, planes->height, fill_row, &j);
    atomic_init(&j.is_row_left, 0);
    if (atomic_load(&j.left))
        par->run(par->impl, planes->height, carry_row, &j);
    if (atomic_load(&j.is_row_left))
        par->run(par->impl, planes->width, carry_column, &j);
}

static void smooth_row(void *arg, int y) {
    const kb3d_smoothing *s = arg;
    for (int x = 0; x < s->planes.width; x++)
        kb3d_smooth_pixel(s, x, y);
}

void kb3d_smooth(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_smooth_params *params,
                 void *color, float *disp) {
    kb3d_smoothing s = {.planes = *planes, .params = *params, .color = color, .disp = disp};
    s.radius = kb3d_gauss(params->sigma, KB3D_SMOOTH_RADIUS_MAX, s.weight);
    par->run(par->impl, planes->height, smooth_row, &s);
}
