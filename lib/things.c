#include "things.h"

#include "depth.h"
#include "nearest.h"
#include "parts.h"

#include <string.h>

/* The largest part gives a thing its kind. */
static void number_things(const kb3d_parts *p) {
    kb3d_things *t = p->t;
    int area[KB3D_PART_MAX] = {0}, largest[KB3D_PART_MAX], number[KB3D_PART_MAX] = {0};
    for (int i = 0; i < p->count; i++) {
        int root = kb3d_part_root(p, i);
        if (!area[root] || p->items[i].area > p->items[largest[root]].area)
            largest[root] = i;
        area[root] += p->items[i].area;
    }
    for (int i = 0; i < p->count; i++)
        if (area[i] >= p->tiny) {
            const kb3d_segment *s = &p->segments->items[p->items[largest[i]].segment];
            t->items[t->count] = (kb3d_thing){.kind = s->kind,
                                              .is_given = s->is_one_thing,
                                              .area = area[i],
                                              .x0 = t->width,
                                              .y0 = t->height,
                                              .x1 = -1,
                                              .y1 = -1};
            number[i] = ++t->count;
        }
    for (int i = 0; i < p->count; i++)
        number[i] = number[kb3d_part_root(p, i)];
    for (int at = 0; at < t->width * t->height; at++)
        t->label[at] = p->part_of[at] ? (uint16_t)number[p->part_of[at] - 1] : 0;
}

static void measure_things(kb3d_things *t) {
    for (int y = 0; y < t->height; y++)
        for (int x = 0, at = y * t->width; x < t->width; x++, at++) {
            if (!t->label[at])
                continue;
            kb3d_thing *g = &t->items[t->label[at] - 1];
            g->x0 = x < g->x0 ? x : g->x0;
            g->x1 = x > g->x1 ? x : g->x1;
            g->y0 = y < g->y0 ? y : g->y0;
            g->y1 = y;
            g->share += t->share[at];
            g->inside = t->edge[at] > g->inside ? t->edge[at] : g->inside;
        }
    for (int i = 0; i < t->count; i++) {
        kb3d_thing *g = &t->items[i];
        g->share /= (float)g->area;
        g->inside = g->inside / 2 < KB3D_INNER * KB3D_PIXEL ? g->inside / 2 : KB3D_INNER * KB3D_PIXEL;
    }
}

static int is_outline(const kb3d_things *t, int x, int y, int at) {
    int a = t->label[at], w = t->width;
    return (x && t->label[at - 1] != a) || (x + 1 < w && t->label[at + 1] != a) || (y && t->label[at - w] != a) ||
           (y + 1 < t->height && t->label[at + w] != a);
}

/* What lies beside masks: the rims, and beyond them. */
static kb3d_status look_beyond(kb3d_ctx *ctx, kb3d_things *t, kb3d_call *call) {
    int w = t->width, h = t->height;
    kb3d_disc disc = kb3d_disc_of(KB3D_RIM);
    uint16_t *distance;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &distance, (size_t)w * (size_t)h, sizeof *distance, call);
    if (status)
        return status;
    memset(t->apart, KB3D_CLEAR, (size_t)w * (size_t)h);
    for (int y = 0; y < h; y++)
        for (int x = 0, at = y * w; x < w; x++, at++) {
            if (!t->label[at])
                continue;
            t->apart[at] = 0;
            if (!is_outline(t, x, y, at))
                continue;
            for (int i = 0; i < disc.count; i++) {
                int u = x + disc.x[i], v = y + disc.y[i], to = v * w + u;
                if (u < 0 || u >= w || v < 0 || v >= h || disc.away[i] >= t->apart[to])
                    continue;
                t->apart[to] = disc.away[i];
                t->nearest[to] = at;
            }
        }
    for (int at = 0; at < w * h; at++) {
        int is_clear = t->apart[at] == KB3D_CLEAR;
        distance[at] = is_clear ? 0 : KB3D_NOWHERE;
        t->beyond[at] = is_clear ? at : -1;
    }
    kb3d_nearest_spread(w, h, distance, t->beyond, NULL);
    kb3d_mem_free(&ctx->mem, distance);
    return KB3D_OK;
}

