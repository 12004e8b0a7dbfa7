#include "adjust.h"

#include "adjust_fit.h"
#include "nearest.h"
#include "outline.h"
#include "things.h"

#include <math.h>

typedef struct adjusting {
    kb3d_things t;
    float *rest;     /* what a thing's plane leaves of a pixel's inverse depth, bounded */
    float *move;     /* by how much inverse depth shall change */
    uint16_t *hold;  /* see kb3d_outline_judge */
    uint16_t *away;  /* from a thing's inside */
    int32_t *inside; /* its nearest pixel */
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

/* The relief of things: near their outline, where the estimate mixes it with what lies beside,
   that of the nearest pixel inside. */
static void take_relief(adjusting *a) {
    const kb3d_things *t = &a->t;
    for (int y = 0; y < t->height; y++)
        for (int x = 0, at = y * t->width; x < t->width; x++, at++) {
            a->away[at] = KB3D_CLOSED;
            if (!t->label[at])
                continue;
            const kb3d_thing *g = &t->items[t->label[at] - 1];
            a->away[at] = KB3D_NOWHERE;
            a->inside[at] = at;
            if (t->edge[at] < g->inside)
                continue;
            float v = t->disp[at] - plane_at(g, x, y);
            a->rest[at] = soften(v, v < 0 ? 0.6f * g->thickness : 2 * g->thickness);
            a->away[at] = 0;
        }
    kb3d_nearest_spread(t->width, t->height, a->away, a->inside, t->label);
    for (int at = 0; at < t->width * t->height; at++)
        if (t->label[at] && a->away[at])
            a->rest[at] = a->away[at] < KB3D_NOWHERE ? a->rest[a->inside[at]] : 0;
}

/* Lifts a pixel up to a slope that leads down from others of its thing. */
static inline void lift(const adjusting *a, int at, int from, float fall) {
    if (a->t.label[from] == a->t.label[at])
        a->rest[at] = kb3d_more(a->rest[at], a->rest[from] - fall);
}

/* Leaves no step within a thing: what lies lower comes up to a gentle slope. */
static void mend(adjusting *a) {
    const kb3d_things *t = &a->t;
    int w = t->width, h = t->height;
    float side = 0.3f * t->jump, corner = side * 4 / 3;
    for (int y = 0; y < h; y++)
        for (int x = 0, at = y * w; x < w; x++, at++) {
            if (!t->label[at])
                continue;
            int up = y ? w : 0, left = x > 0, right = x + 1 < w;
            lift(a, at, at - left, side);
            lift(a, at, at - up - left, corner);
            lift(a, at, at - up, side);
            lift(a, at, at - up + right, corner);
        }
    for (int y = h - 1; y >= 0; y--)
        for (int x = w - 1, at = y * w + x; x >= 0; x--, at--) {
            if (!t->label[at])
                continue;
            int down = y + 1 < h ? w : 0, left = x > 0, right = x + 1 < w;
            lift(a, at, at + right, side);
            lift(a, at, at + down + right, corner);
            lift(a, at, at + down, side);
            lift(a, at, at + down - left, corner);
        }
}

static float smoothstep(float from, float to, float v) {
    float s = kb3d_less(kb3d_more((v - from) / (to - from), 0), 1);
    return s * s * (3 - 2 * s);
}

/* How a thing would move, and how far its mask is to be believed. */
static float judge(kb3d_ctx *ctx, const adjusting *a, int number) {
    const kb3d_things *t = &a->t;
    const kb3d_thing *g = &t->items[number];
    int w = t->width, count = 0;
    for (int y = g->y0; y <= g->y1; y++)
        for (int x = g->x0; x <= g->x1; x++) {
            int at = y * w + x;
            if (t->label[at] != number + 1)
                continue;
            a->move[at] = plane_at(g, x, y) + a->rest[at] - t->disp[at];
            count += fabsf(a->move[at]) > 0.1f * t->relief;
        }
    float moved = (float)count / (float)g->area, doubt = g->doubtful * (0.5f + kb3d_more(moved, 0.3f));
    float sure = g->is_given ? 1 : smoothstep(0.6f, 0.8f, g->share);
    float is_part = 1 - smoothstep(0.8f, 0.95f, (float)g->area / (float)(w * t->height));
    float strength = g->thickness > 0 ? sure * is_part * (1 - smoothstep(0.4f, 0.55f, doubt)) : 0;
    kb3d_log_line(&ctx->log, KB3D_LOG_DEBUG,
                  "thing %d of kind %d at %d,%d..%d,%d: %s by %.2f (mean share %.2f, outline doubtful %.2f, before its "
                  "background %.2f, moved far %.2f)",
                  number, (int)g->kind, g->x0, g->y0, g->x1, g->y1, strength > 0 ? "adjusted" : "left", strength,
                  g->share, g->doubtful, g->seen, moved);
    return strength;
}

/* No new step where the outline is in doubt, or the thing stands on what it meets. */
static float bounded(const adjusting *a, int at, float v) {
    float most = 0.4f * a->t.jump * (float)a->hold[at] / KB3D_PIXEL;
    return kb3d_less(kb3d_more(v, -most), most);
}

/* Just outside of a thing its blurred silhouette gives way to what lies beyond. */
static void clear_rim(adjusting *a) {
    const kb3d_things *t = &a->t;
    for (int at = 0; at < t->width * t->height; at++) {
        if (t->apart[at] == KB3D_CLEAR || t->label[at])
            continue;
        int from = t->apart[at] ? t->nearest[at] : at;
        if (!t->label[from] || t->beyond[at] < 0)
            continue;
        float beyond = t->disp[t->beyond[at]], step = t->disp[from] + a->move[from] - beyond;
        if (fabsf(step) >= t->jump)
            a->move[at] = bounded(a, at, beyond - t->disp[at]) * t->items[t->label[from] - 1].strength;
    }
}

static void apply(adjusting *a) {
    const kb3d_things *t = &a->t;
    int count = t->width * t->height;
    for (int at = 0; at < count; at++)
        if (t->label[at])
            a->move[at] = bounded(a, at, a->move[at]) * t->items[t->label[at] - 1].strength;
    clear_rim(a);
    for (int at = 0; at < count; at++)
        if (t->apart[at] != KB3D_CLEAR)
            t->disp[at] = kb3d_more(t->disp[at] + a->move[at], 0);
}

static kb3d_status adjust(kb3d_ctx *ctx, adjusting *a, kb3d_call *call) {
    const kb3d_things *t = &a->t;
    kb3d_mem *mem = &ctx->mem;
    size_t count = (size_t)t->width * (size_t)t->height;
    kb3d_status status;
    if ((status = kb3d_mem_alloc(mem, &a->rest, count, sizeof *a->rest, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &a->move, count, sizeof *a->move, call)) ||
        (status = kb3d_mem_alloc(mem, &a->hold, count, sizeof *a->hold, call)) ||
        (status = kb3d_mem_alloc(mem, &a->away, count, sizeof *a->away, call)) ||
        (status = kb3d_mem_alloc(mem, &a->inside, count, sizeof *a->inside, call)) ||
        (status = kb3d_outline_judge(ctx, t, a->hold, call)))
        return status;
    for (int i = 0; i < t->count && !(status = kb3d_call_check(call)); i++)
        kb3d_thing_fit(t, i);
    if (status)
        return status;
    take_relief(a);
    mend(a);
    for (int i = 0; i < t->count; i++)
        t->items[i].strength = judge(ctx, a, i);
    apply(a);
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
    kb3d_mem_free(&ctx->mem, a.away);
    kb3d_mem_free(&ctx->mem, a.inside);
    kb3d_things_free(ctx, &a.t);
    return status;
}
