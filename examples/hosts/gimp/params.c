#include "params.h"

#include "io/video.h"

#include <math.h>
#include <string.h>

enum { LONG_SIDE = 1920, SHORT_SIDE = 16, SIDE_MAX = 32768, LAYERS_MAX = 2000 };

static const GimpParamDef arguments[] = {
    {GIMP_PDB_INT32, "run-mode", "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1) }"},
    {GIMP_PDB_IMAGE, "image", "The image"},
    {GIMP_PDB_DRAWABLE, "drawable", "The picture to fly through"},
    {GIMP_PDB_DRAWABLE, "depth", "A layer or channel with its depth; -1: found by the installed depth network"},
    {GIMP_PDB_INT32, "depth-kind", "{ INVERSE (0): light is near, Z (1): light is far }"},
    {GIMP_PDB_INT32, "selection", "The selection is { UNUSED (0), A-THING-THAT-STAYS-WHOLE (1), THE-SKY (2) }"},
    {GIMP_PDB_INT32, "motion", "{ AUTOMATIC (0), TO-A-WINDOW (1), DOLLY-ZOOM (2), CIRCLE (3) }"},
    {GIMP_PDB_FLOAT, "zoom", "Ratio of window sizes, 1 to 100, for a circle above 1; 0: 1.25, of a dolly zoom 1.5"},
    {GIMP_PDB_FLOAT, "shift", "Automatic: largest travel, part of the width, 0 to 1; usual: 0.08"},
    {GIMP_PDB_FLOAT, "x",
     "To a window: its centre in pixels of the drawable; dolly zoom: the point that is held; below 0: by itself"},
    {GIMP_PDB_FLOAT, "y", "Likewise"},
    {GIMP_PDB_INT32, "seed", "Automatic: another of the good flights, 0 or more"},
    {GIMP_PDB_INT32, "reverse", "Fly backwards { FALSE (0), TRUE (1) }"},
    {GIMP_PDB_INT32, "ease", "{ SMOOTH (0), LINEAR (1), IN (2), OUT (3) }"},
    {GIMP_PDB_INT32, "loop", "{ ONCE (0), THERE-AND-BACK (1) }"},
    {GIMP_PDB_FLOAT, "duration", "Seconds, above 0, at most 86400"},
    {GIMP_PDB_FLOAT, "frame-rate", "Frames a second, 0.01 to 1000"},
    {GIMP_PDB_INT32, "width", "Of the frames; both 0: the drawable's size, its long side at most 1920"},
    {GIMP_PDB_INT32, "height", "Likewise"},
    {GIMP_PDB_STRING, "file", "A video to write: .mp4, .webm, .avi or .gif; \"\": frames as layers of a new image"},
};
enum { ARGUMENT_COUNT = sizeof arguments / sizeof *arguments };

void ken_params_install(void) {
    static const GimpParamDef results[] = {
        {GIMP_PDB_IMAGE, "new-image", "The frames as layers, the first one lowest; -1: a video was written"}};
    const char *help =
        "Takes or finds the depth of a layer and flies a camera through it: the 3D Ken Burns effect. The frames "
        "become layers of a new image of the same precision and colour profile, named as GIMP's animations are, or "
        "a "
        "video in sRGB. It works on the drawable's pixels, whatever its mask, mode and opacity.";
    gimp_install_procedure(KEN_PROCEDURE, "Turn a photograph into a camera flight through it", help,
                           "The libkb3d authors", "MIT licence", "2025", "3D _Ken Burns...",
                           "RGB*, GRAY*, INDEXED*", GIMP_PLUGIN, ARGUMENT_COUNT, 1, arguments, results);
    gimp_plugin_menu_register(KEN_PROCEDURE, "<Image>/Filters/Animation/Animators");
}

void ken_params_init(ken_params *params) {
    *params = (ken_params){.depth = -1,
                           .selection = KEN_SELECTION_THING,
                           .shift = 0.08,
                           .x = -1,
                           .y = -1,
                           .duration = 5,
                           .frame_rate = 25};
}

char *ken_params_read(ken_params *params, const GimpParam *from, int count) {
    if (count != ARGUMENT_COUNT)
        return g_strdup_printf("%s takes %d arguments, not %d", KEN_PROCEDURE, ARGUMENT_COUNT, count);
    *params = (ken_params){.depth = from[3].data.d_drawable,
                           .depth_kind = from[4].data.d_int32,
                           .selection = from[5].data.d_int32,
                           .motion = from[6].data.d_int32,
                           .zoom = from[7].data.d_float,
                           .shift = from[8].data.d_float,
                           .x = from[9].data.d_float,
                           .y = from[10].data.d_float,
                           .seed = from[11].data.d_int32,
                           .reverse = from[12].data.d_int32,
                           .ease = from[13].data.d_int32,
                           .loop = from[14].data.d_int32,
                           .duration = from[15].data.d_float,
                           .frame_rate = from[16].data.d_float,
                           .width = from[17].data.d_int32,
                           .height = from[18].data.d_int32};
    const char *file = from[19].data.d_string;
    if (file && g_strlcpy(params->file, file, sizeof params->file) >= sizeof params->file)
        return g_strdup("file: the name is too long");
    return NULL;
}

bool ken_params_has_depth(const ken_params *p) {
    return p->depth >= 0 && gimp_item_is_valid(p->depth) && gimp_item_is_drawable(p->depth);
}

