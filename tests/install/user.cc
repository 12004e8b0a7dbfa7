// The same from C++: the headers, the macro, one call of each handle.
#include <kb3d/kb3d.h>

#include <cstdio>
#include <vector>

int main() {
    kb3d_ctx_params params;
    KB3D_INIT(params);
    params.threads = 1;
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_ctx *ctx = nullptr;
    if (kb3d_ctx_create(&ctx, &params, &call) != KB3D_OK) {
        std::fprintf(stderr, "%s\n", call.message);
        return 1;
    }
    std::vector<unsigned char> pixel(3, 200);
    kb3d_image picture;
    KB3D_INIT(picture);
    picture.format = KB3D_FORMAT_RGB8;
    picture.width = picture.height = 1;
    picture.data[0] = pixel.data();
    kb3d_source source;
    KB3D_INIT(source);
    source.image = &picture;
    kb3d_scene_params scene_params;
    KB3D_INIT(scene_params);
    scene_params.picture = &source;
    kb3d_scene *scene = nullptr;
    kb3d_status status = kb3d_scene_create(ctx, &scene_params, &scene, &call); // neither depth nor network
    kb3d_ctx_destroy(&ctx);
    return status == KB3D_ERROR_MODEL && !scene && !ctx ? 0 : 1;
}
