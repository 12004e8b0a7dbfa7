/* What a scene answers. */
#include "pixels.h"
#include "scene.h"

#include <math.h>

static kb3d_status begin(const kb3d_scene *scene, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (!status && !scene)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "scene is NULL");
    return status;
}

kb3d_status kb3d_scene_get_info(const kb3d_scene *s, kb3d_scene_info *info, kb3d_call *call) {
    kb3d_status status = begin(s, call);
    if (status)
        return status;
    kb3d_scene_info filled = {.width = s->levels[0].texture.width,
                              .height = s->levels[0].texture.height,
                              .has_alpha = s->has_alpha,
                              .focal_px = s->camera.focal_px,
                              .focal_is_guess = s->focal_is_guess,
                              .inverse_depth_min = s->disp_min,
                              .inverse_depth_max = s->disp_max,
                              .depth_source = s->depth_source};
    return kb3d_struct_write(info, sizeof filled, &filled, sizeof filled, "kb3d_scene_info", call);
}

kb3d_status kb3d_scene_get_camera(const kb3d_scene *s, kb3d_camera *camera, kb3d_call *call) {
    kb3d_status status = begin(s, call);
    if (status)
        return status;
    return kb3d_struct_write(camera, sizeof s->camera, &s->camera, sizeof s->camera, "kb3d_camera", call);
}

/* A stage that left the map as it was has none of its own: it is the next one's. */
static kb3d_status stage_map(const kb3d_scene *s, kb3d_stage stage, kb3d_raster *map, kb3d_call *call) {
    if (stage != KB3D_STAGE_REFINE && stage != KB3D_STAGE_ESTIMATE && stage != KB3D_STAGE_ADJUST)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no stage %d", (int)stage);
    const kb3d_cloud *c = &s->levels[0];
    *map = (kb3d_raster){.width = c->texture.width, .height = c->texture.height, .data = (void *)kb3d_scene_disp(s)};
    if (stage != KB3D_STAGE_REFINE && s->adjusted.data)
        *map = s->adjusted;
    if (stage == KB3D_STAGE_ESTIMATE && s->estimate.data)
        *map = s->estimate;
    return KB3D_OK;
}

kb3d_status kb3d_scene_get_depth_size(const kb3d_scene *s, kb3d_stage stage, int *width, int *height,
                                      kb3d_call *call) {
    kb3d_raster map = {0};
    kb3d_status status = begin(s, call);
    if (status || (status = stage_map(s, stage, &map, call)))
        return status;
    if (!width || !height)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "width or height is NULL");
    *width = map.width;
    *height = map.height;
    return KB3D_OK;
}

kb3d_status kb3d_scene_get_depth(const kb3d_scene *s, kb3d_stage stage, const kb3d_image *image, kb3d_call *call) {
    kb3d_raster map = {0};
    kb3d_pixels to;
    kb3d_status status = begin(s, call);
    if (status || (status = stage_map(s, stage, &map, call)) ||
        (status = kb3d_pixels_from_image(&to, image, KB3D_USE_DEPTH, "the depth image", call)))
        return status;
    if (to.width != map.width || to.height != map.height)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the depth image is %d x %d, the stage's map %d x %d", to.width,
                         to.height, map.width, map.height);
    if (to.format == KB3D_FORMAT_GRAY8)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the depth image needs 16 bit or float");
    float largest = 0, scale;
    const float *d = map.data;
    for (size_t i = 0; i < (size_t)map.width * (size_t)map.height; i++)
        largest = fmaxf(largest, d[i]);
    scale = largest > 0 ? 65535 / largest : 0;
    for (int y = 0; y < map.height; y++) {
        void *row = (char *)to.data[0] + y * to.stride[0];
        for (int x = 0; x < map.width; x++, d++)
            if (to.format == KB3D_FORMAT_GRAYF32)
                ((float *)row)[x] = *d;
            else
                ((uint16_t *)row)[x] = (uint16_t)fminf(*d * scale + 0.5f, 65535);
    }
    return KB3D_OK;
}

kb3d_status kb3d_scene_get_model(const kb3d_scene *s, kb3d_model_role role, kb3d_model_info *info, kb3d_call *call) {
    kb3d_status status = begin(s, call);
    if (status)
        return status;
    if ((int)role < 1 || (int)role > KB3D_ROLE_COUNT)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no role %d for a network", (int)role);
    const kb3d_model *model = s->made_by[role - KB3D_MODEL_DEPTH];
    if (!model)
        return kb3d_fail(call, KB3D_ERROR_MODEL, "no %s network had a part in the scene", kb3d_role_name(role));
    kb3d_model_info filled;
    kb3d_model_get_info(s->ctx, model, &filled);
    return kb3d_struct_write(info, sizeof filled, &filled, sizeof filled, "kb3d_model_info", call);
}
