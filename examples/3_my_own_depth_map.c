/*
 * My own depth map: a coarse one in metres with gaps, as depth cameras give it, and what the library makes of it.
 *
 *     3_my_own_depth_map [PICTURE DEPTH_MAP]
 *
 * The values of a map are trusted: the camera's travel is counted in the same metres.
 */
#include <kb3d/kb3d.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 480, HEIGHT = 320, COARSE = 4, ROW = 128 /* floats from row to row */ };

static void must(kb3d_status status, const kb3d_call *call) {
    if (status == KB3D_OK)
        return;
    fprintf(stderr, "%s: %s\n", kb3d_status_text(status), call->message);
    exit(1);
}

static uint8_t picture_pixels[HEIGHT][WIDTH];
static float metres[HEIGHT / COARSE][ROW];

/* A door before a wall, and a corner that the sensor did not see. */
static void draw(void) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int is_door = x >= 180 && x < 300 && y >= 60;
            picture_pixels[y][x] = (uint8_t)(is_door ? 70 + x % 40 : 170 + (x * 7 + y * 3) % 60);
            if (x % COARSE == 0 && y % COARSE == 0)
                metres[y / COARSE][x / COARSE] = x > 440 && y < 60 ? NAN : is_door ? 2.0f : 4.0f;
        }
}

static kb3d_image view_of(void *pixels, kb3d_format format, int width, int height) {
    kb3d_image image;
    KB3D_INIT(image);
    image.format = format;
    image.width = width;
    image.height = height;
    image.data[0] = pixels;
    return image;
}

int main(int count, char **words) {
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_ctx *ctx;
    must(kb3d_ctx_create(&ctx, NULL, &call), &call);

    draw();
    kb3d_image picture_image = view_of(picture_pixels, KB3D_FORMAT_GRAY8, WIDTH, HEIGHT);
    kb3d_image depth_image = view_of(metres, KB3D_FORMAT_GRAYF32, WIDTH / COARSE, HEIGHT / COARSE);
    depth_image.stride[0] = ROW * sizeof(float);
    kb3d_source picture, depth;
    KB3D_INIT(picture);
    KB3D_INIT(depth);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &picture;
    params.depth = &depth;
    if (count == 3) { /* a file holds inverse depth unless depth_kind says otherwise */
        picture.path = words[1];
        depth.path = words[2];
    } else {
        picture.image = &picture_image;
        depth.image = &depth_image;
        params.depth_kind = KB3D_DEPTH_Z;
    }
    kb3d_scene *scene;
    must(kb3d_scene_create(ctx, &params, &scene, &call), &call);
    kb3d_scene_info info;
    KB3D_INIT(info);
    must(kb3d_scene_get_info(scene, &info, &call), &call);
    printf("picture %dx%d, inverse depth %.3f to %.3f, focal length %.0f pixels%s\n", info.width, info.height,
           info.inverse_depth_min, info.inverse_depth_max, info.focal_px, info.focal_is_guess ? " (a guess)" : "");

    /* One camera, 10 cm to the right of the one that took the picture. */
    kb3d_camera camera;
    KB3D_INIT(camera);
    must(kb3d_scene_get_camera(scene, &camera, &call), &call);
    camera.translation[0] = -0.1;
    kb3d_path_params path_params;
    KB3D_INIT(path_params);
    path_params.motion = KB3D_MOTION_CAMERAS;
    path_params.cameras = &camera;
    path_params.camera_count = 1;
    kb3d_path *path;
    must(kb3d_path_create(scene, &path_params, &path, &call), &call);
    must(kb3d_path_prepare(path, NULL, &call), &call);

    /* A frame's depth and what was painted in, without its colours. */
    size_t pixels = (size_t)info.width * (size_t)info.height;
    float *seen = malloc(pixels * sizeof *seen);
    uint8_t *mask = malloc(pixels);
    if (!seen || !mask)
        return 1;
    kb3d_image seen_image = view_of(seen, KB3D_FORMAT_GRAYF32, info.width, info.height);
    kb3d_image mask_image = view_of(mask, KB3D_FORMAT_GRAY8, info.width, info.height);
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.depth = &seen_image;
    frame.painted = &mask_image;
    must(kb3d_path_render(path, 0, &frame, &call), &call);
    size_t painted = 0;
    for (size_t i = 0; i < pixels; i++)
        painted += mask[i] == 255;
    printf("from 0.1 to the right: %zu of %zu pixels painted in, %.2f away in the middle\n", painted, pixels,
           1 / seen[pixels / 2 + (size_t)info.width / 2]);

    free(seen);
    free(mask);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
    return 0;
}
