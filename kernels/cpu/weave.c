/* Weaving texture into what was filled. */
#include "level.h"

#include "../math/gauss.h"
#include "../math/weave.h"
#include "sample.h"

#include <math.h>

enum { RADIUS = KB3D_WEAVE_RADIUS, NONE = -1 };

/* The frame at one size. */
typedef struct level {
    int width, height;
    float *disp; /* of the first level the frame's own */
    uint8_t *is_hole;
    uint8_t *color;  /* RGBA; in holes as far as it is known */
    uint8_t *filled; /* the same before the search; only from KB3D_WEAVE_GUIDED on */
    int32_t *source; /* index of a hole's source, or NONE; a known pixel's own where it may be one */
} level;

typedef struct weaving {
    const kb3d_planes *planes;
    const kb3d_weave_params *params;
    void *to;
    level levels[KB3D_WEAVE_LEVELS];
    int level_count, number; /* of the level worked on */
    int turn, parity;
    int radius; /* of the blur */
    float weight[KB3D_SMOOTH_RADIUS_MAX + 1];
} weaving;

static size_t padded(size_t bytes) {
    return (bytes + 63) & ~(size_t)63;
}

/* Lays out the levels; answers their bytes. Without memory it only counts. */
static size_t lay_out(weaving *w, int width, int height, char *memory) {
    size_t bytes = 0;
    for (int l = 0; l < KB3D_WEAVE_LEVELS; l++, width = (width + 1) / 2, height = (height + 1) / 2) {
        if (l && kb3d_min_i(width, height) < 4 * KB3D_WEAVE_ROW)
            break;
        size_t pixels = (size_t)width * (size_t)height, wide = padded(4 * pixels), flags = padded(pixels);
        size_t disp = l ? wide : 0, filled = l >= KB3D_WEAVE_GUIDED ? wide : 0;
        if (memory) {
            char *at = memory + bytes;
            w->levels[l] = (level){width, height, l ? (float *)(void *)(at + 2 * wide) : w->planes->disp,
                                   (uint8_t *)at + 2 * wide + disp + filled, (uint8_t *)at,
                                   (uint8_t *)at + 2 * wide + disp, (int32_t *)(void *)(at + wide)};
            w->level_count = l + 1;
        }
        bytes += 2 * wide + disp + filled + flags;
    }
    return bytes;
}

size_t kb3d_weave_bytes(int width, int height) {
    return lay_out(NULL, width, height, NULL);
}

static void take_row(void *arg, int y) {
    const weaving *w = arg;
    const kb3d_planes *p = w->planes;
    const level *to = &w->levels[0];
    size_t first = (size_t)y * p->width, last = first + p->width;
    float scale = p->texel == KB3D_TEXEL_F32 ? 255.0f : 255.0f / 65535.0f;
    for (size_t at = first; at < last; at++)
        to->is_hole[at] = p->cover[at] != 255;
    if (p->texel == KB3D_TEXEL_U8)
        memcpy(to->color + 4 * first, (const uint8_t *)p->color + 4 * first, 4 * (size_t)p->width);
    else
        for (size_t i = 4 * first; i < 4 * last; i++)
            store_texel(to->color, KB3D_TEXEL_U8, (ptrdiff_t)i, scale * load_texel(p->color, p->texel, (ptrdiff_t)i));
}

