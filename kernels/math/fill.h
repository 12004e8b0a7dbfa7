/*
 * Filling a hole from the background side.
 *
 * When the camera moves, a pixel is displaced along the line through the epipole,
 * the more the nearer it is. A hole behind something near therefore continues
 * what lies at that line's farther end. The fill starts some pixels away from the
 * hole, because those at its rim are mixed with the foreground, and mirrors
 * the surface it finds there into the hole, so that texture stays texture.
 */
#ifndef KB3D_MATH_FILL_H
#define KB3D_MATH_FILL_H

#include "gauss.h"
#include "layer.h"

enum {
    KB3D_FILL_RUN = 4,  /* pixels of one surface that make a background */
    KB3D_FILL_SKIP = 8, /* pixels of none that are passed over in search of one */
    KB3D_FILL_DEEP = 48, /* pixels of background that are mirrored at most */
    KB3D_FILL_MARGIN = 2 /* pixels beside a hole that are mixed with what hid it */
};

/* How holes are filled. */
typedef struct kb3d_fill_params {
    double epipole[3]; /* the displacement of a pixel at (x, y) as its depth changes is epipole.xy - (x, y) epipole.z */
    float jump;        /* difference of inverse depth between surfaces, in the frame's units */
    int reach;         /* pixels along the line to look for something opaque */
    int mirror;        /* non-zero: the background's texture is mirrored into the hole, else its rim is carried across */
    int under;         /* non-zero: what lies under silhouettes is wanted, they are not blended over it */
} kb3d_fill_params;

enum { KB3D_SMOOTH_RADIUS_MAX = 8 };

/* Smoothing of what was filled, within one surface. */
typedef struct kb3d_smooth_params {
    float jump;
    float sigma;    /* pixels */
    float strength; /* 0..1: share of the smoothed colour */
} kb3d_smooth_params;

/* A frame to read; `cover` is 255 where something opaque lies. */
typedef struct kb3d_fill_frame {
    int width, height;
    const float *disp;
    const uint8_t *cover;
} kb3d_fill_frame;

/* One end of the line through a hole. */
typedef struct kb3d_fill_end {
    int steps;   /* from the pixel to the first opaque one; 0: none within the limit */
    float disp;
} kb3d_fill_end;

/* Steps one pixel along the longer axis of the line at pixel (x, y). */
KB3D_FN void kb3d_fill_direction(const double epipole[3], int width, int height, int x, int y, float dir[2]) {
    double px = x + 0.5, py = y + 0.5;
    double dx = epipole[0] - px * epipole[2], dy = epipole[1] - py * epipole[2];
    double ax = dx < 0 ? -dx : dx, ay = dy < 0 ? -dy : dy, longer = ax > ay ? ax : ay;
    if (!(longer > 1e-9)) { /* no displacement, such as for a rotation: towards the middle */
        dx = 0.5 * width - px;
        dy = 0.5 * height - py;
        ax = dx < 0 ? -dx : dx;
        ay = dy < 0 ? -dy : dy;
        longer = ax > ay ? ax : ay;
        if (!(longer > 0)) {
            dx = longer = 1;
            dy = 0;
        }
    }
    dir[0] = (float)(dx / longer);
    dir[1] = (float)(dy / longer);
}

/* Index of the pixel k steps along, or -1 outside the frame. */
KB3D_FN ptrdiff_t kb3d_fill_at(const kb3d_fill_frame *f, int x, int y, const float dir[2], int k) {
    float px = (float)x + 0.5f + dir[0] * (float)k, py = (float)y + 0.5f + dir[1] * (float)k;
    if (!(px >= 0 && py >= 0 && px < (float)f->width && py < (float)f->height))
        return -1;
    return (ptrdiff_t)(int)py * f->width + (int)px;
}

/* Whether a surface begins k steps along: pixels that hang in the air alone, mixed
   of two surfaces as they are, are no background to continue. */
KB3D_FN int kb3d_fill_is_surface(const kb3d_fill_frame *f, int x, int y, const float dir[2], int k, int sign,
                                 float jump) {
    ptrdiff_t at = kb3d_fill_at(f, x, y, dir, k);
    for (int i = 1; i < KB3D_FILL_RUN; i++) {
        ptrdiff_t next = kb3d_fill_at(f, x, y, dir, k + sign * i);
        if (next < 0)
            return 1; /* it ends with the frame */
        if (f->cover[next] != 255 || kb3d_abs_f(f->disp[next] - f->disp[at]) > jump)
            return 0;
        at = next;
    }
    return 1;
}

/* Looks along `sign` times the direction for something opaque, if possible a
   surface. */
KB3D_FN kb3d_fill_end kb3d_fill_look(const kb3d_fill_frame *f, int x, int y, const float dir[2], int sign,
                                     int limit, float jump) {
    kb3d_fill_end end = {0, 0};
    for (int k = 1; k <= limit; k++) {
        ptrdiff_t at = kb3d_fill_at(f, x, y, dir, sign * k);
        if (at < 0)
            break;
        if (f->cover[at] != 255)
            continue;
        if (!end.steps) {
            end.steps = k;
            end.disp = f->disp[at];
            limit = kb3d_min_i(limit, k + KB3D_FILL_SKIP);
        }
        if (kb3d_fill_is_surface(f, x, y, dir, sign * k, sign, jump)) {
            end.steps = k;
            end.disp = f->disp[at];
            break;
        }
    }
    return end;
}

/* The pixel to take colour from, seen from a hole's pixel: the one `depth` steps
   beyond the rim, on the rim's own surface; going back and forth on it when it
   ends sooner. */
