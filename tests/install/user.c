/* A host against the installed copy: user MODULE, where MODULE is 1 when the torch module must be there. */
#include <kb3d/kb3d.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kb3d_call call;

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, call.message);
    return 1;
}

int main(int count, char **arguments) {
    static unsigned char rgb[48 * 32 * 3], frame_rgb[48 * 32 * 3];
    static float disp[48 * 32];
    kb3d_ctx *ctx;
    kb3d_scene *scene;
    kb3d_path *path;
    kb3d_image picture, map, color;
    kb3d_source from, depth;
    kb3d_scene_params params;
    kb3d_frame frame;
    int i;
    for (i = 0; i < 48 * 32; i++) {
        rgb[3 * i] = (unsigned char)i;
        disp[i] = i % 48 < 20 ? 1.0f : 0.5f;
    }
    KB3D_INIT(call);
    KB3D_INIT(picture);
    KB3D_INIT(from);
    KB3D_INIT(depth);
    KB3D_INIT(params);
    KB3D_INIT(frame);
    picture.format = KB3D_FORMAT_RGB8;
    picture.width = 48;
    picture.height = 32;
    picture.data[0] = rgb;
    map = color = picture;
    map.format = KB3D_FORMAT_GRAYF32;
    map.data[0] = disp;
    color.data[0] = frame_rgb;
    from.image = &picture;
    depth.image = &map;
    params.picture = &from;
    if (kb3d_api_version() >> 16 != KB3D_API_MAJOR)
        return fail("another API");
    if (kb3d_ctx_create(&ctx, NULL, &call))
        return fail("context");
    if (count > 1) { /* a network that is none: the module is found and says so, or is missing and named */
        int wanted = atoi(arguments[1]);
        FILE *file = fopen("none.pt", "w");
        if (!file || fputs("no network", file) < 0 || fclose(file))
            return fail("none.pt");
        kb3d_model_source none;
        KB3D_INIT(none);
        none.role = KB3D_MODEL_DEPTH;
        none.path = "none.pt";
        if (kb3d_ctx_add_model(ctx, &none, &call))
            return fail("model");
        kb3d_status status = kb3d_scene_create(ctx, &params, &scene, &call);
        printf("%s: %s\n", kb3d_status_text(status), call.message);
        if (status != (wanted ? KB3D_ERROR_MODEL : KB3D_ERROR_UNAVAILABLE) || !call.message[0])
            return fail("the torch module");
    }
    params.depth = &depth;
    frame.color = &color;
    if (kb3d_scene_create(ctx, &params, &scene, &call) || kb3d_path_create(scene, NULL, &path, &call) ||
        kb3d_path_prepare(path, NULL, &call) || kb3d_path_render(path, 0.5, &frame, &call))
        return fail("a frame");
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
    printf("kb3d %s\n", kb3d_version());
    return 0;
}
