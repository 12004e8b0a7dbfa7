#include "things.h"

#include "depth.h"
#include "nearest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A connected piece of a mask without a step of depth in it. */
typedef struct part {
    int segment; /* its mask */
    int area, outline;
    double disp;           /* sum, then mean */
    double behind;         /* likewise, of what lies beyond its outline */
    int behind_count;
    int bottom, footing;   /* its lowest pixels; those of them with the ground or the frame below */
    int x0, y0, x1, y1;
    int parent;            /* the part that it was joined to, or itself */
} part;

/* How two parts touch. */
typedef struct border {
    int length; /* neighbours, or pixels across a narrow gap */
    int smooth; /* of these without a step of depth */
    int below;  /* of these where the second lies under the first */
} border;

typedef struct finder {
    kb3d_things *t;
    const kb3d_segments *segments;
    uint8_t *ramp;      /* pixels where depth changes too fast for one surface */
    int32_t *parent;    /* of connected pixels */
    int32_t *queue;     /* and sizes */
    uint16_t *part_of;  /* 0: none, else part + 1 */
    part *parts;
    int part_count;
    border *borders;
} finder;

enum { PART_MAX = 600, REACH = 2, BAND = 4, FAR_OFF = 255, VIEW = 8, STRIDE = 4 };


/* A segment's plane at the map's size. */
static void resample(kb3d_ctx *ctx, const kb3d_segment *s, int width, int height, float *to, kb3d_call *call) {
    if (s->width >= width && s->height >= height) {
        kb3d_job job = {.pool = ctx->pool, .call = call};
        kb3d_parallel par = kb3d_job_parallel(&job);
        ctx->kernels->area_average(&par, s->share, KB3D_TEXEL_F32, 1, s->width, s->height, to, 1, width, height);
        return;
    }
    for (int y = 0; y < height; y++) {
        float v = less(more(((float)y + 0.5f) * (float)s->height / (float)height - 0.5f, 0), (float)(s->height - 1));
        int y0 = (int)v, y1 = y0 + (y0 + 1 < s->height);
        for (int x = 0; x < width; x++) {
            float u = less(more(((float)x + 0.5f) * (float)s->width / (float)width - 0.5f, 0), (float)(s->width - 1));
            int x0 = (int)u, x1 = x0 + (x0 + 1 < s->width);
            const float *a = s->share + (size_t)y0 * s->width, *b = s->share + (size_t)y1 * s->width;
            float top = a[x0] + (a[x1] - a[x0]) * (u - (float)x0), low = b[x0] + (b[x1] - b[x0]) * (u - (float)x0);
            to[(size_t)y * width + x] = top + (low - top) * (v - (float)y0);
        }
    }
}

/* Every pixel's mask: of a network's classes the likeliest, of the host's the last. */
static void label_pixels(kb3d_ctx *ctx, const kb3d_segments *segments, kb3d_things *t, float *plane, kb3d_call *call) {
    size_t count = (size_t)t->width * (size_t)t->height;
    for (int i = 0; i < segments->count; i++) {
        const kb3d_segment *s = &segments->items[i];
        resample(ctx, s, t->width, t->height, plane, call);
        for (size_t p = 0; p < count; p++)
            if (plane[p] > t->share[p] || (s->is_one_thing && plane[p] > 0.5f)) {
                int is_thing = plane[p] > 0.5f && s->kind != KB3D_CLASS_SKY;
                t->share[p] = s->kind == KB3D_CLASS_SKY ? 0 : plane[p];
                t->label[p] = is_thing ? (uint16_t)(i + 1) : 0;
            }
    }
}

