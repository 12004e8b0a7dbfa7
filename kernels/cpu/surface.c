/* Cutting a layer into patches. */
#include "level.h"

#include "vector.h"

static int has_point(const kb3d_surface *s, int x, int y) {
    return x >= 0 && y >= 0 && x < s->width && y < s->height &&
           (!s->mask || s->mask[(size_t)y * s->width + x]);
}

static float disp_at(const kb3d_surface *s, int x, int y) {
    return s->disp[(size_t)y * s->width + x];
}

static const struct {
    int8_t x, y;
    uint8_t cover, reach;
} NEIGHBOURS[8] = {
    {0, -1, KB3D_NORTH, KB3D_REACH_NORTH}, {1, -1, KB3D_NORTH_EAST, 0},
    {1, 0, KB3D_EAST, KB3D_REACH_EAST},    {1, 1, KB3D_SOUTH_EAST, 0},
    {0, 1, KB3D_SOUTH, KB3D_REACH_SOUTH},  {-1, 1, KB3D_SOUTH_WEST, 0},
    {-1, 0, KB3D_WEST, KB3D_REACH_WEST},   {-1, -1, KB3D_NORTH_WEST, 0},
};

/* Slope along one axis from the neighbours that are joined. */
static float slope(const kb3d_surface *s, int x, int y, int dx, int dy) {
    float here = disp_at(s, x, y), sum = 0;
    int count = 0;
    for (int sign = -1; sign <= 1; sign += 2) {
        int nx = x + sign * dx, ny = y + sign * dy;
        if (has_point(s, nx, ny) && !kb3d_is_torn(here, disp_at(s, nx, ny), s->jump)) {
            sum += (disp_at(s, nx, ny) - here) * (float)sign;
            count++;
        }
    }
    return count ? sum / (float)count : 0;
}

static float settled_disp(const kb3d_surface *s, int x, int y) {
    return kb3d_settled_disp(s->disp, s->mask, s->width, s->height, x, y, s->jump);
}

static void pixel_patch(const kb3d_surface *s, int x, int y, kb3d_patch *p) {
    *p = (kb3d_patch){.x = x, .y = y, .disp = settled_disp(s, x, y), .size = 1};
    p->disp_x = slope(s, x, y, 1, 0);
    p->disp_y = slope(s, x, y, 0, 1);
    p->covers = 255;
    p->soft = s->soft ? s->soft[(size_t)y * s->width + x] : s->before ? KB3D_SOFT_GUARD : KB3D_SOFT_NONE;
    p->is_edge = p->soft != KB3D_SOFT_NONE;
    for (int i = 0; i < 8; i++) {
        int nx = x + NEIGHBOURS[i].x, ny = y + NEIGHBOURS[i].y;
        if (nx < 0 || ny < 0 || nx >= s->width || ny >= s->height)
            continue; /* the picture's border is not a silhouette */
        int there = has_point(s, nx, ny);
        float disp = there ? disp_at(s, nx, ny) : 0;
        if (there && kb3d_is_torn(p->disp, disp, s->jump))
            disp = settled_disp(s, nx, ny);
        if (there && !kb3d_is_torn(p->disp, disp, s->jump))
            continue;
        p->is_edge = 1;
        if (s->before && !kb3d_is_torn(p->disp, s->before[(size_t)ny * s->width + nx], s->jump))
            continue; /* it goes on there */
        if (there && disp < p->disp)
            p->covers &= (uint8_t)~NEIGHBOURS[i].cover;
        else if (there && s->soft && s->soft[(size_t)ny * s->width + nx] >= KB3D_SOFT)
            continue; /* the farther layer goes on behind it */
        p->reach |= NEIGHBOURS[i].reach;
    }
    /* a corner between two sides that are covered is no silhouette */
    for (int i = 1; i < 8; i += 2) {
        int sides = NEIGHBOURS[i - 1].cover | NEIGHBOURS[(i + 1) & 7].cover;
        if ((p->covers & sides) == sides)
            p->covers |= NEIGHBOURS[i].cover;
    }
}

static int is_zero(const kb3d_surface *s, const uint8_t *plane, int x0, int y0, int x1, int y1) {
    for (int y = y0; y < y1; y++) {
        uint8_t any = 0;
        for (int x = x0; x < x1; x++)
            any |= plane[(size_t)y * s->width + x];
        if (any)
            return 0;
    }
    return 1;
}

/* The least and the most inverse depth of a rectangle, in lanes. */
static void find_range(const kb3d_surface *s, int x0, int y0, int x1, int y1, float *low, float *high) {
    float lows[KB3D_LANES], highs[KB3D_LANES];
    for (int k = 0; k < KB3D_LANES; k++)
        lows[k] = highs[k] = disp_at(s, x0, y0);
    for (int y = y0; y < y1; y++) {
        const float *row = s->disp + (size_t)y * s->width;
        int x = x0;
        for (; x + KB3D_LANES <= x1; x += KB3D_LANES)
            for (int k = 0; k < KB3D_LANES; k++) {
                lows[k] = kb3d_min_f(lows[k], row[x + k]);
                highs[k] = kb3d_max_f(highs[k], row[x + k]);
            }
        for (; x < x1; x++) {
            lows[0] = kb3d_min_f(lows[0], row[x]);
            highs[0] = kb3d_max_f(highs[0], row[x]);
        }
    }
    *low = lows[0], *high = highs[0];
    for (int k = 1; k < KB3D_LANES; k++) {
        *low = kb3d_min_f(*low, lows[k]);
        *high = kb3d_max_f(*high, highs[k]);
    }
}

