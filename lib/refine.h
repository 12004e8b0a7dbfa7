/* Depth at the picture's size, its edges on the picture's edges. */
#ifndef KB3D_LIB_REFINE_H
#define KB3D_LIB_REFINE_H

#include "model.h"
#include "raster.h"

#include <kernels.h>

typedef struct kb3d_refine_params {
    const kb3d_raster *picture; /* decoded, of the texture's size */
    const kb3d_raster *map;     /* inverse depth, all known, of any size */
    const kb3d_texture *texture;
    float jump;                 /* difference of inverse depth between surfaces, at the map's size */
    int plain;                  /* non-zero: enlarged smoothly, whatever the picture shows */
} kb3d_refine_params;

/* By the context's refinement network if it has one, else by the built-in filter; fills
   disp, of the texture's size. *made_by is the network or NULL. */
kb3d_status kb3d_refine_depth(kb3d_ctx *ctx, const kb3d_refine_params *params, float *disp, kb3d_model **made_by,
                              kb3d_job *job, kb3d_call *call);

/* The built-in filter alone, for any map of one channel. */
kb3d_status kb3d_refine_by_filter(kb3d_ctx *ctx, const kb3d_refine_params *params, float *to, kb3d_job *job,
                                  kb3d_call *call);

#endif
