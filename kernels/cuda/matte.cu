#include "work.h"

#include "../math/matte_split.h"

namespace {

/* What the passes share, as the device reaches it. */
struct matte {
    kb3d_matting w;
    kb3d_texture texture, behind;
};

enum { TILE = 32 }; /* pixels a side; no less than the reach of a tear */

struct settle {
    const matte *m;

    KB3D_DEVICE void operator()(int x, int y) const {
        const kb3d_matting *w = &m->w;
        size_t at = (size_t)y * m->texture.width + x;
        w->disp[at] = kb3d_matting_end_at(w, w->m.disp, x, y) ? kb3d_matting_settle(w, x, y) : w->m.disp[at];
    }
};

struct find_ends {
    const matte *m;
    unsigned long long *count;

    KB3D_DEVICE void operator()(int x, int y) const {
        uint8_t end = kb3d_matting_end_at(&m->w, m->w.disp, x, y);
        m->w.ends[(size_t)y * m->texture.width + x] = end;
        if (end)
            atomicAdd(count, 1ull);
    }
};

/* Where there are ends at all. */
struct mark_tiles {
    const matte *m;
    uint8_t *tiles;
    int columns;

    KB3D_DEVICE void operator()(int x, int y) const {
        if (m->w.ends[(size_t)y * m->texture.width + x])
            tiles[(size_t)(y / TILE) * columns + x / TILE] = 1;
    }
};

/* A pixel hears the ends around it, in the order of the CPU's rows. */
struct hear {
    const matte *m;
    const uint8_t *tiles;
    int columns;

    KB3D_DEVICE void operator()(int x, int y) const {
        const kb3d_matting *w = &m->w;
        int width = m->texture.width, reach = w->m.params.reach + KB3D_MATTE_SURROUNDINGS;
        int x0 = kb3d_max_i(x - reach, 0), x1 = kb3d_min_i(x + reach, width - 1);
        int y0 = kb3d_max_i(y - reach, 0), y1 = kb3d_min_i(y + reach, m->texture.height - 1);
        size_t at = (size_t)y * width + x;
        kb3d_matting_begin(w, at);
        const uint8_t *upper = tiles + (size_t)(y0 / TILE) * columns, *lower = tiles + (size_t)(y1 / TILE) * columns;
        if (!(upper[x0 / TILE] | upper[x1 / TILE] | lower[x0 / TILE] | lower[x1 / TILE]))
            return;
        for (int ey = y0; ey <= y1; ey++) {
            int up = (ey - y) * (ey - y), across = kb3d_matting_half_chord(reach, up);
            for (int ex = kb3d_max_i(x - across, 0); ex <= kb3d_min_i(x + across, width - 1); ex++) {
                int square = up + (ex - x) * (ex - x);
                if (!w->ends[(size_t)ey * width + ex])
                    continue;
                w->distance[at] = (uint8_t)kb3d_min_i(w->distance[at], square);
                if (square <= w->band)
                    kb3d_matting_hear(w, at, (size_t)ey * width + ex, square);
            }
        }
    }
};

/* What a pixel does that has heard. */
enum step { ESTIMATE, LAY_BEFORE, FINISH };

template <step which> struct pixel {
    const matte *m;

    KB3D_DEVICE void operator()(int x, int y) const {
        const kb3d_matting *w = &m->w;
        size_t at = (size_t)y * m->texture.width + x;
        bool is_band = kb3d_matting_is_in_band(w, at);
        if (which == ESTIMATE && is_band)
            kb3d_matting_estimate(w, x, y);
        if (which == LAY_BEFORE)
            w->ends[at] = 0;
        if (which == LAY_BEFORE && is_band)
            kb3d_matting_lay_before(w, x, y);
        if (which == FINISH && w->distance[at] != KB3D_MATTE_NOWHERE)
            kb3d_matting_finish(w, x, y);
    }
};

const matte *set(kb3d_work &work, matte *here) {
    matte *to = work.room<matte>(1);
    if (!to)
        return NULL;
    here->w.m.texture = &to->texture;
    here->w.m.behind = &to->behind;
    work.put(to, here, sizeof *here);
    return to;
}

template <step which> void run(kb3d_work &work, const matte *m, const kb3d_texture *size) {
    pixel<which> k = {m};
    work.run(size->width, size->height, k);
}

} // namespace

size_t kb3d_cuda_matte_bytes(int width, int height) {
    return kb3d_matting_bytes(width, height);
}

int64_t kb3d_cuda_matte_find(const kb3d_parallel *par, const kb3d_matte *m, void *memory) {
    kb3d_work work(par);
    int width = m->texture->width, height = m->texture->height;
    matte here = matte();
    here.texture = *m->texture;
    here.texture.data = NULL;
    void *shared = work.write_bytes(memory, kb3d_matting_bytes(width, height));
    if (!shared)
        return 0;
    kb3d_matting_bind(&here.w, m, shared);
    here.w.m.disp = work.read(m->disp, (size_t)width * height);
    settle first = {set(work, &here)};
    find_ends second = {first.m, work.room<unsigned long long>(1)};
    work.fill(second.count, 0, sizeof *second.count);
    work.run(width, height, first);
    work.run(width, height, second);
    return (int64_t)work.get(second.count);
}

void kb3d_cuda_matte_split(const kb3d_parallel *par, const kb3d_matte *m, void *memory) {
    kb3d_work work(par);
    int width = m->texture->width, height = m->texture->height, columns = (width + TILE - 1) / TILE;
    size_t pixels = (size_t)width * height, tiles = (size_t)columns * ((height + TILE - 1) / TILE);
    matte here = matte();
    here.texture = work.change(m->texture);
    here.behind = work.change(m->behind);
    void *shared = work.change_bytes(memory, kb3d_matting_bytes(width, height));
    if (!shared)
        return;
    kb3d_matting_bind(&here.w, m, shared);
    here.w.m.disp = NULL;
    here.w.m.before_disp = work.change(m->before_disp, pixels);
    here.w.m.soft = work.change(m->soft, pixels);
    here.w.m.behind_disp = work.change(m->behind_disp, pixels);
    here.w.m.behind_mask = work.change(m->behind_mask, pixels);
    kb3d_matting_spread_out(&here.w);
    const matte *to = set(work, &here);
    uint8_t *has_ends = work.room<uint8_t>(tiles);
    work.fill(has_ends, 0, tiles);
    mark_tiles mark = {to, has_ends, columns};
    hear all = {to, has_ends, columns};
    work.run(width, height, mark);
    work.run(width, height, all);
    run<ESTIMATE>(work, to, m->texture);
    run<LAY_BEFORE>(work, to, m->texture);
    run<FINISH>(work, to, m->texture);
    kb3d_cuda_repeat_border(work, here.texture);
    kb3d_cuda_repeat_border(work, here.behind);
}
