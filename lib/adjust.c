#include "adjust.h"

#include "adjust_fit.h"
#include "nearest.h"
#include "outline.h"
#include "things.h"

#include <math.h>

typedef struct adjusting {
    kb3d_things t;
    float *rest;      /* what the thing's plane leaves of a pixel's inverse depth, bounded */
    float *move;      /* by how much inverse depth shall change */
    uint16_t *hold;   /* see kb3d_outline_judge */
    uint16_t *inner;  /* distance to the thing's inside */
    int32_t *inside;  /* its nearest pixel */
    float *doubtful, *seen, *strength;
} adjusting;

static float plane_at(const kb3d_thing *g, int x, int y) {
    return g->level + g->across * ((float)x - 0.5f * (float)(g->x0 + g->x1)) +
           g->down * ((float)y - 0.5f * (float)(g->y0 + g->y1));
}

/* Keeps what is below 0.6 of a bound and brings the rest smoothly below it. */
static float soften(float v, float most) {
    float knee = 0.6f * most, over = fabsf(v) - knee;
    return over <= 0 ? v : copysignf(knee + (most - knee) * (1 - expf(-over / (most - knee))), v);
}

static void take_relief(adjusting *a) {
    const kb3d_things *t = &a->t;
    for (int i = 0; i < t->count; i++) {
        const kb3d_thing *g = &t->items[i];
        int deepest = 0, w = t->width;
        for (int y = g->y0; y <= g->y1; y++)
            for (int x = g->x0; x <= g->x1; x++)
                if (t->label[y * w + x] == i + 1 && t->edge[y * w + x] > deepest)
                    deepest = t->edge[y * w + x];
        int depth = KB3D_INNER * KB3D_PIXEL < deepest / 2 ? KB3D_INNER * KB3D_PIXEL : deepest / 2;
        for (int y = g->y0; y <= g->y1; y++)
            for (int x = g->x0; x <= g->x1; x++) {
                int at = y * w + x;
                if (t->label[at] != i + 1 || t->edge[at] < depth)
                    continue;
                float v = t->disp[at] - plane_at(g, x, y);
                a->rest[at] = soften(v, v < 0 ? 0.6f * g->thickness : 2 * g->thickness);
                a->inner[at] = 0;
            }
    }
}

/* Lifts what lies deeper than a slope from its thing's other pixels would reach, so that
   nothing in it is torn. */
static inline float lift(const adjusting *a, int at, int from, float fall) {
    return a->t.label[from] == a->t.label[at] ? more(a->rest[at], a->rest[from] - fall) : a->rest[at];
}

static void mend(adjusting *a) {
    const kb3d_things *t = &a->t;
    int w = t->width, h = t->height;
    float side = 0.3f * t->jump, corner = side * 4 / 3;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int at = y * w + x;
            if (!t->label[at])
                continue;
            if (x)
                a->rest[at] = lift(a, at, at - 1, side);
            if (y && x)
                a->rest[at] = lift(a, at, at - w - 1, corner);
            if (y)
                a->rest[at] = lift(a, at, at - w, side);
            if (y && x + 1 < w)
                a->rest[at] = lift(a, at, at - w + 1, corner);
        }
    for (int y = h - 1; y >= 0; y--)
        for (int x = w - 1; x >= 0; x--) {
            int at = y * w + x;
            if (!t->label[at])
                continue;
            if (x + 1 < w)
                a->rest[at] = lift(a, at, at + 1, side);
            if (y + 1 < h && x + 1 < w)
                a->rest[at] = lift(a, at, at + w + 1, corner);
            if (y + 1 < h)
                a->rest[at] = lift(a, at, at + w, side);
            if (y + 1 < h && x)
                a->rest[at] = lift(a, at, at + w - 1, corner);
        }
}

static float smoothstep(float from, float to, float v) {
    float s = less(more((v - from) / (to - from), 0), 1);
    return s * s * (3 - 2 * s);
}

static float bounded(const adjusting *a, int at, float v) {
    float most = 0.4f * a->t.jump * (float)a->hold[at] / KB3D_PIXEL;
    return less(more(v, -most), most);
}

/* How a thing would move, and how far that is to be believed. */
static float judge(kb3d_ctx *ctx, adjusting *a, int number) {
    const kb3d_things *t = &a->t;
    const kb3d_thing *g = &t->items[number];
    int w = t->width, far = 0;
    for (int y = g->y0; y <= g->y1; y++)
        for (int x = g->x0; x <= g->x1; x++) {
            int at = y * w + x;
            if (t->label[at] != number + 1)
                continue;
            a->move[at] = a->inside[at] < 0 ? 0 : plane_at(g, x, y) + a->rest[at] - t->disp[at];
            far += fabsf(a->move[at]) > 0.1f * t->relief;
        }
    float moved = (float)far / (float)g->area, whole = (float)g->area / (float)(w * t->height);
    float sure = g->is_given ? 1 : smoothstep(0.6f, 0.8f, g->share);
    float strength = sure * (1 - smoothstep(0.4f, 0.55f, a->doubtful[number] * (0.5f + (moved > 0.3f ? moved : 0.3f)))) * (1 - smoothstep(0.8f, 0.95f, whole));
    kb3d_log_line(&ctx->log, KB3D_LOG_DEBUG,
                  "adjust: thing %d kind %d box %d,%d-%d,%d area %d share %.2f seen %.2f doubtful %.2f moved %.2f "
                  "level %.3f across %.4f down %.4f thickness %.3f: strength %.2f",
                  number, g->kind, g->x0, g->y0, g->x1, g->y1, g->area, g->share, a->seen[number],
                  a->doubtful[number], moved, g->level, g->across, g->down, g->thickness, strength);
    return strength;
}

