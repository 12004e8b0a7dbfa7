/* Scenes whose new views are known: two planes, a slanted plane, a sphere before a plane. */
#include "../stage.h"

static kb3d_ctx *ctx;

enum { WIDTH = 240, HEIGHT = 160, PIXELS = WIDTH * HEIGHT };
#define FOCAL 200.0

static uint8_t rgb[3 * PIXELS], frame[3 * PIXELS], painted[PIXELS];
static float disp[PIXELS], frame_disp[PIXELS];

static const uint8_t NEAR_COLOR[3] = {230, 40, 30}, FAR_COLOR[3] = {20, 60, 200};
static const float NEAR_DISP = 1, FAR_DISP = 0.25f;
enum { LEFT = 90, RIGHT = 140, TOP = 50, BOTTOM = 110 };

static int is_color(const uint8_t *a, const uint8_t *b, int most) {
    return abs(a[0] - b[0]) <= most && abs(a[1] - b[1]) <= most && abs(a[2] - b[2]) <= most;
}

static void draw_square(void) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int near = x >= LEFT && x < RIGHT && y >= TOP && y < BOTTOM;
            disp[y * WIDTH + x] = near ? NEAR_DISP : FAR_DISP;
            memcpy(rgb + 3 * (y * WIDTH + x), near ? NEAR_COLOR : FAR_COLOR, 3);
        }
}

/* The picture's farther layer has points for one pixel behind the square's edges, and the last of them reaches half a
   pixel further: so much of what is uncovered is not painted. */
static const double GOES_ON = 1.5;

/* One frame after moving to the right by `travel`: strips where predicted, with the background's colour and depth and
   never the foreground's, painted but for what the picture itself shows of them. */
static void check_strips(double travel) {
    double near_shift = FOCAL * travel * NEAR_DISP, far_shift = FOCAL * travel * FAR_DISP;
    double strip = near_shift - far_shift; /* the square uncovers this much at its right */
    for (int y = 0; y < HEIGHT; y++) {
        int beside = 0, beyond = 0, elsewhere = 0, wrong_color = 0, wrong_depth = 0;
        for (int x = 0; x < WIDTH; x++) {
            int i = y * WIDTH + x;
            int is_beside = x + 1 > RIGHT - near_shift - 1 && x < RIGHT - far_shift + 1 && y >= TOP && y < BOTTOM;
            int is_beyond = x + 1 > WIDTH - far_shift - 1;
            beside += painted[i] && is_beside;
            beyond += painted[i] && is_beyond;
            elsewhere += painted[i] && !is_beside && !is_beyond;
            if (!is_beside && !is_beyond)
                continue;
            if (is_beside && x < RIGHT - near_shift + 0.5)
                continue; /* the square's silhouette lies over it */
            wrong_color += !is_color(frame + 3 * i, FAR_COLOR, 1);
            wrong_depth += fabsf(frame_disp[i] - FAR_DISP) > 1e-4f;
        }
        int from_edge = y < (TOP + BOTTOM) / 2 ? y - TOP : BOTTOM - 1 - y;
        if (from_edge != 1) /* where the reach of the last points ends */
            CHECK_NEAR(beside, from_edge > 1 ? fmax(strip - GOES_ON, 0) : 0, from_edge > 1 ? 1 : 0);
        CHECK_NEAR(beyond, far_shift, 1);
        if (!CHECK(!elsewhere && !wrong_color && !wrong_depth))
            fprintf(stderr, "    travel %g, row %d: %d elsewhere, %d of wrong colour, %d of wrong depth\n", travel, y,
                    elsewhere, wrong_color, wrong_depth);
    }
}

