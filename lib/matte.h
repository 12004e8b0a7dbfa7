/* Splitting a level's mixed pixels into a nearer and a farther layer. */
#ifndef KB3D_LIB_MATTE_H
#define KB3D_LIB_MATTE_H

#include "cloud.h"

/* `cloud` has texture and disp, and is not cut yet; it becomes the nearer layer, and `behind` the farther one, which
   stays empty where nothing is torn. Inverse depth as it was goes to `disp`, the caller's to free, or NULL where it
   is the cloud's still. */
kb3d_status kb3d_matte_cloud(kb3d_ctx *ctx, kb3d_cloud *cloud, kb3d_cloud *behind, float **disp,
                             const kb3d_matte_params *params, kb3d_call *call);

#endif
