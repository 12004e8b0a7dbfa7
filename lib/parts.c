#include "parts.h"

#include <math.h>
#include <string.h>

enum { REACH = 2 };

/* Marks pixels of masks whose neighbours in the same mask, two pixels away, differ by more
   than one surface's would. */
static void find_ramps(kb3d_parts *p) {
    const kb3d_things *t = p->t;
    int w = t->width, h = t->height;
    float limit = 0.6f * t->jump * 2 * REACH;
    memset(p->ramp, 0, (size_t)w * (size_t)h);
    for (int y = 0; y < h; y++)
        for (int x = 0, at = y * w; x < w; x++, at++) {
            int label = t->label[at];
            if (!label || p->segments->items[label - 1].is_one_thing)
                continue;
            int l = x >= REACH && t->label[at - REACH] == label ? at - REACH : at;
            int r = x + REACH < w && t->label[at + REACH] == label ? at + REACH : at;
            int u = y >= REACH && t->label[at - REACH * w] == label ? at - REACH * w : at;
            int d = y + REACH < h && t->label[at + REACH * w] == label ? at + REACH * w : at;
            p->ramp[at] = fabsf(t->disp[r] - t->disp[l]) > limit || fabsf(t->disp[d] - t->disp[u]) > limit;
        }
}

static int find_root(int32_t *parent, int at) {
    while (parent[at] != at) {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    return at;
}

static int is_same(const kb3d_parts *p, int a, int b) {
    return p->t->label[a] == p->t->label[b] && p->ramp[a] == p->ramp[b];
}

/* Connects pixels of the same mask that are no ramps, and counts them at their roots. */
static void connect(kb3d_parts *p) {
    int w = p->t->width, h = p->t->height;
    int32_t *parent = p->parent;
    for (int y = 0; y < h; y++)
        for (int x = 0, at = y * w; x < w; x++, at++) {
            parent[at] = x && is_same(p, at, at - 1) ? parent[at - 1] : at;
            if (!y || !is_same(p, at, at - w) || parent[at] == parent[at - w])
                continue;
            int a = find_root(parent, at), b = find_root(parent, at - w);
            parent[a > b ? a : b] = a > b ? b : a;
            parent[at] = a > b ? b : a;
        }
    memset(p->queue, 0, (size_t)w * (size_t)h * sizeof *p->queue);
    for (int at = 0; at < w * h; at++)
        p->queue[parent[at] = find_root(parent, at)]++;
}

/* Small holes in a mask are faults of it. From here on parent[] are roots. */
static void fill_holes(kb3d_parts *p) {
    int w = p->t->width, h = p->t->height, most = w * h / 2000;
    for (int at = 0; at < w * h; at++) { /* what touches the frame is no hole */
        int x = at % w, y = at / w;
        if (!p->t->label[at] && (!x || !y || x + 1 == w || y + 1 == h))
            p->queue[p->parent[at]] = INT32_MAX;
    }
    for (int at = 0; at < w * h; at++)
        if (!p->t->label[at] && p->queue[p->parent[at]] <= most) {
            p->t->label[at] = p->t->label[at - 1];
            p->t->share[at] = 0.5f;
            p->ramp[at] = 1;
        }
}

static int add_part(kb3d_parts *p, int segment) {
    if (p->count == KB3D_PART_MAX)
        return 0;
    p->items[p->count] = (kb3d_part){.segment = segment, .parent = p->count, .x0 = INT32_MAX, .y0 = INT32_MAX};
    return ++p->count;
}

/* Spreads parts over the rest of their masks, from `end` pixels that wait in the queue;
   answers how many have been there. */
static int spread(kb3d_parts *p, int end) {
    const kb3d_things *t = p->t;
    int w = t->width, h = t->height;
    for (int begin = 0; begin < end; begin++) {
        int at = p->queue[begin], x = at % w, y = at / w;
        int next[4] = {x ? at - 1 : at, x + 1 < w ? at + 1 : at, y ? at - w : at, y + 1 < h ? at + w : at};
        for (int i = 0; i < 4; i++)
            if (!p->part_of[next[i]] && t->label[next[i]] == t->label[at]) {
                p->part_of[next[i]] = p->part_of[at];
                p->queue[end++] = next[i];
            }
    }
    return end;
}

/* Large connected pieces; each of the host's masks whole. */
static void make_pieces(kb3d_parts *p) {
    const kb3d_things *t = p->t;
    int count = t->width * t->height, whole[KB3D_MASK_MAX + 1] = {0};
    for (int at = 0; at < count; at++) {
        int label = t->label[at], root = p->parent[at];
        if (!label || p->ramp[at])
            continue;
        if (p->segments->items[label - 1].is_one_thing) {
            if (!whole[label])
                whole[label] = add_part(p, label - 1);
            p->part_of[at] = (uint16_t)whole[label];
            continue;
        }
        if (p->queue[root] >= p->tiny) /* the size gives way to the number */
            p->queue[root] = -add_part(p, label - 1);
        if (p->queue[root] < 0)
            p->part_of[at] = (uint16_t)-p->queue[root];
    }
}

/* Ramps beside them, and then what is left: pieces that are all ramp, or specks. */
static void make_rest(kb3d_parts *p) {
    kb3d_things *t = p->t;
    int w = t->width, h = t->height, end = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0, at = y * w; x < w; x++, at++) {
            if (!t->label[at] || p->part_of[at])
                continue;
            int next[4] = {x ? at - 1 : at, x + 1 < w ? at + 1 : at, y ? at - w : at, y + 1 < h ? at + w : at};
            for (int i = 0; i < 4 && !p->part_of[at]; i++)
                if (p->part_of[next[i]] && t->label[next[i]] == t->label[at] && !p->ramp[next[i]]) {
                    p->part_of[at] = p->part_of[next[i]];
                    p->queue[end++] = at;
                }
        }
    spread(p, end);
    for (int at = 0; at < w * h; at++) {
        int number = t->label[at] && !p->part_of[at] ? add_part(p, t->label[at] - 1) : 0;
        if (!number)
            continue;
        p->part_of[at] = (uint16_t)number;
        p->queue[0] = at;
        if ((end = spread(p, 1)) >= p->tiny)
            continue;
        for (int i = 0; i < end; i++)
            p->part_of[p->queue[i]] = t->label[p->queue[i]] = 0;
        p->count--;
    }
}

