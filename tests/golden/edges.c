/*
 * Silhouettes in motion. A picture's pixels at a thing's edge are mixed of two surfaces: nothing of the thing may stay
 * behind on the wall, nothing of the wall go with the thing. Thin things stay whole. Nothing pops. Prints what
 * docs/quality.md says.
 */
#include "../stage.h"

static kb3d_ctx *ctx;

enum { WIDTH = 240, HEIGHT = 160, PIXELS = WIDTH * HEIGHT, ACROSS = 4 };
#define FOCAL 200.0
#define TRAVEL 0.16 /* moves the near by 32 pixels, the far by 8 */

static const double NEAR_DISP = 1, FAR_DISP = 0.25, RADIUS = 30, CENTER[2] = {130, 80};
static uint8_t rgb[3 * PIXELS], frame[3 * PIXELS], last[3 * PIXELS];
static float disp[PIXELS], frame_disp[PIXELS], last_disp[PIXELS];

/* Shapes of the near layer, at a position of the picture. */
typedef int (*shape)(double u, double v);

static int disc(double u, double v) {
    return hypot(u - CENTER[0], v - CENTER[1]) < RADIUS;
}

/* Poles of one, two and three pixels, leaning. */
static const double POLES[3][3] = {{60, 0.06, 1}, {120, -0.09, 2}, {180, 0.13, 3}}; /* middle, lean, width */

static int poles(double u, double v) {
    for (int i = 0; i < 3; i++)
        if (fabs(u - POLES[i][0] - POLES[i][1] * (v - HEIGHT / 2)) < 0.5 * POLES[i][2])
            return 1;
    return 0;
}

static double near_color(double u, double v, int c) {
    static const double color[3] = {225, 60, 40};
    return color[c] + 8 * sin(0.5 * u) * cos(0.4 * v);
}

static double far_color(double u, double v, int c) {
    double slope = u / WIDTH;
    return (c == 0 ? 40 + 60 * slope : c == 1 ? 60 + 90 * slope : 210 - 90 * slope) + 6 * sin(0.3 * u + c) * cos(0.25 * v);
}

/* What a camera shows that has moved to the right; answers how much of the pixel is near. */
static double shoot(shape is_near, double travel, int x, int y, double color[3]) {
    double sum[3] = {0}, near = 0;
    for (int k = 0; k < ACROSS * ACROSS; k++) {
        double px = x + (k % ACROSS + 0.5) / ACROSS, py = y + (k / ACROSS + 0.5) / ACROSS;
        double u_near = px + FOCAL * travel * NEAR_DISP, u_far = px + FOCAL * travel * FAR_DISP;
        int hit = is_near(u_near, py);
        near += hit;
        for (int c = 0; c < 3; c++)
            sum[c] += hit ? near_color(u_near, py, c) : far_color(u_far, py, c);
    }
    for (int c = 0; c < 3; c++)
        color[c] = sum[c] / (ACROSS * ACROSS);
    return near / (ACROSS * ACROSS);
}

static void draw(shape is_near) {
    double color[3];
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double share = shoot(is_near, 0, x, y, color);
            disp[y * WIDTH + x] = (float)(share >= 0.5 ? NEAR_DISP : FAR_DISP);
            for (int c = 0; c < 3; c++)
                rgb[3 * (y * WIDTH + x) + c] = (uint8_t)(color[c] + 0.5);
        }
}

static kb3d_scene *make_refined_scene(void) {
    kb3d_image picture = image_of(KB3D_FORMAT_RGB8, WIDTH, HEIGHT, rgb);
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, WIDTH, HEIGHT, disp);
    kb3d_source from = source_of(&picture), depth = source_of(&map);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &from;
    params.depth = &depth;
    params.focal_px = FOCAL;
    params.refine_depth = 1;
    kb3d_scene *scene;
    CHECK_INT(kb3d_scene_create(ctx, &params, &scene, NULL), KB3D_OK);
    return scene;
}