static void test_two_planes(void) {
    draw_square();
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
    cameras[1].translation[0] = -0.1;
    kb3d_path *path = make_path(scene, cameras, 2);
    for (int prepared = 0; prepared < 2; prepared++) {
        for (int step = 1; step <= 10; step++) {
            double travel = 0.01 * step;
            render(path, travel / 0.1, WIDTH, HEIGHT, frame, frame_disp, painted);
            check_strips(travel);
        }
        if (!prepared)
            CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

/* Where in that frame a point lies that the picture shows at the square's right edge. */
static double right_edge(double before, double after, double t) {
    return FOCAL * ((RIGHT - WIDTH / 2) / (FOCAL * before) - 0.12 * t) * after;
}

/* After a forward move, what is painted lies at the background's depth as seen from
   there, not at its depth seen from the start. */
static void test_depth_after_dolly(void) {
    draw_square();
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
    cameras[1].translation[0] = -0.12;
    cameras[1].translation[2] = -0.4;
    kb3d_path *path = make_path(scene, cameras, 2);
    for (int prepared = 0; prepared < 2; prepared++) {
        for (int step = 1; step <= 8; step++) {
            double t = step / 8.0, far = 1 / (1 / FAR_DISP - 0.4 * t), near = 1 / (1 / NEAR_DISP - 0.4 * t);
            int count = 0, wrong = 0;
            render(path, t, WIDTH, HEIGHT, frame, frame_disp, painted);
            for (int i = 0; i < PIXELS; i++) {
                int is_far = fabs(frame_disp[i] - far) < 1e-3, is_near = fabs(frame_disp[i] - near) < 1e-3;
                if (painted[i])
                    wrong += !is_far && !(is_near && i && !painted[i - 1]); /* the silhouette itself */
                else
                    wrong += !is_far && !is_near;
                count += painted[i] != 0;
            }
            double strip = right_edge(FAR_DISP, far, t) - right_edge(NEAR_DISP, near, t); /* to the square's right */
            CHECK(count >= (strip - GOES_ON - 1) * (BOTTOM - TOP - 2 * GOES_ON - 2));
            CHECK_INT(wrong, 0);
        }
        if (!prepared)
            CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

/* A picture's colour at any position: waves of some thirty pixels. */
static double wave(double x, double y, int c) {
    return 127.5 + 60 * sin(0.21 * x + c) + 60 * cos(0.17 * y - 0.05 * x + 2 * c);
}

/* Position of frame pixel (x, y) in a picture whose inverse depth is the plane
   d0 + dx u + dy v: p ~ (K' R K^-1 + K' T (dx, dy, d0)) (u, v, 1), solved for (u, v). */
static double plane_position(const kb3d_camera *c, const double plane[3], double x, double y, double *u, double *v) {
    double m[3][3];
    for (int i = 0; i < 3; i++) {
        const double *r = c->rotation + 3 * i;
        m[i][0] = r[0] / FOCAL + c->translation[i] * plane[0];
        m[i][1] = r[1] / FOCAL + c->translation[i] * plane[1];
        m[i][2] = r[2] - r[0] * 0.5 * WIDTH / FOCAL - r[1] * 0.5 * HEIGHT / FOCAL + c->translation[i] * plane[2];
    }
    double px = (x - c->principal_x) / c->focal_px, py = (y - c->principal_y) / c->focal_px;
    /* (m0 - px m2) . (u, v, 1) = 0 and (m1 - py m2) . (u, v, 1) = 0 */
    double a[3], b[3];
    for (int j = 0; j < 3; j++) {
        a[j] = m[0][j] - px * m[2][j];
        b[j] = m[1][j] - py * m[2][j];
    }
    double det = a[0] * b[1] - a[1] * b[0];
    *u = (a[1] * b[2] - a[2] * b[1]) / det;
    *v = (a[2] * b[0] - a[0] * b[2]) / det;
    double share = m[2][0] * *u + m[2][1] * *v + m[2][2]; /* z there / z here */
    return (plane[0] * *u + plane[1] * *v + plane[2]) / share;
}

static void test_slanted_plane(void) {
    const double plane[3] = {0.5 / WIDTH, -0.3 / HEIGHT, 0.5};
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            disp[y * WIDTH + x] = (float)(plane[0] * (x + 0.5) + plane[1] * (y + 0.5) + plane[2]);
            for (int c = 0; c < 3; c++)
                rgb[3 * (y * WIDTH + x) + c] = (uint8_t)(wave(x + 0.5, y + 0.5, c) + 0.5);
        }
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    kb3d_camera camera = source_camera(scene);
    double angle = 0.1;
    const double turn[9] = {cos(angle), 0, sin(angle), 0, 1, 0, -sin(angle), 0, cos(angle)};
    memcpy(camera.rotation, turn, sizeof turn);
    camera.translation[0] = -0.15;
    camera.translation[1] = 0.05;
    camera.translation[2] = -0.3;
    camera.principal_x += 7.3;
    kb3d_path *path = make_path(scene, &camera, 1);
    render(path, 0, WIDTH, HEIGHT, frame, frame_disp, painted);
    double error = 0, depth_error = 0;
    int count = 0, holes = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double u, v, d = plane_position(&camera, plane, x + 0.5, y + 0.5, &u, &v);
            if (u < 3 || v < 3 || u > WIDTH - 3 || v > HEIGHT - 3)
                continue;
            for (int c = 0; c < 3; c++) {
                double e = frame[3 * (y * WIDTH + x) + c] - wave(u, v, c);
                error += e * e / 3;
            }
            depth_error = fmax(depth_error, fabs(frame_disp[y * WIDTH + x] - d) / d);
            holes += painted[y * WIDTH + x] != 0;
            count++;
        }
    double db = 10 * log10(255.0 * 255.0 * count / error);
    printf("    %d pixels, %.1f dB, depth within %.2g\n", count, db, depth_error);
    CHECK(count > PIXELS / 2);
    CHECK(db > 44); /* rounding to 8 bit twice leaves about 55 */
    CHECK(depth_error < 0.002);
    CHECK_INT(holes, 0);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

/* What a ray from `eye` in direction (x, y, 1) meets: a sphere, or the wall behind
   it. Answers the ray's length in z. */
static double trace(const double eye[3], double x, double y, double point[3], int *is_sphere) {
    static const double center[3] = {0.1, 0, 2}, radius = 0.5, wall = 4;
    double o[3] = {eye[0] - center[0], eye[1] - center[1], eye[2] - center[2]};
    double a = x * x + y * y + 1, b = o[0] * x + o[1] * y + o[2];
    double c = o[0] * o[0] + o[1] * o[1] + o[2] * o[2] - radius * radius, root = b * b - a * c;
    *is_sphere = root > 0;
    double z = root > 0 ? (-b - sqrt(root)) / a : wall - eye[2];
    point[0] = eye[0] + x * z;
    point[1] = eye[1] + y * z;
    point[2] = eye[2] + z;
    return z;
}

static double solid_color(const double p[3], int is_sphere, int c) {
    return is_sphere ? 150 + 50 * sin(18 * p[0] + c) * cos(18 * p[1]) : 90 + 40 * sin(9 * p[0] + 2 * c) + 40 * cos(8 * p[1]);
}

static void test_sphere(void) {
    const double home[3] = {0, 0, 0}, eye[3] = {0.12, -0.05, 0.3};
    double p[3];
    int is_sphere;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double z = trace(home, (x + 0.5 - 0.5 * WIDTH) / FOCAL, (y + 0.5 - 0.5 * HEIGHT) / FOCAL, p, &is_sphere);
            disp[y * WIDTH + x] = (float)(1 / z);
            for (int c = 0; c < 3; c++)
                rgb[3 * (y * WIDTH + x) + c] = (uint8_t)(solid_color(p, is_sphere, c) + 0.5);
        }
    kb3d_scene *scene = make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
    kb3d_camera camera = source_camera(scene);
    for (int i = 0; i < 3; i++)
        camera.translation[i] = -eye[i];
    kb3d_path *path = make_path(scene, &camera, 1);
    render(path, 0, WIDTH, HEIGHT, frame, frame_disp, painted);
    double error = 0;
    int count = 0, holes = 0, wrong_depth = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int kind, same = 1, other;
            for (int dy = -2; dy <= 2; dy += 2) /* away from the silhouette, here and in the picture */
                for (int dx = -2; dx <= 2; dx += 2) {
                    trace(eye, (x + dx + 0.5 - 0.5 * WIDTH) / FOCAL, (y + dy + 0.5 - 0.5 * HEIGHT) / FOCAL, p, &other);
                    kind = dx == -2 && dy == -2 ? other : kind;
                    same &= other == kind;
                }
            double z = trace(eye, (x + 0.5 - 0.5 * WIDTH) / FOCAL, (y + 0.5 - 0.5 * HEIGHT) / FOCAL, p, &kind);
            double u = FOCAL * p[0] / p[2], v = FOCAL * p[1] / p[2], seen[3];
            if (fabs(u) > 0.5 * WIDTH - 3 || fabs(v) > 0.5 * HEIGHT - 3)
                continue;
            for (int dy = -2; dy <= 2; dy += 2)
                for (int dx = -2; dx <= 2; dx += 2) {
                    trace(home, (u + dx) / FOCAL, (v + dy) / FOCAL, seen, &other);
                    same &= other == kind;
                }
            trace(home, u / FOCAL, v / FOCAL, seen, &other);
            if (!same || fabs(seen[2] - p[2]) > 0.01)
                continue;
            for (int c = 0; c < 3; c++) {
                double e = frame[3 * (y * WIDTH + x) + c] - solid_color(p, kind, c);
                error += e * e / 3;
            }
            wrong_depth += fabs(frame_disp[y * WIDTH + x] * z - 1) > 0.02;
            holes += painted[y * WIDTH + x] != 0;
            count++;
        }
    double db = 10 * log10(255.0 * 255.0 * count / error);
    printf("    %d pixels, %.1f dB, %d of wrong depth\n", count, db, wrong_depth);
    CHECK(count > PIXELS / 2);
    CHECK(db > 36);
    CHECK(wrong_depth <= count / 1000);
    CHECK_INT(holes, 0);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

int main(void) {
    ctx = make_ctx(2);
    RUN(test_two_planes);
    RUN(test_depth_after_dolly);
    RUN(test_slanted_plane);
    RUN(test_sphere);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
