/* Painted layers: the points that a filled view adds to a path. */
#ifndef KB3D_LIB_PAINTED_H
#define KB3D_LIB_PAINTED_H

#include "path.h"

/* The holes of a view, which were filled, and their rims, as a layer. `jump` and `tolerance` as in kb3d_surface. */
kb3d_status kb3d_painted_make(kb3d_painted *layer, kb3d_ctx *ctx, const kb3d_camera *camera, const kb3d_planes *planes,
                              float jump, float tolerance, kb3d_job *job);

#endif
