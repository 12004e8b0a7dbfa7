/* What must not happen on a flight: cracks, swelling, dots, flicker, black borders. */
#include "../stage.h"

static kb3d_ctx *ctx;

enum { WIDTH = 240, HEIGHT = 160, PIXELS = WIDTH * HEIGHT, ZOOMED = 9 * PIXELS };
#define FOCAL 220.0

static uint8_t rgb[3 * PIXELS], frame[3 * ZOOMED], painted[ZOOMED], before[3 * PIXELS];
static float disp[PIXELS], frame_disp[ZOOMED], before_disp[PIXELS];

static size_t painted_count(size_t pixels) {
    size_t count = 0;
    for (size_t i = 0; i < pixels; i++)
        count += painted[i] != 0;
    return count;
}

/* Without a tear in the depth no camera that looks into the picture may see a hole. */
static void test_no_crack_in_a_surface(void) {
    draw_noise(rgb, sizeof rgb, 11);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) /* hilly: planes of every size */
            disp[y * WIDTH + x] = (float)(0.5 + 0.1 * sin(0.05 * x) * cos(0.07 * y) + 0.2 * x / WIDTH);
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    for (int step = 0; step < 24; step++) {
        kb3d_camera c = source_camera(scene);
        double zoom = step % 2 ? 3 : 1.5, angle = 0.1 * (step % 3 - 1);
        const double turn[9] = {cos(angle), 0, sin(angle), 0, 1, 0, -sin(angle), 0, cos(angle)};
        memcpy(c.rotation, turn, sizeof turn);
        c.translation[0] = 0.02 * (step % 5 - 2) - sin(angle) * 1.6; /* the middle stays in sight */
        c.translation[2] = step % 4 < 2 ? -0.3 : 0.2;
        c.focal_px *= zoom * (step % 4 < 2 ? 1 : 1.4);
        kb3d_path *path = make_path(scene, &c, 1);
        int width = step % 3 ? 3 * WIDTH : 317, height = step % 3 ? 3 * HEIGHT : 211;
        render(path, 0, width, height, NULL, NULL, painted);
        if (!CHECK_INT(painted_count((size_t)width * (size_t)height), 0))
            fprintf(stderr, "    step %d\n", step);
        kb3d_path_destroy(&path);
    }
    kb3d_scene_destroy(&scene);
}

/* With tears too: hardly a hole with the same surface all around it. */
static void test_no_crack_beside_tears(void) {
    draw_noise(rgb, sizeof rgb, 12);
    draw_blobs(disp, WIDTH, HEIGHT, 13);
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    for (int step = 0; step < 12; step++) {
        kb3d_camera c = source_camera(scene);
        c.translation[0] = 0.02 * (step % 3 - 1);
        c.translation[2] = -0.05 * (step % 4);
        c.focal_px *= step % 2 ? 1.5 : 3;
        kb3d_path *path = make_path(scene, &c, 1);
        int width = 2 * WIDTH, height = 2 * HEIGHT, cracks = 0;
        render(path, 0, width, height, NULL, frame_disp, painted);
        for (int y = 1; y + 1 < height; y++)
            for (int x = 1; x + 1 < width; x++) {
                int around = 0;
                for (int k = 0; painted[y * width + x] && k < 9; k++) {
                    int q = (y + k / 3 - 1) * width + x + k % 3 - 1;
                    around += k != 4 && !painted[q] && fabsf(frame_disp[q] - frame_disp[y * width + x]) < 0.01f;
                }
                cracks += around == 8;
            }
        CHECK(cracks <= 6); /* single pixels in a silhouette's corners, of 150000 */
        kb3d_path_destroy(&path);
    }
    kb3d_scene_destroy(&scene);
}

