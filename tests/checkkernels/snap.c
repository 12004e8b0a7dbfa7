/*
 * map_prepare: exact but for the rounding of floats. map_snap: the mean of what lies near the weighted median, so
 * it may be off the median by half a jump and by what is left of the range that was halved; where two values share
 * the median by weights that differ by rounding, either is right. What has no edge near stays as it is, bit by bit.
 */
#include "checkkernels.h"

const kb3d_snap_params snap_params = {.jump = 0.05f, .color_sigma = 0.05f};

depth_map make_map(const kb3d_kernels *k, const kb3d_parallel *par, int width, int height, const float *disp,
                   const float *guide) {
    depth_map made = {.map = {.width = width, .height = height}};
    made.memory = guarded(k->map_bytes(width, height));
    k->map_prepare(par, disp, guide, snap_params.jump, made.memory, &made.map);
    return made;
}

static int by_value(const void *a, const void *b) {
    double x = ((const vote *)a)->value, y = ((const vote *)b)->value;
    return (x > y) - (x < y);
}

int is_median(vote *votes, int count, double got) {
    double total = 0, sum = 0, low = 0, high = 0;
    for (int i = 0; i < count; i++)
        total += votes[i].weight;
    qsort(votes, (size_t)count, sizeof *votes, by_value);
    double share = (double)KB3D_SNAP_HALF;
    for (int i = 0; i < count; i++) {
        if (sum < (share - 1e-4) * total)
            low = votes[i].value;
        sum += votes[i].weight;
        if (sum - votes[i].weight <= (share + 1e-4) * total)
            high = votes[i].value;
    }
    double left = (votes[count - 1].value - votes[0].value) / (1 << KB3D_SNAP_HALVINGS);
    double slack = 0.5 * (double)snap_params.jump + left + 1e-5;
    return got >= low - slack && got <= high + slack;
}

double likeness(const float *a, const float *b, double least) {
    double d2 = 0, t;
    for (int c = 0; c < 3; c++)
        d2 += (a[c] - b[c]) * (a[c] - b[c]);
    t = 1 / (1 + 0.5 * d2 / (snap_params.color_sigma * snap_params.color_sigma));
    return t * t + least;
}

double nearness(double e, double reach) {
    double rest = 1 - e * e / (reach * reach);
    return rest > 0 ? rest * rest : 0;
}

/* Steps, slopes and noise below a jump; colours that go with some of the steps. */
static void fill(float *disp, float *guide, int width, int height) {
    double slope = random_in(-0.02, 0.02), cut = random_in(0, width + height), step = random_in(-0.5, 0.5);
    for (int i = 0; i < width * height; i++) {
        int x = i % width, y = i / width, side = x + 2 * y > cut, block = (x / 5 + y / 4) % 3 == 0;
        disp[i] = (float)(0.5 + slope * x + step * side + 0.2 * block + random_in(0, 0.01));
        for (int c = 0; c < 3; c++)
            guide[3 * i + c] = (float)(0.5 + 0.3 * side - 0.1 * c * block + random_in(0, 0.03));
    }
}

static double slope_of(const float *line, int count, int step, int at) {
    double s[3];
    int found = 0;
    for (int part = -1; part <= 1; part++) {
        int begin = at + 4 * part - 2, end = begin + 4;
        if (begin >= 0 && end < count)
            s[found++] = (line[end * step] - line[begin * step]) / 4.0;
    }
    double least = found ? s[0] : 0;
    for (int i = 1; i < found; i++)
        least = least * s[i] <= 0 ? 0 : fabs(s[i]) < fabs(least) ? s[i] : least;
    return least;
}

