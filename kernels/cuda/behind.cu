#include "work.h"

#include "../math/behind.h"

namespace {

struct keep {
    kb3d_planes planes;
    kb3d_warp warp;
    kb3d_surface picture, behind; /* behind.mask NULL: nothing */

    KB3D_DEVICE void operator()(int x, int y) const {
        size_t at = (size_t)y * planes.width + x;
        if (planes.cover[at] != 255)
            planes.disp[at] = kb3d_behind_settle(&warp, &picture, behind.mask ? &behind : NULL, x, y, planes.disp[at]);
    }
};

} // namespace

void kb3d_cuda_keep_behind(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_warp *warp,
                           const kb3d_surface *picture, const kb3d_surface *behind) {
    kb3d_work work(par);
    size_t pixels = (size_t)planes->width * planes->height;
    keep k = {*planes, *warp, work.read(picture, false), behind ? work.read(behind, false) : kb3d_surface()};
    k.planes.color = NULL;
    k.planes.painted = NULL;
    k.planes.channels = NULL;
    k.planes.disp = work.change(planes->disp, pixels);
    k.planes.cover = (uint8_t *)work.read(planes->cover, pixels);
    work.run(planes->width, planes->height, k);
}