/* Blurs the map along both axes, as networks do. */
static void blur(void) {
    static float rows[PIXELS];
    for (int pass = 0; pass < 2; pass++) {
        const float *from = pass ? rows : disp;
        float *to = pass ? disp : rows;
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                double sum = 0, norm = 0;
                for (int k = -4; k <= 4; k++) {
                    int qx = pass ? x : x + k, qy = pass ? y + k : y;
                    double weight = exp(-k * k / (2 * 1.5 * 1.5));
                    if (qx < 0 || qy < 0 || qx >= WIDTH || qy >= HEIGHT)
                        continue;
                    sum += weight * from[qy * WIDTH + qx];
                    norm += weight;
                }
                to[y * WIDTH + x] = (float)(sum / norm);
            }
    }
}

/* Errors of a prepared view: around the disc, and on the wall where the disc's outline was. */
static void measure_disc(const char *name, kb3d_scene *scene, double most_edge, double most_ghost) {
    kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
    cameras[1].translation[0] = -TRAVEL;
    kb3d_path *path = make_path(scene, cameras, 2);
    CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    render(path, 1, WIDTH, HEIGHT, frame, NULL, NULL);
    double edge = 0, ghost = 0, color[3];
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double u_near = x + 0.5 + FOCAL * TRAVEL * NEAR_DISP, u_far = x + 0.5 + FOCAL * TRAVEL * FAR_DISP, worst = 0;
            double here = hypot(u_near - CENTER[0], y + 0.5 - CENTER[1]) - RADIUS;
            double was = hypot(u_far - CENTER[0], y + 0.5 - CENTER[1]) - RADIUS;
            shoot(disc, TRAVEL, x, y, color);
            for (int c = 0; c < 3; c++)
                worst = fmax(worst, fabs(frame[3 * (y * WIDTH + x) + c] - color[c]));
            if (fabs(here) < 4)
                edge = fmax(edge, worst);
            else if (here > 4 && fabs(was) < 4)
                ghost = fmax(ghost, worst);
        }
    printf("    %s: off by %.0f levels of 255 at most at the disc's edge, by %.0f where it was\n", name, edge, ghost);
    CHECK(edge <= most_edge);
    CHECK(ghost <= most_ghost);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

static void test_disc(void) {
    draw(disc);
    measure_disc("exact depth", make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL), 30, 25);
    for (int off = -2; off <= 2; off++) {
        char name[32];
        for (int i = 0; i < PIXELS; i++)
            disp[i] = hypot(i % WIDTH + 0.5 - CENTER[0], i / WIDTH + 0.5 - CENTER[1]) < RADIUS + off ? 1 : 0.25f;
        snprintf(name, sizeof name, "depth %+d pixels", off);
        measure_disc(name, make_refined_scene(), 30, 25);
    }
    draw(disc);
    blur();
    measure_disc("blurred depth", make_refined_scene(), 35, 25);
}