static void check_prepared(const depth_map *d, const float *disp, const float *guide) {
    const kb3d_depth_map *m = &d->map;
    double jump = snap_params.jump, worst = 0;
    int outside = 0;
    for (int y = -KB3D_SNAP_RADIUS; y < m->height + KB3D_SNAP_RADIUS; y++)
        for (int x = -KB3D_SNAP_RADIUS; x < m->width + KB3D_SNAP_RADIUS; x++) {
            ptrdiff_t at = y * m->stride + x;
            if (x < 0 || y < 0 || x >= m->width || y >= m->height) {
                outside += m->trust[at] != 0 || m->spread[at] != 0 || !isfinite(m->disp[at]);
                continue;
            }
            int i = y * m->width + x;
            double low = disp[i], high = disp[i];
            for (int n = 0; n < 9; n++) {
                int nx = x + n % 3 - 1, ny = y + n / 3 - 1;
                if (nx < 0 || ny < 0 || nx >= m->width || ny >= m->height)
                    continue;
                low = fmin(low, disp[ny * m->width + nx]);
                high = fmax(high, disp[ny * m->width + nx]);
            }
            double sx = slope_of(disp + y * m->width, m->width, 1, x);
            double sy = slope_of(disp + x, m->height, m->width, y);
            double keep = fmin(fmax(2 - fmax(fabs(sx), fabs(sy)) / jump, 0), 1);
            double odd = 2 * fmin(high - disp[i], disp[i] - low) / jump;
            worst = fmax(worst, fabs(m->slope_x[at] - sx * keep));
            worst = fmax(worst, fabs(m->slope_y[at] - sy * keep));
            worst = fmax(worst, fabs(m->spread[at] - (high - low)));
            worst = fmax(worst, fabs(m->trust[at] - (1 / (1 + odd * odd) + 1e-3)));
            worst = fmax(worst, fabs(m->disp[at] - disp[i]));
            for (int c = 0; c < 3; c++)
                worst = fmax(worst, fabs(m->guide[c][at] - guide[3 * i + c]));
        }
    CHECK(worst < 1e-4); /* the keep of a slope near two jumps divides by a small jump */
    CHECK_INT(outside, 0);
}

static void check_snapped(const depth_map *d, const float *got) {
    enum { R = KB3D_SNAP_RADIUS };
    const kb3d_depth_map *m = &d->map;
    static vote votes[(2 * R + 1) * (2 * R + 1) + 1];
    int changed = 0, wrong = 0;
    for (int y = 0; y < m->height; y++)
        for (int x = 0; x < m->width; x++) {
            ptrdiff_t at = y * m->stride + x;
            double most = 0, total = 0;
            int count = 0;
            float color[3] = {m->guide[0][at], m->guide[1][at], m->guide[2][at]};
            for (int dy = -R; dy <= R; dy++)
                for (int dx = -R; dx <= R; dx++) {
                    if (x + dx < 0 || y + dy < 0 || x + dx >= m->width || y + dy >= m->height)
                        continue;
                    ptrdiff_t from = at + dy * m->stride + dx;
                    float other[3] = {m->guide[0][from], m->guide[1][from], m->guide[2][from]};
                    most = fmax(most, m->spread[from]);
                    votes[count].value = m->disp[from] - m->slope_x[from] * dx - m->slope_y[from] * dy;
                    votes[count].weight = likeness(color, other, (double)KB3D_SNAP_UNLIKE) * m->trust[from] *
                                          nearness(dx, KB3D_SNAP_REACH) * nearness(dy, KB3D_SNAP_REACH);
                    total += votes[count++].weight;
                }
            votes[count++] = (vote){m->disp[at], total * m->trust[at] * (double)KB3D_SNAP_OWN};
            int i = y * m->width + x;
            changed += most <= snap_params.jump && got[i] != m->disp[at];
            wrong += most > snap_params.jump && !is_median(votes, count, got[i]);
        }
    CHECK_INT(changed, 0);
    CHECK_INT(wrong, 0);
}

static void one_random(const kb3d_kernels *k, int width, int height) {
    size_t count = (size_t)width * (size_t)height;
    float *disp = guarded(count * sizeof *disp), *guide = guarded(3 * count * sizeof *guide);
    fill(disp, guide, width, height);
    float *first = NULL;
    for (int par = 0; par < PARALLELS; par++) {
        depth_map d = make_map(k, &parallels[par], width, height, disp, guide);
        float *to = guarded(count * sizeof *to);
        k->map_snap(&parallels[par], &d.map, &snap_params, to);
        if (!first) {
            check_prepared(&d, disp, guide);
            check_snapped(&d, to);
            first = to;
        } else {
            CHECK(!memcmp(first, to, count * sizeof *to));
            CHECK(guards_stand(to));
        }
        CHECK(guards_stand(d.memory));
    }
    check_same_everywhere(first, count);
    CHECK(guards_stand(first));
    CHECK(guards_stand(disp));
    CHECK(guards_stand(guide));
}

