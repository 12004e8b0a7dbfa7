#include "video.h"

#include "gif.h"
#include "kinds.h"
#include "stream.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KIND(extension, encoder, options, tag, even, mime, text) {extension, encoder, options, tag, text, even},
static const kb3d_video_kind kinds[] = {KB3D_VIDEO_KINDS(KIND)};
#undef KIND

const kb3d_video_kind *kb3d_video_list_kinds(int index) {
    return index < (int)(sizeof kinds / sizeof *kinds) ? &kinds[index] : NULL;
}

const kb3d_video_kind *kb3d_video_find_kind(const char *path) {
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t tail = strlen(kinds[i].extension);
        if (length > tail && !strcasecmp(path + length - tail, kinds[i].extension))
            return &kinds[i];
    }
    return NULL;
}

bool kb3d_video_can_write(const kb3d_video_kind *kind) {
    return avcodec_find_encoder_by_name(kind->encoder) && av_guess_format(kind->extension + 1, NULL, NULL);
}

void kb3d_video_set_log(bool verbose) {
    av_log_set_level(verbose ? AV_LOG_WARNING : AV_LOG_QUIET);
}

typedef struct yuv_video {
    kb3d_sink sink; /* first, so that a sink is the video it begins */
    kb3d_stream stream;
} yuv_video;

/* The renderer writes right into the encoder's planes. */
static kb3d_exit begin(kb3d_sink *sink, kb3d_image *image) {
    kb3d_stream *stream = &((yuv_video *)sink)->stream;
    kb3d_exit status = kb3d_stream_begin(stream);
    if (status)
        return status;
    KB3D_INIT(*image);
    image->format = KB3D_FORMAT_I420;
    image->width = stream->codec->width;
    image->height = stream->codec->height;
    for (int i = 0; i < 3; i++) {
        image->data[i] = stream->frame->data[i];
        image->stride[i] = stream->frame->linesize[i];
    }
    return KB3D_EXIT_OK;
}

static kb3d_exit end(kb3d_sink *sink, const kb3d_image *image) {
    (void)image;
    return kb3d_stream_end(&((yuv_video *)sink)->stream);
}

static kb3d_exit finish(kb3d_sink *sink) {
    return kb3d_stream_finish(&((yuv_video *)sink)->stream);
}

static void close_video(kb3d_sink *sink) {
    kb3d_stream_close(&((yuv_video *)sink)->stream);
    free(sink);
}

kb3d_exit kb3d_video_open(kb3d_sink **sink, const char *path, const kb3d_video_params *params) {
    *sink = NULL;
    const kb3d_video_kind *kind = kb3d_video_find_kind(path);
    if (!strcmp(kind->extension, ".gif"))
        return kb3d_gif_open(sink, path, kind, params);
    yuv_video *video = calloc(1, sizeof *video);
    if (!video)
        return kb3d_report_memory();
    video->sink = (kb3d_sink){.path = path, .begin = begin, .end = end, .finish = finish, .close = close_video};
    kb3d_exit status = kb3d_stream_open(&video->stream, path, kind, params);
    if (status) {
        free(video);
        return status;
    }
    *sink = &video->sink;
    return KB3D_EXIT_OK;
}
