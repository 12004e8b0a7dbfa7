/* surface_cut: what patches promise in math/patch.h and kernels.h. Exact, but for the plane's own sums of
   floats: 256 values rounded once each, 1e-5 of them. */
#include "checkkernels.h"

static int is_point(const kb3d_surface *s, int x, int y) {
    return x >= 0 && y >= 0 && x < s->width && y < s->height && (!s->mask || s->mask[y * s->width + x]);
}

static int is_torn(const kb3d_surface *s, float a, float b) {
    return fabsf(a - b) > s->jump;
}

static int joined_count(const kb3d_surface *s, int x, int y) {
    int count = 0;
    for (int i = 0; i < 9; i++) {
        int nx = x + i % 3 - 1, ny = y + i / 3 - 1;
        if (i != 4 && is_point(s, nx, ny) && !is_torn(s, s->disp[y * s->width + x], s->disp[ny * s->width + nx]))
            count++;
    }
    return count;
}

/* Of a pixel that is joined to none or one of its neighbours, the likest one's. */
static float settled(const kb3d_surface *s, int x, int y) {
    float here = s->disp[y * s->width + x], likest = here, least = INFINITY;
    for (int i = 0; i < 9; i++) {
        int nx = x + i % 3 - 1, ny = y + i / 3 - 1;
        if (i == 4 || !is_point(s, nx, ny) || !(fabsf(s->disp[ny * s->width + nx] - here) < least))
            continue;
        likest = s->disp[ny * s->width + nx];
        least = fabsf(likest - here);
    }
    return joined_count(s, x, y) > 1 ? here : likest;
}

static int check_pixel(const kb3d_surface *s, const kb3d_patch *p) {
    /* clockwise from the top, as the bits are */
    static const int around[8][2] = {{0, -1}, {1, -1}, {1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}};
    int soft = s->soft ? s->soft[p->y * s->width + p->x] : s->before ? KB3D_SOFT_GUARD : KB3D_SOFT_NONE;
    int covers = 255, reach = 0, edge = soft != KB3D_SOFT_NONE;
    for (int i = 0; i < 8; i++) {
        int nx = p->x + around[i][0], ny = p->y + around[i][1], q = ny * s->width + nx;
        if (nx < 0 || ny < 0 || nx >= s->width || ny >= s->height)
            continue;
        int there = is_point(s, nx, ny);
        float d = there ? is_torn(s, s->disp[q], p->disp) ? settled(s, nx, ny) : s->disp[q] : 0;
        if (there && !is_torn(s, d, p->disp))
            continue;
        edge = 1;
        if (s->before && !is_torn(s, s->before[q], p->disp))
            continue; /* the other layer goes on there */
        if (there && d < p->disp)
            covers &= ~(1 << i);
        else if (there && s->soft && s->soft[q] >= KB3D_SOFT)
            continue;
        if (i % 2 == 0)
            reach |= 1 << (i / 2); /* north, east, south, west */
    }
    for (int i = 1; i < 8; i += 2) /* a corner between two covered sides */
        if (covers >> (i - 1) & covers >> (i + 1) % 8 & 1)
            covers |= 1 << i;
    return p->disp == settled(s, p->x, p->y) && p->is_edge == edge && p->soft == soft &&
           (!edge || (p->covers == covers && p->reach == reach));
}

/* One surface without a tear, the ring around it too, and planar. */
static int check_square(const kb3d_surface *s, const kb3d_patch *p) {
    for (int i = 0; i < p->size * p->size; i++)
        if (s->before || (s->soft && s->soft[(p->y + i / p->size) * s->width + p->x + i % p->size]))
            return 0;
    double half = 0.5 * (p->size - 1), scale = 0;
    for (int y = p->y - 1; y <= p->y + p->size; y++)
        for (int x = p->x - 1; x <= p->x + p->size; x++) {
            if (x < 0 || y < 0 || x >= s->width || y >= s->height)
                continue;
            if (!is_point(s, x, y))
                return 0;
            scale = fmax(scale, fabs(s->disp[y * s->width + x]));
            for (int i = 0; i < 4; i++) {
                static const int next[4][2] = {{1, 0}, {0, 1}, {1, 1}, {-1, 1}};
                int nx = x + next[i][0], ny = y + next[i][1];
                int inside = nx >= p->x - 1 && nx <= p->x + p->size && ny <= p->y + p->size;
                if (inside && is_point(s, nx, ny) && is_torn(s, s->disp[y * s->width + x], s->disp[ny * s->width + nx]))
                    return 0;
            }
        }
    for (int y = 0; y < p->size; y++)
        for (int x = 0; x < p->size; x++) {
            double plane = p->disp + p->disp_x * (x - half) + p->disp_y * (y - half);
            if (fabs(plane - s->disp[(p->y + y) * s->width + p->x + x]) > s->tolerance + 1e-5 * scale)
                return 0;
        }
    return !p->is_edge;
}