/* An edge, blurred and displaced, becomes a step where the picture has its own. */
static void one_edge(const kb3d_kernels *k, int displaced, double blur) {
    enum { W = 40, H = 24, EDGE = 20 };
    float disp[W * H], guide[3 * W * H];
    for (int i = 0; i < W * H; i++) {
        double from_edge = i % W + 0.5 - EDGE - displaced;
        disp[i] = (float)(0.5 + 0.3 * tanh(from_edge / blur));
        for (int c = 0; c < 3; c++)
            guide[3 * i + c] = (float)((i % W < EDGE ? 0.3 : 0.6) + random_in(-0.02, 0.02));
    }
    for (int pass = 0; pass < 2; pass++) {
        depth_map d = make_map(k, &parallels[0], W, H, disp, guide);
        k->map_snap(&parallels[0], &d.map, &snap_params, disp);
        CHECK(guards_stand(d.memory));
    }
    int wrong = 0;
    for (int i = 0; i < W * H; i++)
        wrong += fabs(disp[i] - (i % W < EDGE ? 0.2 : 0.8)) > 0.05;
    if (!CHECK_INT(wrong, 0))
        fprintf(stderr, "    displaced by %d, blurred by %g\n", displaced, blur);
}

/* Sharp thin things of the picture's own colours stay. */
static void one_pole(const kb3d_kernels *k) {
    enum { W = 40, H = 24 };
    float disp[W * H], guide[3 * W * H], to[W * H];
    for (int i = 0; i < W * H; i++) {
        int is_pole = i % W / 2 == 9;
        disp[i] = is_pole ? 0.9f : 0.2f;
        guide[3 * i] = guide[3 * i + 1] = guide[3 * i + 2] = is_pole ? 0.6f : 0.4f;
    }
    depth_map d = make_map(k, &parallels[0], W, H, disp, guide);
    k->map_snap(&parallels[0], &d.map, &snap_params, to);
    int wrong = 0;
    for (int i = 0; i < W * H; i++)
        wrong += fabsf(to[i] - disp[i]) > 1e-4f;
    CHECK_INT(wrong, 0);
    CHECK(guards_stand(d.memory));
}

int check_snap(const kb3d_kernels *k) {
    static const int sizes[][2] = {{48, 36}, {7, 5}, {1, 1}, {1, 40}, {33, 1}, {65, 17}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        one_random(k, sizes[i][0], sizes[i][1]);
    for (int displaced = -2; displaced <= 2; displaced++)
        for (double blur = 0.5; blur < 3; blur *= 2)
            if (blur >= 1 || abs(displaced) < 2) /* an edge that is sharp already knows better where it is */
                one_edge(k, displaced, blur);
    one_pole(k);
    return check_failures;
}

typedef struct job {
    const kb3d_kernels *k;
    depth_map d;
    float *to;
} job;

static void work(void *arg) {
    const job *j = arg;
    j->k->map_snap(&parallels[0], &j->d.map, &snap_params, j->to);
}

void bench_snap(const kb3d_kernels *k) {
    enum { W = 384, H = 288 };
    float *disp = malloc(W * H * sizeof *disp), *guide = malloc(3 * W * H * sizeof *guide);
    for (int i = 0; i < W * H; i++) {
        disp[i] = (i % W / 40 + i / W / 40) % 2 ? 0.3f : 0.8f;
        guide[3 * i] = guide[3 * i + 1] = guide[3 * i + 2] = disp[i];
    }
    job j = {k, make_map(k, &parallels[0], W, H, disp, guide), guarded(W * H * sizeof(float))};
    measure(k, "map_snap, edges in 55 %", W * H, work, &j);
    guards_stand(j.to);
    guards_stand(j.d.memory);
    free(guide);
    free(disp);
}