/* Pixels beside outlines of a network's masks by their distance from it, others FAR_OFF. */
static void mark_band(const kb3d_things *t, const kb3d_segments *segments, uint8_t *band) {
    int w = t->width, h = t->height;
    memset(band, FAR_OFF, (size_t)w * (size_t)h);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int at = y * w + x, a = t->label[at], r = x + 1 < w ? t->label[at + 1] : a;
            int d = y + 1 < h ? t->label[at + w] : a;
            if (a == r && a == d)
                continue;
            int one = a ? a : r ? r : d;
            if (segments->items[one - 1].is_one_thing)
                continue;
            for (int v = -BAND; v <= BAND; v++)
                for (int u = -BAND; u <= BAND; u++) {
                    int away = u * u + v * v;
                    if (x + u < 0 || x + u >= w || y + v < 0 || y + v >= h || away > BAND * BAND)
                        continue;
                    uint8_t *b = &band[at + v * w + u];
                    *b = away < *b ? (uint8_t)away : *b;
                }
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
    float share = t->label[at] ? 0.55f : 0.45f;
    int is_in = in * share > out * (1 - share);
    return is_in ? t->label[at] ? t->label[at] : label : 0;
}

/* Networks' outlines are a few pixels off: brings them to the picture's edges. */
static void snap(kb3d_things *t, const kb3d_segments *segments, uint8_t *band, uint16_t *to) {
    int w = t->width, h = t->height;
    mark_band(t, segments, band);
    memcpy(to, t->label, sizeof *to * (size_t)w * (size_t)h);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (band[y * w + x] != FAR_OFF)
                to[y * w + x] = (uint16_t)vote(t, band, x, y);
    memcpy(t->label, to, sizeof *to * (size_t)w * (size_t)h);
}

