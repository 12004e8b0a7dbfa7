#include "work.h"

#include "../math/cut.h"

/*
 * A square of side 1, 2, .. 32 becomes a patch where it is planar and no larger one around it is. First all squares
 * are judged; then every root, a square of the largest side, is walked in the CPU's order to count its patches and,
 * once their place is known, to write where they lie; then every patch is made.
 */
namespace {

enum { SIDE = 1 << KB3D_PATCH_MAX_LOG2, ROOTS_A_GROUP = KB3D_GROUP_WIDTH / SIDE };

/* Whether squares of each side from 2 on are planar: a byte each, side by side. */
struct verdicts {
    uint8_t *first[KB3D_PATCH_MAX_LOG2 + 1];
    int columns[KB3D_PATCH_MAX_LOG2 + 1];

    KB3D_DEVICE bool is_planar(int log2, int x, int y) const {
        return first[log2][(size_t)(y >> log2) * columns[log2] + (x >> log2)];
    }
};

struct judge {
    kb3d_surface s;
    verdicts v;
    int log2;

    KB3D_DEVICE void operator()(int column, int row) const {
        kb3d_patch p;
        v.first[log2][(size_t)row * v.columns[log2] + column] =
            (uint8_t)kb3d_cut_is_planar(&s, column << log2, row << log2, 1 << log2, &p);
    }
};

/* The patches of a root, in order: in each square the quarters left to right, top to bottom. */
struct walk {
    kb3d_surface s;
    verdicts v;
    int roots_x;
    uint32_t *counts; /* of the roots; row by row */
    kb3d_patch *to;   /* NULL: count alone */

