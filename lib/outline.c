#include "outline.h"

#include "nearest.h"

#include <math.h>

enum { AWAY = 4, CELL = 8 };

/* An outline's pixel, and the way out of the thing there. */
typedef struct spot {
    const kb3d_things *t;
    int label;
    float x, y, out_x, out_y;
    int others; /* pixels of other things around */
} spot;

static spot look(const kb3d_things *t, int at) {
    int w = t->width, h = t->height, x = at % w, y = at / w;
    spot s = {.t = t, .label = t->label[at], .x = (float)x, .y = (float)y};
    for (int v = y - AWAY; v <= y + AWAY; v++)
        for (int u = x - AWAY; u <= x + AWAY; u++) {
            if (u < 0 || u >= w || v < 0 || v >= h)
                continue;
            int other = t->label[v * w + u], side = other == s.label ? -1 : 1;
            s.out_x += (float)(side * (u - x));
            s.out_y += (float)(side * (v - y));
            s.others += other && other != s.label;
        }
    float length = sqrtf(s.out_x * s.out_x + s.out_y * s.out_y);
    s.out_x /= length > 0 ? length : 1;
    s.out_y /= length > 0 ? length : 1;
    return s;
}

static int pixel_at(const spot *s, float away) {
    int w = s->t->width, h = s->t->height;
    int x = (int)(s->x + away * s->out_x + 0.5f), y = (int)(s->y + away * s->out_y + 0.5f);
    x = x < 0 ? 0 : x >= w ? w - 1 : x;
    y = y < 0 ? 0 : y >= h ? h - 1 : y;
    return y * w + x;
}

/* Difference of colour across a line `away` pixels outwards. */
static float contrast(const spot *s, float away) {
    const float *guide = s->t->guide;
    const float *a = guide + 3 * (size_t)pixel_at(s, away - 1), *b = guide + 3 * (size_t)pixel_at(s, away - 2);
    const float *c = guide + 3 * (size_t)pixel_at(s, away + 1), *d = guide + 3 * (size_t)pixel_at(s, away + 2);
    float sum = 0;
    for (int i = 0; i < 3; i++) {
        float e = 0.5f * (a[i] + b[i] - c[i] - d[i]);
        sum += e * e;
    }
    return sqrtf(sum);
}

/* How well an outline is borne out: by a step of depth; or by an edge of the picture, clearer
   than what runs beside it, where the mask's confidence falls off at once. 1: well enough.
   Between two things edges tell nothing. */
static float evidence(const kb3d_things *t, int at) {
    spot s = look(t, at);
    float depth = fabsf(t->disp[pixel_at(&s, -AWAY)] - t->disp[pixel_at(&s, AWAY)]) / (3 * t->jump);
    if (s.others > AWAY * AWAY || depth >= 2)
        return depth;
    float edge = 0, beside = 0;
    for (int away = -2; away <= 2; away++)
        edge = kb3d_more(edge, contrast(&s, (float)away));
    for (int away = 6; away <= 12; away += 2)
        beside += contrast(&s, (float)away) + contrast(&s, (float)-away);
    edge /= 1.1f * (0.03f + beside * (1 / 8.0f));
    float fall = (t->share[pixel_at(&s, -3)] - t->share[pixel_at(&s, 3)]) * 4;
    return kb3d_more(depth, kb3d_less(kb3d_less(edge, fall), 2));
}

/* Whether a thing stands there on something as near as itself. */
static int is_footing(const kb3d_things *t, int at) {
    int y = at / t->width, below = at + t->width;
    const kb3d_thing *g = &t->items[t->label[at] - 1];
    if (y + 1 == t->height || t->label[below] || 6 * (g->y1 - y) > g->y1 - g->y0 || t->beyond[below] < 0)
        return 0;
    return fabsf(t->disp[t->beyond[below]] - t->disp[at]) < 4 * t->jump;
}

/* Means of an outline's pixels around one of them, by squares of the picture. */
typedef struct cell {
    float sum;
    int count;
} cell;

typedef struct cells {
    const kb3d_things *t;
    cell *at;
    int columns, rows;
} cells;

static void note(cells *c, int at, float v) {
    cell *to = &c->at[at / c->t->width / CELL * c->columns + at % c->t->width / CELL];
    to->sum += v;
    to->count++;
}

static float around(const cells *c, int at) {
    int x = at % c->t->width / CELL, y = at / c->t->width / CELL, count = 0;
    float sum = 0;
    for (int v = y - 1; v <= y + 1; v++)
        for (int u = x - 1; u <= x + 1; u++)
            if (u >= 0 && u < c->columns && v >= 0 && v < c->rows) {
                sum += c->at[v * c->columns + u].sum;
                count += c->at[v * c->columns + u].count;
            }
    return sum / (float)count; /* the pixel itself was noted */
}

/* `found` and `doubts` are zero. */
static void judge(const kb3d_things *t, cells *found, cells *doubts, uint16_t *hold) {
    for (int at = 0; at < t->width * t->height; at++)
        hold[at] = t->apart[at] == KB3D_CLEAR ? KB3D_CLOSED : KB3D_NOWHERE;
    for (int i = 0; i < t->outline_count; i++)
        note(found, t->outline[i], evidence(t, t->outline[i]));
    for (int i = 0; i < t->outline_count; i++)
        note(doubts, t->outline[i], around(found, t->outline[i]) < 1);
    for (int i = 0; i < t->outline_count; i++) {
        int at = t->outline[i];
        kb3d_thing *g = &t->items[t->label[at] - 1];
        int is_doubtful = !g->is_given && around(doubts, at) > 0.6f, is_held = is_footing(t, at);
        g->length++;
        g->doubtful += (float)(is_doubtful && !is_held);
        if (is_doubtful || is_held)
            hold[at] = 0;
    }
    for (int i = 0; i < t->count; i++)
        t->items[i].doubtful /= (float)t->items[i].length + 1e-6f;
    kb3d_nearest_spread(t->width, t->height, hold, NULL, NULL);
}

kb3d_status kb3d_outline_judge(kb3d_ctx *ctx, const kb3d_things *t, uint16_t *hold, kb3d_call *call) {
    cells found = {.t = t, .columns = t->width / CELL + 1, .rows = t->height / CELL + 1}, doubts = found;
    size_t count = (size_t)found.columns * (size_t)found.rows;
    kb3d_status status = kb3d_mem_alloc_zero(&ctx->mem, &found.at, 2 * count, sizeof *found.at, call);
    if (status)
        return status;
    doubts.at = found.at + count;
    judge(t, &found, &doubts, hold);
    kb3d_mem_free(&ctx->mem, found.at);
    return KB3D_OK;
}