static int find_root(int32_t *parent, int at) {
    while (parent[at] != at) {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    return at;
}

static void join_pixels(int32_t *parent, int a, int b) {
    a = find_root(parent, a);
    b = find_root(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

/* Marks pixels of masks whose neighbours in the same mask, two pixels away, differ by more
   than one surface's would. */
static void find_ramps(finder *f) {
    const kb3d_things *t = f->t;
    int w = t->width, h = t->height;
    float limit = 0.6f * t->jump * 2 * REACH;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int at = y * w + x, label = t->label[at];
            f->ramp[at] = 0;
            if (!label || f->segments->items[label - 1].is_one_thing)
                continue;
            int l = x >= REACH && t->label[at - REACH] == label ? at - REACH : at;
            int r = x + REACH < w && t->label[at + REACH] == label ? at + REACH : at;
            int u = y >= REACH && t->label[at - REACH * w] == label ? at - REACH * w : at;
            int d = y + REACH < h && t->label[at + REACH * w] == label ? at + REACH * w : at;
            f->ramp[at] = fabsf(t->disp[r] - t->disp[l]) > limit || fabsf(t->disp[d] - t->disp[u]) > limit;
        }
}

static int is_same(const finder *f, int a, int b) {
    return f->t->label[a] == f->t->label[b] && f->ramp[a] == f->ramp[b];
}

/* Connects pixels of the same mask that are no ramps, and counts them at their roots. */
static void connect(finder *f) {
    int w = f->t->width, count = w * f->t->height;
    for (int at = 0; at < count; at++) {
        f->parent[at] = at;
        if (at % w && is_same(f, at, at - 1))
            join_pixels(f->parent, at, at - 1);
        if (at >= w && is_same(f, at, at - w))
            join_pixels(f->parent, at, at - w);
    }
    memset(f->queue, 0, (size_t)count * sizeof *f->queue);
    for (int at = 0; at < count; at++)
        f->queue[find_root(f->parent, at)]++;
}

/* Small holes in a mask are faults of it. */
static void fill_holes(finder *f) {
    int w = f->t->width, h = f->t->height, most = w * h / 2000;
    for (int x = 0; x < w; x++) /* what touches the frame is no hole */
        f->queue[find_root(f->parent, x)] = f->queue[find_root(f->parent, (h - 1) * w + x)] = INT32_MAX;
    for (int y = 0; y < h; y++)
        f->queue[find_root(f->parent, y * w)] = f->queue[find_root(f->parent, y * w + w - 1)] = INT32_MAX;
    for (int at = 0; at < w * h; at++)
        if (!f->t->label[at] && f->queue[find_root(f->parent, at)] <= most) {
            f->t->label[at] = f->t->label[at - 1];
            f->t->share[at] = 0.5f;
            f->ramp[at] = 1;
        }
}

static int add_part(finder *f, int segment) {
    if (f->part_count == PART_MAX)
        return 0;
    f->parts[f->part_count] = (part){.segment = segment, .parent = f->part_count, .x0 = INT32_MAX, .y0 = INT32_MAX};
    return ++f->part_count;
}

/* Spreads parts over the rest of their masks, from `end` pixels that wait in the queue;
   answers how many there are then. */
static int spread_parts(finder *f, int end) {
    const kb3d_things *t = f->t;
    int w = t->width, h = t->height;
    for (int begin = 0; begin < end; begin++) {
        int at = f->queue[begin], x = at % w, y = at / w;
        int next[4] = {x ? at - 1 : at, x + 1 < w ? at + 1 : at, y ? at - w : at, y + 1 < h ? at + w : at};
        for (int i = 0; i < 4; i++)
            if (!f->part_of[next[i]] && t->label[next[i]] == t->label[at]) {
                f->part_of[next[i]] = f->part_of[at];
                f->queue[end++] = next[i];
            }
    }
    return end;
}

/* Parts: large connected pieces first, then their surroundings, then pieces that are all ramp. */
static void make_parts(finder *f, int tiny) {
    kb3d_things *t = f->t;
    int count = t->width * t->height, one[KB3D_MASK_MAX + 1] = {0};
    for (int at = 0; at < count; at++) {
        int label = t->label[at], root;
        if (!label || f->ramp[at])
            continue;
        if (f->segments->items[label - 1].is_one_thing) {
            if (!one[label])
                one[label] = add_part(f, label - 1);
            f->part_of[at] = (uint16_t)one[label];
        } else if (f->queue[root = find_root(f->parent, at)] >= tiny) {
            f->queue[root] = -add_part(f, label - 1);
            f->part_of[at] = (uint16_t)-f->queue[root];
        } else if (f->queue[root] < 0) {
            f->part_of[at] = (uint16_t)-f->queue[root];
        }
    }
    int end = 0;
    for (int at = 0; at < count; at++)
        if (f->part_of[at])
            f->queue[end++] = at;
    spread_parts(f, end);
    for (int at = 0; at < count; at++) {
        int number = t->label[at] && !f->part_of[at] ? add_part(f, t->label[at] - 1) : 0;
        if (!number)
            continue;
        f->part_of[at] = (uint16_t)number;
        f->queue[0] = at;
        if ((end = spread_parts(f, 1)) >= tiny)
            continue;
        for (int i = 0; i < end; i++) /* a speck */
            f->part_of[f->queue[i]] = t->label[f->queue[i]] = 0;
        f->part_count--;
    }
}

static void meet(finder *f, int a, int b, int smooth, int below) {
    if (!a || !b || a == b)
        return;
    border *ab = &f->borders[(a - 1) * f->part_count + b - 1], *ba = &f->borders[(b - 1) * f->part_count + a - 1];
    ab->length++;
    ba->length++;
    ab->smooth += smooth;
    ba->smooth += smooth;
    ab->below += below;
}

/* What every part is like, and how parts touch. */
static void measure_parts(finder *f) {
    const kb3d_things *t = f->t;
    int w = t->width, h = t->height;
    float limit = 0.6f * t->jump * 3;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int at = y * w + x, a = f->part_of[at];
            int right = x + 1 < w ? f->part_of[at + 1] : a, down = y + 1 < h ? f->part_of[at + w] : a;
            if (x > 0 && x + 2 < w && a != right)
                meet(f, a, right, fabsf(t->disp[at - 1] - t->disp[at + 2]) <= limit, 0);
            if (y > 0 && y + 2 < h && a != down)
                meet(f, a, down, fabsf(t->disp[at - w] - t->disp[at + 2 * w]) <= limit, 1);
            if (!a)
                continue;
            part *p = &f->parts[a - 1];
            p->area++;
            p->disp += t->disp[at];
            p->x0 = x < p->x0 ? x : p->x0;
            p->x1 = x > p->x1 ? x : p->x1;
            p->y0 = y < p->y0 ? y : p->y0;
            p->y1 = y;
            int left = x ? f->part_of[at - 1] : a, up = y ? f->part_of[at - w] : a;
            if (left == a && right == a && up == a && down == a)
                continue;
            p->outline++;
            if ((!left || !right || !up || !down) && t->beyond[at] >= 0) {
                p->behind += t->disp[t->beyond[at]];
                p->behind_count++;
            }
        }
    for (int i = 0; i < f->part_count; i++) {
        f->parts[i].disp /= fmax(f->parts[i].area, 1);
        f->parts[i].behind /= fmax(f->parts[i].behind_count, 1);
    }
}

/* Where parts stand: of the pixels of their lowest sixth that have nothing of the part below,
   those whose depth goes on there, or that the frame cuts off. */
static void measure_footing(finder *f) {
    const kb3d_things *t = f->t;
    int w = t->width, h = t->height;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int at = y * w + x, a = f->part_of[at];
            if (!a || (y + 1 < h && f->part_of[at + w] == a))
                continue;
            part *p = &f->parts[a - 1];
            if (6 * (p->y1 - y) > p->y1 - p->y0)
                continue;
            p->bottom++;
            if (y + 1 == h)
                p->footing++;
            else if (!f->part_of[at + w] && t->beyond[at + w] >= 0)
                p->footing += fabs(t->disp[t->beyond[at + w]] - p->disp) < 0.25 * p->disp + 4 * t->jump;
        }
}

