/* Flights: at the focus depth the windows are met exactly, whatever the motion, output and parallax. */
#include "path.h"

#include "../stage.h"

enum { W = 120, H = 80 };
#define FOCUS_Z 2.5

static kb3d_ctx *ctx;
static kb3d_scene *scene;

/* Where a camera without rotation sees the point of the focus depth behind a pixel of the picture. */
static void see(const kb3d_camera *c, double x, double y, double *u, double *v) {
    const kb3d_camera *home = &scene->camera;
    double p[3] = {(x - home->principal_x) / home->focal_px * FOCUS_Z, (y - home->principal_y) / home->focal_px * FOCUS_Z,
                   FOCUS_Z};
    for (int i = 0; i < 3; i++)
        p[i] += c->translation[i];
    *u = c->focal_px * p[0] / p[2] + c->principal_x;
    *v = c->focal_px * p[1] / p[2] + c->principal_y;
}

/* The window as conventions have it for an output: grown about its centre, moved into the picture. */
static kb3d_window grown(kb3d_window w, double aspect) {
    if (w.width < w.height * aspect)
        w.width = w.height * aspect;
    else
        w.height = w.width / aspect;
    double share = fmin(1, fmin(W / w.width, H / w.height));
    w.width *= share;
    w.height *= share;
    w.center_x = fmin(fmax(w.center_x, w.width / 2), W - w.width / 2);
    w.center_y = fmin(fmax(w.center_y, w.height / 2), H - w.height / 2);
    return w;
}

/* The window's corners lie on the frame's, to a millionth of a pixel. */
static void meets(const kb3d_path *path, double t, int width, int height, kb3d_window w) {
    kb3d_camera c;
    KB3D_INIT(c);
    CHECK_INT(kb3d_path_get_camera(path, t, width, height, &c, NULL), KB3D_OK);
    w = grown(w, (double)width / height);
    for (int i = 0; i < 4; i++) {
        double sx = i & 1 ? 0.5 : -0.5, sy = i & 2 ? 0.5 : -0.5, u, v;
        see(&c, w.center_x + sx * w.width, w.center_y + sy * w.height, &u, &v);
        CHECK_NEAR(u, (0.5 + sx) * width, 1e-6);
        CHECK_NEAR(v, (0.5 + sy) * height, 1e-6);
    }
}

static const int SIZES[][2] = {{W, H}, {1920, 1080}, {640, 640}, {200, 900}, {333, 77}};
static const double PARALLAX[] = {-1, 0, 0.3, 1};

