/* Layers: colour with inverse depth, cut into patches. */
#ifndef KB3D_LIB_CLOUD_H
#define KB3D_LIB_CLOUD_H

#include "ctx.h"

/* One layer at one resolution. */
typedef struct kb3d_cloud {
    kb3d_texture texture;
    void *texture_memory;
    float *disp;
    uint8_t *mask; /* NULL: every pixel is a point */
    const float *before; /* another cloud's disp: kb3d_surface's; NULL: none */
    uint8_t *soft; /* kb3d_soft of every pixel; NULL: nothing is seen through */
    kb3d_surface surface; /* refers to disp, mask and soft */
} kb3d_cloud;

/* Memory for a texture with its apron. */
kb3d_status kb3d_cloud_alloc(kb3d_cloud *cloud, kb3d_mem *mem, int width, int height, kb3d_texel texel,
                             kb3d_call *call);

/* Finds tears and patches; disp, mask, soft and texture stand. */
kb3d_status kb3d_cloud_cut(kb3d_cloud *cloud, kb3d_mem *mem, const kb3d_kernels *kernels, kb3d_job *job,
                           float jump, float tolerance);

void kb3d_cloud_free(kb3d_cloud *cloud, kb3d_mem *mem);

#endif
