/**
 * @file camera.h
 * @brief A full pinhole camera.
 *
 * A world point X (in units of the depth: 1 / inverse depth) is seen by the
 * camera at X_cam = rotation * X + translation, that is cam_from_world, and at
 * the frame position x = focal_px * X_cam.x / X_cam.z + principal_x, likewise
 * y (Hartley and Zisserman, Multiple View Geometry, eq. 6.7). x right, y down,
 * z forward. The world's frame is that of the camera that took the picture:
 * the source camera has the identity and no translation. A camera moved to the
 * right by X has translation {-X, 0, 0}.
 */
#ifndef KB3D_CAMERA_H
#define KB3D_CAMERA_H

#include <kb3d/status.h>

KB3D_BEGIN

/** A camera; see the file's description for its equation. */
typedef struct kb3d_camera {
    size_t size;           /**< sizeof(kb3d_camera) */
    double rotation[9];    /**< cam_from_world, row by row, orthonormal, determinant 1 */
    double translation[3]; /**< cam_from_world, in units of the depth */
    double focal_px;       /**< focal length in pixels of the frame below, above 0 */
    double principal_x;    /**< principal point in pixels of the frame below */
    double principal_y;    /**< likewise */
    double width;          /**< size of the frame that the three values above are counted in */
    double height;         /**< likewise */
} kb3d_camera;

KB3D_END

#endif
