/* Weaving texture into what was filled. */
#include "level.h"

#include "../math/weave_level.h"

size_t kb3d_weave_bytes(int width, int height) {
    return kb3d_weave_lay_out(NULL, width, height, NULL);
}

static void take_row(void *arg, int y) {
    const kb3d_weaving *w = arg;
    for (int x = 0; x < w->planes.width; x++)
        kb3d_weave_take(w, x, y);
}

static void halve_row(void *arg, int y) {
    const kb3d_weaving *w = arg;
    for (int x = 0; x < w->levels[w->number].width; x++)
        kb3d_weave_halve(w, x, y);
}

static void begin_row(void *arg, int y) {
    const kb3d_weaving *w = arg;
    for (int x = 0; x < w->levels[w->number].width; x++)
        kb3d_weave_begin(w, x, y);
}

static void descend_row(void *arg, int y) {
    const kb3d_weaving *w = arg;
    for (int x = 0; x < w->levels[w->number].width; x++)
        kb3d_weave_descend(w, x, y);
}

/* Every other pixel, like a chessboard's, so that no neighbour's source changes meanwhile. */
static void search_row(void *arg, int y) {
    const kb3d_weaving *w = arg;
    const kb3d_weave_level *l = &w->levels[w->number];
    for (int x = (y + w->parity) & 1; x < l->width; x += 2)
        if (l->is_hole[(size_t)y * l->width + x])
            kb3d_weave_search_pixel(w, x, y);
}

static void vote_row(void *arg, int y) {
    const kb3d_weaving *w = arg;
    for (int x = 0; x < w->levels[w->number].width; x++)
        kb3d_weave_vote(w, x, y);
}

static void finish_row(void *arg, int y) {
    const kb3d_weaving *w = arg;
    for (int x = 0; x < w->planes.width; x++)
        kb3d_weave_finish(w, x, y);
}

void kb3d_weave(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_weave_params *params, void *memory,
                void *color) {
    kb3d_weaving w = {.planes = *planes, .params = *params, .to = color};
    w.radius = kb3d_gauss(params->sigma, KB3D_SMOOTH_RADIUS_MAX, w.weight);
    kb3d_weave_lay_out(&w, planes->width, planes->height, memory);
    par->run(par->impl, planes->height, take_row, &w);
    for (w.number = 1; w.number < w.level_count; w.number++)
        par->run(par->impl, w.levels[w.number].height, halve_row, &w);
    for (w.number = w.level_count - 1; w.number >= 0; w.number--) {
        int height = w.levels[w.number].height;
        par->run(par->impl, height, begin_row, &w);
        if (w.number + 1 < w.level_count) {
            par->run(par->impl, height, descend_row, &w);
            par->run(par->impl, height, vote_row, &w);
        }
        for (w.turn = 0; w.turn < (w.number ? KB3D_WEAVE_TURNS : KB3D_WEAVE_LAST_TURNS); w.turn++) {
            for (w.parity = 0; w.parity < 2; w.parity++)
                par->run(par->impl, height, search_row, &w);
            par->run(par->impl, height, vote_row, &w);
        }
    }
    par->run(par->impl, planes->height, finish_row, &w);
}
