/* Cutting a layer into patches. */
#include "level.h"

#include "../math/cut.h"

static void cut_square(const kb3d_surface *s, int x, int y, int size, kb3d_group *g, kb3d_patch *to) {
    if (x >= s->width || y >= s->height)
        return;
    if (s->mask && size > 1 &&
        kb3d_cut_is_zero(s, s->mask, x, y, kb3d_min_i(x + size, s->width), kb3d_min_i(y + size, s->height)))
        return;
    kb3d_patch p;
    if (size == 1) {
        if (!kb3d_cut_has_point(s, x, y))
            return;
        if (to) /* else it is counted */
            kb3d_cut_pixel_patch(s, x, y, &p);
    } else if (!kb3d_cut_is_planar(s, x, y, size, &p)) {
        int half = size / 2;
        for (int i = 0; i < 4; i++)
            cut_square(s, x + (i & 1) * half, y + (i >> 1) * half, half, g, to);
        return;
    }
    if (to) {
        to[g->count] = p;
        kb3d_cut_note(g, &p);
    }
    g->count++;
}

static void cut_row(void *arg, int index) {
    kb3d_surface *s = arg; /* a task writes only the groups of its row */
    int side = 1 << KB3D_PATCH_MAX_LOG2;
    for (int gx = 0; gx < s->groups_x; gx++) {
        kb3d_group *g = &s->groups[(size_t)index * s->groups_x + gx];
        kb3d_patch *to = s->patches ? s->patches + g->first : NULL;
        *g = kb3d_cut_empty(g->first);
        for (int x = gx * KB3D_GROUP_WIDTH; x < (gx + 1) * KB3D_GROUP_WIDTH; x += side)
            cut_square(s, x, index * KB3D_GROUP_HEIGHT, side, g, to);
    }
}

void kb3d_surface_cut(const kb3d_parallel *par, kb3d_surface *s) {
    par->run(par->impl, s->groups_y, cut_row, s);
    uint32_t first = 0;
    kb3d_group *g = s->groups, *row = s->groups + (size_t)s->groups_x * s->groups_y;
    for (int y = 0; y < s->groups_y; y++, row++) {
        *row = kb3d_cut_empty(first);
        for (int x = 0; x < s->groups_x; x++, g++) {
            g->first = first;
            first += g->count;
            row->fringes += g->fringes;
            row->disp_min = kb3d_min_f(row->disp_min, g->disp_min);
            row->disp_max = kb3d_max_f(row->disp_max, g->disp_max);
        }
        row->count = first - row->first;
    }
    s->patch_count = first;
}