/* A bar before a wall keeps its width, to less than a pixel, however small it gets. */
static void test_no_swelling(void) {
    enum { LEFT = 97, BAR = 40 };
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int near = x >= LEFT && x < LEFT + BAR;
            disp[y * WIDTH + x] = near ? 1 : 0.2f;
            memset(rgb + 3 * (y * WIDTH + x), near ? 240 : 20, 3);
        }
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    static const double zooms[] = {3, 1.5, 1, 0.9, 0.7, 0.5, 0.37, 0.3, 0.2, 0.12};
    for (size_t i = 0; i < sizeof zooms / sizeof *zooms; i++) {
        kb3d_camera c = source_camera(scene);
        c.focal_px *= zooms[i];
        kb3d_path *path = make_path(scene, &c, 1);
        render(path, 0, WIDTH, HEIGHT, frame, NULL, painted);
        double sum = 0;
        for (int x = 0; x < WIDTH; x++)
            sum += (frame[3 * (HEIGHT / 2 * WIDTH + x)] - 20) / 220.0;
        if (!CHECK_NEAR(sum, BAR * zooms[i], 1))
            fprintf(stderr, "    at zoom %g\n", zooms[i]);
        kb3d_path_destroy(&path);
    }
    kb3d_scene_destroy(&scene);
}

/* Whether nothing around a frame's pixel is like it in colour and, within `off`, in depth. */
static int is_dot(int i, float off) {
    int alike = 0;
    for (int k = 0; k < 9; k++) {
        int q = i + (k / 3 - 1) * WIDTH + k % 3 - 1;
        alike += k != 4 && fabsf(frame_disp[q] - frame_disp[i]) < off && abs(frame[3 * q] - frame[3 * i]) < 40;
    }
    return !alike;
}

/* Single pixels whose depth is unknown or nonsense leave no dot in the air. */
static void test_no_stray_dot(void) {
    static const float odd[] = {NAN, INFINITY, -1, 0, 0.5f, 50};
    for (int kind = 0; kind < 6; kind++) {
        uint32_t seed = 17;
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                int near = x >= 80 && x < 160 && y >= 40 && y < 120, i = y * WIDTH + x;
                disp[i] = near ? 1 : 0.2f;
                memset(rgb + 3 * i, near ? 200 : 60, 3);
            }
        /* Two pixels and more from each other and from the square's edge: on the edge itself a lost pixel has two
           surfaces to go to, and its depth may choose the wrong one. */
        for (int i = 0; i < 300; i++)
            disp[(6 + (int)(random_unit(&seed) * (HEIGHT / 4 - 2)) * 4) * WIDTH + 2 +
                 (int)(random_unit(&seed) * (WIDTH / 4 - 2)) * 4] = odd[kind];
        kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
        kb3d_camera c = source_camera(scene);
        c.translation[0] = -0.06;
        kb3d_path *path = make_path(scene, &c, 1);
        for (int prepared = 0; prepared < 2; prepared++) {
            if (prepared)
                CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
            render(path, 0, WIDTH, HEIGHT, frame, frame_disp, painted);
            int dots = 0;
            for (int y = 1; y + 1 < HEIGHT; y++)
                for (int x = 1; x + 1 < WIDTH; x++)
                    dots += is_dot(y * WIDTH + x, prepared ? 1 : 0.1f);
            if (!CHECK_INT(dots, 0))
                fprintf(stderr, "    with depth %g, prepared %d\n", odd[kind], prepared);
        }
        kb3d_path_destroy(&path);
        kb3d_scene_destroy(&scene);
    }
}

/* Where pixel i of one frame lies in another camera's frame. */
static int follow(const kb3d_camera *from, const kb3d_camera *to, int x, int y, double d, double *u, double *v,
                  double *there) {
    double p[3] = {(x + 0.5 - from->principal_x) / from->focal_px, (y + 0.5 - from->principal_y) / from->focal_px, 1};
    for (int i = 0; i < 3; i++) /* both without a turn */
        p[i] += d * (to->translation[i] - from->translation[i]);
    *u = to->focal_px * p[0] / p[2] + to->principal_x - 0.5;
    *v = to->focal_px * p[1] / p[2] + to->principal_y - 0.5;
    *there = d / p[2];
    return p[2] > 0 && *u > 2 && *v > 2 && *u < WIDTH - 3 && *v < HEIGHT - 3;
}

