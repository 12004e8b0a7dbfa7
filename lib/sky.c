#include "sky.h"

#include "depth.h"
#include "refine.h"

#include <math.h>

enum { NONE = -1 };

static float *plane(const kb3d_raster *r) {
    return r->data;
}

/* The largest share of any segment of the sky at each pixel of the map; *given: a host's. */
static kb3d_status gather(kb3d_ctx *ctx, const kb3d_segments *segments, const kb3d_raster *map, kb3d_raster *sky,
                          int *given, kb3d_call *call) {
    size_t count = (size_t)map->width * (size_t)map->height;
    float *scaled;
    kb3d_status status = KB3D_OK;
    *sky = (kb3d_raster){.width = map->width, .height = map->height, .channels = 1, .sample = KB3D_SAMPLE_F32};
    *given = 0;
    for (int i = 0; i < segments->count && !status; i++) {
        const kb3d_segment *s = &segments->items[i];
        if (s->kind != KB3D_CLASS_SKY)
            continue;
        if ((!sky->data && (status = kb3d_mem_alloc_zero(&ctx->mem, &sky->data, count, sizeof(float), call))) ||
            (status = kb3d_mem_alloc(&ctx->mem, &scaled, count, sizeof *scaled, call)))
            return status;
        kb3d_job job = {.pool = ctx->pool, .call = call};
        kb3d_parallel par = kb3d_job_parallel(&job);
        ctx->kernels->area_average(&par, s->share, KB3D_TEXEL_F32, 1, s->width, s->height, scaled, 1, map->width,
                                   map->height);
        for (size_t k = 0; k < count; k++)
            plane(sky)[k] = fmaxf(plane(sky)[k], scaled[k]);
        kb3d_mem_free(&ctx->mem, scaled);
        *given |= s->is_one_thing;
        status = kb3d_call_check(call);
    }
    return status;
}

/* One connected part of a sky mask. */
typedef struct part {
    int area, near; /* pixels; those of them that the depth calls near */
    int touches_top;
} part;

/* Walks a part from `start`; its pixels are marked in `seen`, and the first ones of `queue`. */
static part walk(const kb3d_raster *sky, const float *disp, float middle, uint8_t *seen, int32_t *queue, int start) {
    int w = sky->width, h = sky->height, head = 0, tail = 0;
    part p = {0};
    queue[tail++] = start;
    seen[start] = 1;
    while (head < tail) {
        int at = queue[head++], x = at % w, y = at / w;
        p.area++;
        p.near += disp[at] > middle;
        p.touches_top |= y == 0;
        int next[4] = {x ? at - 1 : NONE, x + 1 < w ? at + 1 : NONE, y ? at - w : NONE, y + 1 < h ? at + w : NONE};
        for (int i = 0; i < 4; i++)
            if (next[i] != NONE && !seen[next[i]] && plane(sky)[next[i]] > 0.5f) {
                seen[next[i]] = 1;
                queue[tail++] = next[i];
            }
    }
    return p;
}

/* Sky reaches the top of the picture or is large, and is not mostly near. */
static int is_sky(const part *p, int pixels) {
    return (p->touches_top || p->area > pixels / 50) && p->near * 4 < p->area && p->area > pixels / 2000;
}

static kb3d_status drop_doubtful(kb3d_ctx *ctx, const kb3d_raster *map, kb3d_raster *sky, kb3d_call *call) {
    int count = map->width * map->height;
    const float *disp = map->data;
    kb3d_depth_range range = kb3d_depth_measure(disp, (size_t)count);
    float middle = range.far + 0.5f * (range.near - range.far);
    uint8_t *seen;
    int32_t *queue = NULL;
    kb3d_status status = kb3d_mem_alloc_zero(&ctx->mem, &seen, (size_t)count, 1, call);
    if (!status && !(status = kb3d_mem_alloc(&ctx->mem, &queue, (size_t)count, sizeof *queue, call)))
        for (int start = 0; start < count; start++) {
            if (seen[start] || !(plane(sky)[start] > 0.5f))
                continue;
            part p = walk(sky, disp, middle, seen, queue, start);
            if (is_sky(&p, count))
                continue;
            for (int i = 0; i < p.area; i++)
                plane(sky)[queue[i]] = 0;
        }
    kb3d_mem_free(&ctx->mem, queue);
    kb3d_mem_free(&ctx->mem, seen);
    return status;
}

kb3d_status kb3d_sky_find(kb3d_ctx *ctx, const kb3d_segments *segments, const kb3d_raster *map, kb3d_raster *sky,
                          kb3d_call *call) {
    int given;
    kb3d_status status = gather(ctx, segments, map, sky, &given, call);
    if (!status && sky->data && !given)
        status = drop_doubtful(ctx, map, sky, call);
    size_t count = (size_t)map->width * (size_t)map->height, left = 0;
    for (size_t i = 0; !status && sky->data && i < count; i++)
        left += plane(sky)[i] > 0.5f;
    if (status || !left || left == count) { /* a picture of nothing but sky has no rest to be behind */
        kb3d_mem_free(&ctx->mem, sky->data);
        sky->data = NULL;
    }
    return status;
}

