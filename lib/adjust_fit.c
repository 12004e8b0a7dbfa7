#include "adjust_fit.h"

#include <math.h>

/* What the plane is fitted to. */
typedef struct sample {
    float u, v;   /* from the middle of the box, in units of the thing's size */
    float disp;
    float weight;
} sample;

/* COLUMNS: where a footing is looked for; FEET: samples that it counts as. */
enum { SAMPLE_MAX = 1600, COLUMNS = 128, FEET = 16, BINS = 128, ROUNDS = 8 };

typedef struct fit {
    const kb3d_things *t;
    const kb3d_thing *thing;
    int label;
    float size, cx, cy;
    int count;
    sample samples[SAMPLE_MAX + FEET];
} fit;

/* What is plausible for a kind: how far it leans from upright and from facing the camera
   (tangents), and how deep it is as a share of its size. */
typedef struct habit {
    float down, across, depth;
} habit;

static const habit habits[KB3D_CLASS_COUNT] = {
    [KB3D_CLASS_OTHER] = {0.5f, 1.7f, 0.3f},
    [KB3D_CLASS_PERSON] = {0.125f, 0.8f, 0.2f},
    [KB3D_CLASS_ANIMAL] = {0.175f, 1.5f, 0.3f},
    [KB3D_CLASS_VEHICLE] = {0.25f, 2.0f, 0.3f},
};

/* How surely a pixel shows the thing: as far as it stands out before what lies beyond. */
static float trust(const kb3d_things *t, int at) {
    if (t->beyond[at] < 0)
        return 0.5f;
    float rise = (t->disp[at] - t->disp[t->beyond[at]]) / (4 * t->jump);
    return kb3d_less(kb3d_more(rise, 0.15f), 1);
}

static void add(fit *f, float x, float y, float disp, float weight) {
    f->samples[f->count++] = (sample){(x - f->cx) / f->size, (y - f->cy) / f->size, disp, weight};
}

/* Pixels away from the outline, on a grid; answers their mean trust. */
static float sample_inside(fit *f) {
    const kb3d_thing *g = f->thing;
    int w = f->t->width, step = 1 + (int)sqrtf((float)g->area / SAMPLE_MAX);
    float seen = 0;
    for (int y = g->y0 + step / 2; y <= g->y1; y += step)
        for (int x = g->x0 + step / 2; x <= g->x1; x += step) {
            int at = y * w + x;
            if (f->t->label[at] != f->label || f->t->edge[at] < g->inside || f->count == SAMPLE_MAX)
                continue;
            float weight = trust(f->t, at);
            add(f, (float)x, (float)y, f->t->disp[at], weight);
            seen += weight;
        }
    return f->count ? seen / (float)f->count : 0;
}

static void sort(float *values, int count) {
    for (int i = 1; i < count; i++) {
        float v = values[i];
        int j = i;
        for (; j > 0 && values[j - 1] > v; j--)
            values[j] = values[j - 1];
        values[j] = v;
    }
}

/* What a thing stands on, and how near that is: the ground below its lowest pixels; for one
   that the frame cuts off its own depth there. */
static int find_footing(const fit *f, float *disp, float *row) {
    const kb3d_things *t = f->t;
    const kb3d_thing *g = f->thing;
    int w = t->width, count = 0, cut = 0, columns = 0, step = 1 + (g->x1 - g->x0) / COLUMNS;
    float values[COLUMNS + 1], rows = 0;
    for (int x = g->x0; x <= g->x1; x += step) {
        int y = g->y1;
        while (y >= g->y0 && t->label[y * w + x] != f->label)
            y--;
        if (y < g->y0 || 6 * (g->y1 - y) > g->y1 - g->y0)
            continue;
        columns++;
        int at = y * w + x, is_cut = y + 1 == t->height;
        if (!is_cut && (t->label[at + w] || t->beyond[at + w] < 0))
            continue;
        values[count++] = is_cut ? t->disp[at] : t->disp[t->beyond[at + w]];
        rows += (float)y;
        cut += is_cut;
    }
    if (3 * count < columns || !count)
        return 0;
    sort(values, count);
    *disp = values[2 * cut > count ? count * 2 / 3 : count / 2];
    *row = rows / (float)count;
    return 1;
}

