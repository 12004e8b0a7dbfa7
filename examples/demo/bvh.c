#include "mesh.h"

#include <stdlib.h>
#include <string.h>

enum { BINS = 16, STACK = 64 };

typedef struct item {
    float low[3], high[3], middle[3];
    int index;
} item;

typedef struct box {
    float low[3], high[3];
} box;

static box empty_box(void) {
    return (box){{1e30f, 1e30f, 1e30f}, {-1e30f, -1e30f, -1e30f}};
}

static void grow_box(box *b, const float *low, const float *high) {
    for (int k = 0; k < 3; k++) {
        b->low[k] = minf(b->low[k], low[k]);
        b->high[k] = maxf(b->high[k], high[k]);
    }
}

static float half_area(const box *b) {
    float x = b->high[0] - b->low[0], y = b->high[1] - b->low[1], z = b->high[2] - b->low[2];
    return x < 0 ? 0 : x * y + y * z + z * x;
}

/* Splits by the surface area heuristic over bins (Wald 2007); returns where the right half begins, 0 for a leaf. */
static int split(item *items, int count, int leaf) {
    box middles = empty_box();
    for (int i = 0; i < count; i++)
        grow_box(&middles, items[i].middle, items[i].middle);
    int axis = 0;
    for (int k = 1; k < 3; k++)
        if (middles.high[k] - middles.low[k] > middles.high[axis] - middles.low[axis])
            axis = k;
    float extent = middles.high[axis] - middles.low[axis];
    if (count <= leaf || extent <= 0)
        return count <= leaf ? 0 : count / 2;
    float to_bin = BINS * 0.9999f / extent, low = middles.low[axis];
    box boxes[BINS];
    int counts[BINS] = {0};
    for (int b = 0; b < BINS; b++)
        boxes[b] = empty_box();
    for (int i = 0; i < count; i++) {
        int b = (int)((items[i].middle[axis] - low) * to_bin);
        counts[b]++;
        grow_box(&boxes[b], items[i].low, items[i].high);
    }
    float left_cost[BINS];
    box running = empty_box();
    for (int b = 0, n = 0; b < BINS; b++) {
        n += counts[b];
        grow_box(&running, boxes[b].low, boxes[b].high);
        left_cost[b] = (float)n * half_area(&running);
    }
    running = empty_box();
    float best = 1e38f;
    int cut = BINS / 2;
    for (int b = BINS - 1, n = 0; b > 0; b--) {
        n += counts[b];
        grow_box(&running, boxes[b].low, boxes[b].high);
        float cost = left_cost[b - 1] + (float)n * half_area(&running);
        if (cost < best)
            best = cost, cut = b;
    }
    int begin = 0, end = count;
    while (begin < end) {
        if ((int)((items[begin].middle[axis] - low) * to_bin) < cut) {
            begin++;
        } else {
            item kept = items[--end];
            items[end] = items[begin];
            items[begin] = kept;
        }
    }
    return begin > 0 && begin < count ? begin : count / 2;
}

static void build(node *nodes, int at, int *used, item *items, int first, int count, int leaf) {
    box bounds = empty_box();
    for (int i = 0; i < count; i++)
        grow_box(&bounds, items[first + i].low, items[first + i].high);
    memcpy(nodes[at].low, bounds.low, sizeof bounds.low);
    memcpy(nodes[at].high, bounds.high, sizeof bounds.high);
    int half = split(items + first, count, leaf);
    nodes[at].first = first;
    nodes[at].count = half ? 0 : count;
    if (!half)
        return;
    int children = *used;
    *used += 2;
    nodes[at].first = children;
    build(nodes, children, used, items, first, half, leaf);
    build(nodes, children + 1, used, items, first + half, count - half, leaf);
}

static void set_middle(item *it, int index) {
    it->index = index;
    for (int k = 0; k < 3; k++)
        it->middle[k] = 0.5f * (it->low[k] + it->high[k]);
}

