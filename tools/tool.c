#define _GNU_SOURCE
#include "tool.h"

#include "interrupt.h"
#include "io/video.h"
#include "networks.h"
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
    params.device = options->device;
    params.threads = options->threads;
    params.log = log_line;
    params.log_user = (void *)options; /* only read there */
    params.log_level = options->quiet ? KB3D_LOG_ERROR : options->verbose ? KB3D_LOG_DEBUG : KB3D_LOG_WARNING;
    kb3d_networks_set(&params, options);
    kb3d_status status = kb3d_ctx_create(&tool->ctx, &params, &tool->call);
    if (status)
        return kb3d_tool_fail(tool, NULL, status);
    kb3d_exit failed = kb3d_networks_add(tool);
    if (failed)
        kb3d_tool_close(tool);
    return failed;
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
    return kb3d_report(named ? NULL : file, "%s", cause);
}

/* Which of the files that belong to the picture the message is about. */
static const char *find_file(const kb3d_tool *tool, const char *picture) {
    const kb3d_options *o = tool->options;
    if (o->depth && strstr(tool->call.message, o->depth))
        return o->depth;
    for (int i = 0; i < o->mask_count; i++)
        if (strstr(tool->call.message, o->masks[i].path))
            return o->masks[i].path;
    return picture;
}

static kb3d_exit fail_scene(kb3d_tool *tool, const char *picture, kb3d_status status) {
    if (status != KB3D_ERROR_MODEL || tool->options->depth || kb3d_networks_have(tool, KB3D_MODEL_DEPTH))
        return kb3d_tool_fail(tool, find_file(tool, picture), status);
    return kb3d_report(picture, "%s (--model depth=FILE or --depth FILE)", tool->call.message);
}

static void set_source(kb3d_source *source, const char *path) {
    KB3D_INIT(*source);
    source->path = path;
}

/* Keeps what the parameters point to. */
typedef struct inputs {
    kb3d_source picture, depth, mask_sources[KB3D_MASK_MAX];
    kb3d_mask masks[KB3D_MASK_MAX];
    const kb3d_mask *mask_list[KB3D_MASK_MAX];
} inputs;

static void fill_scene(kb3d_scene_params *p, inputs *in, const kb3d_options *o, const char *picture) {
    KB3D_INIT(*p);
    set_source(&in->picture, picture);
    p->picture = &in->picture;
    if (o->depth) {
        set_source(&in->depth, o->depth);
        p->depth = &in->depth;
    }
    for (int i = 0; i < o->mask_count; i++) {
        set_source(&in->mask_sources[i], o->masks[i].path);
        KB3D_INIT(in->masks[i]);
        in->masks[i].kind = o->masks[i].kind;
        in->masks[i].source = &in->mask_sources[i];
        in->mask_list[i] = &in->masks[i];
    }
    p->masks = in->mask_list;
    p->mask_count = o->mask_count;
    p->depth_kind = o->depth_kind;
    p->focal_px = o->focal_px;
    p->depth_quality = o->quality;
    p->skip = o->skip;
    if (o->stage != KB3D_STAGE_REFINE) /* what nobody will see is not worked out */
        p->skip |= o->stage == KB3D_STAGE_ESTIMATE ? KB3D_SKIP_ADJUST | KB3D_SKIP_REFINE : KB3D_SKIP_REFINE;
}

kb3d_exit kb3d_tool_load(kb3d_tool *tool, const char *picture, kb3d_scene **scene, kb3d_scene_info *info) {
    kb3d_scene_params params;
    inputs in;
    fill_scene(&params, &in, tool->options, picture);
    kb3d_status status = kb3d_scene_create(tool->ctx, &params, scene, &tool->call);
    if (status)
        return fail_scene(tool, picture, status);
    KB3D_INIT(*info);
    status = kb3d_scene_get_info(*scene, info, &tool->call);
    if (status) {
        kb3d_scene_destroy(scene);
        return kb3d_tool_fail(tool, picture, status);
    }
    kb3d_note("%s: %dx%d, depth of %s, focal length %.1f px%s", picture, info->width, info->height,
              info->depth_source, info->focal_px, info->focal_is_guess ? " (a guess)" : "");
    kb3d_networks_note_scene(*scene);
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
    for (int i = 0; i < options->mask_count; i++)
        same |= same_file(options->masks[i].path, output);
    for (int i = 0; i < options->model_count; i++)
        same |= same_file(options->models[i].path, output);
    return same ? kb3d_report(output, "is read as an input and cannot be the output") : KB3D_EXIT_OK;
}