KB3D_FN ptrdiff_t kb3d_fill_source(const kb3d_fill_frame *f, int x, int y, const float dir[2], int sign,
                                   int rim, float jump, int depth) {
    int length = 0; /* pixels of the same surface behind the rim */
    float disp = f->disp[kb3d_fill_at(f, x, y, dir, sign * rim)];
    int wanted = kb3d_min_i(depth, KB3D_FILL_DEEP) + KB3D_FILL_MARGIN;
    while (length <= wanted) {
        ptrdiff_t next = kb3d_fill_at(f, x, y, dir, sign * (rim + length + 1));
        if (next < 0 || f->cover[next] != 255 || kb3d_abs_f(f->disp[next] - disp) > jump)
            break;
        disp = f->disp[next];
        length++;
    }
    int margin = kb3d_min_i(length, KB3D_FILL_MARGIN), period = length - margin + 1;
    int k = depth % (2 * period);
    k = k < period ? k : 2 * period - 1 - k;
    return kb3d_fill_at(f, x, y, dir, sign * (rim + margin + k));
}

/* Colour and inverse depth for a hole's pixel; 0 when nothing is in sight. */
KB3D_FN int kb3d_fill_pixel(const kb3d_planes *p, const kb3d_fill_params *params, int x, int y, float color[4],
                            float *disp) {
    const kb3d_fill_frame f = {p->width, p->height, p->disp, p->cover};
    float dir[2], jump = params->jump;
    kb3d_fill_direction(params->epipole, f.width, f.height, x, y, dir);
    kb3d_fill_end ends[2];
    for (int turn = 0; turn < 2; turn++) {
        ends[0] = kb3d_fill_look(&f, x, y, dir, -1, params->reach, jump);
        ends[1] = kb3d_fill_look(&f, x, y, dir, 1, params->reach, jump);
        if (ends[0].steps || ends[1].steps)
            break;
        float across = dir[0]; /* nothing along the line: look across it */
        dir[0] = -dir[1];
        dir[1] = across;
    }
    if (!ends[0].steps && !ends[1].steps)
        return 0;
    float weight[2] = {(float)(ends[0].steps > 0), (float)(ends[1].steps > 0)};
    if (ends[0].steps && ends[1].steps) {
        if (kb3d_is_torn(ends[0].disp, ends[1].disp, jump)) {
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
        int depth = params->mirror ? ends[i].steps - 1 : 0;
        ptrdiff_t at = kb3d_fill_source(&f, x, y, dir, 2 * i - 1, ends[i].steps, jump, depth);
        for (int c = 0; c < 4; c++)
            color[c] += weight[i] * load_texel(p->color, p->texel, 4 * at + c);
        *disp += weight[i] * ends[i].disp;
    }
    return 1;
}

/* Writes them into a pixel, under what covers it in part. */
KB3D_FN void kb3d_fill_put(const kb3d_planes *p, int under, ptrdiff_t at, const float color[4], float disp) {
    int cover = under ? 0 : p->cover[at];
    for (int c = 0; c < 4; c++) {
        float over = cover ? load_texel(p->color, p->texel, 4 * at + c) : 0;
        store_texel(p->color, p->texel, 4 * at + c, over + color[c] * ((float)(255 - cover) * (1.0f / 255)));
    }
    if (cover < 128)
        p->disp[at] = disp;
    p->painted[at] = KB3D_FILLED;
}

/* What no line reached takes the colour of the last pixel of its row, or else of its
   column, that has one. Answers whether there was any. */
KB3D_FN int kb3d_fill_carry(const kb3d_planes *p, int under, ptrdiff_t first, ptrdiff_t step, int count) {
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
                kb3d_fill_put(p, under, at, color, p->disp[last]);
                last = at;
            }
        }
    }
    return last >= 0;
}

/* Smoothing of a frame, from `planes` to `color` and `disp`. */
typedef struct kb3d_smoothing {
    kb3d_planes planes;
    kb3d_smooth_params params;
    void *color;
    float *disp;
    int radius;
    float weight[KB3D_SMOOTH_RADIUS_MAX + 1];
} kb3d_smoothing;

KB3D_FN void kb3d_smooth_pixel(const kb3d_smoothing *s, int x, int y) {
    const kb3d_planes *p = &s->planes;
    ptrdiff_t at = (ptrdiff_t)y * p->width + x;
    if (p->cover[at] == 255) {
        kb3d_copy_pixel(s->color, at, p->color, at, p->texel);
        s->disp[at] = p->disp[at];
        return;
    }
    float sum[4] = {0, 0, 0, 0}, disp_sum = 0, norm = 0, here = p->disp[at];
    int y0 = kb3d_max_i(y - s->radius, 0), y1 = kb3d_min_i(y + s->radius, p->height - 1);
    int x0 = kb3d_max_i(x - s->radius, 0), x1 = kb3d_min_i(x + s->radius, p->width - 1);
    for (int qy = y0; qy <= y1; qy++) {
        ptrdiff_t row = (ptrdiff_t)qy * p->width;
        for (int qx = x0; qx <= x1; qx++) {
            float disp = p->disp[row + qx];
            if (kb3d_is_torn(disp, here, s->params.jump))
                continue;
            float w = kb3d_gauss_at(s->weight, qx - x, qy - y);
            for (int c = 0; c < 4; c++)
                sum[c] += load_texel(p->color, p->texel, 4 * (row + qx) + c) * w;
            disp_sum += w * disp;
            norm += w;
        }
    }
    for (int c = 0; c < 4; c++) {
        float sharp = load_texel(p->color, p->texel, 4 * at + c);
        store_texel(s->color, p->texel, 4 * at + c, sharp + (sum[c] / norm - sharp) * s->params.strength);
    }
    s->disp[at] = disp_sum / norm;
}

#endif