/* Far end of what is no sky: its 0.5th percentile. */
static kb3d_status far_end(kb3d_ctx *ctx, const float *sky, const float *disp, size_t count, float *far,
                           kb3d_call *call) {
    float *rest;
    size_t used = 0;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &rest, count, sizeof *rest, call);
    if (status)
        return status;
    for (size_t i = 0; i < count; i++)
        if (!(sky[i] > 0.5f))
            rest[used++] = disp[i];
    *far = used ? kb3d_depth_measure(rest, used).far : 0;
    kb3d_mem_free(&ctx->mem, rest);
    return KB3D_OK;
}

static void lower(const float *sky, float far, size_t count, float *disp) {
    for (size_t i = 0; i < count; i++)
        if (sky[i] > 0.5f)
            disp[i] = far;
}

kb3d_status kb3d_sky_lower(kb3d_ctx *ctx, const kb3d_raster *sky, kb3d_raster *map, kb3d_call *call) {
    size_t count = (size_t)map->width * (size_t)map->height;
    float far;
    kb3d_status status = far_end(ctx, sky->data, map->data, count, &far, call);
    if (!status)
        lower(sky->data, far, count, map->data);
    return status;
}

/* Distance to the sky and the depth of the nearest pixel that is clear of it, by two sweeps
   each (Borgefors' chamfer distance with steps of 1). */
typedef struct rim {
    int width, height, reach;
    const float *sky;
    float *disp;
    float least;     /* inverse depth of what stands out of the sky, so that horizons stay smooth */
    uint8_t *steps;  /* to the sky, at most reach + 1 */
    uint8_t *inward; /* to a pixel that is clear of it, at most 2 * reach + 1 */
    float *clear;    /* and its depth */
} rim;

static void step_from(const rim *r, size_t at, size_t from) {
    if (r->steps[from] < r->steps[at])
        r->steps[at] = (uint8_t)(r->steps[from] + 1);
}

static void clear_from(const rim *r, size_t at, size_t from) {
    if (r->inward[from] + 1 < r->inward[at]) {
        r->inward[at] = (uint8_t)(r->inward[from] + 1);
        r->clear[at] = r->clear[from];
    }
}

static void sweep(const rim *r, void (*take)(const rim *r, size_t at, size_t from)) {
    size_t w = (size_t)r->width, h = (size_t)r->height;
    for (size_t y = 0; y < h; y++)
        for (size_t x = 0; x < w; x++) {
            if (x)
                take(r, y * w + x, y * w + x - 1);
            if (y)
                take(r, y * w + x, y * w + x - w);
        }
    for (size_t y = h; y-- > 0;)
        for (size_t x = w; x-- > 0;) {
            if (x + 1 < w)
                take(r, y * w + x, y * w + x + 1);
            if (y + 1 < h)
                take(r, y * w + x, y * w + x + w);
        }
}

static void mend_rim(const rim *r) {
    size_t count = (size_t)r->width * (size_t)r->height;
    for (size_t i = 0; i < count; i++)
        r->steps[i] = r->sky[i] > 0.5f ? 0 : (uint8_t)(r->reach + 1);
    sweep(r, step_from);
    for (size_t i = 0; i < count; i++) {
        int is_clear = r->steps[i] > r->reach;
        r->inward[i] = is_clear ? 0 : (uint8_t)(2 * r->reach + 1);
        r->clear[i] = r->disp[i];
    }
    sweep(r, clear_from);
    for (size_t i = 0; i < count; i++)
        if (r->steps[i] && r->steps[i] <= r->reach && r->inward[i] <= 2 * r->reach && r->clear[i] > r->least)
            r->disp[i] = fmaxf(r->disp[i], r->clear[i]);
}

kb3d_status kb3d_sky_finish(kb3d_ctx *ctx, const kb3d_raster *sky, const kb3d_raster *picture,
                            const kb3d_texture *texture, float *disp, kb3d_call *call) {
    size_t count = (size_t)texture->width * (size_t)texture->height;
    int reach = (int)ceil(1.5 * texture->width / sky->width); /* as far as the estimate's pixels mix both */
    rim r = {.width = texture->width, .height = texture->height, .reach = reach > 100 ? 100 : reach, .disp = disp};
    kb3d_refine_params edges = {.picture = picture, .map = sky, .texture = texture, .jump = 0.25f};
    kb3d_job job = {.pool = ctx->pool, .call = call};
    float *full, far;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &full, count, sizeof *full, call);
    if (status)
        return status;
    if (!(status = kb3d_refine_by_filter(ctx, &edges, full, &job, call)) &&
        !(status = far_end(ctx, full, disp, count, &far, call)) &&
        !(status = kb3d_mem_alloc(&ctx->mem, &r.clear, count, sizeof *r.clear, call)) &&
        !(status = kb3d_mem_alloc(&ctx->mem, &r.steps, count, 1, call)) &&
        !(status = kb3d_mem_alloc(&ctx->mem, &r.inward, count, 1, call))) {
        kb3d_depth_range range = kb3d_depth_measure(disp, count);
        r.least = far + 0.03f * (range.near - range.far);
        r.sky = full;
        mend_rim(&r);
        lower(full, far, count, disp);
    }
    kb3d_mem_free(&ctx->mem, r.inward);
    kb3d_mem_free(&ctx->mem, r.steps);
    kb3d_mem_free(&ctx->mem, r.clear);
    kb3d_mem_free(&ctx->mem, full);
    return status;
}
