/* Finding tears, and the pixels beside them that may be mixed. */
#include "matte_band.h"

#include "../math/patch.h"

size_t kb3d_matte_bytes(int width, int height) {
    return ((size_t)width * (5 + sizeof(float)) + sizeof(int)) * (size_t)height;
}

void kb3d_matting_bind(matting *w, const kb3d_matte *m, void *memory) {
    size_t pixels = (size_t)m->texture->width * (size_t)m->texture->height;
    w->m = m;
    w->band = (m->params.reach + 1) * (m->params.reach + 1);
    w->row_count = memory;
    w->disp = (float *)(w->row_count + m->texture->height);
    w->ends = (uint8_t *)(w->disp + pixels);
    w->alpha = w->ends + pixels;
    w->distance = w->alpha + pixels;
    w->to_near = w->distance + pixels;
    w->to_far = w->to_near + pixels;
}

/* The first end from x on, or the width. */
static int next_end(const uint8_t *ends, int x, int width) {
    for (uint64_t eight; x + 8 <= width; x += 8) {
        memcpy(&eight, ends + x, sizeof eight);
        if (eight)
            break;
    }
    while (x < width && !ends[x])
        x++;
    return x;
}

/* Whether a pixel is an end, from its row and the ones beside it. */
static inline uint8_t end_at(const float *rows[3], int left, int x, int right, float jump) {
    float least = rows[1][x], most = least;
    for (int i = 0; i < 3; i++) {
        least = kb3d_min_f(kb3d_min_f(least, rows[i][left]), kb3d_min_f(rows[i][x], rows[i][right]));
        most = kb3d_max_f(kb3d_max_f(most, rows[i][left]), kb3d_max_f(rows[i][x], rows[i][right]));
    }
    int is_near = rows[1][x] - least > jump, is_far = most - rows[1][x] > jump;
    return (uint8_t)(is_near * NEAR_END | is_far * FAR_END);
}

static void mark_row(const matting *w, const float *disp, int y, uint8_t *ends) {
    int width = w->m->texture->width, height = w->m->texture->height;
    const float *rows[3];
    float jump = w->m->params.jump;
    for (int i = 0; i < 3; i++)
        rows[i] = disp + (size_t)kb3d_clamp_i(y + i - 1, 0, height - 1) * width;
    for (int x = 1; x < width - 1; x++)
        ends[x] = end_at(rows, x - 1, x, x + 1, jump);
    ends[0] = end_at(rows, 0, 0, width > 1, jump);
    ends[width - 1] = end_at(rows, kb3d_max_i(width - 2, 0), width - 1, width - 1, jump);
}

static void settle_row(void *arg, int y) {
    const matting *w = arg;
    const kb3d_matte *m = w->m;
    int width = m->texture->width, height = m->texture->height;
    uint8_t *ends = w->ends + (size_t)y * width;
    float *to = w->disp + (size_t)y * width;
    mark_row(w, m->disp, y, ends);
    memcpy(to, m->disp + (size_t)y * width, (size_t)width * sizeof *to);
    for (int x = next_end(ends, 0, width); x < width; x = next_end(ends, x + 1, width))
        to[x] = kb3d_settled_disp(m->disp, NULL, width, height, x, y, m->params.jump);
}

static void find_ends(void *arg, int y) {
    const matting *w = arg;
    int width = w->m->texture->width, count = 0;
    uint8_t *ends = w->ends + (size_t)y * width;
    mark_row(w, w->disp, y, ends);
    for (int x = next_end(ends, 0, width); x < width; x = next_end(ends, x + 1, width))
        count++;
    w->row_count[y] = count;
}

/* What an end tells a pixel of the band: where it is of another surface, that one's inverse depth. Of
   nearer surfaces the closest one counts, over whose edge a pixel lies. Of farther ones it does too; but where the
   map's edges are blurred the farthest one, and pixels between two surfaces tell nothing. */
static void hear(const matting *w, size_t at, size_t end, int square) {
    const kb3d_matte *m = w->m;
    float jump = m->params.jump, here = w->disp[at], there = w->disp[end];
    if (m->params.is_blurred && w->ends[end] == (NEAR_END | FAR_END))
        return;
    if ((w->ends[end] & NEAR_END) && there - here > jump && square < w->to_near[at]) {
        w->to_near[at] = (uint8_t)square;
        m->before_disp[at] = there;
    }
    if (!(w->ends[end] & FAR_END) || !(here - there > jump))
        return;
    if (m->params.is_blurred ? w->to_far[at] == NOWHERE || there < m->behind_disp[at] : square < w->to_far[at]) {
        w->to_far[at] = (uint8_t)square;
        m->behind_disp[at] = there;
    }
}

/* Pixels to both sides of a circle's middle at the square of a height; below 0: none. */
static int half_chord(int radius, int up) {
    int across = -1;
    while ((across + 1) * (across + 1) + up <= radius * radius)
        across++;
    return across;
}

/* A row hears the ends of the rows around it. */
void kb3d_matting_find_band(void *arg, int y) {
    matting *w = arg;
    int width = w->m->texture->width, height = w->m->texture->height, reach = w->m->params.reach + SURROUNDINGS;
    size_t row = (size_t)y * width;
    memset(w->distance + row, NOWHERE, (size_t)width);
    memset(w->to_near + row, NOWHERE, (size_t)width);
    memset(w->to_far + row, NOWHERE, (size_t)width);
    for (int ey = kb3d_max_i(y - reach, 0); ey <= kb3d_min_i(y + reach, height - 1); ey++) {
        const uint8_t *ends = w->ends + (size_t)ey * width;
        int up = (ey - y) * (ey - y), across = half_chord(reach, up), hearing = half_chord(w->m->params.reach + 1, up);
        for (int ex = next_end(ends, 0, width); ex < width; ex = next_end(ends, ex + 1, width)) {
            for (int x = kb3d_max_i(ex - across, 0); x <= kb3d_min_i(ex + across, width - 1); x++) {
                int square = up + (ex - x) * (ex - x);
                w->distance[row + x] = (uint8_t)kb3d_min_i(w->distance[row + x], square);
            }
            for (int x = kb3d_max_i(ex - hearing, 0); x <= kb3d_min_i(ex + hearing, width - 1); x++)
                hear(w, row + x, (size_t)ey * width + ex, up + (ex - x) * (ex - x));
        }
    }
}

int64_t kb3d_matte_find(const kb3d_parallel *par, const kb3d_matte *m, void *memory) {
    matting w = {0};
    int64_t count = 0;
    kb3d_matting_bind(&w, m, memory);
    par->run(par->impl, m->texture->height, settle_row, &w);
    par->run(par->impl, m->texture->height, find_ends, &w);
    for (int y = 0; y < m->texture->height; y++)
        count += w.row_count[y];
    return count;
}
