#include "batch.h"
#include "export.h"
#include "interrupt.h"
#include "io/video.h"
#include "progress.h"

#include <math.h>
#include <string.h>

enum { LONG_SIDE = 1920, SHORT_SIDE = 16 /* the least that every player shows */ };

/* The picture's own size, or what fits the default, in the steps the format wants. */
static void choose_size(const kb3d_options *o, const kb3d_scene_info *info, bool is_video, bool even,
                        kb3d_video_params *video) {
    double width = o->width ? o->width : info->width, height = o->height ? o->height : info->height;
    double longest = width > height ? width : height;
    if (!o->width && !o->native_size && longest > LONG_SIDE) {
        width *= LONG_SIDE / longest;
        height *= LONG_SIDE / longest;
    }
    int least = is_video && !o->width ? SHORT_SIDE : even ? 2 : 1;
    int mask = even ? ~1 : ~0;
    video->width = (int)fmax(width + 0.5, least) & mask;
    video->height = (int)fmax(height + 0.5, least) & mask;
    if (even && o->width && (video->width != o->width || video->height != o->height))
        kb3d_note("the video is %dx%d: the format needs even sizes", video->width, video->height);
}

static void fill_export(kb3d_export_params *p, const kb3d_options *o, const kb3d_job *job,
                        const kb3d_scene_info *info) {
    *p = (kb3d_export_params){.picture = job->picture, .output = job->output, .frames = job->frames};
    const kb3d_video_kind *kind = job->output ? kb3d_video_find_kind(job->output) : NULL;
    choose_size(o, info, kind, kind && kind->even, &p->video);
    p->video.fps_numerator = o->fps_numerator;
    p->video.fps_denominator = o->fps_denominator;
    p->video.threads = o->threads;
    p->video.has_alpha = info->has_alpha;
    p->frame_count = (int)fmax(1, round(o->duration * o->fps_numerator / o->fps_denominator));
}

static kb3d_exit animate_scene(kb3d_tool *tool, const kb3d_job *job, const kb3d_scene *scene,
                               const kb3d_scene_info *info) {
    kb3d_path *path;
    kb3d_status status = kb3d_path_create(scene, &tool->options->path, &path, &tool->call);
    if (status)
        return kb3d_tool_fail(tool, job->picture, status);
    kb3d_export_params params;
    fill_export(&params, tool->options, job, info);
    kb3d_exit failed = kb3d_export(tool, path, &params);
    kb3d_path_destroy(&path);
    if (!failed)
        kb3d_note("%s: %d frames of %dx%d", job->output ? job->output : job->frames, params.frame_count,
                  params.video.width, params.video.height);
    return failed;
}

static kb3d_exit run_job(kb3d_tool *tool, const kb3d_job *job) {
    kb3d_exit failed = job->output ? kb3d_tool_check_output(tool, job->picture, job->output) : KB3D_EXIT_OK;
    if (failed)
        return failed;
    kb3d_scene *scene;
    kb3d_scene_info info;
    if ((failed = kb3d_tool_load(tool, job->picture, &scene, &info)))
        return failed;
    failed = animate_scene(tool, job, scene, &info);
    kb3d_scene_destroy(&scene);
    return failed;
}

static kb3d_exit run_batch(kb3d_tool *tool, const kb3d_batch *batch) {
    int failed = 0;
    for (int i = 0; i < batch->count && !kb3d_interrupt_signal(); i++) {
        const char *slash = strrchr(batch->jobs[i].picture, '/');
        kb3d_progress_title(batch->is_single ? NULL : slash ? slash + 1 : batch->jobs[i].picture);
        if (run_job(tool, &batch->jobs[i]))
            failed++;
    }
    if (!batch->is_single && failed && !kb3d_interrupt_signal())
        kb3d_note("%d of %d pictures failed", failed, batch->count);
    return failed || kb3d_interrupt_signal() ? KB3D_EXIT_FAILED : KB3D_EXIT_OK;
}

kb3d_exit kb3d_animate_run(const kb3d_options *options) {
    if (!options->input_count)
        return kb3d_report_usage(NULL, "animate needs a picture; --help says more");
    kb3d_batch batch;
    kb3d_exit failed = kb3d_batch_plan(&batch, options);
    if (!failed) {
        kb3d_tool tool;
        failed = kb3d_tool_open(&tool, options);
        if (!failed) {
            failed = run_batch(&tool, &batch);
            kb3d_tool_close(&tool);
        }
    }
    kb3d_batch_free(&batch);
    return failed;
}
