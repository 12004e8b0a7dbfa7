/* One video stream in one file through libav, under a temporary name. */
#ifndef KB3D_TOOLS_STREAM_H
#define KB3D_TOOLS_STREAM_H

#include "output.h"
#include "video.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

typedef struct kb3d_stream {
    kb3d_output output;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *stream;
    AVPacket *packet;
    AVFrame *frame; /* what goes in next */
    int64_t frame_count;
    bool has_header; /* and no trailer yet */
} kb3d_stream;

/* All of them report what goes wrong. */
kb3d_exit kb3d_stream_open(kb3d_stream *stream, const char *path, const kb3d_video_kind *kind,
                           const kb3d_video_params *params);

/* The frame may be written into now: the encoder holds no part of it. */
kb3d_exit kb3d_stream_begin(kb3d_stream *stream);

/* Encodes the frame. */
kb3d_exit kb3d_stream_end(kb3d_stream *stream);

kb3d_exit kb3d_stream_finish(kb3d_stream *stream);
void kb3d_stream_close(kb3d_stream *stream);

#endif
