/* What was filled may not hide what the picture shows. */
#ifndef KB3D_MATH_BEHIND_H
#define KB3D_MATH_BEHIND_H

#include "layer.h"

enum {
    KB3D_BEHIND_TURNS = 8, /* a pixel that is moved back is seen elsewhere, where it may have to move again */
    KB3D_BEHIND_REACH = 2  /* pixels that a point beside the picture may reach into it */
};

/* The farthest of the pixels around a position, all of which a point there covers
   in part. */
KB3D_FN float kb3d_behind_farthest(const kb3d_surface *s, const kb3d_surface *behind, double px, double py) {
    int x = kb3d_clamp_i((int)px, 0, s->width - 1), y = kb3d_clamp_i((int)py, 0, s->height - 1);
    float farthest = s->disp[(size_t)y * s->width + x];
    for (int qy = kb3d_max_i(y - 1, 0); qy <= kb3d_min_i(y + 1, s->height - 1); qy++)
        for (int qx = kb3d_max_i(x - 1, 0); qx <= kb3d_min_i(x + 1, s->width - 1); qx++) {
            size_t at = (size_t)qy * s->width + qx;
            farthest = kb3d_min_f(farthest, s->disp[at]);
            if (behind && behind->mask[at])
                farthest = kb3d_min_f(farthest, behind->disp[at]);
        }
    return farthest;
}

/* Inverse depth at which pixel (x, y), now at `disp`, hides nothing of the picture, whose pixels `w` leads to, and of what
   it shows `behind` it, or NULL. */
KB3D_FN float kb3d_behind_settle(const kb3d_warp *w, const kb3d_surface *s, const kb3d_surface *behind, int x, int y,
                                 float disp) {
    double u = x + 0.5, v = y + 0.5;
    for (int turn = 0; turn < KB3D_BEHIND_TURNS; turn++) {
        double p[3];
        kb3d_warp_point(w, u, v, disp, p);
        if (!(p[2] > KB3D_NEAR_SHARE))
            break;
        double px = p[0] / p[2], py = p[1] / p[2];
        if (!(px > -KB3D_BEHIND_REACH && py > -KB3D_BEHIND_REACH && px < s->width + KB3D_BEHIND_REACH &&
              py < s->height + KB3D_BEHIND_REACH))
            break;
        float there = kb3d_behind_farthest(s, behind, px, py);
        if (!((float)(disp / p[2]) > there + 0.25f * s->jump))
            break;
        double back = kb3d_warp_disp_for(w, u, v, there);
        if (!(back >= 0 && back < disp))
            break;
        disp = (float)back;
    }
    return disp;
}

#endif
