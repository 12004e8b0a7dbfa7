/* Warps between cameras against projecting every point; frames and levels of a camera. */
#include "view.h"

#include "../check.h"

static unsigned random_state = 1;

static double any(double low, double high) {
    random_state = random_state * 1664525u + 1013904223u;
    return low + (high - low) * (random_state >> 8) / 16777216.0;
}

static kb3d_camera any_camera(void) {
    kb3d_camera c = {.size = sizeof c, .focal_px = any(50, 900), .width = any(50, 900), .height = any(50, 900)};
    c.principal_x = any(0, c.width);
    c.principal_y = any(-50, c.height);
    double yaw = any(-0.4, 0.4), pitch = any(-0.3, 0.3), cy = cos(yaw), sy = sin(yaw), cp = cos(pitch), sp = sin(pitch);
    const double r[9] = {cy, 0, sy, sp * sy, cp, -sp * cy, -cp * sy, sp, cp * cy};
    memcpy(c.rotation, r, sizeof r);
    for (int i = 0; i < 3; i++)
        c.translation[i] = any(-0.2, 0.2);
    return c;
}

/* Hartley and Zisserman, eq. 6.7, there and back. */
static void world_of(const kb3d_camera *c, double u, double v, double z, double world[3]) {
    double p[3] = {(u - c->principal_x) / c->focal_px * z - c->translation[0],
                   (v - c->principal_y) / c->focal_px * z - c->translation[1], z - c->translation[2]};
    for (int i = 0; i < 3; i++)
        world[i] = c->rotation[i] * p[0] + c->rotation[3 + i] * p[1] + c->rotation[6 + i] * p[2];
}

static void project(const kb3d_camera *c, const double world[3], double out[3]) {
    double p[3];
    for (int i = 0; i < 3; i++)
        p[i] = c->rotation[3 * i] * world[0] + c->rotation[3 * i + 1] * world[1] + c->rotation[3 * i + 2] * world[2] +
               c->translation[i];
    out[0] = c->focal_px * p[0] / p[2] + c->principal_x;
    out[1] = c->focal_px * p[1] / p[2] + c->principal_y;
    out[2] = p[2];
}

static void warp_point(const kb3d_warp *w, double u, double v, double d, double out[3]) {
    double p[3];
    for (int i = 0; i < 3; i++)
        p[i] = w->a[3 * i] * u + w->a[3 * i + 1] * v + w->a[3 * i + 2] + d * w->b[i];
    out[0] = p[0] / p[2];
    out[1] = p[1] / p[2];
    out[2] = p[2];
}

static void test_warp_against_projection(void) {
    for (int k = 0; k < 300; k++) {
        kb3d_camera from = any_camera(), to = any_camera();
        kb3d_warp w = kb3d_warp_between(&from, &to);
        double u = any(0, from.width), v = any(0, from.height), z = any(0.8, 9), world[3], want[3], got[3];
        world_of(&from, u, v, z, world);
        project(&to, world, want);
        if (want[2] < 0.1)
            continue;
        warp_point(&w, u, v, 1 / z, got);
        CHECK_NEAR(got[0], want[0], 1e-6 * (1 + fabs(want[0])));
        CHECK_NEAR(got[1], want[1], 1e-6 * (1 + fabs(want[1])));
        CHECK_NEAR(got[2] * z, want[2], 1e-9);
    }
}

static void test_itself(void) {
    kb3d_camera c = any_camera();
    kb3d_warp w = kb3d_warp_between(&c, &c);
    for (int i = 0; i < 9; i++)
        CHECK_NEAR(w.a[i], i % 4 == 0, 1e-9);
    for (int i = 0; i < 3; i++)
        CHECK_NEAR(w.b[i], 0, 1e-9);
    CHECK_NEAR(kb3d_texels_per_pixel(&c, &c, 0.7), 1, 1e-12);
}

