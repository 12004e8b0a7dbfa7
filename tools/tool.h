/* What the subcommands share: the context, the one call at a time, and scenes made from files. */
#ifndef KB3D_TOOLS_TOOL_H
#define KB3D_TOOLS_TOOL_H

#include "options.h"

typedef struct kb3d_tool {
    const kb3d_options *options;
    kb3d_ctx *ctx;
    kb3d_call call; /* of every call into the library; Ctrl-C cancels it */
} kb3d_tool;

/* Makes the context and gives it the models. Reports. The tool must stay where it is until closed. */
kb3d_exit kb3d_tool_open(kb3d_tool *tool, const kb3d_options *options);
void kb3d_tool_close(kb3d_tool *tool);

/* Reports why a call of the library failed, naming the file it was about. */
kb3d_exit kb3d_tool_fail(kb3d_tool *tool, const char *file, kb3d_status status);

/* Builds the scene of a picture. Reports. */
kb3d_exit kb3d_tool_load(kb3d_tool *tool, const char *picture, kb3d_scene **scene, kb3d_scene_info *info);

/* Refuses an output that is one of the files that are read; `picture` may be NULL. Reports. */
kb3d_exit kb3d_tool_check_output(const kb3d_tool *tool, const char *picture, const char *output);

/* Each subcommand, its options read. */
kb3d_exit kb3d_animate_run(const kb3d_options *options);
kb3d_exit kb3d_depth_run(const kb3d_options *options);
kb3d_exit kb3d_view_run(const kb3d_options *options);
kb3d_exit kb3d_bench_run(const kb3d_options *options);
kb3d_exit kb3d_info_run(const kb3d_options *options);

#endif
