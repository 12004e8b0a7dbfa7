/* Paths: what is refused, easing and loops, times far away, unprepared and prepared. */
#include "../stage.h"

enum { W = 96, H = 64 };
static uint8_t rgb[3 * W * H], frame[3 * W * H];
static float disp[W * H];
static kb3d_ctx *ctx;
static kb3d_scene *scene;
static kb3d_call call;

static void refused(const kb3d_path_params *params, const char *part) {
    kb3d_path *path = (kb3d_path *)&call;
    CHECK_INT(kb3d_path_create(scene, params, &path, &call), KB3D_ERROR_ARGUMENT);
    CHECK(!path);
    CHECK_TEXT(call.message, part);
}

static kb3d_path_params windows(void) {
    kb3d_path_params p;
    KB3D_INIT(p);
    p.motion = KB3D_MOTION_WINDOWS;
    return p;
}

static void test_refused_params(void) {
    kb3d_path *path;
    CHECK_INT(kb3d_path_create(NULL, NULL, &path, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_path_create(scene, NULL, NULL, &call), KB3D_ERROR_ARGUMENT);
    kb3d_path_params p = windows();
#define REFUSED(change, part) p = windows(); change; refused(&p, part)
    REFUSED(p.size = 9, "size");
    REFUSED(p.motion = (kb3d_motion)5, "motion");
    REFUSED(p.ease = (kb3d_ease)-1, "easing");
    REFUSED(p.loop = (kb3d_loop)2, "loop");
    REFUSED(p.focus = (kb3d_focus)3, "focus");
    REFUSED(p.zoom = -2, "zoom");
    REFUSED(p.zoom = NAN, "zoom");
    REFUSED(p.zoom = 1e9, "zoom");
    REFUSED(p.shift = 2, "shift");
    REFUSED(p.parallax = 1.5, "parallax");
    REFUSED(p.parallax = NAN, "parallax");
    REFUSED(p.range_end = INFINITY, "range");
    REFUSED(p.focus = KB3D_FOCUS_DEPTH, "focus depth");
    REFUSED(p.focus = KB3D_FOCUS_DEPTH; p.focus_z = -1, "focus depth");
    REFUSED(p.focus = KB3D_FOCUS_POINT; p.focus_x = W, "focus point");
    REFUSED(p.focus = KB3D_FOCUS_POINT; p.focus_y = NAN, "focus point");
    REFUSED(p.to = ((kb3d_window){10, 10, 30, 15}), "`to`");
    REFUSED(p.from = ((kb3d_window){W / 2, H / 2, W + 1, H}), "`from`");
    REFUSED(p.from = ((kb3d_window){W / 2, H / 2, -10, 10}), "`from`");
    REFUSED(p.to = ((kb3d_window){NAN, H / 2, 10, 10}), "`to`");
    REFUSED(p.to = ((kb3d_window){W / 2, H / 2, NAN, 10}), "`to`");
    REFUSED(p.to = ((kb3d_window){W / 2, H / 2, 0, 0}), "`to`");
#undef REFUSED
    CHECK(!strchr(call.message, '\n'));
}

static void test_refused_cameras(void) {
    kb3d_camera good[3] = {source_camera(scene), source_camera(scene), source_camera(scene)}, list[3];
    double times[3] = {0, 0.5, 1};
    kb3d_path_params p;
    KB3D_INIT(p);
    p.motion = KB3D_MOTION_CAMERAS;
    refused(&p, "cameras");
    p.cameras = list;
    p.times = times;
    p.camera_count = 3;
#define REFUSED(change, part) memcpy(list, good, sizeof list); change; refused(&p, part)
    REFUSED(list[1].size = 8, "kb3d_camera");
    REFUSED(list[2].focal_px = 0, "focal");
    REFUSED(list[2].focal_px = NAN, "focal");
    REFUSED(list[0].width = 0, "frame");
    REFUSED(list[0].height = -1, "frame");
    REFUSED(list[1].translation[1] = INFINITY, "translation");
    REFUSED(list[1].principal_x = NAN, "principal");
    REFUSED(list[1].rotation[0] = -1, "reflection");
    REFUSED(list[1].rotation[0] = 2, "orthonormal");
    REFUSED(list[1].rotation[5] = NAN, "orthonormal");
    memcpy(list, good, sizeof list);
    times[1] = 1;
    refused(&p, "ascend");
    times[1] = NAN;
    refused(&p, "ascend");
    p.camera_count = 0;
    refused(&p, "cameras");
#undef REFUSED
}

static void test_time(void) {
    kb3d_path_params p = windows();
    double t;
    for (int ease = 0; ease < 4; ease++)
        for (int loop = 0; loop < 2; loop++) {
            p.ease = (kb3d_ease)ease;
            p.loop = (kb3d_loop)loop;
            p.range_start = 0.5;
            p.range_end = 2.5;
            kb3d_path *path;
            CHECK_INT(kb3d_path_create(scene, &p, &path, &call), KB3D_OK);
            for (int i = 0; i <= 8; i++) {
                double s = i / 8.0;
                if (loop)
                    s = s < 0.5 ? 2 * s : 2 - 2 * s;
                double eased = ease == KB3D_EASE_LINEAR ? s
                               : ease == KB3D_EASE_IN   ? s * s
                               : ease == KB3D_EASE_OUT  ? 2 * s - s * s
                                                        : 3 * s * s - 2 * s * s * s;
                CHECK_INT(kb3d_path_get_time(path, i / 8.0, &t, &call), KB3D_OK);
                CHECK_NEAR(t, 0.5 + 2 * eased, 1e-12);
            }
            CHECK_INT(kb3d_path_get_time(path, NAN, &t, &call), KB3D_ERROR_ARGUMENT);
            CHECK_INT(kb3d_path_get_time(path, 0, NULL, &call), KB3D_ERROR_ARGUMENT);
            CHECK_INT(kb3d_path_get_time(NULL, 0, &t, &call), KB3D_ERROR_ARGUMENT);
            kb3d_path_destroy(&path);
        }
}

static void test_get_camera(void) {
    kb3d_path *path;
    kb3d_camera c;
    KB3D_INIT(c);
    CHECK_INT(kb3d_path_create(scene, NULL, &path, &call), KB3D_OK);
    CHECK_INT(kb3d_path_get_camera(path, 0.5, 320, 200, &c, &call), KB3D_OK);
    CHECK(c.width == 320 && c.height == 200 && c.focal_px > 0);
    CHECK_INT(kb3d_path_get_camera(path, 0.5, 0, 200, &c, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_path_get_camera(path, NAN, 320, 200, &c, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_path_get_camera(path, 0, 320, 200, NULL, &call), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_path_get_camera(NULL, 0, 320, 200, &c, &call), KB3D_ERROR_ARGUMENT);
    c.size = 1;
    CHECK_INT(kb3d_path_get_camera(path, 0, 320, 200, &c, &call), KB3D_ERROR_ARGUMENT);
    kb3d_path_destroy(&path);
}

/* Any t: frames come, cameras stay cameras. */
static void test_far_times(void) {
    static const double times[] = {8, -3, 0, 1, 40, -40, 1000};
    for (int motion = KB3D_MOTION_AUTO; motion <= KB3D_MOTION_CIRCLE; motion += motion == KB3D_MOTION_DOLLY ? 2 : 1)
        for (int prepared = 0; prepared < 2; prepared++) {
            kb3d_path_params p = windows();
            p.motion = (kb3d_motion)motion;
            p.range_end = prepared ? 8 : 1;
            kb3d_path *path;
            CHECK_INT(kb3d_path_create(scene, &p, &path, &call), KB3D_OK);
            if (prepared)
                CHECK_INT(kb3d_path_prepare(path, NULL, &call), KB3D_OK);
            for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
                kb3d_camera c;
                KB3D_INIT(c);
                CHECK_INT(kb3d_path_get_camera(path, times[i], W, H, &c, &call), KB3D_OK);
                if (!CHECK(c.focal_px > 0 && isfinite(c.focal_px) && isfinite(c.principal_x) &&
                           isfinite(c.translation[2])))
                    fprintf(stderr, "    motion %d, t %g: focal length %g\n", motion, times[i], c.focal_px);
                render(path, times[i], W, H, frame, NULL, NULL);
            }
            kb3d_path_destroy(&path);
        }
}

/* The same seed gives the same flight, and the flight stays within the picture. */
static void test_auto(void) {
    for (uint64_t seed = 0; seed < 6; seed++) {
        kb3d_path_params p;
        KB3D_INIT(p);
        p.seed = seed;
        p.zoom = 1 + 0.1 * (double)seed;
        p.shift = seed ? 0.05 * (double)seed : -1;
        kb3d_path *path, *again;
        kb3d_camera a, b;
        KB3D_INIT(a);
        KB3D_INIT(b);
        CHECK_INT(kb3d_path_create(scene, &p, &path, &call), KB3D_OK);
        CHECK_INT(kb3d_path_create(scene, &p, &again, &call), KB3D_OK);
        CHECK_INT(kb3d_path_get_camera(path, 1, W, H, &a, &call), KB3D_OK);
        CHECK_INT(kb3d_path_get_camera(again, 1, W, H, &b, &call), KB3D_OK);
        CHECK(!memcmp(&a, &b, sizeof a));
        kb3d_path_destroy(&path);
        kb3d_path_destroy(&again);
    }
    /* the largest shift, with hardly a zoom and with one outwards, still shows the picture */
    static const double zooms[] = {0, 1, 0.7};
    for (int i = 0; i < 3; i++) {
        kb3d_path_params p;
        KB3D_INIT(p);
        p.shift = 1;
        p.zoom = zooms[i];
        kb3d_path *path;
        kb3d_camera source, c;
        KB3D_INIT(source);
        KB3D_INIT(c);
        CHECK_INT(kb3d_path_create(scene, &p, &path, &call), KB3D_OK);
        CHECK_INT(kb3d_scene_get_camera(scene, &source, &call), KB3D_OK);
        for (int t = 0; t < 2; t++) {
            CHECK_INT(kb3d_path_get_camera(path, t, W, H, &c, &call), KB3D_OK);
            CHECK(c.focal_px > 0.5 * source.focal_px && c.focal_px < 2 * source.focal_px);
        }
        kb3d_path_destroy(&path);
    }
}

/* An automatic flight by a zoom below 1 goes outwards: from a part to the whole. Without travel its crops show. */
static void test_auto_outwards(void) {
    static const double zooms[] = {0.5, 0.8, 0.95, 1.25};
    for (int i = 0; i < 4; i++) {
        double focal[2];
        kb3d_path_params p;
        KB3D_INIT(p);
        p.zoom = zooms[i];
        p.parallax = -1;
        kb3d_path *path;
        CHECK_INT(kb3d_path_create(scene, &p, &path, &call), KB3D_OK);
        for (int t = 0; t < 2; t++) {
            kb3d_camera c;
            KB3D_INIT(c);
            CHECK_INT(kb3d_path_get_camera(path, t, W, H, &c, &call), KB3D_OK);
            focal[t] = c.focal_px;
            /* the window in the picture, by where its borders come from */
            kb3d_camera source;
            KB3D_INIT(source);
            CHECK_INT(kb3d_scene_get_camera(scene, &source, &call), KB3D_OK);
            double scale = source.focal_px / c.focal_px;
            double left = source.principal_x - c.principal_x * scale, top = source.principal_y - c.principal_y * scale;
            CHECK(left > -1e-6 && left + W * scale < W + 1e-6);
            CHECK(top > -1e-6 && top + H * scale < H + 1e-6);
        }
        CHECK_NEAR(focal[1] / focal[0], zooms[i], 1e-9);
        kb3d_path_destroy(&path);
    }
}

int main(void) {
    KB3D_INIT(call);
    ctx = make_ctx(2);
    draw_noise(rgb, sizeof rgb, 1);
    draw_blobs(disp, W, H, 2);
    scene = make_scene(ctx, rgb, disp, W, H, 0);
    RUN(test_refused_params);
    RUN(test_refused_cameras);
    RUN(test_time);
    RUN(test_get_camera);
    RUN(test_far_times);
    RUN(test_auto);
    RUN(test_auto_outwards);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
