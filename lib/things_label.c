/* Masks at the map's size. */
#include "things.h"

#include <string.h>

/* BAND: how far a network's outline may be off; VIEW, STRIDE: the pixels that are asked. */
enum { BAND = 4, VIEW = 8, STRIDE = 4, ROUNDS = 2 };

kb3d_disc kb3d_disc_of(int radius) {
    kb3d_disc disc = {.radius = radius};
    for (int y = -radius; y <= radius; y++)
        for (int x = -radius; x <= radius; x++)
            if (x * x + y * y <= radius * radius) {
                disc.x[disc.count] = (int8_t)x;
                disc.y[disc.count] = (int8_t)y;
                disc.away[disc.count++] = (uint8_t)(x * x + y * y);
            }
    return disc;
}

/* Where a pixel lies between the samples of a longer or shorter row. */
typedef struct between {
    int low, high;
    float share; /* of high */
} between;

static inline between place(int at, int count, int from_count) {
    float v = ((float)at + 0.5f) * (float)from_count / (float)count - 0.5f;
    v = kb3d_less(kb3d_more(v, 0), (float)(from_count - 1));
    int low = (int)v;
    return (between){low, low + (low + 1 < from_count), v - (float)low};
}

/* A segment's plane at the map's size. */
static void resample(kb3d_ctx *ctx, const kb3d_segment *s, int width, int height, float *to, kb3d_call *call) {
    if (s->width >= 2 * width || s->height >= 2 * height) {
        kb3d_job job = {.pool = ctx->pool, .call = call};
        kb3d_parallel par = kb3d_job_parallel(&job);
        ctx->kernels->area_average(&par, s->share, KB3D_TEXEL_F32, 1, s->width, s->height, to, 1, width, height);
        return;
    }
    for (int y = 0; y < height; y++) {
        between v = place(y, height, s->height);
        const float *a = s->share + (size_t)v.low * s->width, *b = s->share + (size_t)v.high * s->width;
        for (int x = 0; x < width; x++) {
            between u = place(x, width, s->width);
            float top = a[u.low] + (a[u.high] - a[u.low]) * u.share, low = b[u.low] + (b[u.high] - b[u.low]) * u.share;
            *to++ = top + (low - top) * v.share;
        }
    }
}

/* Of a network's classes the likeliest, of the host's masks the last. */
static void label_pixels(const kb3d_segment *s, int number, const float *plane, kb3d_things *t) {
    size_t count = (size_t)t->width * (size_t)t->height;
    for (size_t i = 0; i < count; i++) {
        float share = plane[i];
        if (!(share > t->share[i]) && !(s->is_one_thing && share > 0.5f))
            continue;
        t->share[i] = s->kind == KB3D_CLASS_SKY ? 0 : share;
        t->label[i] = share > 0.5f && s->kind != KB3D_CLASS_SKY ? (uint16_t)number : 0;
    }
}

static void mark(uint8_t *band, int w, int h, int x, int y, const kb3d_disc *disc) {
    for (int i = 0; i < disc->count; i++) {
        int u = x + disc->x[i], v = y + disc->y[i];
        if (u >= 0 && u < w && v >= 0 && v < h && disc->away[i] < band[v * w + u])
            band[v * w + u] = disc->away[i];
    }
}

/* Squared distances from outlines of a network's masks, KB3D_CLEAR from BAND on. */
static void mark_band(const kb3d_things *t, const kb3d_segments *segments, uint8_t *band) {
    int w = t->width, h = t->height;
    kb3d_disc disc = kb3d_disc_of(BAND);
    memset(band, KB3D_CLEAR, (size_t)w * (size_t)h);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int at = y * w + x, a = t->label[at], r = x + 1 < w ? t->label[at + 1] : a;
            int d = y + 1 < h ? t->label[at + w] : a, one = a ? a : r ? r : d;
            if ((a != r || a != d) && !segments->items[one - 1].is_one_thing)
                mark(band, w, h, x, y, &disc);
        }
}

/* The mask that a pixel beside an outline belongs to by its colour: the pixels around it vote,
   those like it and away from the outline most. */
static int vote(const kb3d_things *t, const uint8_t *band, int x, int y) {
    int w = t->width, h = t->height, at = y * w + x, label = 0;
    const float *c = t->guide + 3 * (size_t)at;
    float in = 0, out = 0;
    for (int v = y - VIEW; v <= y + VIEW; v += STRIDE)
        for (int u = x - VIEW; u <= x + VIEW; u += STRIDE) {
            if (u < 0 || u >= w || v < 0 || v >= h)
                continue;
            int other = v * w + u;
            const float *o = t->guide + 3 * (size_t)other;
            float r = c[0] - o[0], g = c[1] - o[1], b = c[2] - o[2];
            float like = 1 / (1 + (r * r + g * g + b * b) * (1 / (0.06f * 0.06f)));
            like *= like * (band[other] < 4 ? 0.3f : 1);
            if (t->label[other]) {
                in += like;
                label = t->label[other];
            } else {
                out += like;
            }
        }
    int own = t->label[at];
    return in * (own ? 0.55f : 0.45f) > out * (own ? 0.45f : 0.55f) ? own ? own : label : 0;
}

typedef struct voting {
    const kb3d_things *t;
    const uint8_t *band;
    uint16_t *to;
} voting;

static void vote_row(void *arg, int y) {
    const voting *v = arg;
    int w = v->t->width;
    for (int x = 0, at = y * w; x < w; x++, at++)
        v->to[at] = v->band[at] == KB3D_CLEAR ? v->t->label[at] : (uint16_t)vote(v->t, v->band, x, y);
}

/* Networks' outlines are some pixels off. */
static kb3d_status snap(kb3d_ctx *ctx, const kb3d_segments *segments, kb3d_things *t, kb3d_call *call) {
    size_t count = (size_t)t->width * (size_t)t->height;
    uint8_t *band;
    uint16_t *to = NULL;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &band, count, 1, call);
    if (!status && !(status = kb3d_mem_alloc(&ctx->mem, &to, count, sizeof *to, call)))
        for (int round = 0; round < ROUNDS && !status; round++) {
            mark_band(t, segments, band);
            voting v = {t, band, to};
            kb3d_job job = {.pool = ctx->pool, .call = call};
            kb3d_parallel par = kb3d_job_parallel(&job);
            par.run(par.impl, t->height, vote_row, &v);
            if (!(status = kb3d_call_check(call)))
                memcpy(t->label, to, count * sizeof *to);
        }
    kb3d_mem_free(&ctx->mem, to);
    kb3d_mem_free(&ctx->mem, band);
    return status;
}

kb3d_status kb3d_things_label(kb3d_ctx *ctx, const kb3d_segments *segments, kb3d_things *t, kb3d_call *call) {
    float *plane;
    int from_network = 0;
    kb3d_status status =
        kb3d_mem_alloc(&ctx->mem, &plane, (size_t)t->width * (size_t)t->height, sizeof *plane, call);
    if (status)
        return status;
    for (int i = 0; i < segments->count && !status; i++) {
        const kb3d_segment *s = &segments->items[i];
        int is_same = s->width == t->width && s->height == t->height;
        if (!is_same)
            resample(ctx, s, t->width, t->height, plane, call);
        label_pixels(s, i + 1, is_same ? s->share : plane, t);
        from_network |= !s->is_one_thing;
        status = kb3d_call_check(call);
    }
    kb3d_mem_free(&ctx->mem, plane);
    return status || !from_network ? status : snap(ctx, segments, t, call);
}