/* Parts that a narrow gap parts, such as a pole or a table's edge before a person. */
static void bridge_gaps(finder *f) {
    const kb3d_things *t = f->t;
    int w = t->width, h = t->height;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int at = y * w + x;
            if (f->part_of[at] || t->apart[at] > 3 * KB3D_PIXEL)
                continue;
            int a = f->part_of[t->nearest[at]];
            for (int i = 0; i < 2; i++) {
                int next = i ? at + w : at + 1;
                if ((i ? y : x) + 1 >= (i ? h : w) || f->part_of[next] || t->apart[next] > 3 * KB3D_PIXEL)
                    continue;
                int b = f->part_of[t->nearest[next]];
                if (a && b && a != b && f->parts[a - 1].segment == f->parts[b - 1].segment)
                    meet(f, a, b, 0, i);
            }
        }
}

static int root_of(const finder *f, int i) {
    while (f->parts[i].parent != i)
        i = f->parts[i].parent;
    return i;
}

static int stands(const finder *f, int i) {
    return 2 * f->parts[i].footing > f->parts[i].bottom;
}

/* Whether two parts touch, one mostly above the other. */
static int is_above(const finder *f, int upper, int lower) {
    const border *at = &f->borders[upper * f->part_count + lower];
    return 2 * at->below > at->length;
}

/* Whether a part of the estimate has melted into what lies behind it, and belongs to a nearer
   one. A person's upper part may stand out by more and still be torn off. */
static int has_melted(const finder *f, int far_part, int near_part) {
    const part *near = &f->parts[near_part], *far = &f->parts[far_part];
    double rise = far->disp - far->behind, whole = near->disp - far->behind;
    int off = abs(far->x0 + far->x1 - near->x0 - near->x1), wide = near->x1 - near->x0 + far->x1 - far->x0 + 2;
    if (f->segments->items[far->segment].kind != KB3D_CLASS_ANIMAL && is_above(f, far_part, near_part) &&
        3 * off < wide)
        return rise < 0.7 * whole;
    return rise < 0.35 * whole && rise < 3 * f->t->jump;
}

/* Whether parts of one mask are one thing, torn by the estimate. */
static int are_torn(const finder *f, int a, int b) {
    int near = f->parts[a].disp > f->parts[b].disp ? a : b, far = a + b - near;
    return stands(f, far) ? !stands(f, near) : has_melted(f, far, near);
}

/* Whether someone sits on something: then the estimate shows no step between them, and none
   must be made. */
static int is_riding(const finder *f, int upper, int lower) {
    const kb3d_segment *s = f->segments->items;
    const border *at = &f->borders[upper * f->part_count + lower];
    int kind = s[f->parts[lower].segment].kind;
    return s[f->parts[upper].segment].kind == KB3D_CLASS_PERSON &&
           (kind == KB3D_CLASS_ANIMAL || kind == KB3D_CLASS_VEHICLE) && !stands(f, upper) &&
           8 * at->length > f->parts[upper].outline && 10 * at->smooth > 7 * at->length;
}

