/* The inside of a scene. */
#ifndef KB3D_LIB_SCENE_H
#define KB3D_LIB_SCENE_H

#include "cloud.h"
#include "model.h"
#include "raster.h"
#include "view.h"

#include <kb3d/scene.h>

enum { KB3D_LEVEL_MAX = 12 };

struct kb3d_scene {
    _Atomic int references; /* the host's handle and every path */
    kb3d_ctx *ctx;
    kb3d_camera camera; /* identity, at level 0 */
    kb3d_cloud levels[KB3D_LEVEL_MAX]; /* the picture, and its halves */
    kb3d_cloud behind[KB3D_LEVEL_MAX]; /* what goes on behind their mixed pixels; empty where none are */
    int level_count;
    int linear;    /* values proportional to light */
    int has_alpha;
    int focal_is_guess;
    kb3d_raster estimate; /* before adjustment; data NULL when that is the next stage's */
    kb3d_raster adjusted; /* before refinement; data NULL when that is the next stage's */
    float *refined;       /* before mixed pixels were split, of level 0's size; NULL: level 0's */
    kb3d_model *made_by[KB3D_ROLE_COUNT]; /* the networks that had a part in it, or NULL */
    float disp_min, disp_max;   /* of all pixels */
    float disp_near, disp_far;  /* percentiles 99.5 and 0.5 */
    float disp_step; /* of a map of 8 bits, else 0 */
    char depth_source[64];
};

void kb3d_scene_retain(const kb3d_scene *scene);
void kb3d_scene_release(const kb3d_scene *scene);

/* Inverse depth of the picture's pixels. */
const float *kb3d_scene_disp(const kb3d_scene *scene);

/* The layers of the scene before a frame's camera, and how many there are: those of the level
   whose texels come nearest to the frame's pixels without being coarser. */
enum { KB3D_SCENE_LAYERS = 2 };
int kb3d_scene_layers(const kb3d_scene *scene, const kb3d_camera *frame, kb3d_layer *layers);

#endif