/* A hole where one of four pixels is one, and of them the farthest surface alone. */
static void halve_row(void *arg, int y) {
    const weaving *w = arg;
    const level *to = &w->levels[w->number], *from = to - 1;
    for (int x = 0; x < to->width; x++) {
        size_t at = (size_t)y * to->width + x, parts[4];
        int is_hole = 0, sum[4] = {0}, count = 0;
        float farthest = INFINITY, disp_sum = 0;
        for (int k = 0; k < 4; k++) {
            int fx = kb3d_min_i(2 * x + k % 2, from->width - 1), fy = kb3d_min_i(2 * y + k / 2, from->height - 1);
            parts[k] = (size_t)fy * from->width + fx;
            is_hole |= from->is_hole[parts[k]];
        }
        for (int k = 0; k < 4; k++)
            if (from->is_hole[parts[k]] == is_hole)
                farthest = kb3d_min_f(farthest, from->disp[parts[k]]);
        for (int k = 0; k < 4; k++) {
            if (from->is_hole[parts[k]] != is_hole || from->disp[parts[k]] - farthest > w->params->jump)
                continue;
            for (int c = 0; c < 4; c++)
                sum[c] += from->color[4 * parts[k] + c];
            disp_sum += from->disp[parts[k]];
            count++;
        }
        for (int c = 0; c < 4; c++)
            to->color[4 * at + c] = (uint8_t)((sum[c] + count / 2) / count);
        to->disp[at] = disp_sum / (float)count;
        to->is_hole[at] = (uint8_t)is_hole;
    }
    if (w->number >= KB3D_WEAVE_GUIDED)
        memcpy(to->filled + 4 * (size_t)y * to->width, to->color + 4 * (size_t)y * to->width, 4 * (size_t)to->width);
}

static int may_use(const weaving *w, size_t target, int x, int y) {
    const level *l = &w->levels[w->number];
    if (x < 0 || y < 0 || x >= l->width || y >= l->height)
        return 0;
    size_t s = (size_t)y * l->width + x;
    return !l->is_hole[s] && l->source[s] != NONE && kb3d_weave_fits(l->disp[s], l->disp[target], w->params->jump);
}

/* Known pixels with a patch around them within the frame may be sources. Holes have none yet. */
static void begin_row(void *arg, int y) {
    const weaving *w = arg;
    const level *l = &w->levels[w->number];
    size_t row = (size_t)y * l->width;
    int32_t *source = l->source + row;
    int first = RADIUS, last = l->width + RADIUS - KB3D_WEAVE_ROW;
    for (int x = 0; x < l->width; x++)
        source[x] = NONE;
    if (y < RADIUS || y + RADIUS >= l->height)
        return;
    for (int x = first; x <= last; x++)
        source[x] = l->is_hole[row + x] ? NONE : (int32_t)row + x;
}

/* Holes: the sources of the level of half the size. */
static void descend_row(void *arg, int y) {
    const weaving *w = arg;
    const level *l = &w->levels[w->number], *coarse = l + 1;
    for (int x = 0; x < l->width; x++) {
        size_t at = (size_t)y * l->width + x;
        int32_t s = coarse->source[(size_t)(y / 2) * coarse->width + x / 2];
        if (!l->is_hole[at] || s == NONE)
            continue;
        int sx = 2 * (s % coarse->width) + x % 2, sy = 2 * (s / coarse->width) + y % 2;
        if (may_use(w, at, sx, sy))
            l->source[at] = sy * l->width + sx;
    }
}

static void take_patch(const weaving *w, int x, int y, kb3d_weave_patch *patch) {
    const level *l = &w->levels[w->number];
    float nearest = l->disp[(size_t)y * l->width + x] + w->params->jump;
    int weights[KB3D_WEAVE_ROW] = {0};
    patch->weight_sum = 0;
    for (int r = 0; r < KB3D_WEAVE_ROWS; r++) {
        int qy = y + r - RADIUS;
        size_t row = (size_t)kb3d_clamp_i(qy, 0, l->height - 1) * l->width;
        for (int i = 0; i < KB3D_WEAVE_ROWS; i++) {
            int qx = kb3d_clamp_i(x + i - RADIUS, 0, l->width - 1);
            int is_there = qx == x + i - RADIUS && qy >= 0 && qy < l->height && l->disp[row + qx] <= nearest;
            weights[i] = is_there ? 2 - l->is_hole[row + qx] : 0;
            patch->weight_sum += weights[i];
            for (int c = 0; c < 4; c++)
                patch->value[r][4 * i + c] = l->color[4 * (row + qx) + c];
        }
        for (int i = 0; i < 4 * KB3D_WEAVE_ROW; i++)
            patch->weight[r][i] = (int16_t)weights[i / 4];
        memset(patch->value[r] + 4 * KB3D_WEAVE_ROWS, 0, 4 * sizeof **patch->value);
    }
}

