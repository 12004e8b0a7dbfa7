#include "work.h"

#include "../math/export.h"

#include <formats.h>

namespace {

KB3D_DEVICE char *row_at(const kb3d_pixels &to, int plane, int y) {
    return (char *)to.data[plane] + y * to.stride[plane];
}

struct packed {
    kb3d_planes planes;
    kb3d_export_way way;
    kb3d_pixels to;
    kb3d_import_layout layout; /* of `to` */

    KB3D_DEVICE void operator()(int x, int y) const {
        ptrdiff_t at = (ptrdiff_t)y * planes.width + x, first = (ptrdiff_t)x * layout.channels;
        void *row = row_at(to, 0, y);
        float v[4];
        kb3d_export_pixel(&way, &planes, at, v);
        if (layout.channels == 1) {
            ((uint8_t *)row)[first] = kb3d_export_u8(kb3d_export_gray(v));
            return;
        }
        const int order[4] = {layout.red, layout.green, layout.blue, 3};
        for (int c = 0; c < layout.channels; c++)
            if (layout.texel == KB3D_TEXEL_U8)
                ((uint8_t *)row)[first + order[c]] = kb3d_export_u8(v[c]);
            else if (layout.texel == KB3D_TEXEL_U16)
                ((uint16_t *)row)[first + order[c]] = kb3d_export_u16(v[c]);
            else
                ((float *)row)[first + order[c]] = v[c];
    }
};

/* Two rows of two pixels; chroma sits on the left luma sample of each pair, between the rows:
   horizontally 1 2 1, vertically 1 1 (Poynton, Digital Video and HD, ch. 12). */
struct yuv {
    kb3d_planes planes;
    kb3d_export_way way;
    kb3d_pixels to;
    int is_planar;

    KB3D_DEVICE void operator()(int pair_x, int pair_y) const {
        int x = 2 * pair_x, width = planes.width, sum[3] = {0, 0, 0};
        for (int row = 0; row < 2; row++) {
            int y = kb3d_min_i(2 * pair_y + row, planes.height - 1);
            for (int dx = -1; dx <= 1; dx++) {
                int px = kb3d_clamp_i(x + dx, 0, width - 1), share = dx ? 1 : 2;
                uint32_t c = kb3d_export_packed(&way, &planes, (ptrdiff_t)y * width + px);
                int r = (int)(c & 255), g = (int)(c >> 8 & 255), b = (int)(c >> 16 & 255);
                sum[0] += share * r;
                sum[1] += share * g;
                sum[2] += share * b;
                if (dx >= 0 && x + dx < width && y == 2 * pair_y + row)
                    row_at(to, 0, y)[x + dx] = (char)kb3d_luma(r, g, b);
            }
        }
        char blue = (char)kb3d_chroma_blue(sum[0], sum[1], sum[2], 3);
        char red = (char)kb3d_chroma_red(sum[0], sum[1], sum[2], 3);
        row_at(to, 1, pair_y)[is_planar ? pair_x : 2 * pair_x] = blue;
        row_at(to, is_planar ? 2 : 1, pair_y)[is_planar ? pair_x : 2 * pair_x + 1] = red;
    }
};

struct maps {
    kb3d_planes planes;
    kb3d_pixels depth, painted; /* format NONE: not wanted */

    KB3D_DEVICE void operator()(int x, int y) const {
        size_t at = (size_t)y * planes.width + x;
        if (depth.format)
            ((float *)row_at(depth, 0, y))[x] = planes.disp[at];
        if (painted.format)
            ((uint8_t *)row_at(painted, 0, y))[x] = kb3d_export_mask(&planes, at);
    }
};

} // namespace

void kb3d_cuda_export_color(const kb3d_parallel *par, const kb3d_planes *planes, int linear, int to_linear,
                            const kb3d_pixels *to) {
    kb3d_work work(par);
    kb3d_export_way way = {kb3d_format_has_alpha(to->format), linear, to_linear};
    kb3d_planes p = kb3d_planes();
    p.width = planes->width;
    p.height = planes->height;
    p.texel = planes->texel;
    p.color = (void *)work.read_bytes(planes->color, (size_t)p.width * p.height * 4 * p.texel);
    kb3d_pixels out = work.write(to);
    if (kb3d_pixels_planes(to) > 1) {
        yuv k = {p, way, out, to->format == KB3D_FORMAT_I420};
        work.run((p.width + 1) / 2, (p.height + 1) / 2, k);
    } else {
        packed k = {p, way, out, kb3d_import_layout_of(to->format)};
        work.run(p.width, p.height, k);
    }
}

void kb3d_cuda_export_maps(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_pixels *depth,
                           const kb3d_pixels *painted) {
    kb3d_work work(par);
    size_t pixels = (size_t)planes->width * planes->height;
    maps k = {kb3d_planes(), kb3d_pixels(), kb3d_pixels()};
    k.planes.width = planes->width;
    if (depth) {
        k.planes.disp = (float *)work.read(planes->disp, pixels);
        k.depth = work.write(depth);
    }
    if (painted) {
        k.planes.painted = (uint8_t *)work.read(planes->painted, pixels);
        k.painted = work.write(painted);
    }
    work.run(planes->width, planes->height, k);
}
