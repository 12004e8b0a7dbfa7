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

#include "base.h"

enum {
    KB3D_FILL_RUN = 4,  /* pixels of one surface that make a background */
    KB3D_FILL_SKIP = 8, /* pixels of none that are passed over in search of one */
    KB3D_FILL_DEEP = 48, /* pixels of background that are mirrored at most */
    KB3D_FILL_MARGIN = 2 /* pixels beside a hole that are mixed with what hid it */
};

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

#endif
