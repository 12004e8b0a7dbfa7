#include "outline.h"

#include "nearest.h"

#include <math.h>
#include <string.h>

enum { NEAR = 4, CELL = 8 };

/* An outline's pixel, and the way out of the thing there. */
typedef struct spot {
    const kb3d_things *t;
    int label;
    float x, y, out_x, out_y;
    int others; /* pixels of other things around */
} spot;

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
    const float *a = guide + 3 * pixel_at(s, away - 1), *b = guide + 3 * pixel_at(s, away - 2);
    const float *c = guide + 3 * pixel_at(s, away + 1), *d = guide + 3 * pixel_at(s, away + 2);
    float sum = 0;
    for (int i = 0; i < 3; i++) {
        float e = 0.5f * (a[i] + b[i] - c[i] - d[i]);
        sum += e * e;
    }
    return sqrtf(sum);
}

static spot look(const kb3d_things *t, int x, int y) {
    int w = t->width, h = t->height;
    spot s = {.t = t, .label = t->label[y * w + x], .x = (float)x, .y = (float)y};
    for (int v = y - NEAR; v <= y + NEAR; v++)
        for (int u = x - NEAR; u <= x + NEAR; u++) {
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

/* How well an outline is borne out: by a step of depth; or by an edge of the picture, clearer
   than what runs beside it, where the mask's confidence falls off at once. 1: well enough.
   Between two things edges tell nothing. */
static float evidence(const kb3d_things *t, int x, int y) {
    spot s = look(t, x, y);
    float depth = fabsf(t->disp[pixel_at(&s, -NEAR)] - t->disp[pixel_at(&s, NEAR)]) / (3 * t->jump);
    if (s.others > NEAR * NEAR || depth >= 2)
        return depth;
    float most = 0, beside = 0;
    for (int away = -2; away <= 2; away++) {
        float edge = contrast(&s, (float)away);
        most = edge > most ? edge : most;
    }
    for (int away = 6; away <= 12; away += 2)
        beside += contrast(&s, (float)away) + contrast(&s, (float)-away);
    float edge = most / (0.03f + beside * (1 / 8.0f)) * (1 / 1.1f);
    float fall = (t->share[pixel_at(&s, -3)] - t->share[pixel_at(&s, 3)]) * (1 / 0.25f);
    float both = edge < fall ? edge : fall;
    return both < depth ? depth : both < 2 ? both : 2;
}

static int is_outline(const kb3d_things *t, int x, int y) {
    int w = t->width, at = y * w + x, a = t->label[at];
    return a && t->edge[at] == 0 && ((x && t->label[at - 1] != a) || (x + 1 < w && t->label[at + 1] != a) ||
                                     (y && t->label[at - w] != a) || (y + 1 < t->height && t->label[at + w] != a));
}

/* Whether a thing stands there on something as near as itself. */
static int is_footing(const kb3d_things *t, int x, int y) {
    int at = y * t->width + x, below = at + t->width;
    const kb3d_thing *g = &t->items[t->label[at] - 1];
    if (y + 1 == t->height || t->label[below] || 6 * (g->y1 - y) > g->y1 - g->y0 || t->beyond[below] < 0)
        return 0;
    return fabsf(t->disp[t->beyond[below]] - t->disp[at]) < 4 * t->jump;
}

/* Mean of the outline's pixels around one, by squares of the picture. */
typedef struct cell {
    float sum;
    int count;
} cell;

typedef struct cells {
    cell *at;
    int columns, rows;
} cells;

static float around(const cells *c, int x, int y) {
    float sum = 0;
    int count = 0;
    for (int v = y / CELL - 1; v <= y / CELL + 1; v++)
        for (int u = x / CELL - 1; u <= x / CELL + 1; u++)
            if (u >= 0 && u < c->columns && v >= 0 && v < c->rows) {
                sum += c->at[v * c->columns + u].sum;
                count += c->at[v * c->columns + u].count;
            }
    return count ? sum / (float)count : 0;
}

static void note(cells *c, int x, int y, float v) {
    cell *at = &c->at[y / CELL * c->columns + x / CELL];
    at->sum += v;
    at->count++;
}

kb3d_status kb3d_outline_judge(kb3d_ctx *ctx, const kb3d_things *t, uint16_t *hold, float *doubtful,
                               kb3d_call *call) {
    int w = t->width, h = t->height;
    cells found = {.columns = w / CELL + 1, .rows = h / CELL + 1}, doubts = found;
    size_t cell_count = (size_t)found.columns * (size_t)found.rows;
    int *length;
    kb3d_status status = kb3d_mem_alloc_zero(&ctx->mem, &found.at, 2 * cell_count, sizeof *found.at, call);
    if (status)
        return status;
    doubts.at = found.at + cell_count;
    if ((status = kb3d_mem_alloc_zero(&ctx->mem, &length, (size_t)t->count, sizeof *length, call))) {
        kb3d_mem_free(&ctx->mem, found.at);
        return status;
    }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            hold[y * w + x] = KB3D_NOWHERE;
            if (is_outline(t, x, y))
                note(&found, x, y, evidence(t, x, y));
        }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (is_outline(t, x, y))
                note(&doubts, x, y, around(&found, x, y) < 1);
    memset(doubtful, 0, (size_t)t->count * sizeof *doubtful);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            if (!is_outline(t, x, y))
                continue;
            int number = t->label[y * w + x] - 1, at = y * w + x;
            length[number]++;
            if (is_footing(t, x, y)) {
                hold[at] = 0;
            } else if (!t->items[number].is_given && around(&doubts, x, y) > 0.6f) {
                hold[at] = 0;
                doubtful[number]++;
            }
        }
    for (int i = 0; i < t->count; i++)
        doubtful[i] /= (float)length[i] + 1;
    kb3d_nearest_spread(w, h, hold, NULL, NULL);
    kb3d_mem_free(&ctx->mem, length);
    kb3d_mem_free(&ctx->mem, found.at);
    return KB3D_OK;
}
