#include "work.h"

#include "../math/area.h"

namespace {

struct average {
    const void *from;
    kb3d_texel texel;
    int channels, width, height;
    float *to;
    int to_channels, to_width, to_height;

    KB3D_DEVICE void operator()(int x, int y) const {
        kb3d_area_span across = kb3d_area_span_at(x, to_width, width), down = kb3d_area_span_at(y, to_height, height);
        float sum[4] = {0, 0, 0, 0}, full = kb3d_texel_one(texel);
        for (int sx = across.first; sx <= across.last; sx++) {
            float column[4] = {0, 0, 0, 0}, weight = kb3d_area_weight(sx, x, to_width, width);
            for (int sy = down.first; sy <= down.last; sy++) {
                float share = kb3d_area_weight(sy, y, to_height, height);
                ptrdiff_t at = ((ptrdiff_t)sy * width + sx) * channels;
                for (int c = 0; c < channels; c++)
                    column[c] += share * load_texel(from, texel, at + c);
            }
            for (int c = 0; c < channels; c++)
                sum[c] += weight * column[c];
        }
        float *pixel = to + ((size_t)y * to_width + x) * to_channels;
        for (int c = 0; c < to_channels; c++)
            pixel[c] = sum[channels < 3 ? 0 : c] / full;
    }
};

} // namespace

void kb3d_cuda_area_average(const kb3d_parallel *par, const void *from, kb3d_texel texel, int channels, int width,
                            int height, float *to, int to_channels, int to_width, int to_height) {
    kb3d_work work(par);
    size_t bytes = (size_t)width * height * channels * texel, samples = (size_t)to_width * to_height * to_channels;
    average k = {work.read_bytes(from, bytes), texel, channels, width, height, work.write(to, samples), to_channels,
                 to_width, to_height};
    work.run(to_width, to_height, k);
}