static kb3d_status find_outline(kb3d_ctx *ctx, kb3d_things *t, kb3d_call *call) {
    int w = t->width, h = t->height, count = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0, at = y * w; x < w; x++, at++) {
            t->edge[at] = KB3D_CLOSED;
            if (!t->label[at])
                continue;
            int is_one = is_outline(t, x, y, at);
            t->edge[at] = is_one ? 0 : KB3D_NOWHERE;
            count += is_one;
        }
    kb3d_status status =
        kb3d_mem_alloc(&ctx->mem, &t->outline, (size_t)count, sizeof *t->outline, call);
    for (int at = 0; at < w * h && !status; at++)
        if (!t->edge[at])
            t->outline[t->outline_count++] = at;
    kb3d_nearest_spread(w, h, t->edge, NULL, NULL);
    return status;
}

static kb3d_status find(kb3d_ctx *ctx, const kb3d_segments *segments, kb3d_things *t, kb3d_parts *p,
                        kb3d_call *call) {
    kb3d_status status;
    if ((status = kb3d_things_label(ctx, segments, t, call)) ||
        (status = kb3d_parts_make(ctx, segments, t, p, call)) || (status = look_beyond(ctx, t, call)) ||
        (status = kb3d_parts_join(ctx, p, call)) ||
        (status = kb3d_mem_alloc(&ctx->mem, &t->items, (size_t)p->count, sizeof *t->items, call)))
        return status;
    number_things(p);
    if ((status = find_outline(ctx, t, call)))
        return status;
    measure_things(t);
    return KB3D_OK;
}

kb3d_status kb3d_things_find(kb3d_ctx *ctx, const kb3d_raster *picture, const kb3d_segments *segments,
                             const kb3d_raster *map, kb3d_things *t, kb3d_call *call) {
    kb3d_mem *mem = &ctx->mem;
    int w = map->width, h = map->height, longer = w > h ? w : h;
    size_t count = (size_t)w * (size_t)h;
    kb3d_status status;
    *t = (kb3d_things){.width = w, .height = h, .disp = map->data};
    kb3d_depth_range range = kb3d_depth_measure(t->disp, count);
    t->relief = kb3d_more(kb3d_more(range.near - range.far, 0.25f * range.near), 1e-30f);
    t->jump = t->relief * kb3d_more(0.015f, 8.0f / (float)longer);
    t->focal = 0.8f * (float)longer;
    if ((status = kb3d_mem_alloc(mem, &t->guide, 3 * count, sizeof *t->guide, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &t->share, count, sizeof *t->share, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &t->label, count, sizeof *t->label, call)) ||
        (status = kb3d_mem_alloc(mem, &t->edge, count, sizeof *t->edge, call)) ||
        (status = kb3d_mem_alloc(mem, &t->apart, count, sizeof *t->apart, call)) ||
        (status = kb3d_mem_alloc(mem, &t->nearest, count, sizeof *t->nearest, call)) ||
        (status = kb3d_mem_alloc(mem, &t->beyond, count, sizeof *t->beyond, call)))
        return status;
    kb3d_job job = {.pool = ctx->pool, .call = call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    ctx->kernels->area_average(&par, picture->data, (kb3d_texel)picture->sample, picture->channels, picture->width,
                               picture->height, t->guide, 3, w, h);
    kb3d_parts parts = {0};
    if (!(status = kb3d_call_check(call)))
        status = find(ctx, segments, t, &parts, call);
    kb3d_parts_free(ctx, &parts);
    return status;
}

void kb3d_things_free(kb3d_ctx *ctx, kb3d_things *t) {
    kb3d_mem_free(&ctx->mem, t->guide);
    kb3d_mem_free(&ctx->mem, t->share);
    kb3d_mem_free(&ctx->mem, t->label);
    kb3d_mem_free(&ctx->mem, t->edge);
    kb3d_mem_free(&ctx->mem, t->apart);
    kb3d_mem_free(&ctx->mem, t->nearest);
    kb3d_mem_free(&ctx->mem, t->beyond);
    kb3d_mem_free(&ctx->mem, t->outline);
    kb3d_mem_free(&ctx->mem, t->items);
    *t = (kb3d_things){0};
}