    KB3D_DEVICE void operator()(int root_x, int root_y) const {
        uint32_t count = 0, first = 0;
        if (to) {
            const kb3d_group *g = &s.groups[(size_t)root_y * s.groups_x + root_x / ROOTS_A_GROUP];
            first = g->first;
            for (int before = root_x / ROOTS_A_GROUP * ROOTS_A_GROUP; before < root_x; before++)
                first += counts[(size_t)root_y * roots_x + before];
        }
        /* pixels in Z order: the bits of the number are those of x and y in turn */
        for (int z = 0; z < SIDE * SIDE;) {
            int x = root_x * SIDE, y = root_y * SIDE, log2 = KB3D_PATCH_MAX_LOG2;
            for (int bit = 0; bit < KB3D_PATCH_MAX_LOG2; bit++) {
                x += (z >> (2 * bit) & 1) << bit;
                y += (z >> (2 * bit + 1) & 1) << bit;
            }
            while (log2 > 0 && (z & ((1 << (2 * log2)) - 1) || (x < s.width && y < s.height && !v.is_planar(log2, x, y))))
                log2--;
            z += 1 << (2 * log2);
            if (x >= s.width || y >= s.height || (log2 == 0 && !kb3d_cut_has_point(&s, x, y)))
                continue;
            if (to) {
                kb3d_patch *p = &to[first + count];
                p->x = x;
                p->y = y;
                p->size = (uint8_t)(1 << log2);
            }
            count++;
        }
        if (!to)
            counts[(size_t)root_y * roots_x + root_x] = count;
    }
};

/* Makes the patch at (x, y), whose side is known. */
KB3D_DEVICE void make(const kb3d_surface *s, int x, int y, int size, kb3d_patch *p) {
    if (size == 1)
        kb3d_cut_pixel_patch(s, x, y, p);
    else
        (void)kb3d_cut_is_planar(s, x, y, size, p);
}

/* Floats in the order of unsigned numbers, so that the least and the most can be found atomically. */
KB3D_DEVICE uint32_t ordered(float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

KB3D_DEVICE float from_ordered(uint32_t v) {
    uint32_t bits = v >> 31 ? v & 0x7fffffffu : ~v;
    float to;
    memcpy(&to, &bits, sizeof to);
    return to;
}

struct range {
    uint32_t least, most, fringes;
};

/* The group's range, by every pixel that begins a patch. */
struct measure {
    kb3d_surface s;
    verdicts v;
    range *ranges;

    KB3D_DEVICE void operator()(int x, int y) const {
        int log2 = KB3D_PATCH_MAX_LOG2;
        while (log2 > 0 && !v.is_planar(log2, x, y))
            log2--;
        int within = (1 << log2) - 1;
        if (x & within || y & within || (log2 == 0 && !kb3d_cut_has_point(&s, x, y)))
            return;
        kb3d_patch p = kb3d_patch();
        kb3d_group g = kb3d_cut_empty(0);
        make(&s, x, y, 1 << log2, &p);
        kb3d_cut_note(&g, &p);
        range *r = &ranges[(size_t)(y / KB3D_GROUP_HEIGHT) * s.groups_x + x / KB3D_GROUP_WIDTH];
        atomicMin(&r->least, ordered(g.disp_min));
        atomicMax(&r->most, ordered(g.disp_max));
        if (g.fringes)
            atomicAdd(&r->fringes, g.fringes);
    }
};

struct complete {
    kb3d_surface s;
    kb3d_patch *patches;

    KB3D_DEVICE void operator()(int i, int) const {
        kb3d_patch p = patches[i];
        make(&s, p.x, p.y, p.size, &p);
        patches[i] = p;
    }
};

verdicts judge_all(kb3d_work &work, const kb3d_surface &s) {
    verdicts v = verdicts();
    for (int log2 = 1; log2 <= KB3D_PATCH_MAX_LOG2; log2++) {
        int rows = (s.height + (1 << log2) - 1) >> log2;
        v.columns[log2] = (s.width + (1 << log2) - 1) >> log2;
        v.first[log2] = work.room<uint8_t>((size_t)v.columns[log2] * rows);
    }
    for (int log2 = 1; log2 <= KB3D_PATCH_MAX_LOG2; log2++) {
        judge k = {s, v, log2};
        work.run(v.columns[log2], (s.height + (1 << log2) - 1) >> log2, k);
    }
    return v;
}

/* A group's count and range, from its roots'. */
struct gather {
    kb3d_surface s; /* its groups as the device reaches them */
    const uint32_t *counts;
    int roots_x;
    const range *ranges;

    KB3D_DEVICE void operator()(int x, int y) const {
        size_t at = (size_t)y * s.groups_x + x;
        kb3d_group g = kb3d_cut_empty(0);
        for (int root = x * ROOTS_A_GROUP; root < kb3d_min_i((x + 1) * ROOTS_A_GROUP, roots_x); root++)
            g.count += counts[(size_t)y * roots_x + root];
        if (g.count) {
            g.disp_min = from_ordered(ranges[at].least);
            g.disp_max = from_ordered(ranges[at].most);
            g.fringes = ranges[at].fringes;
        }
        s.groups[at] = g;
    }
};

/* Where each row's patches begin within it, and the row's own group. */
struct sum_row {
    kb3d_surface s;

    KB3D_DEVICE void operator()(int y, int) const {
        kb3d_group row = kb3d_cut_empty(0);
        for (int x = 0; x < s.groups_x; x++) {
            kb3d_group *g = &s.groups[(size_t)y * s.groups_x + x];
            g->first = row.count;
            row.count += g->count;
            row.fringes += g->fringes;
            row.disp_min = kb3d_min_f(row.disp_min, g->disp_min);
            row.disp_max = kb3d_max_f(row.disp_max, g->disp_max);
        }
        s.groups[(size_t)s.groups_x * s.groups_y + y] = row;
    }
};

/* Rows begin where those before end. */
struct sum_all {
    kb3d_surface s;
    uint32_t *total;

    KB3D_DEVICE void operator()(int, int) const {
        kb3d_group *rows = s.groups + (size_t)s.groups_x * s.groups_y;
        uint32_t first = 0;
        for (int y = 0; y < s.groups_y; y++) {
            rows[y].first = first;
            first += rows[y].count;
        }
        *total = first;
    }
};

struct shift {
    kb3d_surface s;

    KB3D_DEVICE void operator()(int x, int y) const {
        s.groups[(size_t)y * s.groups_x + x].first += s.groups[(size_t)s.groups_x * s.groups_y + y].first;
    }
};

struct clear {
    range *ranges;

    KB3D_DEVICE void operator()(int i, int) const {
        ranges[i].least = 0xffffffffu;
        ranges[i].most = 0;
        ranges[i].fringes = 0;
    }
};

} // namespace

void kb3d_cuda_surface_cut(const kb3d_parallel *par, kb3d_surface *surface) {
    kb3d_work work(par);
    int roots_x = (surface->width + SIDE - 1) / SIDE, roots_y = (surface->height + SIDE - 1) / SIDE;
    size_t roots = (size_t)roots_x * roots_y, groups = (size_t)surface->groups_x * surface->groups_y;
    kb3d_surface s = work.read(surface, false);
    uint32_t *counts = work.room<uint32_t>(roots);
    verdicts v = judge_all(work, s);
    walk count = {s, v, roots_x, counts, NULL};
    work.run(roots_x, roots_y, count);
    if (surface->patches) {
        s.groups = (kb3d_group *)work.read(surface->groups, groups);
        kb3d_patch *patches = work.write(surface->patches, surface->patch_count);
        walk place = {s, v, roots_x, counts, patches};
        work.run(roots_x, roots_y, place);
        complete k = {s, patches};
        work.run((int)surface->patch_count, 1, k);
        return;
    }
    range *ranges = work.room<range>(groups);
    uint32_t *total = work.room<uint32_t>(1);
    s.groups = work.write(surface->groups, groups + (size_t)s.groups_y);
    clear none = {ranges};
    measure all = {s, v, ranges};
    gather group = {s, counts, roots_x, ranges};
    sum_row row = {s};
    sum_all sum = {s, total};
    shift place = {s};
    work.run((int)groups, 1, none);
    work.run(s.width, s.height, all);
    work.run(s.groups_x, s.groups_y, group);
    work.run(s.groups_y, 1, row);
    work.run(1, 1, sum);
    work.run(s.groups_x, s.groups_y, place);
    surface->patch_count = work.get(total);
}
