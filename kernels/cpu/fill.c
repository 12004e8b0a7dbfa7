/* Filling the holes of a frame. */
#include "level.h"

#include "../math/fill.h"
#include "../math/gauss.h"
#include "sample.h"

#include <stdatomic.h>

typedef struct job {
    const kb3d_planes *planes;
    const kb3d_fill_params *params;
    kb3d_fill_frame frame;
    atomic_int left; /* some pixel saw nothing along its line */
    atomic_int is_row_left; /* nothing was found for a whole row */
} job;

/* Colour and inverse depth for a hole's pixel; 0 when nothing is in sight. */
static int fill_pixel(const job *j, int x, int y, float color[4], float *disp) {
    const kb3d_planes *p = j->planes;
    const kb3d_fill_frame *f = &j->frame;
    float dir[2];
    kb3d_fill_direction(j->params->epipole, f->width, f->height, x, y, dir);
    kb3d_fill_end ends[2];
    for (int turn = 0; turn < 2; turn++) {
        ends[0] = kb3d_fill_look(f, x, y, dir, -1, j->params->reach, j->params->jump);
        ends[1] = kb3d_fill_look(f, x, y, dir, 1, j->params->reach, j->params->jump);
        if (ends[0].steps || ends[1].steps)
            break;
        float across = dir[0]; /* nothing along the line: look across it */
        dir[0] = -dir[1];
        dir[1] = across;
    }
    if (!ends[0].steps && !ends[1].steps)
        return 0;
    float weight[2] = {ends[0].steps > 0, ends[1].steps > 0};
    if (ends[0].steps && ends[1].steps) {
        if (kb3d_is_torn(ends[0].disp, ends[1].disp, j->params->jump)) {
            weight[ends[0].disp < ends[1].disp] = 0; /* the farther end continues */
        } else { /* one surface on both sides */
            weight[0] = (float)ends[1].steps / (float)(ends[0].steps + ends[1].steps);
            weight[1] = 1 - weight[0];
        }
    }
    *disp = 0;
    color[0] = color[1] = color[2] = color[3] = 0;
    for (int i = 0; i < 2; i++) {
        if (!(weight[i] > 0))
            continue;
        int depth = j->params->mirror ? ends[i].steps - 1 : 0;
        ptrdiff_t at = kb3d_fill_source(f, x, y, dir, 2 * i - 1, ends[i].steps, j->params->jump, depth);
        for (int c = 0; c < 4; c++)
            color[c] += weight[i] * load_texel(p->color, p->texel, 4 * at + c);
        *disp += weight[i] * ends[i].disp;
    }
    return 1;
}

static void put(const kb3d_planes *p, ptrdiff_t at, int cover, const float color[4], float disp) {
    for (int c = 0; c < 4; c++) {
        float over = cover ? load_texel(p->color, p->texel, 4 * at + c) : 0;
        store_texel(p->color, p->texel, 4 * at + c, over + color[c] * ((float)(255 - cover) * (1.0f / 255)));
    }
    if (cover < 128)
        p->disp[at] = disp;
    p->painted[at] = KB3D_FILLED;
}

static void fill_row(void *arg, int y) {
    job *j = arg;
    const kb3d_planes *p = j->planes;
    for (int x = 0; x < p->width; x++) {
        ptrdiff_t at = (ptrdiff_t)y * p->width + x;
        float color[4], disp;
        if (p->cover[at] == 255)
            continue;
        if (fill_pixel(j, x, y, color, &disp))
            put(p, at, j->params->under ? 0 : p->cover[at], color, disp);
        else
            atomic_store(&j->left, 1);
    }
}

/* What no line reached takes the colour of the last pixel of its row, or else of its
   column, that has one. Answers whether there was any. */
