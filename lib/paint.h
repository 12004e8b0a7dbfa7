/* Painting a view's holes by the context's inpainting network. */
#ifndef KB3D_LIB_PAINT_H
#define KB3D_LIB_PAINT_H

#include "model.h"

#include <kernels.h>

/* A rendered view whose holes were filled the classical way already. The network's colour
   takes the place of the fill's, and so does its inverse depth where it answers any.
   `disp_max` is the scene's largest inverse depth; `linear` as in kb3d_raster; `fraction` of
   the stage "extend" is done. */
kb3d_status kb3d_paint_view(kb3d_ctx *ctx, kb3d_model *model, const kb3d_planes *planes, float disp_max, int linear,
                            double fraction, kb3d_call *call);

#endif
