#include "view.h"

#include <math.h>

kb3d_status kb3d_camera_check(const kb3d_camera *c, kb3d_call *call) {
    const double values[] = {c->translation[0], c->translation[1], c->translation[2], c->principal_x, c->principal_y};
    for (int i = 0; i < 5; i++)
        if (!isfinite(values[i]) || fabs(values[i]) > 1e12)
            return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the camera's translation or principal point is no usable number");
    if (!(c->focal_px > 0 && c->focal_px < 1e9))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the camera's focal length of %g pixels is not above 0", c->focal_px);
    if (!(c->width > 0 && c->height > 0 && c->width < 1e9 && c->height < 1e9))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the camera's frame of %g x %g pixels is none", c->width, c->height);
    const double *r = c->rotation;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double dot = r[3 * i] * r[3 * j] + r[3 * i + 1] * r[3 * j + 1] + r[3 * i + 2] * r[3 * j + 2];
            if (!(fabs(dot - (i == j)) < 1e-3))
                return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the camera's rotation is not orthonormal");
        }
    double det = r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) +
                 r[2] * (r[3] * r[7] - r[4] * r[6]);
    if (!(det > 0))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the camera's rotation is a reflection");
    return KB3D_OK;
}

kb3d_camera kb3d_camera_for_frame(const kb3d_camera *camera, int width, int height) {
    kb3d_camera c = *camera;
    double scale = fmin(width / camera->width, height / camera->height);
    c.focal_px = camera->focal_px * scale;
    c.principal_x = (camera->principal_x - 0.5 * camera->width) * scale + 0.5 * width;
    c.principal_y = (camera->principal_y - 0.5 * camera->height) * scale + 0.5 * height;
    c.width = width;
    c.height = height;
    return c;
}

kb3d_camera kb3d_camera_at_level(const kb3d_camera *camera, int level) {
    kb3d_camera c = *camera;
    double scale = 1.0 / (1 << level);
    c.focal_px *= scale;
    c.principal_x *= scale;
    c.principal_y *= scale;
    c.width *= scale;
    c.height *= scale;
    return c;
}

/* out = intrinsics of c times m (3 x columns). */
static void apply_intrinsics(const kb3d_camera *c, double *m, int columns) {
    for (int j = 0; j < columns; j++) {
        double z = m[2 * columns + j];
        m[j] = c->focal_px * m[j] + c->principal_x * z;
        m[columns + j] = c->focal_px * m[columns + j] + c->principal_y * z;
    }
}

kb3d_warp kb3d_warp_between(const kb3d_camera *layer, const kb3d_camera *frame) {
    kb3d_warp w;
    double r[9]; /* frame's rotation times the layer's inverse */
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            r[3 * i + j] = 0;
            for (int k = 0; k < 3; k++)
                r[3 * i + j] += frame->rotation[3 * i + k] * layer->rotation[3 * j + k];
        }
    for (int i = 0; i < 3; i++) {
        w.b[i] = frame->translation[i];
        for (int k = 0; k < 3; k++)
            w.b[i] -= r[3 * i + k] * layer->translation[k];
    }
    /* r K^-1 */
    for (int i = 0; i < 3; i++) {
        double x = r[3 * i] / layer->focal_px, y = r[3 * i + 1] / layer->focal_px;
        w.a[3 * i] = x;
        w.a[3 * i + 1] = y;
        w.a[3 * i + 2] = r[3 * i + 2] - x * layer->principal_x - y * layer->principal_y;
    }
    apply_intrinsics(frame, w.a, 3);
    apply_intrinsics(frame, w.b, 1);
    return w;
}

double kb3d_texels_per_pixel(const kb3d_camera *layer, const kb3d_camera *frame, double disp) {
    double share = 1 + disp * (frame->translation[2] - layer->translation[2]); /* z in the frame / z in the layer */
    return layer->focal_px / frame->focal_px * fmax(share, 0.05);
}
