#include "work.h"

#include <formats.h>

namespace {

struct import {
    kb3d_import_layout layout;
    kb3d_pixels from;
    kb3d_texture to;
    int *has_alpha;

    KB3D_DEVICE void operator()(int x, int y) const {
        const char *row = (const char *)from.data[0] + y * from.stride[0];
        char *to_row = (char *)to.data + 4 * (ptrdiff_t)to.texel * to.stride * y;
        if (layout.texel == KB3D_TEXEL_U8 ? kb3d_import_u8(&layout, (const uint8_t *)row, (uint8_t *)to_row, x)
                                          : kb3d_import_any(&layout, row, to_row, x))
            *has_alpha = 1;
    }
};

/* The rows of the apron, or its columns. */
struct repeat {
    kb3d_texture t;
    int is_rows;

    __host__ __device__ void operator()(int across, int along) const {
        int last = (is_rows ? t.height : t.width) - 1;
        int off = across < KB3D_APRON ? -1 - across : last + 1 + across - KB3D_APRON;
        int x = is_rows ? along - KB3D_APRON : off, y = is_rows ? off : along;
        int fx = kb3d_clamp_i(x, 0, t.width - 1), fy = kb3d_clamp_i(y, 0, t.height - 1);
        kb3d_copy_pixel(t.data, y * t.stride + x, t.data, fy * t.stride + fx, t.texel);
    }
};

} // namespace

void kb3d_cuda_repeat_border(kb3d_work &work, const kb3d_texture &texture) {
    repeat columns = {texture, 0}, rows = {texture, 1};
    work.run(2 * KB3D_APRON, texture.height, columns);
    work.run(2 * KB3D_APRON, texture.width + 2 * KB3D_APRON, rows);
}

int kb3d_cuda_import_texture(const kb3d_parallel *par, const kb3d_pixels *from, const kb3d_texture *to) {
    kb3d_work work(par);
    int *has_alpha = work.room<int>(1);
    import k = {kb3d_import_layout_of(from->format), work.read(from), work.change(to), has_alpha};
    work.fill(has_alpha, 0, sizeof *has_alpha);
    work.run(to->width, to->height, k);
    kb3d_cuda_repeat_border(work, k.to);
    return work.get(has_alpha);
}

/* Layers that the host's side has made in its memory: a border is less than a transfer. */
void kb3d_cuda_fill_apron(const kb3d_texture *texture) {
    const kb3d_texture t = *texture;
    for (int across = 0; across < 2 * KB3D_APRON; across++) {
        repeat columns = {t, 0};
        for (int y = 0; y < t.height; y++)
            columns(across, y);
    }
    for (int across = 0; across < 2 * KB3D_APRON; across++) {
        repeat rows = {t, 1};
        for (int x = 0; x < t.width + 2 * KB3D_APRON; x++)
            rows(across, x);
    }
}