static int carry(const job *j, ptrdiff_t first, ptrdiff_t step, int count) {
    const kb3d_planes *p = j->planes;
    ptrdiff_t last = -1;
    for (int sign = 1; sign >= -1; sign -= 2) {
        last = -1;
        for (int i = 0; i < count; i++) {
            ptrdiff_t at = first + step * (sign > 0 ? i : count - 1 - i);
            if (p->cover[at] == 255 || p->painted[at] == KB3D_FILLED) {
                last = at;
            } else if (last >= 0) {
                float color[4];
                for (int c = 0; c < 4; c++)
                    color[c] = load_texel(p->color, p->texel, 4 * last + c);
                put(p, at, j->params->under ? 0 : p->cover[at], color, p->disp[last]);
                last = at;
            }
        }
    }
    return last >= 0;
}

static void carry_row(void *arg, int y) {
    job *j = arg;
    if (!carry(j, (ptrdiff_t)y * j->planes->width, 1, j->planes->width))
        atomic_store(&j->is_row_left, 1);
}

static void carry_column(void *arg, int x) {
    const job *j = arg;
    (void)carry(j, x, j->planes->width, j->planes->height);
}

void kb3d_fill(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_fill_params *params) {
    job j = {.planes = planes,
             .params = params,
             .frame = {planes->width, planes->height, planes->disp, planes->cover}};
    atomic_init(&j.left, 0);
    par->run(par->impl, planes->height, fill_row, &j);
    atomic_init(&j.is_row_left, 0);
    if (atomic_load(&j.left))
        par->run(par->impl, planes->height, carry_row, &j);
    if (atomic_load(&j.is_row_left))
        par->run(par->impl, planes->width, carry_column, &j);
}

typedef struct smoothing {
    const kb3d_planes *planes;
    const kb3d_smooth_params *params;
    void *color;
    float *disp;
    int radius;
    float weight[KB3D_SMOOTH_RADIUS_MAX + 1];
} smoothing;

static void smooth_row(void *arg, int y) {
    const smoothing *s = arg;
    const kb3d_planes *p = s->planes;
    size_t pixel = 4 * (size_t)p->texel;
    for (int x = 0; x < p->width; x++) {
        ptrdiff_t at = (ptrdiff_t)y * p->width + x;
        if (p->cover[at] == 255) {
            memcpy((char *)s->color + at * (ptrdiff_t)pixel, (const char *)p->color + at * (ptrdiff_t)pixel, pixel);
            s->disp[at] = p->disp[at];
            continue;
        }
        vec4 sum = {0};
        float disp_sum = 0, norm = 0, here = p->disp[at];
        int y0 = kb3d_max_i(y - s->radius, 0), y1 = kb3d_min_i(y + s->radius, p->height - 1);
        int x0 = kb3d_max_i(x - s->radius, 0), x1 = kb3d_min_i(x + s->radius, p->width - 1);
        for (int qy = y0; qy <= y1; qy++) {
            const float *disp = p->disp + (ptrdiff_t)qy * p->width;
            for (int qx = x0; qx <= x1; qx++) {
                if (kb3d_is_torn(disp[qx], here, s->params->jump))
                    continue;
                float w = kb3d_gauss_at(s->weight, qx - x, qy - y);
                sum += load_pixel(p->color, p->texel, (ptrdiff_t)qy * p->width + qx) * w;
                disp_sum += w * disp[qx];
                norm += w;
            }
        }
        vec4 sharp = load_pixel(p->color, p->texel, at);
        sum = sharp + (sum / norm - sharp) * s->params->strength;
        for (int c = 0; c < 4; c++)
            store_texel(s->color, p->texel, 4 * at + c, sum[c]);
        s->disp[at] = disp_sum / norm;
    }
}

void kb3d_smooth(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_smooth_params *params,
                 void *color, float *disp) {
    smoothing s = {.planes = planes, .params = params, .color = color, .disp = disp};
    s.radius = kb3d_gauss(params->sigma, KB3D_SMOOTH_RADIUS_MAX, s.weight);
    par->run(par->impl, planes->height, smooth_row, &s);
}
