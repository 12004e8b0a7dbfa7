/* Memory for a frame being made, kept by the context for the next frame: mapping
   it anew would cost as much as a third of a frame. */
#ifndef KB3D_LIB_WORKSPACE_H
#define KB3D_LIB_WORKSPACE_H

#include "ctx.h"

typedef struct kb3d_workspace {
    struct kb3d_workspace *next;
    size_t byte_count;
    kb3d_planes planes;
    void *scratch; /* of kernels->render */
    void *queue;   /* its own, of the backend; NULL: none yet */
} kb3d_workspace;

kb3d_status kb3d_workspace_acquire(kb3d_ctx *ctx, int width, int height, kb3d_texel texel, kb3d_workspace **workspace,
                                   kb3d_call *call);
/* The same with a queue that does not wait, where the context has a backend: frames are made in this memory one after
   the other, and the last one may still be in the making. */
kb3d_status kb3d_workspace_acquire_queued(kb3d_ctx *ctx, int width, int height, kb3d_texel texel,
                                          kb3d_workspace **workspace, kb3d_call *call);

void kb3d_workspace_release(kb3d_ctx *ctx, kb3d_workspace *workspace);
void kb3d_workspaces_free(kb3d_ctx *ctx);

#endif
