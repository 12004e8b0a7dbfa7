#include "export.h"

#include "io/frames.h"
#include "io/video.h"
#include "networks.h"
#include "progress.h"

enum { SINK_MAX = 2 };

/* Where frame i of n is on the path. There and back ends a step before its start, for a seamless repeat. */
static kb3d_status find_time(kb3d_tool *tool, const kb3d_path *path, int i, int n, double *t) {
    int last = tool->options->path.loop == KB3D_LOOP_BOUNCE ? n : n - 1;
    return kb3d_path_get_time(path, last > 0 ? (double)i / last : 0, t, &tool->call);
}

static kb3d_status render(kb3d_tool *tool, const kb3d_path *path, int i, int n, const kb3d_image *image) {
    double t;
    kb3d_status status = find_time(tool, path, i, n, &t);
    if (status)
        return status;
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = image;
    return kb3d_path_render(path, t, &frame, &tool->call);
}

/* What a sink wants to see before the first frame. */
static kb3d_exit show_samples(kb3d_tool *tool, const kb3d_path *path, const kb3d_export_params *p,
                              kb3d_sink *sink) {
    for (int i = 0; i < sink->sample_count; i++) {
        kb3d_image image;
        kb3d_exit failed = sink->begin(sink, &image);
        if (failed)
            return failed;
        int at = (int)((double)(p->frame_count - 1) * i / (sink->sample_count - 1) + 0.5);
        kb3d_progress_frames(i, sink->sample_count);
        kb3d_status status = render(tool, path, at, p->frame_count, &image);
        if (status)
            return kb3d_tool_fail(tool, p->picture, status);
        if ((failed = sink->sample(sink, &image)))
            return failed;
    }
    return KB3D_EXIT_OK;
}

static kb3d_exit write_frames(kb3d_tool *tool, const kb3d_path *path, const kb3d_export_params *p,
                              kb3d_sink **sinks, int sink_count) {
    kb3d_exit failed = KB3D_EXIT_OK;
    for (int k = 0; k < sink_count && !failed; k++)
        failed = show_samples(tool, path, p, sinks[k]);
    for (int i = 0; i < p->frame_count && !failed; i++) {
        kb3d_progress_frames(i, p->frame_count);
        for (int k = 0; k < sink_count && !failed; k++) {
            kb3d_image image;
            if ((failed = sinks[k]->begin(sinks[k], &image)))
                break;
            kb3d_status status = render(tool, path, i, p->frame_count, &image);
            failed = status ? kb3d_tool_fail(tool, p->picture, status) : sinks[k]->end(sinks[k], &image);
        }
    }
    /* A cancel that came after the last frame was rendered still means: write nothing. */
    if (!failed && tool->call.cancel)
        failed = kb3d_tool_fail(tool, p->picture, KB3D_ERROR_CANCELLED);
    for (int k = 0; k < sink_count && !failed; k++)
        failed = sinks[k]->finish(sinks[k]);
    return failed;
}

static kb3d_exit prepare(kb3d_tool *tool, kb3d_path *path, const kb3d_export_params *p) {
    kb3d_prepare_params prepare;
    KB3D_INIT(prepare);
    prepare.extend = tool->options->extend;
    prepare.width = p->video.width;
    prepare.height = p->video.height;
    kb3d_status status = kb3d_path_prepare(path, &prepare, &tool->call);
    if (status)
        return kb3d_tool_fail(tool, p->picture, status);
    kb3d_networks_note_painting(tool);
    return KB3D_EXIT_OK;
}

kb3d_exit kb3d_export(kb3d_tool *tool, kb3d_path *path, const kb3d_export_params *p) {
    kb3d_sink *sinks[SINK_MAX];
    int sink_count = 0;
    kb3d_exit failed = KB3D_EXIT_OK;
    if (p->output && !(failed = kb3d_video_open(&sinks[sink_count], p->output, &p->video)))
        sink_count++;
    if (p->frames && !failed && !(failed = kb3d_frames_open(&sinks[sink_count], p->frames, &p->video)))
        sink_count++;
    if (!failed) /* after the files: that one cannot be written is said at once */
        failed = prepare(tool, path, p);
    if (!failed)
        failed = write_frames(tool, path, p, sinks, sink_count);
    for (int k = 0; k < sink_count; k++)
        sinks[k]->close(sinks[k]);
    return failed;
}
