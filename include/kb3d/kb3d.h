/**
 * @file kb3d.h
 * @brief libkb3d: one photograph becomes a camera flight through it (the 3D Ken Burns effect).
 *
 * The order of a program: kb3d_ctx_create, kb3d_scene_create, kb3d_path_create,
 * kb3d_path_prepare, kb3d_path_render for each frame, and the three destroy
 * calls. The topic headers hold the manual of each.
 */
#ifndef KB3D_KB3D_H
#define KB3D_KB3D_H

#include <kb3d/api.h>
#include <kb3d/call.h>
#include <kb3d/camera.h>
#include <kb3d/context.h>
#include <kb3d/image.h>
#include <kb3d/model.h>
#include <kb3d/path.h>
#include <kb3d/render.h>
#include <kb3d/scene.h>
#include <kb3d/status.h>
#include <kb3d/version.h>

#endif