/* The inverse depth that a share of the samples' weight lies below. */
static float quantile(const fit *f, float share) {
    float bins[BINS] = {0}, low = INFINITY, high = -INFINITY, all = 0, sum = 0;
    for (int i = 0; i < f->count; i++) {
        low = kb3d_less(low, f->samples[i].disp);
        high = kb3d_more(high, f->samples[i].disp);
        all += f->samples[i].weight;
    }
    if (!(high > low))
        return low;
    float scale = (BINS - 0.5f) / (high - low);
    for (int i = 0; i < f->count; i++)
        bins[(int)((f->samples[i].disp - low) * scale)] += f->samples[i].weight;
    for (int b = 0; b < BINS; b++)
        if ((sum += bins[b]) >= share * all)
            return low + ((float)b + 0.5f) / scale;
    return high;
}

static float limit(double v, float most) {
    return kb3d_less(kb3d_more((float)v, -most), most);
}

/* Least squares, reweighted by the distance from the last plane (Cauchy), so that what has
   melted away or sticks out counts little. What lies behind counts less than what lies
   before, for networks lose things to their background, not the other way. */
static void fit_plane(const fit *f, kb3d_thing *g, float most_across, float most_down) {
    float a = g->level, b = 0, c = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double n = 0, u = 0, v = 0, uu = 0, uv = 0, vv = 0, d = 0, ud = 0, vd = 0;
        for (int i = 0; i < f->count; i++) {
            const sample *s = &f->samples[i];
            float e = (s->disp - (a + b * s->u + c * s->v)) / (0.5f * g->thickness);
            float weight = s->weight / (1 + e * e) * (e < 0 ? 0.2f : 1);
            n += weight;
            u += weight * s->u;
            v += weight * s->v;
            uu += weight * s->u * s->u;
            uv += weight * s->u * s->v;
            vv += weight * s->v * s->v;
            d += weight * s->disp;
            ud += weight * s->u * s->disp;
            vd += weight * s->v * s->disp;
        }
        /* slopes first, a little drawn to none, their limits kept; then the level that goes with them */
        double su = uu - u * u / n + 0.01 * n, sv = vv - v * v / n + 0.01 * n, suv = uv - u * v / n;
        double du = ud - u * d / n, dv = vd - v * d / n;
        c = limit((su * dv - suv * du) / (su * sv - suv * suv), most_down);
        b = limit((du - suv * c) / su, most_across);
        a = (float)((d - b * u - c * v) / n);
    }
    g->level = a;
    g->across = b / f->size;
    g->down = c / f->size;
}

void kb3d_thing_fit(const kb3d_things *t, int number) {
    kb3d_thing *g = &t->items[number];
    const habit *h = &habits[g->kind];
    fit f = {.t = t, .thing = g, .label = number + 1, .size = sqrtf((float)g->area)};
    f.cx = 0.5f * (float)(g->x0 + g->x1);
    f.cy = 0.5f * (float)(g->y0 + g->y1);
    float ground, row;
    g->seen = sample_inside(&f);
    int inside = f.count;
    if (!inside) { /* too thin to be seen: no plane, and nothing moves */
        g->level = g->across = g->down = g->thickness = 0;
        return;
    }
    if (find_footing(&f, &ground, &row)) /* the more, the less of the thing is seen */
        for (int i = 0; i < FEET; i++)
            add(&f, (float)g->x0 + (float)((g->x1 - g->x0) * i) / (FEET - 1), row, ground,
                (0.8f * (float)inside + 1) / FEET * (1.2f - g->seen));
    g->level = quantile(&f, 0.75f);
    float spread = g->level * f.size / t->focal;
    g->thickness = kb3d_less(kb3d_more(h->depth * spread, 3 * t->jump), 0.25f * t->relief);
    fit_plane(&f, g, h->across * spread, h->down * spread);
}