static int are_one(const finder *f, int a, int b) {
    const kb3d_segment *s = f->segments->items;
    int p = f->parts[a].segment, q = f->parts[b].segment;
    if (!f->borders[a * f->part_count + b].length || s[p].is_one_thing || s[q].is_one_thing)
        return 0;
    return p == q ? are_torn(f, a, b) : is_riding(f, a, b) || is_riding(f, b, a);
}

static void join_parts(finder *f) {
    for (int a = 0; a < f->part_count; a++)
        for (int b = a + 1; b < f->part_count; b++)
            if (are_one(f, a, b)) {
                int i = root_of(f, a), j = root_of(f, b);
                f->parts[i < j ? j : i].parent = i < j ? i : j;
            }
}

/* The largest part gives a thing its kind. */
static void number_things(finder *f, int tiny) {
    kb3d_things *t = f->t;
    int area[PART_MAX] = {0}, largest[PART_MAX] = {0}, number[PART_MAX] = {0};
    for (int i = 0; i < f->part_count; i++) {
        int root = root_of(f, i);
        area[root] += f->parts[i].area;
        if (f->parts[i].area > f->parts[largest[root]].area || root_of(f, largest[root]) != root)
            largest[root] = i;
    }
    for (int i = 0; i < f->part_count; i++)
        if (f->parts[i].parent == i && area[i] >= tiny) {
            const kb3d_segment *s = &f->segments->items[f->parts[largest[i]].segment];
            t->items[t->count] = (kb3d_thing){.kind = s->kind,
                                              .is_given = s->is_one_thing,
                                              .x0 = t->width, .y0 = t->height,
                                              .x1 = -1, .y1 = -1,
                                              .area = area[i]};
            number[i] = ++t->count;
        }
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++) {
            int at = y * t->width + x, part = f->part_of[at];
            t->label[at] = part ? (uint16_t)number[root_of(f, part - 1)] : 0;
            if (!t->label[at])
                continue;
            kb3d_thing *item = &t->items[t->label[at] - 1];
            item->x0 = x < item->x0 ? x : item->x0;
            item->x1 = x > item->x1 ? x : item->x1;
            item->y0 = y < item->y0 ? y : item->y0;
            item->y1 = y;
            item->share += t->share[at];
        }
    for (int i = 0; i < t->count; i++)
        t->items[i].share /= (float)t->items[i].area;
}

/* Distance from what is labelled, and from there the nearest pixel clear of the rims. */
static void look_beyond(kb3d_things *t) {
    int count = t->width * t->height;
    for (int at = 0; at < count; at++) {
        t->apart[at] = t->label[at] ? 0 : KB3D_NOWHERE;
        t->nearest[at] = at;
    }
    kb3d_nearest_spread(t->width, t->height, t->apart, t->nearest, NULL);
    for (int at = 0; at < count; at++) {
        int is_clear = t->apart[at] > KB3D_RIM * KB3D_PIXEL;
        t->edge[at] = is_clear ? 0 : KB3D_NOWHERE;
        t->beyond[at] = is_clear ? at : -1;
    }
    kb3d_nearest_spread(t->width, t->height, t->edge, t->beyond, NULL);
}

static void measure_edges(kb3d_things *t) {
    int w = t->width, h = t->height;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int at = y * w + x, a = t->label[at];
            int differs = (x && t->label[at - 1] != a) || (x + 1 < w && t->label[at + 1] != a) ||
                          (y && t->label[at - w] != a) || (y + 1 < h && t->label[at + w] != a);
            t->edge[at] = differs ? 0 : KB3D_NOWHERE;
        }
    kb3d_nearest_spread(w, h, t->edge, NULL, NULL);
}

