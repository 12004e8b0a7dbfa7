/*
 * From a layer's pixels to a frame's, and back.
 *
 * A layer's camera has intrinsics K, the frame's K', and X' = R X + T takes
 * points from the one to the other. A pixel (u, v) with inverse depth d lies at
 *     p' ~ K' R K^-1 (u, v, 1) + d K' T = a (u, v, 1) + d b
 * homogeneous, finite also for d = 0. The third component c is z' / z: points
 * with c <= 0 lie behind the frame's camera.
 */
#ifndef KB3D_MATH_WARP_H
#define KB3D_MATH_WARP_H

#include "patch.h"

typedef struct kb3d_warp {
    double a[9]; /* row by row */
    double b[3];
} kb3d_warp;

/* Nearer than this share of its depth to the camera a patch is dropped: what it
   would show is its own pixels, enlarged twenty times and more. */
#define KB3D_NEAR_SHARE 0.05

/* A patch as seen by the frame: everything is linear in the frame's pixels.
   With fx, fy counted from the centre of pixel (x0, y0):
     q = q0 + qx fx + qy fy,  (u, v) = (q[0], q[1]) / q[2] from the patch's centre,
     inverse depth = e0 + ex fx + ey fy. */
typedef struct kb3d_warped {
    int x0, y0, x1, y1; /* pixels that may see it: x0 <= x < x1 */
    float q0[3], qx[3], qy[3];
    float e0, ex, ey;
    float u_min, u_max, v_min, v_max; /* the footprint */
} kb3d_warped;

/* Works for float and for vectors of float. */
#define KB3D_WARPED_AT(w, fx, fy, u, v, disp)                                                              \
    do {                                                                                                   \
        (u) = ((w)->q0[0] + (w)->qy[0] * (fy)) + (w)->qx[0] * (fx);                                        \
        (v) = ((w)->q0[1] + (w)->qy[1] * (fy)) + (w)->qx[1] * (fx);                                        \
        (disp) = ((w)->q0[2] + (w)->qy[2] * (fy)) + (w)->qx[2] * (fx);                                     \
        (disp) = 1.0f / (disp);                                                                            \
        (u) = (u) * (disp);                                                                                \
        (v) = (v) * (disp);                                                                                \
        (disp) = ((w)->e0 + (w)->ey * (fy)) + (w)->ex * (fx);                                              \
    } while (0)