static kb3d_path *create(kb3d_path_params *p) {
    kb3d_path *path;
    kb3d_call call;
    KB3D_INIT(call);
    p->focus = KB3D_FOCUS_DEPTH;
    p->focus_z = FOCUS_Z;
    if (!CHECK_INT(kb3d_path_create(scene, p, &path, &call), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    return path;
}

static void test_windows(void) {
    static const kb3d_window pairs[][2] = {
        {{60, 40, 120, 80}, {40, 30, 60, 40}}, {{30, 25, 50, 40}, {90, 50, 40, 50}}, {{60, 40, 30, 20}, {60, 40, 120, 80}},
        {{40, 40, 50, 30}, {80, 40, 50, 30}}, {{60, 40, 3, 2}, {61, 41, 90, 60}},
    };
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
        for (int a = 0; a < 4; a++) {
            kb3d_path_params p;
            KB3D_INIT(p);
            p.motion = KB3D_MOTION_WINDOWS;
            p.from = pairs[k][0];
            p.to = pairs[k][1];
            p.parallax = PARALLAX[a];
            kb3d_path *path = create(&p);
            for (int s = 0; s < 5; s++) {
                meets(path, 0, SIZES[s][0], SIZES[s][1], p.from);
                meets(path, 1, SIZES[s][0], SIZES[s][1], p.to);
            }
            kb3d_path_destroy(&path);
        }
}

static void test_derived_windows(void) {
    kb3d_path_params p;
    KB3D_INIT(p);
    p.motion = KB3D_MOTION_WINDOWS;
    p.zoom = 1.6;
    kb3d_path *path = create(&p);
    meets(path, 0, W, H, (kb3d_window){W / 2, H / 2, W, H});
    meets(path, 1, W, H, (kb3d_window){W / 2, H / 2, W / 1.6, H / 1.6});
    kb3d_path_destroy(&path);
}

/* All of the way, the size goes geometrically and the frame stays filled at the focus depth. */
static void test_between(void) {
    kb3d_path_params p;
    KB3D_INIT(p);
    p.motion = KB3D_MOTION_WINDOWS;
    p.from = (kb3d_window){60, 40, 120, 80};
    p.to = (kb3d_window){40, 30, 30, 20};
    p.parallax = 1;
    kb3d_path *path = create(&p);
    for (int i = -10; i <= 30; i++) {
        double t = i / 10.0, size = pow(0.25, t), share = (size - 1) / (0.25 - 1);
        kb3d_camera c;
        KB3D_INIT(c);
        CHECK_INT(kb3d_path_get_camera(path, t, W, H, &c, NULL), KB3D_OK);
        double u0, u1, v, x = 60 - 20 * share, y = 40 - 10 * share;
        see(&c, x - 60 * size, y, &u0, &v);
        CHECK_NEAR(v, H / 2.0, 1e-6);
        see(&c, x + 60 * size, y, &u1, &v);
        CHECK_NEAR(u0, 0, 1e-6);
        CHECK_NEAR(u1, W, 1e-6);
    }
    kb3d_path_destroy(&path);
}

static void test_auto(void) {
    for (uint64_t seed = 0; seed < 4; seed++) {
        kb3d_path_params p;
        KB3D_INIT(p);
        p.seed = seed;
        p.zoom = seed == 3 ? 0.7 : 1.3;
        kb3d_path *path = create(&p);
        const kb3d_flight *f = &path->flight;
        CHECK_NEAR(f->focus_disp, 1 / FOCUS_Z, 1e-12);
        const kb3d_window *both[2] = {&f->from, &f->to};
        for (int i = 0; i < 2; i++)
            CHECK(both[i]->center_x - both[i]->width / 2 > -1e-9 && both[i]->center_x + both[i]->width / 2 < W + 1e-9 &&
                  both[i]->center_y - both[i]->height / 2 > -1e-9 && both[i]->center_y + both[i]->height / 2 < H + 1e-9);
        CHECK_NEAR(f->from.width / f->to.width, p.zoom, 1e-9);
        meets(path, 0, W, H, f->from);
        meets(path, 1, W, H, f->to);
        for (int s = 0; s < 5; s++) { /* whatever the frame's shape, the zoom is as asked for */
            double sizes[2];
            for (int t = 0; t < 2; t++) {
                kb3d_camera c;
                KB3D_INIT(c);
                CHECK_INT(kb3d_path_get_camera(path, t, SIZES[s][0], SIZES[s][1], &c, NULL), KB3D_OK);
                sizes[t] = c.focal_px / (FOCUS_Z + c.translation[2]);
            }
            CHECK_NEAR(sizes[1] / sizes[0], p.zoom, 1e-9);
            kb3d_window larger = p.zoom < 1 ? f->to : f->from;
            meets(path, p.zoom < 1, SIZES[s][0], SIZES[s][1], larger);
        }
        kb3d_path_destroy(&path);
    }
}

/* What lies at the focus depth keeps its size for every t; at 0 the from window is met. */
static void test_dolly(void) {
    for (int k = 0; k < 2; k++)
        for (int a = 1; a < 4; a++) {
            kb3d_path_params p;
            KB3D_INIT(p);
            p.motion = KB3D_MOTION_DOLLY;
            p.from = (kb3d_window){60, 40, 80, 50};
            p.zoom = k ? 0.7 : 1.4;
            p.parallax = PARALLAX[a];
            kb3d_path *path = create(&p);
            for (int s = 0; s < 5; s++) {
                int width = SIZES[s][0], height = SIZES[s][1];
                meets(path, 0, width, height, p.from);
                double want = 0, travel = 0;
                for (int i = -4; i <= 8; i++) {
                    kb3d_camera c;
                    KB3D_INIT(c);
                    CHECK_INT(kb3d_path_get_camera(path, i / 4.0, width, height, &c, NULL), KB3D_OK);
                    double size = c.focal_px / (FOCUS_Z + c.translation[2]);
                    if (i == -4)
                        want = size;
                    CHECK_NEAR(size / want, 1, 1e-9);
                    travel = fmax(travel, fabs(c.translation[2]));
                }
                CHECK(travel > 0.05);
            }
            kb3d_path_destroy(&path);
        }
}

/* The window goes round about the middle, inside the picture, once for each unit of t. */
static void test_circle(void) {
    for (int a = 0; a < 4; a++) {
        kb3d_path_params p;
        KB3D_INIT(p);
        p.motion = KB3D_MOTION_CIRCLE;
        p.parallax = PARALLAX[a];
        p.zoom = a ? 1.6 : 0; /* 1.25 */
        double zoom = a ? 1.6 : 1.25, radius = 0.5 * (1 - 1 / zoom) * H;
        kb3d_path *path = create(&p);
        for (int i = -9; i <= 9; i++) {
            double t = i / 3.0, angle = 2 * M_PI * t;
            meets(path, t, W, H, (kb3d_window){W / 2.0 + radius * sin(angle), H / 2.0 - radius * cos(angle), W / zoom, H / zoom});
        }
        for (int s = 0; s < 5; s++) { /* whatever the frame's shape, what it shows is inside the picture */
            kb3d_camera c;
            KB3D_INIT(c);
            for (int i = 0; i < 8; i++) {
                double u0, v0, u1, v1, slack = 1e-6;
                CHECK_INT(kb3d_path_get_camera(path, i / 8.0, SIZES[s][0], SIZES[s][1], &c, NULL), KB3D_OK);
                see(&c, 0, 0, &u0, &v0);
                see(&c, W, H, &u1, &v1);
                CHECK(u0 < slack && v0 < slack && u1 > SIZES[s][0] - slack && v1 > SIZES[s][1] - slack);
            }
        }
        kb3d_path_destroy(&path);
    }
    kb3d_path_params p;
    KB3D_INIT(p);
    p.motion = KB3D_MOTION_CIRCLE;
    p.zoom = 1;
    kb3d_path *path;
    CHECK_INT(kb3d_path_create(scene, &p, &path, NULL), KB3D_ERROR_ARGUMENT);
}

static void test_listed_cameras(void) {
    enum { COUNT = 5 };
    kb3d_camera cameras[COUNT];
    double times[COUNT] = {-1, 0, 0.25, 2, 3.5};
    for (int i = 0; i < COUNT; i++) {
        kb3d_camera *c = &cameras[i];
        *c = source_camera(scene);
        double yaw = 0.2 * i - 0.4, pitch = 0.1 * (i % 2), cy = cos(yaw), sy = sin(yaw), cp = cos(pitch), sp = sin(pitch);
        const double r[9] = {cy, 0, sy, sp * sy, cp, -sp * cy, -cp * sy, sp, cp * cy};
        memcpy(c->rotation, r, sizeof r);
        c->translation[0] = 0.1 * i;
        c->translation[2] = -0.05 * i * i;
        c->focal_px *= 1 + 0.3 * i;
        c->principal_x += i;
    }
    kb3d_path_params p;
    KB3D_INIT(p);
    p.motion = KB3D_MOTION_CAMERAS;
    p.cameras = cameras;
    p.times = times;
    p.camera_count = COUNT;
    kb3d_path *path;
    CHECK_INT(kb3d_path_create(scene, &p, &path, NULL), KB3D_OK);
    kb3d_camera c;
    KB3D_INIT(c);
    for (int i = 0; i < COUNT; i++) { /* passes through each */
        CHECK_INT(kb3d_path_get_camera(path, times[i], W, H, &c, NULL), KB3D_OK);
        for (int k = 0; k < 9; k++)
            CHECK_NEAR(c.rotation[k], cameras[i].rotation[k], 1e-12);
        for (int k = 0; k < 3; k++)
            CHECK_NEAR(c.translation[k], cameras[i].translation[k], 1e-12);
        CHECK_NEAR(c.focal_px, cameras[i].focal_px, 1e-9);
        CHECK_NEAR(c.principal_x, cameras[i].principal_x, 1e-9);
    }
    for (int i = -30; i < 60; i++) { /* between and beyond them it stays a camera */
        CHECK_INT(kb3d_path_get_camera(path, 0.1 * i, 2 * W, H, &c, NULL), KB3D_OK);
        CHECK_INT(kb3d_camera_check(&c, NULL), KB3D_OK);
    }
    CHECK_INT(kb3d_path_get_camera(path, 1.125, W, H, &c, NULL), KB3D_OK); /* half of the way from 0.25 to 2 */
    CHECK_NEAR(c.translation[0], 0.25, 1e-12);
    CHECK_NEAR(c.focal_px / scene->camera.focal_px, sqrt(1.6 * 1.9), 1e-12);
    kb3d_path_destroy(&path);
}

static void test_focus(void) {
    kb3d_path_params p;
    KB3D_INIT(p);
    p.motion = KB3D_MOTION_WINDOWS;
    kb3d_path *path;
    CHECK_INT(kb3d_path_create(scene, &p, &path, NULL), KB3D_OK);
    CHECK_NEAR(path->flight.focus_disp, 0.8, 0.01); /* the thing in the middle */
    kb3d_path_destroy(&path);
    p.focus = KB3D_FOCUS_POINT;
    p.focus_x = 3.5;
    p.focus_y = 70;
    CHECK_INT(kb3d_path_create(scene, &p, &path, NULL), KB3D_OK);
    CHECK_NEAR(path->flight.focus_disp, 0.2, 1e-6);
    kb3d_path_destroy(&path);
}

int main(void) {
    static uint8_t rgb[3 * W * H];
    static float disp[W * H];
    for (int i = 0; i < W * H; i++)
        disp[i] = hypot(i % W - W / 2, i / W - H / 2) < 25 ? 0.8f : 0.2f;
    draw_noise(rgb, sizeof rgb, 1);
    ctx = make_ctx(1);
    scene = make_scene(ctx, rgb, disp, W, H, 130);
    RUN(test_windows);
    RUN(test_derived_windows);
    RUN(test_between);
    RUN(test_auto);
    RUN(test_dolly);
    RUN(test_circle);
    RUN(test_listed_cameras);
    RUN(test_focus);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
