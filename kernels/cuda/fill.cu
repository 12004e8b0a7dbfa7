#include "work.h"

#include "../math/fill.h"

namespace {

/* Set by those that found nothing, so that the next kernel has work. */
struct left {
    int pixels, rows;
};

struct fill {
    kb3d_planes planes;
    kb3d_fill_params params;
    left *to;

    KB3D_DEVICE void operator()(int x, int y) const {
        ptrdiff_t at = (ptrdiff_t)y * planes.width + x;
        float color[4], disp;
        if (planes.cover[at] == 255)
            return;
        if (kb3d_fill_pixel(&planes, &params, x, y, color, &disp))
            kb3d_fill_put(&planes, params.under, at, color, disp);
        else
            to->pixels = 1;
    }
};

struct carry_row {
    kb3d_planes planes;
    int under;
    left *to;

    KB3D_DEVICE void operator()(int y, int) const {
        if (to->pixels && !kb3d_fill_carry(&planes, under, (ptrdiff_t)y * planes.width, 1, planes.width))
            to->rows = 1;
    }
};

struct carry_column {
    kb3d_planes planes;
    int under;
    left *to;

    KB3D_DEVICE void operator()(int x, int) const {
        if (to->rows)
            (void)kb3d_fill_carry(&planes, under, x, planes.width, planes.height);
    }
};

struct smooth {
    kb3d_smoothing s;

    KB3D_DEVICE void operator()(int x, int y) const {
        kb3d_smooth_pixel(&s, x, y);
    }
};

} // namespace

void kb3d_cuda_fill(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_fill_params *params) {
    kb3d_work work(par);
    size_t pixels = (size_t)planes->width * planes->height;
    kb3d_planes p = *planes;
    p.channels = NULL;
    p.color = work.change_bytes(planes->color, pixels * 4 * p.texel);
    p.disp = work.change(planes->disp, pixels);
    p.cover = (uint8_t *)work.read(planes->cover, pixels);
    p.painted = work.change(planes->painted, pixels);
    left *rest = work.room<left>(1);
    work.fill(rest, 0, sizeof *rest);
    fill pixel = {p, *params, rest};
    carry_row row = {p, params->under, rest};
    carry_column column = {p, params->under, rest};
    work.run(p.width, p.height, pixel);
    work.run(p.height, 1, row);
    work.run(p.width, 1, column);
}

void kb3d_cuda_smooth(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_smooth_params *params,
                      void *color, float *disp) {
    kb3d_work work(par);
    size_t pixels = (size_t)planes->width * planes->height, bytes = pixels * 4 * planes->texel;
    smooth k = {kb3d_smoothing()};
    k.s.planes.width = planes->width;
    k.s.planes.height = planes->height;
    k.s.planes.texel = planes->texel;
    k.s.planes.color = (void *)work.read_bytes(planes->color, bytes);
    k.s.planes.disp = (float *)work.read(planes->disp, pixels);
    k.s.planes.cover = (uint8_t *)work.read(planes->cover, pixels);
    k.s.params = *params;
    k.s.color = work.write_bytes(color, bytes);
    k.s.disp = work.write(disp, pixels);
    k.s.radius = kb3d_gauss(params->sigma, KB3D_SMOOTH_RADIUS_MAX, k.s.weight);
    work.run(planes->width, planes->height, k);
}
