#include "work.h"

#include "../math/enlarge.h"

namespace {

struct enlarge {
    kb3d_enlarging e;

    KB3D_DEVICE void operator()(int x, int y) const {
        e.to[(size_t)y * e.to_width + x] = kb3d_enlarge_at(&e, x, y);
    }
};

} // namespace

void kb3d_cuda_enlarge(const kb3d_parallel *par, const float *from, int width, int height, float *to, int to_width,
                       int to_height) {
    kb3d_work work(par);
    enlarge k = {{work.read(from, (size_t)width * height), width, height,
                  work.write(to, (size_t)to_width * to_height), to_width, to_height}};
    work.run(to_width, to_height, k);
}
