#include "crop.h"

#include <math.h>

/* Holes are counted in blocks of so many pixels; blocks with fewer holes are none. */
enum { BLOCK = 16, FEW = 24 };

/* Share of a frame's width beside it that counts as seen: frames lie between those that are looked at. */
#define BESIDE 0.002

/* Pixels that asking once more costs as much as. */
enum { ASKING = 96 * 96 };

/* Blocks with holes, summed from the left and the top. */
typedef struct map {
    int width, height, most_width, most_height;
    uint32_t *sum; /* (width + 1) * (height + 1) */
} map;

static uint32_t count_in(const map *m, kb3d_box b) {
    size_t row = (size_t)m->width + 1, top = (size_t)b.y0 * row, bottom = (size_t)b.y1 * row;
    return m->sum[bottom + b.x1] - m->sum[bottom + b.x0] - m->sum[top + b.x1] + m->sum[top + b.x0];
}

/* Whether some frame shows a pixel of the view. */
static int is_seen(const kb3d_painting *p, const kb3d_warp *to_frames, int x, int y, float disp) {
    for (int i = 0; i < p->frame_count; i++) {
        const kb3d_camera *c = &p->frames[i];
        double q[3], slack = BESIDE * c->width;
        kb3d_warp_point(&to_frames[i], x + 0.5, y + 0.5, disp, q);
        if (q[2] > 0 && q[0] > -slack * q[2] && q[0] < (c->width + slack) * q[2] && q[1] > -slack * q[2] &&
            q[1] < (c->height + slack) * q[2])
            return 1;
    }
    return 0;
}

static int has_holes(const kb3d_painting *p, const kb3d_warp *to_frames, int bx, int by) {
    const kb3d_planes *v = p->planes;
    int count = 0, x1 = kb3d_min_i((bx + 1) * BLOCK, v->width), y1 = kb3d_min_i((by + 1) * BLOCK, v->height);
    for (int y = by * BLOCK; y < y1; y++)
        for (int x = bx * BLOCK; x < x1; x++) {
            size_t at = (size_t)y * (size_t)v->width + (size_t)x;
            if (v->cover[at] != 255 && is_seen(p, to_frames, x, y, v->disp[at]) && ++count == FEW)
                return 1;
        }
    return 0;
}

static void count_blocks(map *m, const kb3d_painting *p, const kb3d_warp *to_frames) {
    size_t row = (size_t)m->width + 1;
    for (int x = 0; x <= m->width; x++)
        m->sum[x] = 0;
    for (int y = 0; y < m->height; y++) {
        uint32_t *to = m->sum + ((size_t)y + 1) * row, along = 0;
        to[0] = 0;
        for (int x = 0; x < m->width; x++)
            to[x + 1] = to[x + 1 - (ptrdiff_t)row] + (along += (uint32_t)has_holes(p, to_frames, x, y));
    }
}

/* Without rows and columns at the sides that have no holes; the box has some. */
static kb3d_box trimmed(const map *m, kb3d_box b) {
    while (!count_in(m, (kb3d_box){b.x0, b.y0, b.x0 + 1, b.y1}))
        b.x0++;
    while (!count_in(m, (kb3d_box){b.x1 - 1, b.y0, b.x1, b.y1}))
        b.x1--;
    while (!count_in(m, (kb3d_box){b.x0, b.y0, b.x1, b.y0 + 1}))
        b.y0++;
    while (!count_in(m, (kb3d_box){b.x0, b.y1 - 1, b.x1, b.y1}))
        b.y1--;
    return b;
}

/* Pixels that the network has to look at for it. */
static double cost_of(kb3d_box b) {
    return ((b.x1 - b.x0) * BLOCK + 2.0 * KB3D_CROP_MARGIN) * ((b.y1 - b.y0) * BLOCK + 2.0 * KB3D_CROP_MARGIN) + ASKING;
}

static void cut(kb3d_box b, int is_column, int at, kb3d_box parts[2]) {
    parts[0] = parts[1] = b;
    if (is_column)
        parts[0].x1 = parts[1].x0 = at;
    else
        parts[0].y1 = parts[1].y0 = at;
}

