/* What was filled may not hide what the picture shows. */
#include "level.h"

#include "../math/behind.h"

typedef struct keeping {
    const kb3d_planes *planes;
    const kb3d_warp *warp;
    const kb3d_surface *picture, *behind;
} keeping;

static void keep_row(void *arg, int y) {
    const keeping *k = arg;
    const kb3d_planes *p = k->planes;
    for (int x = 0; x < p->width; x++) {
        size_t at = (size_t)y * p->width + x;
        if (p->cover[at] != 255)
            p->disp[at] = kb3d_behind_settle(k->warp, k->picture, k->behind, x, y, p->disp[at]);
    }
}

void kb3d_keep_behind(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_warp *warp,
                      const kb3d_surface *picture, const kb3d_surface *behind) {
    keeping k = {planes, warp, picture, behind};
    par->run(par->impl, planes->height, keep_row, &k);
}
