#include "work.h"

#include "../math/halve.h"

namespace {

struct halve {
    kb3d_halving h;

    KB3D_DEVICE void operator()(int x, int y) const {
        kb3d_halve_pixel(&h, x, y);
    }
};

} // namespace

void kb3d_cuda_halve(const kb3d_parallel *par, const kb3d_texture *from, const float *disp, float jump,
                     const kb3d_texture *to, float *half_disp) {
    kb3d_work work(par);
    halve k = {{work.read(from), work.change(to), work.read(disp, (size_t)from->width * from->height),
                work.write(half_disp, (size_t)to->width * to->height), jump}};
    work.run(to->width, to->height, k);
    kb3d_cuda_repeat_border(work, k.h.to);
}
