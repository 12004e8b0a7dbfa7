#include "segment.h"

kb3d_status kb3d_segment_picture(kb3d_ctx *ctx, const kb3d_raster *picture, kb3d_segments *segments,
                                 kb3d_model **made_by, kb3d_call *call) {
    segments->count = 0;
    *made_by = NULL;
    return KB3D_OK;
}

kb3d_status kb3d_segment_masks(kb3d_ctx *ctx, const kb3d_mask *const *masks, int count, kb3d_segments *segments,
                               kb3d_call *call) {
    segments->count = 0;
    return KB3D_OK;
}

void kb3d_segments_free(kb3d_ctx *ctx, kb3d_segments *segments) {
    for (int i = 0; i < segments->count; i++)
        kb3d_mem_free(&ctx->mem, segments->items[i].share);
}