/* Just outside of a thing its blurred silhouette gives way to what lies beyond. */
static void clear_rim(adjusting *a) {
    const kb3d_things *t = &a->t;
    int count = t->width * t->height;
    for (int at = 0; at < count; at++) {
        if (t->label[at] || t->apart[at] > KB3D_RIM * KB3D_PIXEL || t->beyond[at] < 0 || !t->label[t->nearest[at]])
            continue;
        int from = t->nearest[at];
        float beyond = t->disp[t->beyond[at]], step = t->disp[from] + a->move[from] - beyond;
        if (fabsf(step) < t->jump)
            continue;
        a->move[at] = bounded(a, at, beyond - t->disp[at]) * a->strength[t->label[from] - 1];
    }
}

static void apply(kb3d_ctx *ctx, adjusting *a) {
    kb3d_things *t = &a->t;
    int count = t->width * t->height;
    for (int i = 0; i < t->count; i++)
        a->strength[i] = judge(ctx, a, i);
    for (int at = 0; at < count; at++)
        if (t->label[at])
            a->move[at] = bounded(a, at, a->move[at]) * a->strength[t->label[at] - 1];
    clear_rim(a);
    for (int at = 0; at < count; at++)
        t->disp[at] = more(t->disp[at] + a->move[at], 0);
}

static kb3d_status adjust(kb3d_ctx *ctx, adjusting *a, kb3d_call *call) {
    kb3d_things *t = &a->t;
    kb3d_mem *mem = &ctx->mem;
    size_t count = (size_t)t->width * (size_t)t->height, things = (size_t)t->count;
    kb3d_status status;
    if ((status = kb3d_mem_alloc(mem, &a->rest, count, sizeof *a->rest, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &a->move, count, sizeof *a->move, call)) ||
        (status = kb3d_mem_alloc(mem, &a->hold, count, sizeof *a->hold, call)) ||
        (status = kb3d_mem_alloc(mem, &a->inner, count, sizeof *a->inner, call)) ||
        (status = kb3d_mem_alloc(mem, &a->inside, count, sizeof *a->inside, call)) ||
        (status = kb3d_mem_alloc(mem, &a->doubtful, things, sizeof *a->doubtful, call)) ||
        (status = kb3d_mem_alloc(mem, &a->seen, things, sizeof *a->seen, call)) ||
        (status = kb3d_mem_alloc(mem, &a->strength, things, sizeof *a->strength, call)) ||
        (status = kb3d_outline_judge(ctx, t, a->hold, a->doubtful, call)))
        return status;
    for (int i = 0; i < t->count; i++) {
        if ((status = kb3d_call_check(call)))
            return status;
        a->seen[i] = kb3d_thing_fit(t, i);
    }
    for (size_t i = 0; i < count; i++) {
        a->rest[i] = -1e30f;
        a->inner[i] = KB3D_NOWHERE;
        a->inside[i] = (int32_t)i;
    }
    take_relief(a);
    for (size_t i = 0; i < count; i++)
        if (a->inner[i])
            a->inside[i] = -1;
    kb3d_nearest_spread(t->width, t->height, a->inner, a->inside, t->label);
    for (size_t i = 0; i < count; i++)
        if (a->inner[i] && a->inside[i] >= 0)
            a->rest[i] = a->rest[a->inside[i]];
    mend(a);
    apply(ctx, a);
    return KB3D_OK;
}

kb3d_status kb3d_adjust_depth(kb3d_ctx *ctx, const kb3d_raster *picture, const kb3d_segments *segments,
                              kb3d_raster *map, kb3d_call *call) {
    adjusting a = {0};
    kb3d_status status = kb3d_things_find(ctx, picture, segments, map, &a.t, call);
    if (!status && a.t.count)
        status = adjust(ctx, &a, call);
    kb3d_mem_free(&ctx->mem, a.rest);
    kb3d_mem_free(&ctx->mem, a.move);
    kb3d_mem_free(&ctx->mem, a.hold);
    kb3d_mem_free(&ctx->mem, a.inner);
    kb3d_mem_free(&ctx->mem, a.inside);
    kb3d_mem_free(&ctx->mem, a.doubtful);
    kb3d_mem_free(&ctx->mem, a.seen);
    kb3d_mem_free(&ctx->mem, a.strength);
    kb3d_things_free(ctx, &a.t);
    return status;
}