static void one(const kb3d_kernels *k, const float *disp, const uint8_t *mask, const uint8_t *soft, const float *before,
                int w, int h) {
    for (int par = 0; par < PARALLELS; par++) {
        kb3d_surface s = {.width = w, .height = h, .jump = 0.1f, .tolerance = 0.001f, .disp = disp, .mask = mask,
                          .soft = soft, .before = before};
        cut(k, &parallels[par], &s);
        uint8_t *times = calloc((size_t)w * (size_t)h, 1);
        int wrong_count = 0, wrong_pixel = 0, wrong_square = 0, wrong_group = 0;
        uint32_t next = 0;
        for (int g = 0; g < s.groups_x * s.groups_y; g++) {
            const kb3d_group *group = &s.groups[g];
            wrong_group += group->first != next;
            next += group->count;
            for (uint32_t i = group->first; i < group->first + group->count && i < s.patch_count; i++) {
                const kb3d_patch *p = &s.patches[i];
                int x0 = g % s.groups_x * KB3D_GROUP_WIDTH, y0 = g / s.groups_x * KB3D_GROUP_HEIGHT;
                wrong_group += p->x < x0 || p->y < y0 || p->x + p->size > x0 + KB3D_GROUP_WIDTH ||
                               p->y + p->size > y0 + KB3D_GROUP_HEIGHT || p->disp < group->disp_min ||
                               p->disp > group->disp_max || p->x + p->size > w || p->y + p->size > h;
                if (wrong_group)
                    continue;
                for (int y = p->y; y < p->y + p->size; y++)
                    for (int x = p->x; x < p->x + p->size; x++)
                        times[y * w + x]++;
                if (p->size == 1)
                    wrong_pixel += !check_pixel(&s, p);
                else
                    wrong_square += !check_square(&s, p);
            }
        }
        for (int i = 0; i < w * h; i++)
            wrong_count += times[i] != (!mask || mask[i]);
        if (!CHECK(!wrong_count && !wrong_pixel && !wrong_square && !wrong_group && next == s.patch_count))
            fprintf(stderr, "    %s, %dx%d: %d pixels not once, %d pixels, %d squares, %d groups wrong\n", k->simd, w, h,
                    wrong_count, wrong_pixel, wrong_square, wrong_group);
        free(times);
        CHECK(free_cut(&s));
    }
}

static void draw(float *disp, int w, int h, int kind) {
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            disp[y * w + x] = kind == 0   ? 0.5f
                              : kind == 1 ? (float)(0.3 + 0.0004 * x - 0.0002 * y)
                              : kind == 2 ? (float)random_in(0, 1)
                              : kind == 3 ? (float)(0.5 + 0.01 * sin(0.2 * x) + 0.01 * cos(0.15 * y))
                                          : (float)((x / 9 + y / 7) % 3) * 0.3f + 0.1f;
}

/* Random kinds, and GUARD at the least near tears. */
static void draw_soft(uint8_t *soft, const float *disp, int w, int h) {
    for (int i = 0; i < w * h; i++) {
        int is_beside_tear = 0;
        for (int k = 0; k < 25; k++) {
            int x = i % w + k % 5 - 2, y = i / w + k / 5 - 2;
            is_beside_tear |= x >= 0 && y >= 0 && x < w && y < h && fabsf(disp[y * w + x] - disp[i]) > 0.1f;
        }
        soft[i] = random_next() % 50 == 0 ? (uint8_t)(random_next() % 4) : KB3D_SOFT_NONE;
        soft[i] |= (uint8_t)is_beside_tear;
    }
}

int check_surface(const kb3d_kernels *k) {
    static const int sizes[][2] = {{1, 1}, {3, 2}, {16, 16}, {17, 15}, {64, 16}, {131, 37}, {1, 70}, {90, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < 5; kind++) {
            int w = sizes[i][0], h = sizes[i][1];
            float *disp = malloc((size_t)w * (size_t)h * sizeof *disp), *before = malloc((size_t)w * (size_t)h * sizeof *disp);
            uint8_t *mask = malloc((size_t)w * (size_t)h), *soft = malloc((size_t)w * (size_t)h);
            draw(disp, w, h, kind);
            for (int j = 0; j < w * h; j++)
                mask[j] = random_next() % 7 != 0 || j / w < h / 2;
            draw_soft(soft, disp, w, h);
            for (int j = 0; j < w * h; j++)
                before[j] = disp[j] + (float)(random_next() % 2);
            one(k, disp, NULL, NULL, NULL, w, h);
            one(k, disp, mask, NULL, NULL, w, h);
            one(k, disp, NULL, soft, NULL, w, h);
            one(k, disp, mask, NULL, before, w, h);
            memset(mask, 0, (size_t)w * (size_t)h);
            one(k, disp, mask, NULL, NULL, w, h);
            free(soft);
            free(before);
            free(mask);
            free(disp);
        }
    static float flat[128 * 64]; /* nothing to keep apart: the largest squares */
    kb3d_surface s = {.width = 128, .height = 64, .jump = 0.1f, .tolerance = 0.001f, .disp = flat};
    cut(k, &parallels[0], &s);
    CHECK_INT(s.patch_count, (128 * 64) >> (2 * KB3D_PATCH_MAX_LOG2));
    CHECK(free_cut(&s));
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    kb3d_surface s;
} job;

static void work(void *arg) {
    job *j = arg;
    j->k->surface_cut(&parallels[0], &j->s);
}

void bench_surface(const kb3d_kernels *k) {
    float *disp = malloc(960 * 540 * sizeof *disp);
    for (int kind = 3; kind < 5; kind++) {
        draw(disp, 960, 540, kind);
        job j = {k, {.width = 960, .height = 540, .jump = 0.1f, .tolerance = 0.001f, .disp = disp}};
        cut(k, &parallels[0], &j.s);
        measure(k, kind == 3 ? "surface_cut hills" : "surface_cut steps", 960 * 540, work, &j);
        free_cut(&j.s);
    }
    free(disp);
}
