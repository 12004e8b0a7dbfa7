#include "workspace.h"

static size_t padded(size_t bytes) {
    return (bytes + 63) & ~(size_t)63;
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

kb3d_status kb3d_workspace_acquire(kb3d_ctx *ctx, int width, int height, kb3d_texel texel, kb3d_workspace **out,
                                   kb3d_call *call) {
    size_t pixels = (size_t)width * (size_t)height, header = padded(sizeof(kb3d_workspace));
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

enum { KEPT_MAX = 4 };

void kb3d_workspace_release(kb3d_ctx *ctx, kb3d_workspace *w) {
    if (!w)
        return;
    pthread_mutex_lock(&ctx->lock);
    int kept = 0;
    kb3d_workspace **last = &ctx->workspaces;
    for (; *last; last = &(*last)->next)
        kept++;
    if (kept < KEPT_MAX) {
        w->next = ctx->workspaces;
        ctx->workspaces = w;
        w = NULL;
    }
    pthread_mutex_unlock(&ctx->lock);
    kb3d_mem_free(&ctx->mem, w);
}

void kb3d_workspaces_free(kb3d_ctx *ctx) {
    pthread_mutex_lock(&ctx->lock);
    kb3d_workspace *w = ctx->workspaces;
    ctx->workspaces = NULL;
    pthread_mutex_unlock(&ctx->lock);
    while (w) {
        kb3d_workspace *next = w->next;
        kb3d_mem_free(&ctx->mem, w);
        w = next;
    }
}
