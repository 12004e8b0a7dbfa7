/* The inside of a path. */
#ifndef KB3D_LIB_PATH_H
#define KB3D_LIB_PATH_H

#include "flight.h"

/* Pixels x0 .. x1 - 1, y0 .. y1 - 1. */
typedef struct kb3d_box {
    int x0, y0, x1, y1;
} kb3d_box;

enum { KB3D_PAINTED_MAX = KB3D_LAYER_MAX - KB3D_SCENE_LAYERS };

/* Points painted in for one view of the flight. */
typedef struct kb3d_painted {
    kb3d_camera camera; /* of the layer's own frame */
    kb3d_cloud cloud;
} kb3d_painted;

struct kb3d_path {
    const kb3d_scene *scene;
    kb3d_flight flight;
    kb3d_ease ease;
    kb3d_loop loop;
    double range_start, range_end;
    kb3d_painted painted[KB3D_PAINTED_MAX];
    int painted_count;
};

/* The layers that a frame of this camera shows. */
int kb3d_path_layers(const kb3d_path *path, const kb3d_camera *frame, kb3d_layer layers[KB3D_LAYER_MAX]);

/* Lessens the share that is travelled where the flight's ends would uncover much. */
kb3d_status kb3d_flight_hold_back(kb3d_flight *flight, const kb3d_scene *scene, double t0, double t1,
                                  kb3d_call *call);

/* Chooses windows that uncover little; flight->to and flight->from are set. */
kb3d_status kb3d_autozoom(const kb3d_scene *scene, const kb3d_path_params *params, kb3d_flight *flight,
                          kb3d_call *call);

#endif