/* A prepared flight: what is painted stays where and what it is. */
static void test_no_flicker(void) {
    draw_waves(rgb, WIDTH, HEIGHT);
    draw_blobs(disp, WIDTH, HEIGHT, 19);
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    kb3d_path_params params;
    KB3D_INIT(params);
    params.motion = KB3D_MOTION_WINDOWS;
    params.from = (kb3d_window){105, 80, 180, 120};
    params.to = (kb3d_window){150, 85, 150, 100};
    kb3d_path *path;
    if (!CHECK_INT(kb3d_path_create(scene, &params, &path, NULL), KB3D_OK))
        return;
    kb3d_prepare_params prepare;
    KB3D_INIT(prepare);
    prepare.width = WIDTH;
    prepare.height = HEIGHT;
    CHECK_INT(kb3d_path_prepare(path, &prepare, NULL), KB3D_OK);
    kb3d_camera was, now;
    KB3D_INIT(was);
    KB3D_INIT(now);
    double share_before = 0, most_share_step = 0, most_change = 0, sum_change = 0, sum_share = 0;
    for (int k = 0; k <= 60; k++) {
        CHECK_INT(kb3d_path_get_camera(path, k / 60.0, WIDTH, HEIGHT, &now, NULL), KB3D_OK);
        render(path, k / 60.0, WIDTH, HEIGHT, frame, frame_disp, painted);
        double share = (double)painted_count(PIXELS) / PIXELS, change = 0;
        sum_share += share;
        int count = 0;
        for (int i = 0; k && i < PIXELS; i++) {
            double u, v, there;
            if (!painted[i] || !follow(&now, &was, i % WIDTH, i / WIDTH, frame_disp[i], &u, &v, &there))
                continue;
            int q = (int)(v + 0.5) * WIDTH + (int)(u + 0.5);
            if (fabs(before_disp[q] - there) > 0.01)
                continue; /* hidden there */
            for (int c = 0; c < 3; c++)
                change += abs(frame[3 * i + c] - before[3 * q + c]) / 3.0;
            count++;
        }
        change /= count + 1;
        if (k) {
            most_share_step = fmax(most_share_step, fabs(share - share_before));
            most_change = fmax(most_change, change);
            sum_change += change;
        }
        share_before = share;
        was = now;
        memcpy(before, frame, sizeof before);
        memcpy(before_disp, frame_disp, sizeof before_disp);
    }
    printf("    painted %.2f %%, largest step %.2f %%; painted pixels change by %.1f levels a frame, most %.1f\n",
           100 * sum_share / 61, 100 * most_share_step, sum_change / 60, most_change);
    CHECK(sum_share / 61 > 0.005); /* else the test shows nothing */
    CHECK(most_share_step < 0.006);
    CHECK(most_change < 12); /* half a pixel of the waves is up to 9 */
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

/* A camera that looks past the edge sees the picture go on, in colours of the picture. */
static void test_beyond_the_border(void) {
    uint32_t seed = 23;
    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)(140 + (random_next(&seed) >> 26));
    draw_blobs(disp, WIDTH, HEIGHT, 29);
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
    cameras[1].translation[0] = -0.3;
    cameras[1].focal_px *= 0.7;
    cameras[1].principal_x -= 20;
    kb3d_path *path = make_path(scene, cameras, 2);
    for (int prepared = 0; prepared < 2; prepared++) {
        for (int k = 0; k <= 4; k++) { /* the last beyond what was prepared */
            render(path, k * 0.4, WIDTH, HEIGHT, frame, frame_disp, painted);
            int dark = 0, nowhere = 0;
            for (int i = 0; i < 3 * PIXELS; i++)
                dark += frame[i] < 120;
            for (int i = 0; i < PIXELS; i++)
                nowhere += !(frame_disp[i] > 0);
            CHECK_INT(dark, 0);
            CHECK_INT(nowhere, 0);
        }
        if (!prepared)
            CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

int main(void) {
    ctx = make_ctx(2);
    RUN(test_no_crack_in_a_surface);
    RUN(test_no_crack_beside_tears);
    RUN(test_no_swelling);
    RUN(test_no_stray_dot);
    RUN(test_no_flicker);
    RUN(test_beyond_the_border);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