typedef struct search {
    const weaving *w;
    kb3d_weave_patch patch;
    size_t target;
    int x, y; /* the best source so far; x below 0: none */
    int32_t cost;
} search;

static void try_source(search *s, int x, int y) {
    const level *l = &s->w->levels[s->w->number];
    if (!may_use(s->w, s->target, x, y) || (x == s->x && y == s->y))
        return;
    size_t at = (size_t)y * l->width + x;
    int32_t pixel = kb3d_weave_depth_cost(l->disp[at], l->disp[s->target], s->w->params->jump);
    if (s->w->number >= KB3D_WEAVE_GUIDED)
        pixel += kb3d_weave_color_cost(l->color + 4 * at, l->filled + 4 * s->target);
    const uint8_t *around = l->color + 4 * (at - (size_t)RADIUS * (size_t)l->width - RADIUS);
    int32_t cost = kb3d_weave_patch_cost(&s->patch, around, 4 * (ptrdiff_t)l->width) + s->patch.weight_sum * pixel;
    if (s->x < 0 || cost < s->cost)
        s->x = x, s->y = y, s->cost = cost;
}

static void try_near(search *s, int x, int y, int reach, uint32_t turn) {
    uint32_t random = kb3d_weave_random((uint32_t)s->target, turn);
    try_source(s, x + kb3d_weave_step(random, reach), y + kb3d_weave_step(random >> 16, reach));
}

/* What the neighbours' sources suggest, then chance: around the pixel, and ever nearer to the best source. */
static void search_pixel(const weaving *w, int x, int y) {
    static const int sides[5][2] = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    const level *l = &w->levels[w->number];
    search s = {.w = w, .target = (size_t)y * l->width + x, .x = -1};
    take_patch(w, x, y, &s.patch);
    for (int k = 0; k < 5; k++) {
        int qx = x + sides[k][0], qy = y + sides[k][1];
        if (qx < 0 || qy < 0 || qx >= l->width || qy >= l->height)
            continue;
        int32_t source = l->source[(size_t)qy * l->width + qx];
        if (source != NONE)
            try_source(&s, source % l->width - sides[k][0], source / l->width - sides[k][1]);
    }
    uint32_t turn = (uint32_t)w->turn * 64;
    int reach = kb3d_clamp_i(w->params->reach >> w->number, 2, 32767);
    for (int tries = s.x < 0 ? KB3D_WEAVE_TRIES : 1; tries > 0; tries--)
        try_near(&s, x, y, tries > KB3D_WEAVE_TRIES / 2 ? reach / 2 : reach, turn++);
    for (; reach > 0 && s.x >= 0; reach /= 2)
        try_near(&s, s.x, s.y, reach, turn++);
    l->source[s.target] = s.x < 0 ? NONE : s.y * l->width + s.x;
}

/* Every other pixel, like a chessboard's, so that no neighbour's source changes meanwhile. */
static void search_row(void *arg, int y) {
    const weaving *w = arg;
    const level *l = &w->levels[w->number];
    for (int x = (y + w->parity) & 1; x < l->width; x += 2)
        if (l->is_hole[(size_t)y * l->width + x])
            search_pixel(w, x, y);
}