/* The cut that saves most; answers what both parts cost. */
static double find_cut(const map *m, kb3d_box b, kb3d_box best[2]) {
    double least = INFINITY;
    for (int is_column = 0; is_column < 2; is_column++)
        for (int at = (is_column ? b.x0 : b.y0) + 1; at < (is_column ? b.x1 : b.y1); at++) {
            kb3d_box parts[2];
            double cost = 0;
            cut(b, is_column, at, parts);
            for (int i = 0; i < 2; i++)
                cost += cost_of(parts[i] = trimmed(m, parts[i])); /* b is trimmed, so each part has holes */
            if (cost < least) {
                least = cost;
                best[0] = parts[0];
                best[1] = parts[1];
            }
        }
    return least;
}

/* Cuts a box in two if it is too large, or if that saves a tenth. */
static int split(const map *m, kb3d_box b, kb3d_box parts[2]) {
    int width = (b.x1 - b.x0) * BLOCK, height = (b.y1 - b.y0) * BLOCK;
    int is_wide = width > m->most_width, is_high = height > m->most_height;
    if (find_cut(m, b, parts) < 0.9 * cost_of(b))
        return 1;
    if (b.x1 - b.x0 < 2)
        is_wide = 0;
    if (b.y1 - b.y0 < 2)
        is_high = 0;
    if (!is_wide && !is_high)
        return 0;
    int is_column = is_wide && (!is_high || (double)width / m->most_width >= (double)height / m->most_height);
    cut(b, is_column, is_column ? (b.x0 + b.x1) / 2 : (b.y0 + b.y1) / 2, parts);
    for (int i = 0; i < 2; i++)
        parts[i] = trimmed(m, parts[i]);
    return 1;
}

static kb3d_status count_seen(map *m, const kb3d_painting *p) {
    kb3d_warp *to_frames;
    kb3d_status status = kb3d_mem_alloc(&p->ctx->mem, &to_frames, (size_t)p->frame_count, sizeof *to_frames, p->call);
    if (status)
        return status;
    for (int i = 0; i < p->frame_count; i++)
        to_frames[i] = kb3d_warp_between(p->camera, &p->frames[i]);
    count_blocks(m, p, to_frames);
    kb3d_mem_free(&p->ctx->mem, to_frames);
    return KB3D_OK;
}

/* Boxes in blocks; the first is there. */
static kb3d_status split_all(const map *m, kb3d_box *boxes, int *count, kb3d_call *call) {
    kb3d_status status = KB3D_OK;
    for (int i = 0; i < *count && !(status = kb3d_call_check(call));) {
        kb3d_box parts[2];
        if (!split(m, boxes[i], parts)) {
            i++;
            continue;
        }
        boxes[i] = parts[0];
        boxes[(*count)++] = parts[1];
    }
    return status;
}

kb3d_status kb3d_crop_cover(const kb3d_painting *p, int most_width, int most_height, kb3d_box **boxes, int *count) {
    const kb3d_planes *v = p->planes;
    kb3d_mem *mem = &p->ctx->mem;
    map m = {(v->width + BLOCK - 1) / BLOCK, (v->height + BLOCK - 1) / BLOCK,
             kb3d_max_i(most_width - 2 * KB3D_CROP_MARGIN, BLOCK),
             kb3d_max_i(most_height - 2 * KB3D_CROP_MARGIN, BLOCK), NULL};
    kb3d_status status = kb3d_mem_alloc(mem, &m.sum, ((size_t)m.width + 1) * ((size_t)m.height + 1), sizeof *m.sum,
                                        p->call);
    *count = 0;
    *boxes = NULL;
    if (!status && !(status = count_seen(&m, p))) {
        kb3d_box whole = {0, 0, m.width, m.height};
        uint32_t blocks = count_in(&m, whole); /* every box holds one */
        if (!(status = kb3d_mem_alloc(mem, boxes, blocks, sizeof **boxes, p->call)) && blocks) {
            (*boxes)[(*count)++] = trimmed(&m, whole);
            status = split_all(&m, *boxes, count, p->call);
        }
        for (int i = 0; i < *count; i++) {
            kb3d_box *b = &(*boxes)[i];
            *b = (kb3d_box){b->x0 * BLOCK, b->y0 * BLOCK, kb3d_min_i(b->x1 * BLOCK, v->width),
                            kb3d_min_i(b->y1 * BLOCK, v->height)};
        }
    }
    kb3d_mem_free(mem, m.sum);
    return status;
}
