/*
 * Frames into my buffer: an automatic flight, frame by frame, into memory of my own.
 *
 *     1_frames_into_my_buffer [PICTURE DEPTH_MAP]
 *
 * Without arguments it draws itself a ball before a wall.
 */
#include <kb3d/kb3d.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 480, HEIGHT = 320, FRAMES = 25 };

/* Every failing call leaves its reason in the call's message. */
static void must(kb3d_status status, const kb3d_call *call) {
    if (status == KB3D_OK)
        return;
    fprintf(stderr, "%s: %s\n", kb3d_status_text(status), call->message);
    exit(1);
}

static uint8_t picture_pixels[HEIGHT][WIDTH][3];
static float depth_pixels[HEIGHT][WIDTH]; /* inverse depth: larger is nearer */

static void draw(void) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int dx = x - WIDTH / 2, dy = y - HEIGHT / 2, is_ball = dx * dx + dy * dy < 80 * 80;
            uint8_t *p = picture_pixels[y][x];
            p[0] = (uint8_t)(is_ball ? 220 : 60 + (x / 16 + y / 16) % 2 * 60);
            p[1] = (uint8_t)(is_ball ? 120 - dy : 90 + y / 4);
            p[2] = (uint8_t)(is_ball ? 60 : 140);
            depth_pixels[y][x] = is_ball ? 0.5f : 0.1f;
        }
}

/* How bright the middle of a frame is; stands for whatever a host does with its frames. */
static int brightness(const uint8_t *frame, ptrdiff_t stride) {
    const uint8_t *p = frame + HEIGHT / 2 * stride + WIDTH / 2 * 4;
    return (p[0] + p[1] + p[2]) / 3;
}

int main(int count, char **words) {
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_ctx *ctx;
    must(kb3d_ctx_create(&ctx, NULL, &call), &call);

    /* A picture and its depth: two files, or two views of memory. */
    kb3d_image picture_image, depth_image;
    KB3D_INIT(picture_image);
    KB3D_INIT(depth_image);
    kb3d_source picture, depth;
    KB3D_INIT(picture);
    KB3D_INIT(depth);
    if (count == 3) {
        picture.path = words[1];
        depth.path = words[2];
    } else {
        draw();
        picture_image.format = KB3D_FORMAT_RGB8;
        depth_image.format = KB3D_FORMAT_GRAYF32;
        picture_image.width = depth_image.width = WIDTH;
        picture_image.height = depth_image.height = HEIGHT;
        picture_image.data[0] = picture_pixels; /* a stride of 0 says: tightly packed */
        depth_image.data[0] = depth_pixels;
        picture.image = &picture_image;
        depth.image = &depth_image;
    }
    kb3d_scene_params scene_params;
    KB3D_INIT(scene_params);
    scene_params.picture = &picture;
    scene_params.depth = &depth;
    kb3d_scene *scene;
    must(kb3d_scene_create(ctx, &scene_params, &scene, &call), &call);

    kb3d_prepare_params prepare;
    KB3D_INIT(prepare);
    prepare.width = WIDTH;
    prepare.height = HEIGHT;
    kb3d_path *path;
    must(kb3d_path_create(scene, NULL, &path, &call), &call);
    must(kb3d_path_prepare(path, &prepare, &call), &call);

    /* My buffer has rows that are longer than the frame, as those of GPUs and video encoders often are. */
    kb3d_image mine;
    KB3D_INIT(mine);
    mine.format = KB3D_FORMAT_RGBA8;
    mine.width = WIDTH;
    mine.height = HEIGHT;
    mine.stride[0] = 2048;
    uint8_t *buffer = mine.data[0] = malloc((size_t)mine.stride[0] * HEIGHT);
    if (!buffer)
        return 1;
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = &mine;
    for (int i = 0; i < FRAMES; i++) {
        double t;
        must(kb3d_path_get_time(path, i / (FRAMES - 1.0), &t, &call), &call);
        must(kb3d_path_render(path, t, &frame, &call), &call);
        if (i % 8 == 0)
            printf("frame %2d at t = %.3f: brightness %d in the middle\n", i, t, brightness(buffer, mine.stride[0]));
    }
    printf("%d frames of %dx%d rendered into %zu bytes of my own\n", FRAMES, WIDTH, HEIGHT,
           (size_t)mine.stride[0] * HEIGHT);

    free(buffer);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
    return 0;
}
