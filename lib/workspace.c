#include "workspace.h"

static size_t padded(size_t bytes) {
    return (bytes + 63) & ~(size_t)63;
}

enum { DEVICE_PAGE = 65536 };

/* Work in flight ends first. */
static void free_one(kb3d_ctx *ctx, kb3d_workspace *w) {
    if (w && w->queue)
        ctx->backend->queue_destroy(w->queue);
    kb3d_mem_free(&ctx->mem, w);
}

/* The one with enough room that wastes least, taken off the list. */
static kb3d_workspace *take(kb3d_ctx *ctx, size_t bytes) {
    pthread_mutex_lock(&ctx->lock);
    kb3d_workspace **best = NULL;
    for (kb3d_workspace **at = &ctx->workspaces; *at; at = &(*at)->next)
        if ((*at)->byte_count >= bytes && (*at)->byte_count / 4 <= bytes &&
            (!best || (*at)->byte_count < (*best)->byte_count))
            best = at;
    kb3d_workspace *w = best ? *best : NULL;
    if (w)
        *best = w->next;
    pthread_mutex_unlock(&ctx->lock);
    return w;
}

static kb3d_status acquire(kb3d_ctx *ctx, int width, int height, kb3d_texel texel, kb3d_workspace **out,
                           kb3d_call *call) {
    *out = NULL;
    size_t pixels = (size_t)width * (size_t)height;
    /* a device and the processor do not share a page well */
    size_t header = ctx->backend ? DEVICE_PAGE : padded(sizeof(kb3d_workspace));
    size_t color = padded(pixels * 4 * (size_t)texel), disp = padded(pixels * sizeof(float)), flags = padded(pixels);
    size_t bytes = header + color + disp + 2 * flags + ctx->kernels->render_scratch(width, ctx->threads);
    kb3d_workspace *w = take(ctx, bytes);
    if (!w) {
        kb3d_status status = kb3d_mem_alloc(&ctx->mem, &w, bytes, 1, NULL);
        if (status) { /* what is kept for other sizes may be in the way */
            kb3d_workspaces_free(ctx);
            if ((status = kb3d_mem_alloc(&ctx->mem, &w, bytes, 1, call)))
                return status;
        }
        w->byte_count = bytes;
        w->queue = NULL;
    }
    char *at = (char *)w + header;
    w->planes = (kb3d_planes){.width = width,
                              .height = height,
                              .texel = texel,
                              .color = at,
                              .disp = (float *)(void *)(at + color),
                              .cover = (uint8_t *)at + color + disp,
                              .painted = (uint8_t *)at + color + disp + flags};
    w->scratch = at + color + disp + 2 * flags;
    *out = w;
    return KB3D_OK;
}

kb3d_status kb3d_workspace_acquire(kb3d_ctx *ctx, int width, int height, kb3d_texel texel, kb3d_workspace **w,
                                   kb3d_call *call) {
    kb3d_status status = acquire(ctx, width, height, texel, w, call);
    if (!status && (*w)->queue) /* a frame of a host's stream may still be made in it */
        ctx->backend->finish((*w)->queue);
    return status;
}

kb3d_status kb3d_workspace_acquire_queued(kb3d_ctx *ctx, int width, int height, kb3d_texel texel, kb3d_workspace **w,
                                          kb3d_call *call) {
    kb3d_status status = acquire(ctx, width, height, texel, w, call);
    if (status || !ctx->backend || (*w)->queue)
        return status;
    (*w)->queue = ctx->backend->queue_create(ctx->device, 0);
    if ((*w)->queue)
        return KB3D_OK;
    status = kb3d_call_check(call);
    kb3d_workspace_release(ctx, *w);
    *w = NULL;
    return status;
}

enum { KEPT_MAX = 4 };

void kb3d_workspace_release(kb3d_ctx *ctx, kb3d_workspace *w) {
    if (!w)
        return;
    pthread_mutex_lock(&ctx->lock);
    int kept = 0;
    kb3d_workspace **last = &ctx->workspaces;
    for (; *last; last = &(*last)->next)
        kept++;
    if (kept < KEPT_MAX) { /* last in the list: it is taken when the others have been */
        w->next = ctx->workspaces;
        ctx->workspaces = w;
        w = NULL;
    }
    pthread_mutex_unlock(&ctx->lock);
    free_one(ctx, w);
}

void kb3d_workspaces_free(kb3d_ctx *ctx) {
    pthread_mutex_lock(&ctx->lock);
    kb3d_workspace *w = ctx->workspaces;
    ctx->workspaces = NULL;
    pthread_mutex_unlock(&ctx->lock);
    while (w) {
        kb3d_workspace *next = w->next;
        free_one(ctx, w);
        w = next;
    }
}
