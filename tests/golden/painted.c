/*
 * What is painted in, before a wall of known colours: nothing of the thing that hid it, no shift of colour, no
 * seam, no fog.
 */
#include "../stage.h"

enum { WIDTH = 320, HEIGHT = 240, PIXELS = WIDTH * HEIGHT, GRAIN = 24, BLOCK = 8 };
#define FOCAL 260.0

static const float NEAR_DISP = 1, FAR_DISP = 0.25f;
static uint8_t rgb[3 * PIXELS], frame[3 * PIXELS], painted[PIXELS];
static float disp[PIXELS];

/* The wall's brightness without its grain, at a position of the picture; its blue is 60 more, its red 60 less. */
static double wall(double x, double y) {
    return 110 + 20 * sin(0.012 * x) + 10 * cos(0.015 * y);
}

static void draw(void) {
    uint32_t seed = 5;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int i = y * WIDTH + x, is_near = hypot(x - 150, (y - 120) * 0.8) < 52;
            int grain = (int)(random_unit(&seed) * 2 * GRAIN) - GRAIN;
            int v = (int)(wall(x + 0.5, y + 0.5) + 0.5) + grain;
            disp[i] = is_near ? NEAR_DISP : FAR_DISP;
            rgb[3 * i] = (uint8_t)(is_near ? 230 + grain : v - 60 < 0 ? 0 : v - 60);
            rgb[3 * i + 1] = (uint8_t)(is_near ? 40 : v);
            rgb[3 * i + 2] = (uint8_t)(is_near ? 30 : v + 60 > 255 ? 255 : v + 60);
        }
}

typedef struct sums {
    int wrong, count, blocks, seams, insides;
    double shift, most_shift, grain, seam, inside;
} sums;

/* Where a pixel of the wall lies in the picture. */
static void in_picture(const kb3d_camera *c, int x, int y, double *u, double *v) {
    double z = 1 / FAR_DISP, there = z + c->translation[2];
    *u = ((x + 0.5 - c->principal_x) / c->focal_px * there - c->translation[0]) / z * FOCAL + 0.5 * WIDTH;
    *v = ((y + 0.5 - c->principal_y) / c->focal_px * there - c->translation[1]) / z * FOCAL + 0.5 * HEIGHT;
}

static int is_red(int i) {
    return frame[3 * i] > frame[3 * i + 2];
}

/* Mean offset and grain of the painted pixels of a block. */
static void add_block(sums *s, const kb3d_camera *c, int x0, int y0) {
    double sum = 0, squares = 0;
    int count = 0;
    for (int y = y0; y < y0 + BLOCK; y++)
        for (int x = x0; x < x0 + BLOCK; x++) {
            int i = y * WIDTH + x;
            if (!painted[i])
                continue;
            double u, v;
            in_picture(c, x, y, &u, &v);
            double off = frame[3 * i + 1] - wall(u, v);
            sum += off, squares += off * off;
            count++;
            s->wrong += is_red(i);
        }
    s->count += count;
    if (count < 40)
        return;
    double mean = sum / count;
    s->shift += mean;
    s->most_shift = fmax(s->most_shift, fabs(mean));
    s->grain += sqrt(fmax(squares / count - mean * mean, 0));
    s->blocks++;
}

static void add_seams(sums *s) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x + 1 < WIDTH; x++) {
            int i = y * WIDTH + x, step = abs(frame[3 * i + 1] - frame[3 * i + 4]);
            if (is_red(i) || is_red(i + 1))
                continue;
            if (painted[i] != painted[i + 1])
                s->seam += step, s->seams++;
            else if (!painted[i])
                s->inside += step, s->insides++;
        }
}

static void test_painted(void) {
    static const double steps[][3] = {{0.2, 0, 0}, {-0.2, 0.05, 0}, {0, -0.2, 0}, {0.1, 0.1, 0.35}, {0.05, 0, -0.3}};
    kb3d_ctx *ctx = make_ctx(2);
    draw();
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        kb3d_camera c = source_camera(scene);
        for (int i = 0; i < 3; i++)
            c.translation[i] = -steps[k][i];
        kb3d_path *path = make_path(scene, &c, 1);
        CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
        render(path, 0, WIDTH, HEIGHT, frame, NULL, painted);
        sums s = {0};
        for (int y = 0; y + BLOCK <= HEIGHT; y += BLOCK)
            for (int x = 0; x + BLOCK <= WIDTH; x += BLOCK)
                add_block(&s, &c, x, y);
        add_seams(&s);
        printf("    %d pixels, %d red; %d blocks: shift %.1f, most %.1f, grain %.1f; steps %.1f at seams, %.1f elsewhere\n",
               s.count, s.wrong, s.blocks, s.shift / s.blocks, s.most_shift, s.grain / s.blocks, s.seam / s.seams,
               s.inside / s.insides);
        CHECK(s.count > 1000 && s.blocks > 5);
        CHECK(s.wrong <= s.count / 50); /* the silhouette's own pixels */
        CHECK_NEAR(s.shift / s.blocks, 0, 7); /* the wall's own brightness changes by up to 60 */
        CHECK(s.most_shift < 18);
        CHECK(s.grain / s.blocks > 0.55 * GRAIN / sqrt(3));
        CHECK(s.seam / s.seams < 1.3 * s.inside / s.insides);
        kb3d_path_destroy(&path);
    }
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

int main(void) {
    RUN(test_painted);
    return check_end();
}
