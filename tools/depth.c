#include "falsecolor.h"
#include "io/pfm.h"
#include "io/png.h"
#include "picture.h"
#include "tool.h"

#include <string.h>
#include <strings.h>

static bool has_extension(const char *path, const char *extension) {
    size_t length = strlen(path), tail = strlen(extension);
    return length > tail && !strcasecmp(path + length - tail, extension);
}

static kb3d_exit write_view(const char *path, const kb3d_image *map) {
    kb3d_image color;
    kb3d_exit failed = kb3d_picture_alloc(&color, KB3D_FORMAT_RGB8, map->width, map->height);
    if (failed)
        return failed;
    if (!(failed = kb3d_false_color(map, &color)))
        failed = kb3d_png_write(path, &color);
    kb3d_picture_free(&color);
    return failed;
}

static kb3d_exit write_depth(kb3d_tool *tool, const kb3d_scene *scene) {
    const kb3d_options *options = tool->options;
    bool is_float = has_extension(options->output, ".pfm");
    int width, height;
    kb3d_status status = kb3d_scene_get_depth_size(scene, options->stage, &width, &height, &tool->call);
    if (status)
        return kb3d_tool_fail(tool, options->inputs[0], status);
    kb3d_image image;
    kb3d_exit failed =
        kb3d_picture_alloc(&image, is_float || options->false_color ? KB3D_FORMAT_GRAYF32 : KB3D_FORMAT_GRAY16,
                           width, height);
    if (failed)
        return failed;
    status = kb3d_scene_get_depth(scene, options->stage, &image, &tool->call);
    if (status)
        failed = kb3d_tool_fail(tool, options->inputs[0], status);
    else if (options->false_color)
        failed = write_view(options->output, &image);
    else
        failed = is_float ? kb3d_pfm_write(options->output, &image) : kb3d_png_write(options->output, &image);
    kb3d_picture_free(&image);
    return failed;
}

kb3d_exit kb3d_depth_run(const kb3d_options *options) {
    if (options->input_count != 1 || !options->output)
        return kb3d_report_usage(NULL, "depth needs one picture and -o OUT.png or OUT.pfm; --help says more");
    if (!has_extension(options->output, ".png") && !has_extension(options->output, ".pfm"))
        return kb3d_report_usage(options->output, "is no kind of depth map that can be written; .png and .pfm are");
    if (options->false_color && !has_extension(options->output, ".png"))
        return kb3d_report_usage(options->output, "is no PNG; false colours are written as .png");
    kb3d_tool tool;
    kb3d_exit failed = kb3d_tool_open(&tool, options);
    if (failed)
        return failed;
    kb3d_scene *scene;
    kb3d_scene_info info;
    failed = kb3d_tool_check_output(&tool, NULL, options->output);
    if (!failed && !(failed = kb3d_tool_load(&tool, options->inputs[0], &scene, &info))) {
        failed = write_depth(&tool, scene);
        kb3d_scene_destroy(&scene);
    }
    kb3d_tool_close(&tool);
    return failed;
}
