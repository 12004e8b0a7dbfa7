#include "stream.h"

#include "kinds.h"

#include <libavutil/avstring.h>
#include <libavutil/intreadwrite.h>
#include <stdio.h>
#include <string.h>

static kb3d_exit fail(kb3d_stream *s, const char *what, int error) {
    char cause[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(error, cause, sizeof cause);
    return kb3d_report(s->output.path, "%s: %s", what, cause);
}

static void set_picture(AVCodecContext *codec, const kb3d_video_params *params) {
    codec->width = params->width;
    codec->height = params->height;
    codec->time_base = (AVRational){params->fps_denominator, params->fps_numerator};
    codec->framerate = (AVRational){params->fps_numerator, params->fps_denominator};
    codec->sample_aspect_ratio = (AVRational){1, 1};
    codec->thread_count = params->threads;
    if (codec->codec_id == AV_CODEC_ID_GIF) {
        codec->pix_fmt = AV_PIX_FMT_PAL8;
        codec->time_base = (AVRational){1, 100}; /* the format's own clock */
        return;
    }
    codec->pix_fmt = AV_PIX_FMT_YUV420P;
    codec->gop_size = (int)(2.0 * params->fps_numerator / params->fps_denominator + 1);
}

static kb3d_exit open_encoder(kb3d_stream *s, const kb3d_video_kind *kind, const kb3d_video_params *params) {
    const AVCodec *encoder = avcodec_find_encoder_by_name(kind->encoder);
    if (!encoder)
        return kb3d_report(s->output.path, "this libav has no encoder %s for %s", kind->encoder, kind->extension);
    s->codec = avcodec_alloc_context3(encoder);
    if (!s->codec)
        return kb3d_report_memory();
    set_picture(s->codec, params);
    if (*kind->tag)
        s->codec->codec_tag = AV_RL32(kind->tag);
    if (s->format->oformat->flags & AVFMT_GLOBALHEADER)
        s->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    AVDictionary *options = NULL;
    int error = av_dict_parse_string(&options, kind->options, "=", ":", 0);
    if (error >= 0 && kind->even)
        error = av_dict_parse_string(&options, KB3D_VIDEO_COLORS, "=", ":", 0);
    if (error >= 0)
        error = avcodec_open2(s->codec, encoder, &options);
    const AVDictionaryEntry *left = NULL; /* what the encoder did not know */
    while ((left = av_dict_get(options, "", left, AV_DICT_IGNORE_SUFFIX)))
        kb3d_note("the encoder %s has no option %s", kind->encoder, left->key);
    av_dict_free(&options);
    if (error < 0) {
        char what[128];
        snprintf(what, sizeof what, "the encoder %s does not take %dx%d", kind->encoder, params->width,
                 params->height);
        return fail(s, what, error);
    }
    return KB3D_EXIT_OK;
}

static kb3d_exit open_frame(kb3d_stream *s) {
    s->packet = av_packet_alloc();
    s->frame = av_frame_alloc();
    if (!s->packet || !s->frame)
        return kb3d_report_memory();
    s->frame->format = s->codec->pix_fmt;
    s->frame->width = s->codec->width;
    s->frame->height = s->codec->height;
    s->frame->sample_aspect_ratio = s->codec->sample_aspect_ratio;
    s->frame->color_range = s->codec->color_range;
    s->frame->color_primaries = s->codec->color_primaries;
    s->frame->color_trc = s->codec->color_trc;
    s->frame->colorspace = s->codec->colorspace;
    s->frame->chroma_location = s->codec->chroma_sample_location;
    int error = av_frame_get_buffer(s->frame, 0);
    return error < 0 ? fail(s, "no frame could be had", error) : KB3D_EXIT_OK;
}

static kb3d_exit open_file(kb3d_stream *s, const kb3d_video_params *params) {
    s->stream = avformat_new_stream(s->format, NULL);
    if (!s->stream)
        return kb3d_report_memory();
    s->stream->time_base = s->codec->time_base;
    s->stream->avg_frame_rate = (AVRational){params->fps_numerator, params->fps_denominator};
    s->stream->sample_aspect_ratio = s->codec->sample_aspect_ratio;
    int error = avcodec_parameters_from_context(s->stream->codecpar, s->codec);
    if (error >= 0)
        error = avio_open(&s->format->pb, s->format->url, AVIO_FLAG_WRITE);
    AVDictionary *options = NULL;
    av_dict_set(&options, "movflags", "+faststart", 0); /* a browser shows it before it has come whole */
    if (error >= 0)
        error = avformat_write_header(s->format, &options);
    s->has_header = error >= 0;
    av_dict_free(&options);
    return error < 0 ? fail(s, "cannot be written", error) : KB3D_EXIT_OK;
}

static kb3d_exit open_format(kb3d_stream *s, const kb3d_video_kind *kind) {
    /* libav opens the file a second time for faststart, so it gets a name and no file. "file:" keeps a name such as
     * "pipe:1.mp4" a name. */
    char *url = av_asprintf("file:%s", s->output.temporary);
    int error = url ? avformat_alloc_output_context2(&s->format, NULL, kind->extension + 1, url) : AVERROR(ENOMEM);
    av_free(url);
    return error < 0 ? fail(s, "cannot be written", error) : KB3D_EXIT_OK;
}

kb3d_exit kb3d_stream_open(kb3d_stream *s, const char *path, const kb3d_video_kind *kind,
                           const kb3d_video_params *params) {
    *s = (kb3d_stream){0};
    kb3d_exit status = kb3d_output_open(&s->output, path);
    if (!status)
        status = open_format(s, kind);
    if (!status)
        status = open_encoder(s, kind, params);
    if (!status)
        status = open_frame(s);
    if (!status)
        status = open_file(s, params);
    if (status)
        kb3d_stream_close(s);
    return status;
}

kb3d_exit kb3d_stream_begin(kb3d_stream *s) {
    int error = av_frame_make_writable(s->frame);
    return error < 0 ? fail(s, "no frame could be had", error) : KB3D_EXIT_OK;
}

/* A NULL frame asks for what the encoder still holds. */
static kb3d_exit encode(kb3d_stream *s, const AVFrame *frame) {
    int error = avcodec_send_frame(s->codec, frame);
    while (error >= 0) {
        error = avcodec_receive_packet(s->codec, s->packet);
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF)
            return KB3D_EXIT_OK;
        if (error < 0)
            break;
        av_packet_rescale_ts(s->packet, s->codec->time_base, s->stream->time_base);
        error = av_write_frame(s->format, s->packet); /* one stream: nothing to interleave */
        av_packet_unref(s->packet);
        if (error >= 0)
            error = s->format->pb->error; /* a full disk shows here, not in the answer */
    }
    return fail(s, "cannot be written", error);
}

kb3d_exit kb3d_stream_end(kb3d_stream *s) {
    s->frame->pts = av_rescale_q(s->frame_count++, av_inv_q(s->stream->avg_frame_rate), s->codec->time_base);
    return encode(s, s->frame);
}

kb3d_exit kb3d_stream_finish(kb3d_stream *s) {
    kb3d_exit status = encode(s, NULL);
    if (status)
        return status;
    int error = av_write_trailer(s->format);
    s->has_header = false;
    if (error >= 0) {
        avio_flush(s->format->pb);
        error = s->format->pb->error;
    }
    int closed = avio_closep(&s->format->pb);
    if (error < 0 || closed < 0)
        return fail(s, "cannot be written", error < 0 ? error : closed);
    return kb3d_output_commit(&s->output);
}

void kb3d_stream_close(kb3d_stream *s) {
    if (s->has_header)
        av_write_trailer(s->format); /* of a file that goes away: libav frees a GIF's last frame nowhere else */
    if (s->format)
        avio_closep(&s->format->pb);
    avformat_free_context(s->format);
    avcodec_free_context(&s->codec);
    av_frame_free(&s->frame);
    av_packet_free(&s->packet);
    kb3d_output_close(&s->output);
}
