/* Colours as a hole's rim has them. */
#include "crop.h"

#include "nearest.h"

#include <math.h>

/* Offsets are averaged over cells of so many pixels. */
enum { CELL = 16 };

/* Pixels from a hole's rim that tell how far off the answer is. */
enum { RIM = 2 };

/* An offset above this is no shift of colour but another thing. */
#define SHIFT 0.25f

enum { LEVEL_MAX = 12 };

/* Offsets of one cell: of red, green, blue, and how many pixels tell of them. */
typedef struct cell {
    float value[3], weight;
} cell;

/* The crop's cells, and the same at half the size, down to one. */
typedef struct pyramid {
    cell *levels[LEVEL_MAX];
    int width[LEVEL_MAX], height[LEVEL_MAX], count;
} pyramid;

static size_t lay_out(pyramid *m, int width, int height, cell *memory) {
    size_t used = 0;
    for (m->count = 0; m->count < LEVEL_MAX; m->count++) {
        m->levels[m->count] = memory ? memory + used : NULL;
        m->width[m->count] = width;
        m->height[m->count] = height;
        used += (size_t)width * (size_t)height;
        if (width == 1 && height == 1) {
            m->count++;
            break;
        }
        width = (width + 1) / 2;
        height = (height + 1) / 2;
    }
    return used;
}

/* Whether a hole's pixel lies beside known ones of its own surface. */
static int is_on_rim(const kb3d_crop *c, int x, int y, float jump) {
    const float *disp = c->given + 3 * (size_t)c->width * (size_t)c->height;
    size_t at = (size_t)y * (size_t)c->width + (size_t)x;
    if (c->known[at] || c->distance[at] > KB3D_PIXEL * RIM)
        return 0;
    for (int qy = kb3d_max_i(y - RIM, 0); qy <= kb3d_min_i(y + RIM, c->height - 1); qy++)
        for (int qx = kb3d_max_i(x - RIM, 0); qx <= kb3d_min_i(x + RIM, c->width - 1); qx++) {
            size_t q = (size_t)qy * (size_t)c->width + (size_t)qx;
            if (c->known[q] && !kb3d_is_torn(disp[q], disp[at], jump))
                return 1;
        }
    return 0;
}

static void measure(const kb3d_crop *c, float jump, cell *cells, int cells_x) {
    size_t count = (size_t)c->width * (size_t)c->height;
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++) {
            size_t at = (size_t)y * (size_t)c->width + (size_t)x;
            cell *to = &cells[y / CELL * cells_x + x / CELL];
            float off[3];
            if (!is_on_rim(c, x, y, jump))
                continue;
            for (size_t i = 0; i < 3; i++)
                off[i] = c->given[i * count + at] - c->answer[i * count + at];
            if (!(fabsf(off[0]) < SHIFT && fabsf(off[1]) < SHIFT && fabsf(off[2]) < SHIFT))
                continue;
            for (int i = 0; i < 3; i++)
                to->value[i] += off[i];
            to->weight++;
        }
}

/* Means, and from them those of larger cells (pull and push: Gortler, Grzeszczuk, Szeliski and Cohen, 1996). */
static void pull(pyramid *m) {
    for (int i = 0; i < m->width[0] * m->height[0]; i++) {
        cell *c = &m->levels[0][i];
        for (int k = 0; k < 3 && c->weight > 0; k++)
            c->value[k] /= c->weight;
        c->weight = fminf(c->weight / CELL, 1);
    }
    for (int l = 1; l < m->count; l++)
        for (int i = 0; i < m->width[l] * m->height[l]; i++) {
            cell *to = &m->levels[l][i];
            int x = 2 * (i % m->width[l]), y = 2 * (i / m->width[l]);
            *to = (cell){{0}, 0};
            for (int k = 0; k < 4; k++) {
                if (x + k % 2 >= m->width[l - 1] || y + k / 2 >= m->height[l - 1])
                    continue;
                const cell *from = &m->levels[l - 1][(y + k / 2) * m->width[l - 1] + x + k % 2];
                for (int j = 0; j < 3; j++)
                    to->value[j] += from->value[j] * from->weight;
                to->weight += from->weight;
            }
            for (int j = 0; j < 3 && to->weight > 0; j++)
                to->value[j] /= to->weight;
            to->weight = fminf(to->weight, 1);
        }
}

/* Of a level, at a position in its cells; bilinear. */
static void sample(const pyramid *m, int level, float x, float y, float to[3]) {
    int w = m->width[level], h = m->height[level];
    x = fminf(fmaxf(x - 0.5f, 0), (float)(w - 1));
    y = fminf(fmaxf(y - 0.5f, 0), (float)(h - 1));
    int x0 = (int)x, y0 = (int)y, x1 = kb3d_min_i(x0 + 1, w - 1), y1 = kb3d_min_i(y0 + 1, h - 1);
    const cell *top = m->levels[level] + (ptrdiff_t)y0 * w, *bottom = m->levels[level] + (ptrdiff_t)y1 * w;
    for (int i = 0; i < 3; i++) {
        float a = top[x0].value[i] + (top[x1].value[i] - top[x0].value[i]) * (x - (float)x0);
        float b = bottom[x0].value[i] + (bottom[x1].value[i] - bottom[x0].value[i]) * (x - (float)x0);
        to[i] = a + (b - a) * (y - (float)y0);
    }
}

static void push(pyramid *m) {
    for (int l = m->count - 2; l >= 0; l--)
        for (int i = 0; i < m->width[l] * m->height[l]; i++) {
            cell *c = &m->levels[l][i];
            float coarse[3];
            sample(m, l + 1, ((float)(i % m->width[l]) + 0.5f) / 2, ((float)(i / m->width[l]) + 0.5f) / 2, coarse);
            for (int k = 0; k < 3; k++)
                c->value[k] = c->value[k] * c->weight + coarse[k] * (1 - c->weight);
        }
}

kb3d_status kb3d_crop_match(const kb3d_painting *p, kb3d_crop *c) {
    pyramid m;
    cell *memory;
    int cells_x = (c->width + CELL - 1) / CELL, cells_y = (c->height + CELL - 1) / CELL;
    size_t count = (size_t)c->width * (size_t)c->height;
    kb3d_status status = kb3d_mem_alloc_zero(&p->ctx->mem, &memory, lay_out(&m, cells_x, cells_y, NULL), sizeof *memory,
                                             p->call);
    if (status)
        return status;
    lay_out(&m, cells_x, cells_y, memory);
    measure(c, p->path->scene->levels[0].surface.jump, m.levels[0], cells_x);
    pull(&m);
    push(&m);
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++) {
            size_t at = (size_t)y * (size_t)c->width + (size_t)x;
            float off[3];
            if (c->known[at])
                continue;
            sample(&m, 0, ((float)x + 0.5f) / CELL, ((float)y + 0.5f) / CELL, off);
            for (size_t i = 0; i < 3; i++)
                c->answer[i * count + at] += off[i];
        }
    kb3d_mem_free(&p->ctx->mem, memory);
    return KB3D_OK;
}