static char *check_choices(const ken_params *p) {
    const struct {
        const char *name;
        gint32 value, most;
    } choices[] = {{"depth-kind", p->depth_kind, KB3D_DEPTH_Z},
                   {"selection", p->selection, KEN_SELECTION_SKY},
                   {"motion", p->motion, KEN_MOTION_CIRCLE},
                   {"reverse", p->reverse, 1},
                   {"ease", p->ease, KB3D_EASE_OUT},
                   {"loop", p->loop, KB3D_LOOP_BOUNCE},
                   {"seed", p->seed, G_MAXINT32}};
    for (size_t i = 0; i < G_N_ELEMENTS(choices); i++)
        if (choices[i].value < 0 || choices[i].value > choices[i].most)
            return g_strdup_printf("%s: %d is not from 0 to %d", choices[i].name, choices[i].value,
                                   choices[i].most);
    return NULL;
}

static char *check_file(const ken_params *p) {
    if (*p->file && !kb3d_video_find_kind(p->file))
        return g_strdup_printf("%s: no kind of video by its name; .mp4, .webm, .avi and .gif are", p->file);
    if (!*p->file && ken_params_frame_count(p) > LAYERS_MAX)
        return g_strdup_printf(
            "duration: %d frames are too many for layers, which %d can be; a video has no such limit",
            ken_params_frame_count(p), LAYERS_MAX);
    return NULL;
}

char *ken_params_check(const ken_params *p, int picture_width, int picture_height) {
    char *wrong = check_choices(p);
    if (wrong)
        return wrong;
    if (p->depth != -1 && !ken_params_has_depth(p))
        return g_strdup_printf("depth: there is no layer or channel %d", p->depth);
    if (p->zoom != 0 && !(p->zoom >= 1 && p->zoom <= 100))
        return g_strdup_printf("zoom: %g is neither 0 nor from 1 to 100", p->zoom);
    if (p->zoom == 1 && p->motion == KEN_MOTION_CIRCLE)
        return g_strdup("zoom: 1 leaves a circle no room");
    if (!(p->shift >= 0 && p->shift <= 1))
        return g_strdup_printf("shift: %g is not from 0 to 1", p->shift);
    if (!(p->x < picture_width) || !(p->y < picture_height))
        return g_strdup_printf("x, y: the point %g, %g lies outside the picture of %d x %d pixels", p->x, p->y,
                               picture_width, picture_height);
    if (!(p->duration > 0 && p->duration <= 86400))
        return g_strdup_printf("duration: %g is not above 0 and at most 86400 seconds", p->duration);
    if (!(p->frame_rate >= 0.01 && p->frame_rate <= 1000))
        return g_strdup_printf("frame-rate: %g is not from 0.01 to 1000", p->frame_rate);
    if ((p->width || p->height) && (p->width < 1 || p->height < 1 || p->width > SIDE_MAX || p->height > SIDE_MAX))
        return g_strdup_printf("width, height: %d x %d is not from 1 x 1 to %d x %d", p->width, p->height, SIDE_MAX,
                               SIDE_MAX);
    return check_file(p);
}

kb3d_window ken_params_window(const ken_params *p, int picture_width, int picture_height) {
    double zoom = p->zoom > 0 ? p->zoom : 1.25, width = picture_width / zoom, height = picture_height / zoom;
    bool has_point = p->x >= 0 && p->y >= 0;
    double x = has_point ? p->x : picture_width / 2.0, y = has_point ? p->y : picture_height / 2.0;
    return (kb3d_window){CLAMP(x, width / 2, picture_width - width / 2),
                         CLAMP(y, height / 2, picture_height - height / 2), width, height};
}

void ken_params_fill_path(const ken_params *p, int picture_width, int picture_height, kb3d_path_params *path) {
    static const kb3d_motion motions[] = {KB3D_MOTION_AUTO, KB3D_MOTION_WINDOWS, KB3D_MOTION_DOLLY,
                                          KB3D_MOTION_CIRCLE};
    kb3d_struct_init(path, sizeof *path);
    path->motion = motions[p->motion];
    path->zoom = p->zoom;
    path->shift = p->shift > 0 ? p->shift : -1; /* the library's "none"; its 0 is the default */
    path->seed = (uint64_t)p->seed;
    path->ease = (kb3d_ease)p->ease;
    path->loop = (kb3d_loop)p->loop;
    path->range_start = p->reverse;
    path->range_end = !p->reverse;
    if (p->motion == KEN_MOTION_WINDOW)
        path->to = ken_params_window(p, picture_width, picture_height);
    if (p->motion == KEN_MOTION_DOLLY && p->x >= 0 && p->y >= 0) {
        path->focus = KB3D_FOCUS_POINT;
        path->focus_x = p->x;
        path->focus_y = p->y;
    }
}

void ken_params_size(const ken_params *p, int picture_width, int picture_height, int *width, int *height) {
    const kb3d_video_kind *kind = *p->file ? kb3d_video_find_kind(p->file) : NULL;
    bool even = kind && kind->even, given = p->width > 0;
    double scale = given ? 1 : fmin(1, (double)LONG_SIDE / MAX(picture_width, picture_height));
    int least = kind && !given ? SHORT_SIDE : even ? 2 : 1, mask = even ? ~1 : ~0;
    *width = (int)fmax((given ? p->width : picture_width) * scale + 0.5, least) & mask;
    *height = (int)fmax((given ? p->height : picture_height) * scale + 0.5, least) & mask;
}

int ken_params_frame_count(const ken_params *p) {
    return (int)fmax(1, round(p->duration * p->frame_rate));
}

double ken_params_progress(const ken_params *p, int i) {
    int count = ken_params_frame_count(p), last = p->loop == KB3D_LOOP_BOUNCE ? count : count - 1;
    return last > 0 ? (double)i / last : 0;
}