/* A hole's colour: the mean of what its own source and its neighbours' suggest. */
static void vote_row(void *arg, int y) {
    const weaving *w = arg;
    const level *l = &w->levels[w->number];
    for (int x = 0; x < l->width; x++) {
        size_t at = (size_t)y * l->width + x;
        int sum[4] = {0}, count = 0;
        if (!l->is_hole[at])
            continue;
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                int qx = x + dx, qy = y + dy;
                if (qx < 0 || qy < 0 || qx >= l->width || qy >= l->height)
                    continue;
                int32_t s = l->source[(size_t)qy * l->width + qx];
                if (s == NONE || !may_use(w, at, s % l->width - dx, s / l->width - dy))
                    continue;
                const uint8_t *from = l->color + 4 * ((ptrdiff_t)s - (ptrdiff_t)dy * l->width - dx);
                for (int c = 0; c < 4; c++)
                    sum[c] += from[c];
                count++;
            }
        for (int c = 0; c < 4 && count; c++)
            l->color[4 * at + c] = (uint8_t)((sum[c] + count / 2) / count);
    }
}

/* A hole's colour is its source's, with the blurred difference to the fill taken off. */
static void weave_pixel(const weaving *w, int x, int y) {
    const kb3d_planes *p = w->planes;
    const int32_t *source = w->levels[0].source;
    ptrdiff_t at = (ptrdiff_t)y * p->width + x;
    vec4 sum = {0};
    float norm = 0;
    int y0 = kb3d_max_i(y - w->radius, 0), y1 = kb3d_min_i(y + w->radius, p->height - 1);
    int x0 = kb3d_max_i(x - w->radius, 0), x1 = kb3d_min_i(x + w->radius, p->width - 1);
    for (int qy = y0; qy <= y1; qy++)
        for (int qx = x0; qx <= x1; qx++) {
            ptrdiff_t q = (ptrdiff_t)qy * p->width + qx;
            if (kb3d_is_torn(p->disp[q], p->disp[at], w->params->jump))
                continue;
            float weight = kb3d_gauss_at(w->weight, qx - x, qy - y);
            norm += weight;
            if (p->cover[q] != 255 && source[q] != NONE)
                sum += (load_pixel(p->color, p->texel, q) - load_pixel(p->color, p->texel, source[q])) * weight;
        }
    sum = load_pixel(p->color, p->texel, source[at]) + sum / norm * w->params->guided;
    for (int c = 0; c < 4; c++)
        store_texel(w->to, p->texel, 4 * at + c, sum[c]);
}

static void weave_row(void *arg, int y) {
    const weaving *w = arg;
    const kb3d_planes *p = w->planes;
    size_t pixel = 4 * (size_t)p->texel, row = (size_t)y * p->width;
    memcpy((char *)w->to + row * pixel, (const char *)p->color + row * pixel, (size_t)p->width * pixel);
    for (int x = 0; x < p->width; x++)
        if (p->cover[row + x] != 255 && w->levels[0].source[row + x] != NONE)
            weave_pixel(w, x, y);
}

void kb3d_weave(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_weave_params *params, void *memory,
                void *color) {
    weaving w = {.planes = planes, .params = params, .to = color};
    w.radius = kb3d_gauss(params->sigma, KB3D_SMOOTH_RADIUS_MAX, w.weight);
    lay_out(&w, planes->width, planes->height, memory);
    par->run(par->impl, planes->height, take_row, &w);
    for (w.number = 1; w.number < w.level_count; w.number++)
        par->run(par->impl, w.levels[w.number].height, halve_row, &w);
    for (w.number = w.level_count - 1; w.number >= 0; w.number--) {
        int height = w.levels[w.number].height;
        par->run(par->impl, height, begin_row, &w);
        if (w.number + 1 < w.level_count) {
            par->run(par->impl, height, descend_row, &w);
            par->run(par->impl, height, vote_row, &w);
        }
        for (w.turn = 0; w.turn < (w.number ? KB3D_WEAVE_TURNS : KB3D_WEAVE_LAST_TURNS); w.turn++) {
            for (w.parity = 0; w.parity < 2; w.parity++)
                par->run(par->impl, height, search_row, &w);
            par->run(par->impl, height, vote_row, &w);
        }
    }
    par->run(par->impl, planes->height, weave_row, &w);
}