static void cover(box *b, vec p) {
    float c[3] = {p.x, p.y, p.z};
    grow_box(b, c, c);
}

void mesh_finish(mesh *m) {
    item *items = malloc(sizeof *items * (size_t)m->count);
    triangle *triangles = malloc(sizeof *triangles * (size_t)m->count);
    surface *surfaces = malloc(sizeof *surfaces * (size_t)m->count);
    m->nodes = malloc(sizeof *m->nodes * 2 * (size_t)m->count);
    if (!items || !triangles || !surfaces || !m->nodes)
        abort();
    for (int i = 0; i < m->count; i++) {
        const triangle *t = &m->triangles[i];
        box b = empty_box();
        cover(&b, t->a);
        cover(&b, add(t->a, t->ab));
        cover(&b, add(t->a, t->ac));
        memcpy(items[i].low, b.low, sizeof b.low);
        memcpy(items[i].high, b.high, sizeof b.high);
        set_middle(&items[i], i);
    }
    int used = 1;
    build(m->nodes, 0, &used, items, 0, m->count, 4);
    for (int i = 0; i < m->count; i++) {
        triangles[i] = m->triangles[items[i].index];
        surfaces[i] = m->surfaces[items[i].index];
    }
    free(m->triangles);
    free(m->surfaces);
    free(items);
    m->triangles = triangles;
    m->surfaces = surfaces;
}

static vec turned(const instance *n, vec p) {
    return v3(dot(n->turn[0], p), dot(n->turn[1], p), dot(n->turn[2], p));
}

/* Transposed over the scale twice: the inverse of a rotation times one scale. */
static vec turned_back(const instance *n, vec p) {
    float s = 1.0f / (n->size * n->size);
    return scale(add(add(scale(n->turn[0], p.x), scale(n->turn[1], p.y)), scale(n->turn[2], p.z)), s);
}

void forest_finish(forest *f) {
    item *items = malloc(sizeof *items * (size_t)f->count);
    instance *sorted = malloc(sizeof *sorted * (size_t)f->count);
    f->nodes = malloc(sizeof *f->nodes * 2 * (size_t)f->count);
    if (!items || !sorted || !f->nodes)
        abort();
    for (int i = 0; i < f->count; i++) {
        const instance *n = &f->instances[i];
        const node *root = n->mesh->nodes;
        box b = empty_box();
        for (int corner = 0; corner < 8; corner++) {
            vec p = v3(corner & 1 ? root->high[0] : root->low[0], corner & 2 ? root->high[1] : root->low[1],
                       corner & 4 ? root->high[2] : root->low[2]);
            cover(&b, add(turned(n, p), n->at));
        }
        memcpy(items[i].low, b.low, sizeof b.low);
        memcpy(items[i].high, b.high, sizeof b.high);
        set_middle(&items[i], i);
    }
    int used = 1;
    build(f->nodes, 0, &used, items, 0, f->count, 1);
    for (int i = 0; i < f->count; i++)
        sorted[i] = f->instances[items[i].index];
    free(f->instances);
    free(items);
    f->instances = sorted;
}

static float enter(const node *n, vec from, vec inverse, float t_min, float t_max) {
    float x0 = (n->low[0] - from.x) * inverse.x, x1 = (n->high[0] - from.x) * inverse.x;
    float y0 = (n->low[1] - from.y) * inverse.y, y1 = (n->high[1] - from.y) * inverse.y;
    float z0 = (n->low[2] - from.z) * inverse.z, z1 = (n->high[2] - from.z) * inverse.z;
    float near = maxf(maxf(minf(x0, x1), minf(y0, y1)), maxf(minf(z0, z1), t_min));
    float far = minf(minf(maxf(x0, x1), maxf(y0, y1)), minf(maxf(z0, z1), t_max));
    return near <= far ? near : 1e30f;
}

static float inverse_of(float x) {
    return 1.0f / (fabsf(x) < 1e-12f ? 1e-12f : x);
}

