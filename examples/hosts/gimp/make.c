#include "make.h"

#include "layers.h"

bool ken_make_scene(ken_scene *s, const ken_params *params, gint32 picture, ken_job *job) {
    if (s->scene)
        return true;
    return ken_inputs_read(&s->inputs, params, picture) ? ken_job_run(job, ken_scene_build, s)
                                                        : ken_job_fail_text(job, "out of memory");
}

static bool make_layers(const ken_scene *s, const ken_params *params, gint32 picture, ken_job *job, gint32 *image) {
    ken_export export;
    ken_export_init(&export, params, s->scene, s->inputs.format);
    bool good = ken_job_run(job, ken_export_to_buffers, &export);
    if (good)
        *image = ken_layers_make(&export, picture);
    ken_export_free(&export);
    return good;
}

/* Videos are in sRGB. A picture in another space gets a second scene there, of the same depth. */
static bool make_video(const ken_scene *s, const ken_params *params, gint32 picture, ken_job *job) {
    ken_scene converted = {.ctx = s->ctx};
    const kb3d_scene *scene = s->scene;
    if (!ken_format_is_srgb(s->inputs.format)) {
        if (!ken_inputs_read_in_srgb(&converted.inputs, picture, s->scene, s->inputs.format))
            return ken_job_fail_text(job, "out of memory");
        if (!ken_job_run(job, ken_scene_build, &converted))
            return false;
        scene = converted.scene;
    }
    ken_export export;
    ken_export_init(&export, params, scene, s->inputs.format);
    bool good = ken_job_run(job, ken_export_to_video, &export);
    kb3d_scene_destroy(&converted.scene);
    return good;
}

bool ken_make(ken_scene *s, const ken_params *params, gint32 picture, ken_job *job, gint32 *image) {
    *image = -1;
    if (!ken_make_scene(s, params, picture, job))
        return false;
    return *params->file ? make_video(s, params, picture, job) : make_layers(s, params, picture, job, image);
}
