#include "ours.h"

#include "../stage.h"

static kb3d_status run(kb3d_ctx *ctx, const char *model, const char **runtime, kb3d_call *call) {
    enum { WIDTH = 96, HEIGHT = 64 };
    static uint8_t rgb[HEIGHT * WIDTH * 3];
    kb3d_image image = image_of(KB3D_FORMAT_RGB8, WIDTH, HEIGHT, rgb);
    kb3d_source picture = source_of(&image);
    kb3d_model_source source;
    kb3d_model_info info;
    kb3d_scene_params params;
    kb3d_scene *scene;
    KB3D_INIT(source);
    KB3D_INIT(info);
    KB3D_INIT(params);
    draw_waves(rgb, WIDTH, HEIGHT);
    source.role = KB3D_MODEL_DEPTH;
    source.path = model;
    params.picture = &picture;
    kb3d_status status = kb3d_ctx_add_model(ctx, &source, call);
    if (status || (status = kb3d_scene_create(ctx, &params, &scene, call)))
        return status;
    kb3d_scene_destroy(&scene);
    status = kb3d_ctx_get_model(ctx, KB3D_MODEL_DEPTH, &info, call);
    *runtime = info.runtime;
    return status;
}

int ours_run(int networks, const char *model, char *text) {
    kb3d_ctx *ctx;
    kb3d_ctx_params params;
    kb3d_call call;
    const char *runtime = "";
    KB3D_INIT(params);
    KB3D_INIT(call);
    params.networks = (kb3d_networks)networks;
    kb3d_status status = kb3d_ctx_create(&ctx, &params, &call);
    if (!status)
        status = run(ctx, model, &runtime, &call);
    snprintf(text, OURS_TEXT_SIZE, "%s", status ? call.message : runtime);
    kb3d_ctx_destroy(&ctx);
    return status;
}
