/* Filling the holes of a frame. */
#include "level.h"

#include "../math/fill.h"
#include "sample.h"

#include <math.h>

typedef struct job {
    const kb3d_planes *planes;
    const kb3d_fill_params *params;
    kb3d_fill_frame frame;
    int limit;
} job;

/* Colour and inverse depth for a hole's pixel; 0 when nothing is in sight. */
static int fill_pixel(const job *j, int x, int y, float color[4], float *disp) {
    const kb3d_planes *p = j->planes;
    const kb3d_fill_frame *f = &j->frame;
    float dir[2];
    kb3d_fill_direction(j->params->epipole, f->width, f->height, x, y, dir);
    kb3d_fill_end ends[2];
    for (int turn = 0; turn < 2; turn++) {
        ends[0] = kb3d_fill_look(f, x, y, dir, -1, j->limit, j->params->jump);
        ends[1] = kb3d_fill_look(f, x, y, dir, 1, j->limit, j->params->jump);
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
    const job *j = arg;
    const kb3d_planes *p = j->planes;
    for (int x = 0; x < p->width; x++) {
        ptrdiff_t at = (ptrdiff_t)y * p->width + x;
        float color[4], disp;
        if (p->cover[at] != 255 && fill_pixel(j, x, y, color, &disp))
            put(p, at, j->params->under ? 0 : p->cover[at], color, disp);
    }
}

/* What no line reached takes the colour of the last pixel in its row that has one. */
static void carry_row(void *arg, int y) {
    const job *j = arg;
    const kb3d_planes *p = j->planes;
    for (int sign = 1; sign >= -1; sign -= 2) {
        ptrdiff_t last = -1;
        for (int i = 0; i < p->width; i++) {
            ptrdiff_t at = (ptrdiff_t)y * p->width + (sign > 0 ? i : p->width - 1 - i);
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
}

void kb3d_fill(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_fill_params *params) {
    job j = {.planes = planes,
             .params = params,
             .frame = {planes->width, planes->height, planes->disp, planes->cover},
             .limit = KB3D_FILL_REACH};
    par->run(par->impl, planes->height, fill_row, &j);
    par->run(par->impl, planes->height, carry_row, &j);
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
        float sum[5] = {0}, norm = 0;
        for (int dy = -s->radius; dy <= s->radius; dy++)
            for (int dx = -s->radius; dx <= s->radius; dx++) {
                int qx = x + dx, qy = y + dy;
                if (qx < 0 || qy < 0 || qx >= p->width || qy >= p->height)
                    continue;
                ptrdiff_t q = (ptrdiff_t)qy * p->width + qx;
                if (kb3d_abs_f(p->disp[q] - p->disp[at]) > s->params->jump)
                    continue;
                float w = s->weight[dx < 0 ? -dx : dx] * s->weight[dy < 0 ? -dy : dy];
                for (int c = 0; c < 4; c++)
                    sum[c] += w * load_texel(p->color, p->texel, 4 * q + c);
                sum[4] += w * p->disp[q];
                norm += w;
            }
        for (int c = 0; c < 4; c++) {
            float sharp = load_texel(p->color, p->texel, 4 * at + c);
            store_texel(s->color, p->texel, 4 * at + c, sharp + (sum[c] / norm - sharp) * s->params->strength);
        }
        s->disp[at] = sum[4] / norm;
    }
}

void kb3d_smooth(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_smooth_params *params,
                 void *color, float *disp) {
    smoothing s = {.planes = planes, .params = params, .color = color, .disp = disp};
    s.radius = kb3d_clamp_i((int)(2 * params->sigma + 0.5f), 1, KB3D_SMOOTH_RADIUS_MAX);
    for (int i = 0; i <= s.radius; i++)
        s.weight[i] = expf(-0.5f * (float)(i * i) / (params->sigma * params->sigma));
    par->run(par->impl, planes->height, smooth_row, &s);
}
