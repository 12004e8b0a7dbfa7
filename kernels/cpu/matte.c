/* Splitting the pixels beside tears into two layers. */
#include "level.h"

#include "../math/matte_split.h"

#include <string.h>

size_t kb3d_matte_bytes(int width, int height) {
    return kb3d_matting_bytes(width, height);
}

/* The first value from x on that is not `none`, or the width. */
static int next_other(const uint8_t *values, uint8_t none, int x, int width) {
    for (uint64_t eight, nones = none * 0x0101010101010101u; x + 8 <= width; x += 8) {
        memcpy(&eight, values + x, sizeof eight);
        if (eight != nones)
            break;
    }
    while (x < width && values[x] == none)
        x++;
    return x;
}

/* The first end from x on. */
static int next_end(const uint8_t *ends, int x, int width) {
    return next_other(ends, 0, x, width);
}

/* The first pixel from x on that lies beside a tear, its surroundings included. */
static int next_beside(const uint8_t *distance, int x, int width) {
    return next_other(distance, KB3D_MATTE_NOWHERE, x, width);
}

static void mark_row(const kb3d_matting *w, const float *disp, int y, uint8_t *ends) {
    int width = w->m.texture->width;
    const float *rows[3];
    float jump = w->m.params.jump;
    kb3d_matting_rows(w, disp, y, rows);
    for (int x = 1; x < width - 1; x++)
        ends[x] = kb3d_matting_end_in(rows, x - 1, x, x + 1, jump);
    ends[0] = kb3d_matting_end_at(w, disp, 0, y);
    ends[width - 1] = kb3d_matting_end_at(w, disp, width - 1, y);
}

static void settle_row(void *arg, int y) {
    const kb3d_matting *w = arg;
    int width = w->m.texture->width;
    uint8_t *ends = w->ends + (size_t)y * width;
    float *to = w->disp + (size_t)y * width;
    mark_row(w, w->m.disp, y, ends);
    memcpy(to, w->m.disp + (size_t)y * width, (size_t)width * sizeof *to);
    for (int x = next_end(ends, 0, width); x < width; x = next_end(ends, x + 1, width))
        to[x] = kb3d_matting_settle(w, x, y);
}

static void find_ends(void *arg, int y) {
    const kb3d_matting *w = arg;
    int width = w->m.texture->width, count = 0;
    uint8_t *ends = w->ends + (size_t)y * width;
    mark_row(w, w->disp, y, ends);
    for (int x = next_end(ends, 0, width); x < width; x = next_end(ends, x + 1, width))
        count++;
    w->row_count[y] = count;
}

/* A row hears the ends of the rows around it. */
static void find_band(void *arg, int y) {
    const kb3d_matting *w = arg;
    int width = w->m.texture->width, height = w->m.texture->height, own = w->m.params.reach + 1;
    int reach = w->m.params.reach + KB3D_MATTE_SURROUNDINGS;
    size_t row = (size_t)y * width;
    memset(w->distance + row, KB3D_MATTE_NOWHERE, (size_t)width);
    memset(w->to_near + row, KB3D_MATTE_NOWHERE, (size_t)width);
    memset(w->to_far + row, KB3D_MATTE_NOWHERE, (size_t)width);
    for (int ey = kb3d_max_i(y - reach, 0); ey <= kb3d_min_i(y + reach, height - 1); ey++) {
        const uint8_t *ends = w->ends + (size_t)ey * width;
        int up = (ey - y) * (ey - y), across = kb3d_matting_half_chord(reach, up);
        int hearing = kb3d_matting_half_chord(own, up);
        for (int ex = next_end(ends, 0, width); ex < width; ex = next_end(ends, ex + 1, width)) {
            for (int x = kb3d_max_i(ex - across, 0); x <= kb3d_min_i(ex + across, width - 1); x++) {
                int square = up + (ex - x) * (ex - x);
                w->distance[row + x] = (uint8_t)kb3d_min_i(w->distance[row + x], square);
            }
            for (int x = kb3d_max_i(ex - hearing, 0); x <= kb3d_min_i(ex + hearing, width - 1); x++)
                kb3d_matting_hear(w, row + x, (size_t)ey * width + ex, up + (ex - x) * (ex - x));
        }
    }
}

static void estimate_row(void *arg, int y) {
    const kb3d_matting *w = arg;
    int width = w->m.texture->width;
    const uint8_t *distance = w->distance + (size_t)y * width;
    for (int x = next_beside(distance, 0, width); x < width; x = next_beside(distance, x + 1, width))
        if (distance[x] <= w->band)
            kb3d_matting_estimate(w, x, y);
}

static void lay_before_row(void *arg, int y) {
    const kb3d_matting *w = arg;
    int width = w->m.texture->width;
    const uint8_t *distance = w->distance + (size_t)y * width;
    memset(w->ends + (size_t)y * width, 0, (size_t)width);
    for (int x = next_beside(distance, 0, width); x < width; x = next_beside(distance, x + 1, width))
        if (distance[x] <= w->band)
            kb3d_matting_lay_before(w, x, y);
}

static void finish_row(void *arg, int y) {
    const kb3d_matting *w = arg;
    int width = w->m.texture->width;
    const uint8_t *distance = w->distance + (size_t)y * width;
    for (int x = next_beside(distance, 0, width); x < width; x = next_beside(distance, x + 1, width))
        kb3d_matting_finish(w, x, y);
}

int64_t kb3d_matte_find(const kb3d_parallel *par, const kb3d_matte *m, void *memory) {
    kb3d_matting w = {0};
    int64_t count = 0;
    kb3d_matting_bind(&w, m, memory);
    par->run(par->impl, m->texture->height, settle_row, &w);
    par->run(par->impl, m->texture->height, find_ends, &w);
    for (int y = 0; y < m->texture->height; y++)
        count += w.row_count[y];
    return count;
}

void kb3d_matte_split(const kb3d_parallel *par, const kb3d_matte *m, void *memory) {
    kb3d_matting w = {0};
    int height = m->texture->height;
    kb3d_matting_bind(&w, m, memory);
    kb3d_matting_spread_out(&w);
    par->run(par->impl, height, find_band, &w);
    par->run(par->impl, height, estimate_row, &w);
    par->run(par->impl, height, lay_before_row, &w);
    par->run(par->impl, height, finish_row, &w);
    kb3d_fill_apron(m->texture);
    kb3d_fill_apron(m->behind);
}
