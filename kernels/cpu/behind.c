/* What was filled may not hide what the picture shows. */
#include "level.h"

typedef struct keeping {
    const kb3d_planes *planes;
    const kb3d_warp *warp;
    const kb3d_surface *picture, *behind;
} keeping;

/* A pixel that is moved back is seen elsewhere, where it may have to move again. */
enum { TURNS = 8 };

/* Pixels that a point beside the picture may reach into it. */
enum { REACH = 2 };

/* The farthest of the pixels around a position, all of which a point there covers
   in part. */
static float farthest_around(const keeping *k, double px, double py) {
    const kb3d_surface *s = k->picture;
    int x = kb3d_clamp_i((int)px, 0, s->width - 1), y = kb3d_clamp_i((int)py, 0, s->height - 1);
    float farthest = s->disp[(size_t)y * s->width + x];
    for (int qy = kb3d_max_i(y - 1, 0); qy <= kb3d_min_i(y + 1, s->height - 1); qy++)
        for (int qx = kb3d_max_i(x - 1, 0); qx <= kb3d_min_i(x + 1, s->width - 1); qx++) {
            size_t at = (size_t)qy * s->width + qx;
            farthest = kb3d_min_f(farthest, s->disp[at]);
            if (k->behind && k->behind->mask[at])
                farthest = kb3d_min_f(farthest, k->behind->disp[at]);
        }
    return farthest;
}

static float settled(const keeping *k, int x, int y, float disp) {
    const kb3d_warp *w = k->warp;
    const kb3d_surface *s = k->picture;
    double u = x + 0.5, v = y + 0.5;
    for (int turn = 0; turn < TURNS; turn++) {
        double p[3];
        kb3d_warp_point(w, u, v, disp, p);
        if (!(p[2] > KB3D_NEAR_SHARE))
            break;
        double px = p[0] / p[2], py = p[1] / p[2];
        if (!(px > -REACH && py > -REACH && px < s->width + REACH && py < s->height + REACH))
            break;
        float there = farthest_around(k, px, py);
        if (!((float)(disp / p[2]) > there + 0.25f * s->jump))
            break;
        double back = kb3d_warp_disp_for(w, u, v, there);
        if (!(back >= 0 && back < disp))
            break;
        disp = (float)back;
    }
    return disp;
}

static void keep_row(void *arg, int y) {
    const keeping *k = arg;
    const kb3d_planes *p = k->planes;
    for (int x = 0; x < p->width; x++) {
        size_t at = (size_t)y * p->width + x;
        if (p->cover[at] != 255)
            p->disp[at] = settled(k, x, y, p->disp[at]);
    }
}

void kb3d_keep_behind(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_warp *warp,
                      const kb3d_surface *picture, const kb3d_surface *behind) {
    keeping k = {planes, warp, picture, behind};
    par->run(par->impl, planes->height, keep_row, &k);
}
