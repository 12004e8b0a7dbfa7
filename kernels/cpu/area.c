#include "level.h"

#include <math/area.h>

#include <string.h>

/* Source pixels summed at a time, so that the sums of a strip stay on the stack and in the cache. */
enum { STRIP = 256, CHANNELS_MAX = 4 };

typedef struct area_job {
    const void *from;
    kb3d_texel texel;
    int channels, width, height;
    float *to;
    int to_channels, to_width, to_height;
} area_job;

#define ADD_ROW(name, type)                                                            \
    static void name(float *restrict sum, const void *row, int count, float weight) { \
        const type *restrict r = row;                                                  \
        for (int i = 0; i < count; i++)                                                \
            sum[i] += weight * (float)r[i];                                            \
    }
ADD_ROW(add_row_u8, uint8_t)
ADD_ROW(add_row_u16, uint16_t)
ADD_ROW(add_row_f32, float)

/* The rows under output row `at`, weighted and summed, for the source pixels x .. x + count - 1. */
static void sum_rows(const area_job *job, int at, int x, int count, float *sum) {
    kb3d_area_span span = kb3d_area_span_at(at, job->to_height, job->height);
    int samples = count * job->channels;
    memset(sum, 0, (size_t)samples * sizeof *sum);
    for (int y = span.first; y <= span.last; y++) {
        size_t offset = ((size_t)y * job->width + x) * job->channels * job->texel;
        const void *row = (const char *)job->from + offset;
        float weight = kb3d_area_weight(y, at, job->to_height, job->height);
        switch (job->texel) {
        case KB3D_TEXEL_U8: add_row_u8(sum, row, samples, weight); break;
        case KB3D_TEXEL_U16: add_row_u16(sum, row, samples, weight); break;
        case KB3D_TEXEL_F32: add_row_f32(sum, row, samples, weight); break;
        }
    }
}

static void write_pixel(const area_job *job, const float *sum, float *to) {
    float full = job->texel == KB3D_TEXEL_U8 ? 255.0f : job->texel == KB3D_TEXEL_U16 ? 65535.0f : 1.0f;
    for (int c = 0; c < job->to_channels; c++)
        to[c] = sum[job->channels < 3 ? 0 : c] / full;
}

static void average_row(void *arg, int at) {
    const area_job *job = arg;
    float strip[STRIP * CHANNELS_MAX];
    float sum[CHANNELS_MAX] = {0};
    float *to = job->to + (size_t)at * job->to_width * job->to_channels;
    int begin = 0, end = 0; /* source pixels that lie in the strip */
    for (int i = 0; i < job->to_width; i++) {
        kb3d_area_span span = kb3d_area_span_at(i, job->to_width, job->width);
        memset(sum, 0, sizeof sum);
        for (int x = span.first; x <= span.last; x++) {
            if (x >= end) {
                begin = x;
                end = job->width - x < STRIP ? job->width : x + STRIP;
                sum_rows(job, at, begin, end - begin, strip);
            }
            float weight = kb3d_area_weight(x, i, job->to_width, job->width);
            const float *pixel = strip + (x - begin) * job->channels;
            for (int c = 0; c < job->channels; c++)
                sum[c] += weight * pixel[c];
        }
        write_pixel(job, sum, to + (size_t)i * job->to_channels);
    }
}

void kb3d_area_average(const kb3d_parallel *par, const void *from, kb3d_texel texel, int channels, int width,
                       int height, float *to, int to_channels, int to_width, int to_height) {
    area_job job = {from, texel, channels, width, height, to, to_channels, to_width, to_height};
    par->run(par->impl, to_height, average_row, &job);
}
