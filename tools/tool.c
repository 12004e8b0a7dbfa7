#define _GNU_SOURCE
#include "tool.h"

#include "interrupt.h"
#include "io/video.h"
#include "progress.h"

#include <string.h>
#include <sys/stat.h>

/* Errors come back as statuses and are reported once, where they are met. */
static void log_line(void *user, kb3d_log_level level, const char *text) {
    const kb3d_options *options = user;
    if (level == KB3D_LOG_WARNING)
        kb3d_report(NULL, "%s", text);
    else if (level > KB3D_LOG_WARNING && options->verbose)
        kb3d_note("%s", text);
}

kb3d_exit kb3d_tool_open(kb3d_tool *tool, const kb3d_options *options) {
    *tool = (kb3d_tool){.options = options};
    KB3D_INIT(tool->call);
    tool->call.progress = kb3d_progress_show;
    kb3d_interrupt_watch(&tool->call);
    kb3d_note_enable(options->verbose);
    kb3d_video_set_log(options->verbose);
    if (!options->quiet)
        kb3d_progress_enable();
    kb3d_ctx_params params;
    KB3D_INIT(params);
    params.backend = options->backend;
    params.threads = options->threads;
    params.log = log_line;
    params.log_user = (void *)options; /* only read there */
    params.log_level = options->quiet ? KB3D_LOG_ERROR : options->verbose ? KB3D_LOG_DEBUG : KB3D_LOG_WARNING;
    kb3d_status status = kb3d_ctx_create(&tool->ctx, &params, &tool->call);
    if (status)
        return kb3d_tool_fail(tool, NULL, status);
    for (int i = 0; i < options->model_count; i++) {
        const kb3d_model_option *model = &options->models[i];
        kb3d_model_source source;
        KB3D_INIT(source);
        source.role = model->role;
        source.path = model->path;
        status = kb3d_ctx_add_model(tool->ctx, &source, &tool->call);
        if (status) {
            kb3d_exit failed = kb3d_tool_fail(tool, model->path, status);
            kb3d_tool_close(tool);
            return failed;
        }
    }
    return KB3D_EXIT_OK;
}

void kb3d_tool_close(kb3d_tool *tool) {
    kb3d_progress_clear();
    kb3d_interrupt_watch(NULL);
    kb3d_ctx_destroy(&tool->ctx);
}

kb3d_exit kb3d_tool_fail(kb3d_tool *tool, const char *file, kb3d_status status) {
    if (status == KB3D_ERROR_CANCELLED)
        return kb3d_report(NULL, "interrupted");
    const char *cause = tool->call.message[0] ? tool->call.message : kb3d_status_text(status);
    bool named = file && strstr(cause, file); /* the library names files itself */
    bool lacks_depth = status == KB3D_ERROR_MODEL && !tool->options->depth && !tool->options->model_count;
    return kb3d_report(named ? NULL : file, "%s%s", cause,
                       lacks_depth ? "; give --depth FILE or --model depth=FILE" : "");
}

kb3d_exit kb3d_tool_load(kb3d_tool *tool, const char *picture, kb3d_scene **scene, kb3d_scene_info *info) {
    kb3d_source picture_source, depth_source;
    KB3D_INIT(picture_source);
    picture_source.path = picture;
    KB3D_INIT(depth_source);
    depth_source.path = tool->options->depth;
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &picture_source;
    params.depth = tool->options->depth ? &depth_source : NULL;
    params.depth_kind = tool->options->depth_kind;
    params.focal_px = tool->options->focal_px;
    kb3d_status status = kb3d_scene_create(tool->ctx, &params, scene, &tool->call);
    if (status) {
        bool about_depth = tool->options->depth && strstr(tool->call.message, tool->options->depth);
        return kb3d_tool_fail(tool, about_depth ? tool->options->depth : picture, status);
    }
    KB3D_INIT(*info);
    status = kb3d_scene_get_info(*scene, info, &tool->call);
    if (status) {
        kb3d_scene_destroy(scene);
        return kb3d_tool_fail(tool, picture, status);
    }
    kb3d_note("%s: %dx%d, depth of %s, focal length %.1f px%s", picture, info->width, info->height,
              info->depth_source, info->focal_px, info->focal_is_guess ? " (a guess)" : "");
    return KB3D_EXIT_OK;
}

static bool same_file(const char *a, const char *b) {
    struct stat first, second;
    return a && b && !stat(a, &first) && !stat(b, &second) && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

kb3d_exit kb3d_tool_check_output(const kb3d_tool *tool, const char *picture, const char *output) {
    const kb3d_options *options = tool->options;
    bool same = same_file(picture, output) || same_file(options->depth, output);
    for (int i = 0; i < options->input_count; i++)
        same |= same_file(options->inputs[i], output);
    for (int i = 0; i < options->model_count; i++)
        same |= same_file(options->models[i].path, output);
    return same ? kb3d_report(output, "is read as an input and cannot be the output") : KB3D_EXIT_OK;
}
