/* Cameras: checks, and the warp from a layer's pixels to a frame's. */
#ifndef KB3D_LIB_VIEW_H
#define KB3D_LIB_VIEW_H

#include "call.h"

#include <kb3d/camera.h>
#include <kernels.h>

/* Refuses what is no camera: not finite, no focal length, no frame, no rotation. */
kb3d_status kb3d_camera_check(const kb3d_camera *camera, kb3d_call *call);

/* The camera for a frame of another size: everything the camera sees stays in
   sight, centred; nothing is stretched. */
kb3d_camera kb3d_camera_for_frame(const kb3d_camera *camera, int width, int height);

/* The same for a layer kept at 1 / 2^level of its camera's frame. */
kb3d_camera kb3d_camera_at_level(const kb3d_camera *camera, int level);

/* From pixels of `layer` to pixels of `frame`; see math/warp.h. */
kb3d_warp kb3d_warp_between(const kb3d_camera *layer, const kb3d_camera *frame);

/* Texels of `layer` for a pixel of `frame` at the given inverse depth on its axis. */
double kb3d_texels_per_pixel(const kb3d_camera *layer, const kb3d_camera *frame, double disp);

#endif