/* Whether a square is one surface and planar within the tolerance. */
static int is_planar(const kb3d_surface *s, int x0, int y0, int size, kb3d_patch *p) {
    int x1 = x0 + size, y1 = y0 + size;
    if (x1 > s->width || y1 > s->height || s->before)
        return 0;
    /* Beside a tear every pixel is a patch of its own: look one pixel further. */
    int wx0 = kb3d_max_i(x0 - 1, 0), wy0 = kb3d_max_i(y0 - 1, 0);
    int wx1 = kb3d_min_i(x1 + 1, s->width), wy1 = kb3d_min_i(y1 + 1, s->height);
    if (s->soft && !is_zero(s, s->soft, x0, y0, x1, y1))
        return 0;
    float low, high;
    find_range(s, wx0, wy0, wx1, wy1, &low, &high);
    if (s->mask) {
        for (int y = wy0; y < wy1; y++)
            for (int x = wx0; x < wx1; x++)
                if (!s->mask[(size_t)y * s->width + x])
                    return 0;
    }
    if (high - low > s->jump && !s->soft) /* it may be torn: look at the pairs */
        for (int y = wy0; y < wy1; y++)
            for (int x = wx0; x < wx1; x++) {
                float d = disp_at(s, x, y);
                if (x + 1 < wx1 && kb3d_is_torn(d, disp_at(s, x + 1, y), s->jump))
                    return 0;
                if (y + 1 >= wy1)
                    continue;
                if (kb3d_is_torn(d, disp_at(s, x, y + 1), s->jump) ||
                    (x + 1 < wx1 && kb3d_is_torn(d, disp_at(s, x + 1, y + 1), s->jump)) ||
                    (x > wx0 && kb3d_is_torn(d, disp_at(s, x - 1, y + 1), s->jump)))
                    return 0;
            }
    /* Least squares plane on a regular grid: mean and two independent slopes. */
    float middle = 0.5f * (float)(size - 1), sum = 0, sum_x = 0, sum_y = 0, norm = 0;
    for (int y = 0; y < size; y++) {
        float row = 0;
        for (int x = 0; x < size; x++) {
            float d = disp_at(s, x0 + x, y0 + y);
            row += d;
            sum_x += d * ((float)x - middle);
        }
        sum += row;
        sum_y += row * ((float)y - middle);
        norm += ((float)y - middle) * ((float)y - middle);
    }
    norm *= (float)size;
    p->disp = sum / (float)(size * size);
    p->disp_x = sum_x / norm;
    p->disp_y = sum_y / norm;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            float plane = p->disp + p->disp_x * ((float)x - middle) + p->disp_y * ((float)y - middle);
            if (kb3d_abs_f(disp_at(s, x0 + x, y0 + y) - plane) > s->tolerance)
                return 0;
        }
    p->x = x0;
    p->y = y0;
    p->size = (uint8_t)size;
    p->is_edge = p->reach = p->soft = 0;
    p->covers = 255;
    return 1;
}

static void note_range(kb3d_group *g, const kb3d_patch *p) {
    float spread = (kb3d_abs_f(p->disp_x) + kb3d_abs_f(p->disp_y)) * (0.5f * (float)p->size + 0.5f);
    g->disp_min = kb3d_min_f(g->disp_min, p->disp - spread);
    g->disp_max = kb3d_max_f(g->disp_max, p->disp + spread);
}

static void cut_square(const kb3d_surface *s, int x, int y, int size, kb3d_group *g, kb3d_patch *to) {
    if (x >= s->width || y >= s->height)
        return;
    if (s->mask && size > 1 &&
        is_zero(s, s->mask, x, y, kb3d_min_i(x + size, s->width), kb3d_min_i(y + size, s->height)))
        return;
    kb3d_patch p;
    if (size == 1) {
        if (!has_point(s, x, y))
            return;
        if (to) /* else it is counted */
            pixel_patch(s, x, y, &p);
    } else if (!is_planar(s, x, y, size, &p)) {
        int half = size / 2;
        for (int i = 0; i < 4; i++)
            cut_square(s, x + (i & 1) * half, y + (i >> 1) * half, half, g, to);
        return;
    }
    if (to) {
        note_range(g, &p);
        to[g->count] = p;
    }
    g->count++;
}

static void cut_row(void *arg, int index) {
    kb3d_surface *s = arg; /* a task writes only the groups of its row */
    int side = 1 << KB3D_PATCH_MAX_LOG2;
    for (int gx = 0; gx < s->groups_x; gx++) {
        kb3d_group *g = &s->groups[(size_t)index * s->groups_x + gx];
        kb3d_patch *to = s->patches ? s->patches + g->first : NULL;
        g->count = 0;
        g->disp_min = 3.0e38f;
        g->disp_max = -3.0e38f;
        for (int x = gx * KB3D_GROUP_WIDTH; x < (gx + 1) * KB3D_GROUP_WIDTH; x += side)
            cut_square(s, x, index * KB3D_GROUP_HEIGHT, side, g, to);
    }
}

void kb3d_surface_cut(const kb3d_parallel *par, kb3d_surface *s) {
    par->run(par->impl, s->groups_y, cut_row, s);
    uint32_t first = 0;
    kb3d_group *g = s->groups, *row = s->groups + (size_t)s->groups_x * s->groups_y;
    for (int y = 0; y < s->groups_y; y++, row++) {
        *row = (kb3d_group){first, 0, 3.0e38f, -3.0e38f};
        for (int x = 0; x < s->groups_x; x++, g++) {
            g->first = first;
            first += g->count;
            row->disp_min = kb3d_min_f(row->disp_min, g->disp_min);
            row->disp_max = kb3d_max_f(row->disp_max, g->disp_max);
        }
        row->count = first - row->first;
    }
    s->patch_count = first;
}