kb3d_status kb3d_parts_make(kb3d_ctx *ctx, const kb3d_segments *segments, kb3d_things *t, kb3d_parts *p,
                            kb3d_call *call) {
    kb3d_mem *mem = &ctx->mem;
    size_t count = (size_t)t->width * (size_t)t->height;
    kb3d_status status;
    *p = (kb3d_parts){.t = t, .segments = segments, .tiny = t->width * t->height / 2500 + 8};
    if ((status = kb3d_mem_alloc(mem, &p->ramp, count, sizeof *p->ramp, call)) ||
        (status = kb3d_mem_alloc(mem, &p->parent, count, sizeof *p->parent, call)) ||
        (status = kb3d_mem_alloc(mem, &p->queue, count, sizeof *p->queue, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &p->part_of, count, sizeof *p->part_of, call)) ||
        (status = kb3d_mem_alloc(mem, &p->items, KB3D_PART_MAX, sizeof *p->items, call)))
        return status;
    find_ramps(p);
    connect(p);
    fill_holes(p);
    make_pieces(p);
    make_rest(p);
    return KB3D_OK;
}

void kb3d_parts_free(kb3d_ctx *ctx, kb3d_parts *p) {
    kb3d_mem_free(&ctx->mem, p->ramp);
    kb3d_mem_free(&ctx->mem, p->parent);
    kb3d_mem_free(&ctx->mem, p->queue);
    kb3d_mem_free(&ctx->mem, p->part_of);
    kb3d_mem_free(&ctx->mem, p->items);
    kb3d_mem_free(&ctx->mem, p->borders);
}

int kb3d_part_root(const kb3d_parts *p, int i) {
    while (p->items[i].parent != i)
        i = p->items[i].parent;
    return i;
}