/* A pole's width in every row of every frame, as its colour tells it. */
static void test_thin_things(void) {
    draw(poles);
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
    cameras[1].translation[0] = -0.1;
    kb3d_path *path = make_path(scene, cameras, 2);
    CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    for (int i = 0; i < 3; i++) {
        double least = 9, most = 0, mean = 0;
        for (int k = 0; k <= 30; k++) {
            double travel = 0.1 * k / 30;
            render(path, k / 30.0, WIDTH, HEIGHT, frame, NULL, NULL);
            for (int y = 4; y < HEIGHT - 4; y++) {
                double middle = POLES[i][0] + POLES[i][1] * (y + 0.5 - HEIGHT / 2) - FOCAL * travel * NEAR_DISP, width = 0;
                for (int x = (int)middle - 5; x <= (int)middle + 5; x++) {
                    double u = x + 0.5 + FOCAL * travel * FAR_DISP, far = far_color(u, y + 0.5, 0);
                    width += (frame[3 * (y * WIDTH + x)] - far) / (225 - far);
                }
                least = fmin(least, width);
                most = fmax(most, width);
                mean += width / (31 * (HEIGHT - 8));
            }
        }
        printf("    a pole of %.0f pixels: %.2f wide in the mean of 31 frames' rows, from %.2f to %.2f\n", POLES[i][2], mean,
               least, most);
        CHECK_NEAR(mean, POLES[i][2], 0.1);
        CHECK(least > POLES[i][2] - 0.4 && most < POLES[i][2] + 0.45);
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

/* Brightness at a position of the last frame, bilinear. */
static double last_at(double u, double v, int c) {
    int x = (int)u, y = (int)v;
    double fx = u - x, fy = v - y, sum = 0;
    for (int k = 0; k < 4; k++)
        sum += (k % 2 ? fx : 1 - fx) * (k / 2 ? fy : 1 - fy) * last[3 * ((y + k / 2) * WIDTH + x + k % 2) + c];
    return sum;
}

/* Largest difference of inverse depth around a position of the last frame. */
static double last_off(double u, double v, double there) {
    double most = 0;
    for (int k = 0; k < 4; k++)
        most = fmax(most, fabs(last_disp[((int)v + k / 2) * WIDTH + (int)u + k % 2] - there));
    return most;
}

/* 120 frames of a slow flight: each pixel, followed to the frame before, stays what it is. What one surface alone shows
   around it counts; at silhouettes, where two do, the mean alone. */
static void test_nothing_pops(void) {
    enum { FRAMES = 120 };
    draw(disc);
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
    cameras[1].translation[0] = -0.16;
    cameras[1].translation[1] = -0.03;
    kb3d_path *path = make_path(scene, cameras, 2);
    CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    double sum = 0, most = 0, worst = 0, most_step = 0, mean_before = 0, edge_sum = 0;
    long edge_count = 0;
    for (int k = 0; k <= FRAMES; k++) {
        render(path, (double)k / FRAMES, WIDTH, HEIGHT, frame, frame_disp, NULL);
        double mean = 0, step_x = 0.16 / FRAMES * FOCAL, step_y = 0.03 / FRAMES * FOCAL;
        long count = 0;
        for (int i = 0; k && i < PIXELS; i++) {
            double d = frame_disp[i], u = i % WIDTH + step_x * d, v = i / WIDTH + step_y * d, off = 0;
            if (u < 1 || v < 1 || u > WIDTH - 3 || v > HEIGHT - 3)
                continue;
            for (int c = 0; c < 3; c++)
                off += fabs(frame[3 * i + c] - last_at(u, v, c)) / 3;
            if (last_off(u, v, d) > 0.01) {
                edge_sum += off;
                edge_count++;
                continue;
            }
            mean += off;
            worst = fmax(worst, off);
            count++;
        }
        mean /= (double)(count + !count);
        if (k > 1)
            most_step = fmax(most_step, fabs(mean - mean_before));
        sum += mean;
        most = fmax(most, mean);
        mean_before = mean;
        memcpy(last, frame, sizeof last);
        memcpy(last_disp, frame_disp, sizeof last_disp);
    }
    printf("    a pixel followed through %d frames changes by %.2f levels a frame in the mean, by %.1f at most; a frame by\n"
           "    %.2f at most, which is %.2f more or less than the frame before; at silhouettes by %.1f in the mean\n",
           FRAMES, sum / FRAMES, worst, most, most_step, edge_sum / (double)edge_count);
    CHECK(sum / FRAMES < 0.25 && worst < 45);
    CHECK(most < 0.5 && most_step < 0.25);
    CHECK(edge_sum / (double)edge_count < 9);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

int main(void) {
    ctx = make_ctx(2);
    RUN(test_disc);
    RUN(test_thin_things);
    RUN(test_nothing_pops);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