typedef bool (*visit)(const void *items, int index, const ray *r, hit *h, bool any);

/* One walk for both levels. `any` stops at the first thing in the way. */
static inline bool walk(const node *nodes, const void *items, visit test, const ray *r, hit *h, bool any) {
    vec inverse = v3(inverse_of(r->to.x), inverse_of(r->to.y), inverse_of(r->to.z));
    struct {
        int at;
        float t;
    } stack[STACK];
    int depth = 0, at = 0;
    bool found = false;
    if (enter(nodes, r->from, inverse, r->t_min, h->t) >= 1e30f)
        return false;
    for (;;) {
        const node *n = &nodes[at];
        if (n->count) {
            for (int i = 0; i < n->count; i++)
                if (test(items, n->first + i, r, h, any)) {
                    found = true;
                    if (any)
                        return true;
                }
        } else {
            int near = n->first, far = n->first + 1;
            float t_near = enter(&nodes[near], r->from, inverse, r->t_min, h->t);
            float t_far = enter(&nodes[far], r->from, inverse, r->t_min, h->t);
            if (t_far < t_near) {
                int index = near;
                near = far, far = index;
                float t = t_near;
                t_near = t_far, t_far = t;
            }
            if (t_near < 1e30f) {
                if (t_far < 1e30f && depth < STACK) {
                    stack[depth].at = far;
                    stack[depth++].t = t_far;
                }
                at = near;
                continue;
            }
        }
        do {
            if (!depth)
                return found;
            depth--;
        } while (stack[depth].t > h->t);
        at = stack[depth].at;
    }
}

/* Moeller and Trumbore 1997. */
static inline bool test_triangle(const void *items, int index, const ray *r, hit *h, bool any) {
    (void)any;
    const triangle *t = (const triangle *)items + index;
    vec p = cross(r->to, t->ac);
    float determinant = dot(t->ab, p);
    if (determinant == 0)
        return false;
    float inverse = 1.0f / determinant;
    vec s = sub(r->from, t->a);
    float u = dot(s, p) * inverse;
    if (u < 0 || u > 1)
        return false;
    vec q = cross(s, t->ab);
    float v = dot(r->to, q) * inverse;
    if (v < 0 || u + v > 1)
        return false;
    float distance = dot(t->ac, q) * inverse;
    if (distance <= r->t_min || distance >= h->t)
        return false;
    h->t = distance;
    h->u = u;
    h->v = v;
    h->triangle = index;
    return true;
}

static inline bool test_instance(const void *items, int index, const ray *r, hit *h, bool any) {
    const instance *n = (const instance *)items + index;
    ray local = {turned_back(n, sub(r->from, n->at)), turned_back(n, r->to), r->t_min, r->t_max};
    if (!walk(n->mesh->nodes, n->mesh->triangles, test_triangle, &local, h, any))
        return false;
    h->instance = n;
    return true;
}

bool forest_nearest(const forest *f, const ray *r, hit *h) {
    h->t = r->t_max;
    return walk(f->nodes, f->instances, test_instance, r, h, false);
}

bool forest_blocks(const forest *f, const ray *r) {
    hit h = {.t = r->t_max};
    return walk(f->nodes, f->instances, test_instance, r, &h, true);
}

vec hit_local(const hit *h, vec world) {
    return turned_back(h->instance, sub(world, h->instance->at));
}

vec hit_normal(const hit *h, vec *geometric) {
    const instance *n = h->instance;
    const triangle *t = &n->mesh->triangles[h->triangle];
    const surface *s = &n->mesh->surfaces[h->triangle];
    *geometric = unit(turned(n, cross(t->ab, t->ac)));
    vec smooth =
        add(scale(s->normal[0], 1 - h->u - h->v), add(scale(s->normal[1], h->u), scale(s->normal[2], h->v)));
    return unit(turned(n, smooth));
}
