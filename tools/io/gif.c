#include "gif.h"

#include "../picture.h"
#include "palette.h"
#include "stream.h"

#include <stdlib.h>
#include <string.h>

typedef struct gif {
    kb3d_sink sink; /* first, so that a sink is the GIF it begins */
    kb3d_stream stream;
    kb3d_palette *palette;
    kb3d_image image;
    int samples_seen;
} gif;

static kb3d_exit sample(kb3d_sink *sink, const kb3d_image *image) {
    gif *g = (gif *)sink;
    kb3d_palette_count(g->palette, image);
    if (++g->samples_seen == sink->sample_count)
        kb3d_palette_choose(g->palette);
    return KB3D_EXIT_OK;
}

static kb3d_exit begin(kb3d_sink *sink, kb3d_image *image) {
    *image = ((gif *)sink)->image;
    return KB3D_EXIT_OK;
}

static kb3d_exit end(kb3d_sink *sink, const kb3d_image *image) {
    gif *g = (gif *)sink;
    kb3d_exit status = kb3d_stream_begin(&g->stream);
    if (status)
        return status;
    AVFrame *frame = g->stream.frame;
    memcpy(frame->data[1], g->palette->argb, sizeof g->palette->argb);
    kb3d_palette_map(g->palette, image, frame->data[0], frame->linesize[0]);
    return kb3d_stream_end(&g->stream);
}

static kb3d_exit finish(kb3d_sink *sink) {
    return kb3d_stream_finish(&((gif *)sink)->stream);
}

static void close_gif(kb3d_sink *sink) {
    gif *g = (gif *)sink;
    kb3d_stream_close(&g->stream);
    kb3d_picture_free(&g->image);
    free(g->palette);
    free(g);
}

kb3d_exit kb3d_gif_open(kb3d_sink **sink, const char *path, const kb3d_video_kind *kind,
                        const kb3d_video_params *params) {
    gif *g = calloc(1, sizeof *g);
    if (!g)
        return kb3d_report_memory();
    g->sink = (kb3d_sink){path, KB3D_PALETTE_SAMPLES, sample, begin, end, finish, close_gif};
    g->palette = kb3d_palette_create();
    kb3d_exit status = g->palette ? KB3D_EXIT_OK : kb3d_report_memory();
    if (!status)
        status = kb3d_picture_alloc(&g->image, KB3D_FORMAT_RGB8, params->width, params->height);
    if (!status)
        status = kb3d_stream_open(&g->stream, path, kind, params);
    if (status) {
        kb3d_picture_free(&g->image);
        free(g->palette);
        free(g);
        return status;
    }
    *sink = &g->sink;
    return KB3D_EXIT_OK;
}
