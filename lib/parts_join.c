/* Which parts of masks are one thing. */
#include "parts.h"

#include <math.h>
#include <stdlib.h>

enum { GAP = 3 };

static void meet(kb3d_parts *p, int a, int b, int smooth, int below) {
    kb3d_border *ab = &p->borders[(a - 1) * p->count + b - 1], *ba = &p->borders[(b - 1) * p->count + a - 1];
    ab->length++;
    ba->length++;
    ab->smooth += smooth;
    ba->smooth += smooth;
    ab->below += below;
}

static void measure_outline(kb3d_parts *p, kb3d_part *part, int at, int touches_none) {
    const kb3d_things *t = p->t;
    part->outline++;
    if (touches_none && t->beyond[at] >= 0) {
        part->behind += t->disp[t->beyond[at]];
        part->behind_count++;
    }
}

/* What every part is like, and how parts touch. */
static void measure(kb3d_parts *p) {
    const kb3d_things *t = p->t;
    const uint16_t *part_of = p->part_of;
    int w = t->width, h = t->height;
    float limit = 0.6f * t->jump * 3;
    for (int y = 0; y < h; y++)
        for (int x = 0, at = y * w; x < w; x++, at++) {
            int a = part_of[at];
            if (!a)
                continue;
            int left = x ? part_of[at - 1] : a, right = x + 1 < w ? part_of[at + 1] : a;
            int up = y ? part_of[at - w] : a, down = y + 1 < h ? part_of[at + w] : a;
            kb3d_part *part = &p->items[a - 1];
            part->area++;
            part->disp += t->disp[at];
            part->x0 = x < part->x0 ? x : part->x0;
            part->x1 = x > part->x1 ? x : part->x1;
            part->y0 = y < part->y0 ? y : part->y0;
            part->y1 = y;
            if (left == a && right == a && up == a && down == a)
                continue;
            measure_outline(p, part, at, !left || !right || !up || !down);
            if (right && right != a && x > 0 && x + 2 < w)
                meet(p, a, right, fabsf(t->disp[at - 1] - t->disp[at + 2]) <= limit, 0);
            if (down && down != a && y > 0 && y + 2 < h)
                meet(p, a, down, fabsf(t->disp[at - w] - t->disp[at + 2 * w]) <= limit, 1);
        }
    for (int i = 0; i < p->count; i++) {
        p->items[i].disp /= p->items[i].area + 1e-9;
        p->items[i].behind /= p->items[i].behind_count + 1e-9;
    }
}

/* Where parts stand: of the pixels of their lowest sixth that have nothing of the part below,
   those whose depth goes on there, or that the frame cuts off. */
static void measure_footing(kb3d_parts *p) {
    const kb3d_things *t = p->t;
    int w = t->width, h = t->height;
    for (int y = 0; y < h; y++)
        for (int x = 0, at = y * w; x < w; x++, at++) {
            int a = p->part_of[at];
            if (!a || (y + 1 < h && p->part_of[at + w] == a))
                continue;
            kb3d_part *part = &p->items[a - 1];
            if (6 * (part->y1 - y) > part->y1 - part->y0)
                continue;
            part->bottom++;
            if (y + 1 == h)
                part->footing++;
            else if (!p->part_of[at + w] && t->beyond[at + w] >= 0)
                part->footing += fabs(t->disp[t->beyond[at + w]] - part->disp) < 0.25 * part->disp + 4 * t->jump;
        }
}

/* The part of the mask that is nearest to a pixel beside it. */
static int part_near(const kb3d_parts *p, int at) {
    int apart = p->t->apart[at];
    return !apart || apart > GAP * GAP ? 0 : p->part_of[p->t->nearest[at]];
}

/* Parts that a narrow gap parts, such as a pole or a table's edge before a person. */
static void bridge_gaps(kb3d_parts *p) {
    int w = p->t->width, h = p->t->height;
    for (int y = 0; y + 1 < h; y++)
        for (int x = 0, at = y * w; x + 1 < w; x++, at++) {
            int a = part_near(p, at);
            if (!a)
                continue;
            int right = part_near(p, at + 1), down = part_near(p, at + w), segment = p->items[a - 1].segment;
            if (right && right != a && p->items[right - 1].segment == segment)
                meet(p, a, right, 0, 0);
            if (down && down != a && p->items[down - 1].segment == segment)
                meet(p, a, down, 0, 1);
        }
}

static int stands(const kb3d_parts *p, int i) {
    return 2 * p->items[i].footing > p->items[i].bottom;
}

/* Whether two parts touch, one mostly above the other. */
static int is_above(const kb3d_parts *p, int upper, int lower) {
    const kb3d_border *at = &p->borders[upper * p->count + lower];
    return 2 * at->below > at->length;
}

/* Whether a part of the estimate has melted into what lies behind it, and belongs to a nearer
   one. A head, or a car's roof, may stand out by more and still be torn off. */
static int has_melted(const kb3d_parts *p, int far_part, int near_part) {
    const kb3d_part *near = &p->items[near_part], *far = &p->items[far_part];
    double rise = far->disp - far->behind, whole = near->disp - far->behind;
    int off = abs(far->x0 + far->x1 - near->x0 - near->x1), wide = near->x1 - near->x0 + far->x1 - far->x0 + 2;
    if (p->segments->items[far->segment].kind != KB3D_CLASS_ANIMAL && is_above(p, far_part, near_part) &&
        3 * off < wide)
        return rise < 0.7 * whole;
    return rise < 0.35 * whole && rise < 3 * p->t->jump;
}

/* Whether parts of one mask are one thing, torn by the estimate. */
static int are_torn(const kb3d_parts *p, int a, int b) {
    int near = p->items[a].disp > p->items[b].disp ? a : b, far = a + b - near;
    return stands(p, far) ? !stands(p, near) : has_melted(p, far, near);
}

/* Whether someone sits on something: then the estimate shows no step between them, and none
   must be made. */
static int is_riding(const kb3d_parts *p, int upper, int lower) {
    const kb3d_segment *s = p->segments->items;
    const kb3d_border *at = &p->borders[upper * p->count + lower];
    int kind = s[p->items[lower].segment].kind;
    return s[p->items[upper].segment].kind == KB3D_CLASS_PERSON &&
           (kind == KB3D_CLASS_ANIMAL || kind == KB3D_CLASS_VEHICLE) && !stands(p, upper) &&
           8 * at->length > p->items[upper].outline && 10 * at->smooth > 7 * at->length;
}

static int are_one(const kb3d_parts *p, int a, int b) {
    const kb3d_segment *s = p->segments->items;
    int one = p->items[a].segment, other = p->items[b].segment;
    if (!p->borders[a * p->count + b].length || s[one].is_one_thing || s[other].is_one_thing)
        return 0;
    return one == other ? are_torn(p, a, b) : is_riding(p, a, b) || is_riding(p, b, a);
}

kb3d_status kb3d_parts_join(kb3d_ctx *ctx, kb3d_parts *p, kb3d_call *call) {
    kb3d_status status = kb3d_mem_alloc_zero(&ctx->mem, &p->borders, (size_t)p->count * (size_t)p->count,
                                             sizeof *p->borders, call);
    if (status)
        return status;
    measure(p);
    measure_footing(p);
    bridge_gaps(p);
    for (int a = 0; a < p->count; a++)
        for (int b = a + 1; b < p->count; b++)
            if (are_one(p, a, b)) {
                int i = kb3d_part_root(p, a), j = kb3d_part_root(p, b);
                p->items[i < j ? j : i].parent = i < j ? i : j;
            }
    return KB3D_OK;
}
