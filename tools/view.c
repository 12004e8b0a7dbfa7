#include "io/png.h"
#include "networks.h"
#include "picture.h"

#include <string.h>
#include <strings.h>

typedef struct view {
    int width, height;
    kb3d_image color;
    kb3d_image holes; /* its pixels are NULL when nobody asked for them */
} view;

/* A path of one camera: the picture's own, moved. */
static kb3d_status create_path(kb3d_tool *tool, const kb3d_scene *scene, kb3d_path **path) {
    kb3d_camera camera;
    KB3D_INIT(camera);
    kb3d_status status = kb3d_scene_get_camera(scene, &camera, &tool->call);
    if (status)
        return status;
    for (int i = 0; i < 3; i++)
        camera.translation[i] -= tool->options->translate[i]; /* the source camera is not rotated */
    kb3d_path_params params;
    KB3D_INIT(params);
    params.motion = KB3D_MOTION_CAMERAS;
    params.cameras = &camera;
    params.camera_count = 1;
    return kb3d_path_create(scene, &params, path, &tool->call);
}

static kb3d_status render(kb3d_tool *tool, kb3d_path *path, view *v) {
    kb3d_prepare_params prepare;
    KB3D_INIT(prepare);
    prepare.extend = tool->options->extend;
    prepare.width = v->width;
    prepare.height = v->height;
    kb3d_status status = kb3d_path_prepare(path, &prepare, &tool->call);
    if (status)
        return status;
    kb3d_networks_note_painting(tool);
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = &v->color;
    frame.painted = v->holes.data[0] ? &v->holes : NULL;
    return kb3d_path_render(path, 0, &frame, &tool->call);
}

static kb3d_exit render_scene(kb3d_tool *tool, const kb3d_scene *scene, view *v) {
    kb3d_path *path;
    kb3d_status status = create_path(tool, scene, &path);
    if (!status) {
        status = render(tool, path, v);
        kb3d_path_destroy(&path);
    }
    return status ? kb3d_tool_fail(tool, tool->options->inputs[0], status) : KB3D_EXIT_OK;
}

static kb3d_exit write_view(kb3d_tool *tool, kb3d_scene **scene, const kb3d_scene_info *info) {
    const kb3d_options *options = tool->options;
    view v = {.width = options->width ? options->width : info->width,
              .height = options->height ? options->height : info->height};
    kb3d_exit failed =
        kb3d_picture_alloc(&v.color, info->has_alpha ? KB3D_FORMAT_RGBA8 : KB3D_FORMAT_RGB8, v.width, v.height);
    if (!failed && options->holes)
        failed = kb3d_picture_alloc(&v.holes, KB3D_FORMAT_GRAY8, v.width, v.height);
    if (!failed)
        failed = render_scene(tool, *scene, &v);
    kb3d_scene_destroy(scene); /* before the encoder asks for memory */
    if (!failed)
        failed = kb3d_png_write(options->output, &v.color);
    if (!failed && options->holes)
        failed = kb3d_png_write(options->holes, &v.holes);
    kb3d_picture_free(&v.color);
    kb3d_picture_free(&v.holes);
    return failed;
}

static bool is_png(const char *path) {
    size_t length = strlen(path);
    return length > 4 && !strcasecmp(path + length - 4, ".png");
}

kb3d_exit kb3d_view_run(const kb3d_options *options) {
    if (options->input_count != 1 || !options->output)
        return kb3d_report_usage(NULL, "view needs one picture and -o OUT.png; --help says more");
    if (!is_png(options->output))
        return kb3d_report_usage(options->output, "is no PNG; a view is written as .png");
    if (options->holes && !is_png(options->holes))
        return kb3d_report_usage(options->holes, "is no PNG; the mask is written as .png");
    if (options->holes && !strcmp(options->holes, options->output))
        return kb3d_report_usage(options->holes, "cannot be the view and the mask");
    kb3d_tool tool;
    kb3d_exit failed = kb3d_tool_open(&tool, options);
    if (failed)
        return failed;
    kb3d_scene *scene;
    kb3d_scene_info info;
    failed = kb3d_tool_check_output(&tool, NULL, options->output);
    if (!failed && options->holes)
        failed = kb3d_tool_check_output(&tool, NULL, options->holes);
    if (!failed && !(failed = kb3d_tool_load(&tool, options->inputs[0], &scene, &info)))
        failed = write_view(&tool, &scene, &info);
    kb3d_tool_close(&tool);
    return failed;
}
