#include "scene.h"

bool ken_inputs_read(ken_inputs *in, const ken_params *params, gint32 picture) {
    *in = (ken_inputs){.format = ken_format_of(picture), .depth_kind = (kb3d_depth_kind)params->depth_kind};
    bool has_selection =
        params->selection != KEN_SELECTION_UNUSED && !gimp_selection_is_empty(gimp_item_get_image(picture));
    in->selection_kind = params->selection == KEN_SELECTION_SKY ? KB3D_CLASS_SKY : KB3D_CLASS_OTHER;
    bool good = ken_pixels_read(&in->picture, picture, in->format) &&
                (params->depth == -1 || ken_pixels_read_depth(&in->depth, params->depth, picture)) &&
                (!has_selection || ken_pixels_read_selection(&in->selection, picture));
    if (!good)
        ken_inputs_free(in);
    return good;
}

bool ken_inputs_read_in_srgb(ken_inputs *in, gint32 picture, const kb3d_scene *scene, ken_format format) {
    *in = (ken_inputs){.format = ken_format_in_srgb(format)};
    bool good = ken_pixels_read(&in->picture, picture, format) &&
                ken_pixels_convert(&in->picture, format, in->format) &&
                ken_pixels_alloc(&in->depth, KB3D_FORMAT_GRAYF32, in->picture.width, in->picture.height) &&
                !kb3d_scene_get_depth(scene, KB3D_STAGE_REFINE, &in->depth, NULL);
    if (!good)
        ken_inputs_free(in);
    return good;
}

void ken_inputs_free(ken_inputs *in) {
    kb3d_image *images[] = {&in->picture, &in->depth, &in->selection};
    for (size_t i = 0; i < G_N_ELEMENTS(images); i++) {
        g_free(images[i]->data[0]);
        images[i]->data[0] = NULL;
    }
}

static const kb3d_source *use(kb3d_source *source, const kb3d_image *image) {
    KB3D_INIT(*source);
    source->image = image;
    return image->data[0] ? source : NULL;
}

bool ken_scene_build(ken_job *job, void *data) {
    ken_scene *s = data;
    ken_inputs *in = &s->inputs;
    ken_job_part(job, 0, 1, "Finding what is near and what is far");
    kb3d_source picture, depth, selection;
    kb3d_mask mask;
    KB3D_INIT(mask);
    mask.kind = in->selection_kind;
    mask.source = use(&selection, &in->selection);
    const kb3d_mask *masks[] = {&mask};
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = use(&picture, &in->picture);
    params.depth = use(&depth, &in->depth);
    params.depth_kind = in->depth_kind;
    params.masks = masks;
    params.mask_count = mask.source != NULL;
    kb3d_status status = kb3d_scene_create(s->ctx, &params, &s->scene, &job->call);
    ken_inputs_free(in);
    return status ? ken_job_fail(job, status) : true;
}
