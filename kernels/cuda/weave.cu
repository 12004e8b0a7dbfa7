#include "work.h"

#include "../math/weave_level.h"

namespace {

/* What a pixel of a level does. */
enum step { TAKE, HALVE, BEGIN, DESCEND, VOTE, FINISH };

template <step which> struct pixel {
    kb3d_weaving w;

    KB3D_DEVICE void operator()(int x, int y) const {
        switch (which) {
        case TAKE: kb3d_weave_take(&w, x, y); break;
        case HALVE: kb3d_weave_halve(&w, x, y); break;
        case BEGIN: kb3d_weave_begin(&w, x, y); break;
        case DESCEND: kb3d_weave_descend(&w, x, y); break;
        case VOTE: kb3d_weave_vote(&w, x, y); break;
        case FINISH: kb3d_weave_finish(&w, x, y); break;
        }
    }
};

/* Every other pixel, like a chessboard's, so that no neighbour's source changes meanwhile. */
struct search {
    kb3d_weaving w;

    KB3D_DEVICE void operator()(int pair, int y) const {
        const kb3d_weave_level *l = &w.levels[w.number];
        int x = 2 * pair + ((y + w.parity) & 1);
        if (x < l->width && l->is_hole[(size_t)y * l->width + x])
            kb3d_weave_search_pixel(&w, x, y);
    }
};

template <step which> void run(kb3d_work &work, const kb3d_weaving &w) {
    pixel<which> k = {w};
    work.run(w.levels[w.number].width, w.levels[w.number].height, k);
}

} // namespace

size_t kb3d_cuda_weave_bytes(int width, int height) {
    return kb3d_weave_lay_out(NULL, width, height, NULL);
}

void kb3d_cuda_weave(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_weave_params *params,
                     void *memory, void *color) {
    kb3d_work work(par);
    size_t pixels = (size_t)planes->width * planes->height, bytes = pixels * 4 * planes->texel;
    kb3d_weaving w = kb3d_weaving();
    w.planes.width = planes->width;
    w.planes.height = planes->height;
    w.planes.texel = planes->texel;
    w.planes.color = (void *)work.read_bytes(planes->color, bytes);
    w.planes.disp = (float *)work.read(planes->disp, pixels);
    w.planes.cover = (uint8_t *)work.read(planes->cover, pixels);
    w.params = *params;
    w.to = work.write_bytes(color, bytes);
    w.radius = kb3d_gauss(params->sigma, KB3D_SMOOTH_RADIUS_MAX, w.weight);
    size_t level_bytes = kb3d_cuda_weave_bytes(planes->width, planes->height);
    kb3d_weave_lay_out(&w, planes->width, planes->height, (char *)work.write_bytes(memory, level_bytes));
    if (kb3d_cuda_is_faulty())
        return;
    run<TAKE>(work, w);
    for (w.number = 1; w.number < w.level_count; w.number++)
        run<HALVE>(work, w);
    for (w.number = w.level_count - 1; w.number >= 0; w.number--) {
        const kb3d_weave_level *l = &w.levels[w.number];
        run<BEGIN>(work, w);
        if (w.number + 1 < w.level_count) {
            run<DESCEND>(work, w);
            run<VOTE>(work, w);
        }
        for (w.turn = 0; w.turn < (w.number ? (int)KB3D_WEAVE_TURNS : (int)KB3D_WEAVE_LAST_TURNS); w.turn++) {
            for (w.parity = 0; w.parity < 2; w.parity++) {
                search k = {w};
                work.run((l->width + 1) / 2, l->height, k);
            }
            run<VOTE>(work, w);
        }
    }
    w.number = 0;
    run<FINISH>(work, w);
}