static kb3d_status alloc_finder(kb3d_ctx *ctx, finder *f, size_t count, kb3d_call *call) {
    kb3d_mem *mem = &ctx->mem;
    kb3d_status status;
    if ((status = kb3d_mem_alloc(mem, &f->ramp, count, sizeof *f->ramp, call)) ||
        (status = kb3d_mem_alloc(mem, &f->parent, count, sizeof *f->parent, call)) ||
        (status = kb3d_mem_alloc(mem, &f->queue, count, sizeof *f->queue, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &f->part_of, count, sizeof *f->part_of, call)) ||
        (status = kb3d_mem_alloc(mem, &f->parts, PART_MAX, sizeof *f->parts, call)))
        return status;
    return KB3D_OK;
}

static kb3d_status find(kb3d_ctx *ctx, finder *f, kb3d_call *call) {
    kb3d_things *t = f->t;
    size_t count = (size_t)t->width * (size_t)t->height;
    int tiny = t->width * t->height / 2500 + 8;
    kb3d_status status = alloc_finder(ctx, f, count, call);
    if (status)
        return status;
    for (int k = 0; k < 2; k++)
        snap(t, f->segments, f->ramp, f->part_of);
    memset(f->part_of, 0, count * sizeof *f->part_of);
    find_ramps(f);
    connect(f);
    fill_holes(f);
    make_parts(f, tiny);
    if ((status = kb3d_mem_alloc_zero(&ctx->mem, &f->borders, (size_t)f->part_count * (size_t)f->part_count,
                                      sizeof *f->borders, call)) ||
        (status = kb3d_mem_alloc(&ctx->mem, &t->items, (size_t)f->part_count, sizeof *t->items, call)))
        return status;
    look_beyond(t);
    measure_parts(f);
    measure_footing(f);
    bridge_gaps(f);
    join_parts(f);
    number_things(f, tiny);
    measure_edges(t);
    return KB3D_OK;
}

kb3d_status kb3d_things_find(kb3d_ctx *ctx, const kb3d_raster *picture, const kb3d_segments *segments,
                             const kb3d_raster *map, kb3d_things *t, kb3d_call *call) {
    kb3d_mem *mem = &ctx->mem;
    int w = map->width, h = map->height;
    size_t count = (size_t)w * (size_t)h;
    kb3d_status status;
    *t = (kb3d_things){.width = w, .height = h, .disp = map->data};
    kb3d_depth_range range = kb3d_depth_measure(t->disp, count);
    t->relief = more(more(range.near - range.far, 0.25f * range.near), 1e-30f);
    t->jump = t->relief * more(0.015f, 8.0f / (float)(w > h ? w : h));
    t->focal = 0.8f * (float)(w > h ? w : h);
    if ((status = kb3d_mem_alloc(mem, &t->guide, 3 * count, sizeof *t->guide, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &t->share, count, sizeof *t->share, call)) ||
        (status = kb3d_mem_alloc_zero(mem, &t->label, count, sizeof *t->label, call)) ||
        (status = kb3d_mem_alloc(mem, &t->edge, count, sizeof *t->edge, call)) ||
        (status = kb3d_mem_alloc(mem, &t->apart, count, sizeof *t->apart, call)) ||
        (status = kb3d_mem_alloc(mem, &t->nearest, count, sizeof *t->nearest, call)) ||
        (status = kb3d_mem_alloc(mem, &t->beyond, count, sizeof *t->beyond, call)))
        return status;
    label_pixels(ctx, segments, t, t->guide, call);
    kb3d_job job = {.pool = ctx->pool, .call = call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    ctx->kernels->area_average(&par, picture->data, (kb3d_texel)picture->sample, picture->channels, picture->width,
                               picture->height, t->guide, 3, w, h);
    finder f = {.t = t, .segments = segments};
    status = find(ctx, &f, call);
    kb3d_mem_free(mem, f.ramp);
    kb3d_mem_free(mem, f.parent);
    kb3d_mem_free(mem, f.queue);
    kb3d_mem_free(mem, f.part_of);
    kb3d_mem_free(mem, f.parts);
    kb3d_mem_free(mem, f.borders);
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
    kb3d_mem_free(&ctx->mem, t->items);
    *t = (kb3d_things){0};
}
