#include "adjust_fit.h"

#include "nearest.h"

#include <math.h>

/* What the plane is fitted to. */
typedef struct sample {
    float u, v;   /* from the middle of the box, in units of the thing's size */
    float disp;
    float weight;
} sample;

enum { SAMPLE_MAX = 1600, BIN_COUNT = 128, ROUNDS = 8 };

typedef struct fit {
    const kb3d_things *t;
    const kb3d_thing *thing;
    int number;
    float size, cx, cy;
    int sample_count;
    sample samples[SAMPLE_MAX + 400];
} fit;

/* What is plausible for a kind: how far it leans from upright and from facing the camera
   (tangents), and how deep it is as a share of its size. */
typedef struct habit {
    float down, across, depth;
} habit;

static const habit habits[KB3D_CLASS_COUNT] = {
    [KB3D_CLASS_OTHER] = {1.0f, 1.7f, 0.5f},
    [KB3D_CLASS_PERSON] = {0.25f, 0.8f, 0.35f},
    [KB3D_CLASS_ANIMAL] = {0.35f, 1.5f, 0.5f},
    [KB3D_CLASS_VEHICLE] = {0.5f, 2.0f, 0.5f},
};

/* How surely a pixel shows the thing: as far as it stands out before what lies beyond. */
static float trust(const kb3d_things *t, int at) {
    if (t->beyond[at] < 0)
        return 0.5f;
    float rise = (t->disp[at] - t->disp[t->beyond[at]]) / (4 * t->jump);
    return less(more(rise, 0.15f), 1);
}

static void add_sample(fit *f, int x, int y, float disp, float weight) {
    f->samples[f->sample_count++] =
        (sample){((float)x - f->cx) / f->size, ((float)y - f->cy) / f->size, disp, weight};
}

/* Pixels away from the outline, on a grid. */
static float sample_inside(fit *f) {
    const kb3d_thing *g = f->thing;
    int w = f->t->width, deepest = 0, count = 0;
    for (int y = g->y0; y <= g->y1; y++)
        for (int x = g->x0; x <= g->x1; x++)
            if (f->t->label[y * w + x] == f->number + 1 && f->t->edge[y * w + x] > deepest)
                deepest = f->t->edge[y * w + x];
    int depth = KB3D_INNER * KB3D_PIXEL < deepest / 2 ? KB3D_INNER * KB3D_PIXEL : deepest / 2;
    int step = 1 + (int)sqrtf((float)g->area / SAMPLE_MAX);
    float seen = 0;
    for (int y = g->y0 + step / 2; y <= g->y1; y += step)
        for (int x = g->x0 + step / 2; x <= g->x1; x += step) {
            int at = y * w + x;
            if (f->t->label[at] != f->number + 1 || f->t->edge[at] < depth || f->sample_count == SAMPLE_MAX)
                continue;
            float weight = trust(f->t, at);
            add_sample(f, x, y, f->t->disp[at], weight);
            seen += weight;
            count++;
        }
    return count ? seen / (float)count : 0;
}

static int compare(float a, float b) {
    return (a > b) - (a < b);
}

static void sort(float *values, int count) {
    for (int i = 1; i < count; i++) {
        float v = values[i];
        int j = i;
        for (; j > 0 && compare(values[j - 1], v) > 0; j--)
            values[j] = values[j - 1];
        values[j] = v;
    }
}

/* The ground at a thing's feet, if that is what lies there, and its inverse depth; or for a
   thing that the frame cuts off, its own at the frame. */
static int find_footing(const fit *f, float *disp, int *row) {
    const kb3d_things *t = f->t;
    const kb3d_thing *g = f->thing;
    int w = t->width, count = 0, cut = 0, columns = 0, step = 1 + (g->x1 - g->x0) / 128;
    float ground[130];
    double rows = 0;
    for (int x = g->x0; x <= g->x1; x += step) {
        int y = g->y1;
        while (y >= g->y0 && t->label[y * w + x] != f->number + 1)
            y--;
        if (y < g->y0 || 6 * (g->y1 - y) > g->y1 - g->y0)
            continue;
        columns++;
        int below = (y + 1) * w + x;
        if (y + 1 == t->height) {
            cut++;
            ground[count++] = t->disp[below - w];
        } else if (!t->label[below] && t->beyond[below] >= 0) {
            ground[count++] = t->disp[t->beyond[below]];
        } else {
            continue;
        }
        rows += y;
    }
    if (!count || 3 * count < columns)
        return 0;
    sort(ground, count);
    *disp = ground[2 * cut > count ? count * 2 / 3 : count / 2];
    *row = (int)(rows / count + 0.5);
    return 2 * cut > count ? 2 : 1;
}

