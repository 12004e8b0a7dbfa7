#include "export.h"

#include "io/video.h"
#include "writer.h"

#include <kb3d/render.h>
#include <math.h>

/* The shares of the whole that painting in, and a video's choice of colours, take. */
#define PREPARE_SHARE 0.2
#define SAMPLE_SHARE 0.05

void ken_export_init(ken_export *f, const ken_params *params, const kb3d_scene *scene, ken_format format) {
    *f = (ken_export){
        .params = params, .scene = scene, .format = format, .frame_count = ken_params_frame_count(params)};
    kb3d_scene_info info;
    KB3D_INIT(info);
    if (!kb3d_scene_get_info(scene, &info, NULL))
        ken_params_size(params, info.width, info.height, &f->width, &f->height);
}

void ken_export_free(ken_export *f) {
    if (f->frames)
        g_ptr_array_unref(f->frames);
    f->frames = NULL;
}

static bool prepare(ken_job *job, const ken_export *f, kb3d_path **path) {
    ken_job_part(job, 0, PREPARE_SHARE, "Painting what the flight uncovers");
    kb3d_scene_info info;
    KB3D_INIT(info);
    kb3d_path_params params;
    kb3d_status status = kb3d_scene_get_info(f->scene, &info, &job->call);
    if (!status) {
        ken_params_fill_path(f->params, info.width, info.height, &params);
        status = kb3d_path_create(f->scene, &params, path, &job->call);
    }
    if (status)
        return ken_job_fail(job, status);
    kb3d_prepare_params size;
    KB3D_INIT(size);
    size.width = f->width;
    size.height = f->height;
    if ((status = kb3d_path_prepare(*path, &size, &job->call))) {
        kb3d_path_destroy(path);
        return ken_job_fail(job, status);
    }
    return true;
}

static bool render(ken_job *job, const ken_export *f, const kb3d_path *path, int i, const kb3d_image *image) {
    double t;
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = image;
    kb3d_status status = kb3d_path_get_time(path, ken_params_progress(f->params, i), &t, &job->call);
    if (!status)
        status = kb3d_path_render(path, t, &frame, &job->call);
    return status ? ken_job_fail(job, status) : true;
}

static void start_frame(ken_job *job, const ken_export *f, int i, double base) {
    ken_job_part(job, base + (1 - base) * i / f->frame_count, (1 - base) / f->frame_count, "Frame %d of %d", i + 1,
                 f->frame_count);
}

bool ken_export_to_buffers(ken_job *job, void *data) {
    ken_export *f = data;
    kb3d_path *path;
    if (!prepare(job, f, &path))
        return false;
    kb3d_image image;
    bool good =
        ken_pixels_alloc(&image, f->format.kb3d, f->width, f->height) || ken_job_fail_text(job, "out of memory");
    f->frames = g_ptr_array_new_with_free_func(g_object_unref);
    for (int i = 0; i < f->frame_count && good; i++) {
        start_frame(job, f, i, PREPARE_SHARE);
        if (!(good = render(job, f, path, i, &image)))
            break;
        GeglBuffer *buffer = gegl_buffer_new(GEGL_RECTANGLE(0, 0, f->width, f->height), f->format.babl);
        gegl_buffer_set(buffer, NULL, 0, f->format.babl, image.data[0], GEGL_AUTO_ROWSTRIDE);
        g_ptr_array_add(f->frames, buffer);
    }
    g_free(image.data[0]);
    kb3d_path_destroy(&path);
    return good;
}

static bool fail_writer(ken_job *job) {
    return ken_job_fail_text(job, ken_writer_last());
}

/* What the sink wants to see before the first frame. */
static bool show_samples(ken_job *job, const ken_export *f, const kb3d_path *path, kb3d_sink *sink) {
    ken_job_part(job, PREPARE_SHARE, SAMPLE_SHARE, "Choosing colours");
    for (int i = 0; i < sink->sample_count; i++) {
        kb3d_image image;
        if (sink->begin(sink, &image))
            return fail_writer(job);
        int at = (int)round((double)(f->frame_count - 1) * i / (sink->sample_count - 1));
        if (!render(job, f, path, at, &image))
            return false;
        if (sink->sample(sink, &image))
            return fail_writer(job);
    }
    return true;
}

static bool write_frames(ken_job *job, const ken_export *f, const kb3d_path *path, kb3d_sink *sink) {
    if (!show_samples(job, f, path, sink))
        return false;
    for (int i = 0; i < f->frame_count; i++) {
        kb3d_image image;
        start_frame(job, f, i, PREPARE_SHARE + SAMPLE_SHARE);
        if (sink->begin(sink, &image))
            return fail_writer(job);
        if (!render(job, f, path, i, &image))
            return false;
        if (sink->end(sink, &image))
            return fail_writer(job);
    }
    if (job->call.cancel) /* after the last frame it still means: write nothing */
        return ken_job_fail(job, KB3D_ERROR_CANCELLED);
    return !sink->finish(sink) || fail_writer(job);
}

bool ken_export_to_video(ken_job *job, void *data) {
    ken_export *f = data;
    kb3d_video_params params = {.width = f->width, .height = f->height};
    bool is_whole = f->params->frame_rate == floor(f->params->frame_rate);
    params.fps_denominator = is_whole ? 1 : 1000;
    params.fps_numerator = (int)round(f->params->frame_rate * params.fps_denominator);
    kb3d_video_set_log(false);
    kb3d_sink *sink;
    if (kb3d_video_open(&sink, f->params->file, &params)) /* first: that it cannot be written is said at once */
        return fail_writer(job);
    kb3d_path *path;
    bool good = prepare(job, f, &path);
    if (good) {
        good = write_frames(job, f, path, sink);
        kb3d_path_destroy(&path);
    }
    sink->close(sink);
    return good;
}