KB3D_FN void kb3d_cross(const double a[3], const double b[3], double out[3]) {
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

KB3D_FN double kb3d_abs_d(double v) {
    return v < 0 ? -v : v;
}

/* Where a pixel's position (u, v) with inverse depth `disp` lies in the frame, homogeneous. */
KB3D_FN void kb3d_warp_point(const kb3d_warp *w, double u, double v, double disp, double p[3]) {
    for (int i = 0; i < 3; i++)
        p[i] = w->a[3 * i] * u + w->a[3 * i + 1] * v + w->a[3 * i + 2] + w->b[i] * disp;
}

/* The frame's rows that a box of pixels and inverse depths may lie in; 0 when
   part of it lies behind the camera, so that nothing can be said. */
KB3D_FN int kb3d_warp_rows(const kb3d_warp *w, const float u[2], const float v[2], const float disp[2], float *first,
                           float *last) {
    *first = 3.0e38f;
    *last = -3.0e38f;
    for (int i = 0; i < 8; i++) {
        float pu = u[i & 1], pv = v[i >> 1 & 1], pd = disp[i >> 2];
        float c = (float)w->a[6] * pu + (float)w->a[7] * pv + (float)w->a[8] + pd * (float)w->b[2];
        if (!(c > (float)KB3D_NEAR_SHARE * 0.5f))
            return 0;
        float y = ((float)w->a[3] * pu + (float)w->a[4] * pv + (float)w->a[5] + pd * (float)w->b[1]) / c;
        *first = kb3d_min_f(*first, y);
        *last = kb3d_max_f(*last, y);
    }
    return 1;
}

/* Inverse depth that a pixel (u, v) of one layer must have to be seen with the
   inverse depth `seen` by the frame; below 0: none does it. */
KB3D_FN double kb3d_warp_disp_for(const kb3d_warp *w, double u, double v, double seen) {
    double c = w->a[6] * u + w->a[7] * v + w->a[8], rest = 1 - seen * w->b[2];
    return c > 0 && rest > 0 ? seen * c / rest : -1;
}

/* Pixels whose centre lies in [middle - reach, middle + reach), within 0 .. end. */
KB3D_FN void kb3d_pixel_range(double middle, double reach, int begin, int end, int *first, int *after) {
    double low = middle - reach, high = middle + reach;
    *first = low <= begin ? begin : low >= end ? end : kb3d_floor_i(low + 0.5);
    *after = high >= end ? end : high <= begin ? begin : kb3d_floor_i(high + 0.5);
}

/* Puts a patch before the frame; 0 when none of its pixels can see it. */
KB3D_FN int kb3d_warp_patch(const kb3d_warp *w, const kb3d_patch *p, int width, int row_begin, int row_end,
                            kb3d_warped *out) {
    double half = 0.5 * p->size, cu = p->x + half, cv = p->y + half;
    double h0[3], h1[3], h2[3], r0[3], r1[3], r2[3]; /* columns of the homography, rows of its inverse */
    for (int i = 0; i < 3; i++) {
        const double *a = w->a + 3 * i;
        h0[i] = a[0] + w->b[i] * p->disp_x;
        h1[i] = a[1] + w->b[i] * p->disp_y;
        h2[i] = a[0] * cu + a[1] * cv + a[2] + w->b[i] * p->disp;
    }
    /* Over the footprint each component differs from the centre's by `off` at most,
       so a pixel position by (off[i] + |position| off[2]) / (c - off[2]). */
    double reach = p->reach ? half + 0.5 : half - 0.5 + KB3D_JOINED_REACH, off[3];
    for (int i = 0; i < 3; i++)
        off[i] = (kb3d_abs_d(h0[i]) + kb3d_abs_d(h1[i])) * reach;
    if (!(h2[2] - off[2] > KB3D_NEAR_SHARE))
        return 0;
    double share = 1.0 / h2[2], spread = 1.0 / (h2[2] - off[2]), mx = h2[0] * share, my = h2[1] * share;
    kb3d_pixel_range(my, (off[1] + kb3d_abs_d(my) * off[2]) * spread, row_begin, row_end, &out->y0, &out->y1);
    if (out->y0 >= out->y1)
        return 0;
    kb3d_pixel_range(mx, (off[0] + kb3d_abs_d(mx) * off[2]) * spread, 0, width, &out->x0, &out->x1);
    if (out->x0 >= out->x1)
        return 0;
    kb3d_cross(h1, h2, r0);
    kb3d_cross(h2, h0, r1);
    kb3d_cross(h0, h1, r2);
    double det = h0[0] * r0[0] + h0[1] * r0[1] + h0[2] * r0[2];
    if (!(det > 1e-12)) /* seen from behind, or edge on */
        return 0;
    double inverse = 1.0 / det, x = out->x0 + 0.5, y = out->y0 + 0.5;
    const double *rows[3] = {r0, r1, r2};
    for (int i = 0; i < 3; i++) {
        const double *r = rows[i];
        out->q0[i] = (float)((r[0] * x + r[1] * y + r[2]) * inverse);
        out->qx[i] = (float)(r[0] * inverse);
        out->qy[i] = (float)(r[1] * inverse);
    }
    double e[3];
    for (int i = 0; i < 3; i++)
        e[i] = (p->disp_x * r0[i] + p->disp_y * r1[i] + p->disp * r2[i]) * inverse;
    out->e0 = (float)(e[0] * x + e[1] * y + e[2]);
    out->ex = (float)e[0];
    out->ey = (float)e[1];
    float joined = (float)(half - 0.5) + KB3D_JOINED_REACH, torn = (float)half + 0.5f;
    out->u_min = p->reach & KB3D_REACH_WEST ? -torn : -joined;
    out->u_max = p->reach & KB3D_REACH_EAST ? torn : joined;
    out->v_min = p->reach & KB3D_REACH_NORTH ? -torn : -joined;
    out->v_max = p->reach & KB3D_REACH_SOUTH ? torn : joined;
    return 1;
}

#endif