/* The inverse depth that a share of the samples' weight lies below. */
static float quantile(const fit *f, float share) {
    float bins[BIN_COUNT] = {0}, low = INFINITY, high = -INFINITY, all = 0, sum = 0;
    for (int i = 0; i < f->sample_count; i++) {
        low = less(low, f->samples[i].disp);
        high = more(high, f->samples[i].disp);
        all += f->samples[i].weight;
    }
    if (!(high > low))
        return low;
    float scale = (BIN_COUNT - 0.5f) / (high - low);
    for (int i = 0; i < f->sample_count; i++)
        bins[(int)((f->samples[i].disp - low) * scale)] += f->samples[i].weight;
    for (int b = 0; b < BIN_COUNT; b++)
        if ((sum += bins[b]) >= share * all)
            return low + ((float)b + 0.5f) / scale;
    return high;
}

static float limit(float v, float most) {
    return less(more(v, -most), most);
}

/* Least squares of the samples reweighted by their distance from the last plane (Cauchy), so
   that what has melted away or sticks out counts little; what lies behind the plane counts
   less than what lies before it, for networks lose things to the background. */
static void fit_plane(fit *f, kb3d_thing *g, float most_across, float most_down) {
    float a = g->level, b = 0, c = 0, asym = 0.2f, sc = .5f, rg = 0.01f;
    for (int round = 0; round < ROUNDS; round++) {
        double m[6] = {0}, r[3] = {0};
        for (int i = 0; i < f->sample_count; i++) {
            const sample *s = &f->samples[i];
            float e = (s->disp - (a + b * s->u + c * s->v)) / (sc * g->thickness);
            float weight = s->weight / (1 + e * e) * (e < 0 ? asym : 1);
            m[0] += weight;
            m[1] += weight * s->u;
            m[2] += weight * s->v;
            m[3] += weight * s->u * s->u;
            m[4] += weight * s->u * s->v;
            m[5] += weight * s->v * s->v;
            r[0] += weight * s->disp;
            r[1] += weight * s->u * s->disp;
            r[2] += weight * s->v * s->disp;
        }
        double ridge = rg * m[0];
        m[3] += ridge;
        m[5] += ridge;
        /* slopes first, their limits kept, then the level that goes with them */
        double uu = m[3] - m[1] * m[1] / m[0], uv = m[4] - m[1] * m[2] / m[0], vv = m[5] - m[2] * m[2] / m[0];
        double ur = r[1] - m[1] * r[0] / m[0], vr = r[2] - m[2] * r[0] / m[0], det = uu * vv - uv * uv;
        c = limit((float)((uu * vr - uv * ur) / det), most_down);
        b = limit((float)((ur - uv * c) / uu), most_across);
        a = (float)((r[0] - b * m[1] - c * m[2]) / m[0]);
    }
    g->level = a;
    g->across = b / f->size;
    g->down = c / f->size;
}

float kb3d_thing_fit(const kb3d_things *t, int number) {
    kb3d_thing *g = &t->items[number];
    fit f = {.t = t, .thing = g, .number = number, .size = sqrtf((float)g->area)};
    f.cx = 0.5f * (float)(g->x0 + g->x1);
    f.cy = 0.5f * (float)(g->y0 + g->y1);
    float seen = sample_inside(&f), ground;
    int row, footing = find_footing(&f, &ground, &row), inside = f.sample_count;
    if (footing) {
        float weight = 0.8f * (float)inside / 16 * (1.2f - seen);
        for (int i = 0; i < 16; i++)
            add_sample(&f, g->x0 + (g->x1 - g->x0) * i / 15, row, ground, weight);
    }
    const habit *h = &habits[g->kind];
    g->level = quantile(&f, 0.75f);
    float spread = g->level * f.size / t->focal;
    g->thickness = less(more(.6f*h->depth * spread, 3 * t->jump), 0.25f * t->relief);
    fit_plane(&f, g, 1*h->across * spread, 0.5f*h->down * spread);
    return seen;
}
