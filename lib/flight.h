/* Where the camera is at a time: windows, dolly, the host's own list. */
#ifndef KB3D_LIB_FLIGHT_H
#define KB3D_LIB_FLIGHT_H

#include "scene.h"

#include <kb3d/path.h>

/* Which window was derived from the other, and so is for frames of another shape. */
typedef enum kb3d_derived { KB3D_DERIVED_NONE, KB3D_DERIVED_FROM, KB3D_DERIVED_TO } kb3d_derived;

/* A motion with everything derived. */
typedef struct kb3d_flight {
    kb3d_motion motion; /* AUTO has become WINDOWS */
    kb3d_window from, to;
    kb3d_derived derived;
    double focus_disp;  /* inverse depth at which the windows are met */
    double parallax;    /* share of the motion that is travelled, 0..1 */
    double radius;      /* CIRCLE: of the window's centre, in pixels of the picture */
    kb3d_camera *cameras; /* CAMERAS */
    double *times;
    size_t camera_count;
} kb3d_flight;

/* The largest window of the picture with an aspect ratio (width / height). */
kb3d_window kb3d_window_largest(const kb3d_scene *scene, double aspect);

/* Inverse depth of the nearest substantial thing in the middle of a window. */
double kb3d_flight_focus(const kb3d_scene *scene, const kb3d_window *window);

/* The largest share of the motion that the scene's depth bears over t0..t1. */
double kb3d_flight_bearable(const kb3d_flight *flight, const kb3d_scene *scene, double t0, double t1,
                            double sideways, double forward);

/* The camera at time t for a frame. */
kb3d_camera kb3d_flight_camera(const kb3d_flight *flight, const kb3d_scene *scene, double t, int width, int height);

#endif