/* A patch put before a frame: positions and inverse depth as the plane says. */
static void test_patch(void) {
    int seen = 0;
    for (int k = 0; k < 400; k++) {
        kb3d_camera from = any_camera(), to = from;
        to.translation[0] += any(-0.1, 0.1);
        to.translation[2] += any(-0.1, 0.1);
        to.focal_px *= any(0.6, 2);
        kb3d_warp w = kb3d_warp_between(&from, &to);
        kb3d_patch p = {.x = (int)any(0, 40), .y = (int)any(0, 40), .disp = (float)any(0.1, 1), .size = (uint8_t)(1 << (k % 5))};
        p.disp_x = (float)any(-0.002, 0.002);
        p.disp_y = (float)any(-0.002, 0.002);
        kb3d_warped out = {0};
        if (!kb3d_warp_patch(&w, &p, 900, 0, 900, &out))
            continue;
        seen++;
        double cu = p.x + 0.5 * p.size, cv = p.y + 0.5 * p.size;
        for (int i = 0; i < 9; i++) {
            double s = (i % 3 - 1) * 0.5 * p.size, t = (i / 3 - 1) * 0.5 * p.size, at[3];
            double d = p.disp + p.disp_x * s + p.disp_y * t;
            warp_point(&w, cu + s, cv + t, d, at);
            float fx = (float)(at[0] - (out.x0 + 0.5)), fy = (float)(at[1] - (out.y0 + 0.5)), u, v, disp;
            KB3D_WARPED_AT(&out, fx, fy, u, v, disp);
            CHECK_NEAR(u, s, 2e-3); /* floats: 900 pixels away, 1e-6 of that */
            CHECK_NEAR(v, t, 2e-3);
            CHECK_NEAR(disp * at[2] / d, 1, 1e-4);
            int inside = at[0] < 900 && at[1] < 900 && at[0] > 0 && at[1] > 0;
            if (inside && fabs(s) < 0.45 * p.size && fabs(t) < 0.45 * p.size) /* the box holds its middle */
                CHECK(at[0] > out.x0 - 0.5 && at[0] < out.x1 + 0.5 && at[1] > out.y0 - 0.5 && at[1] < out.y1 + 0.5);
        }
    }
    CHECK(seen > 150);
}

static void test_frames_and_levels(void) {
    for (int k = 0; k < 100; k++) {
        kb3d_camera c = any_camera();
        int width = 1 + (int)any(0, 500), height = 1 + (int)any(0, 500);
        kb3d_camera f = kb3d_camera_for_frame(&c, width, height), half = kb3d_camera_at_level(&c, 1);
        double scale = f.focal_px / c.focal_px;
        CHECK(f.width == width && f.height == height);
        CHECK(c.width * scale <= width + 1e-9 && c.height * scale <= height + 1e-9); /* all of it in sight */
        CHECK_NEAR(fmin(width - c.width * scale, height - c.height * scale), 0, 1e-9);
        CHECK_NEAR(f.principal_x - 0.5 * width, (c.principal_x - 0.5 * c.width) * scale, 1e-9);
        CHECK_NEAR(f.principal_y - 0.5 * height, (c.principal_y - 0.5 * c.height) * scale, 1e-9);
        CHECK_NEAR(half.focal_px, 0.5 * c.focal_px, 1e-12);
        CHECK_NEAR(half.principal_y, 0.5 * c.principal_y, 1e-12);
    }
}

static void test_refused(void) {
    kb3d_camera good = any_camera(), c;
    CHECK_INT(kb3d_camera_check(&good, NULL), KB3D_OK);
#define REFUSED(change) c = good; change; CHECK_INT(kb3d_camera_check(&c, NULL), KB3D_ERROR_ARGUMENT)
    REFUSED(c.focal_px = 0);
    REFUSED(c.focal_px = NAN);
    REFUSED(c.width = -1);
    REFUSED(c.height = INFINITY);
    REFUSED(c.principal_x = NAN);
    REFUSED(c.translation[2] = 1e300);
    REFUSED(c.rotation[0] = NAN);
    REFUSED(for (int i = 0; i < 9; i++) c.rotation[i] = 0);
    REFUSED(for (int i = 0; i < 9; i++) c.rotation[i] *= -1);
#undef REFUSED
}

int main(void) {
    RUN(test_warp_against_projection);
    RUN(test_itself);
    RUN(test_patch);
    RUN(test_frames_and_levels);
    RUN(test_refused);
    return check_end();
}
