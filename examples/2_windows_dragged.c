/*
 * Two windows dragged: what an editor does. While one thread prepares and exports a flight at full size, the user
 * goes on dragging the end window, and every position is shown at once as a small preview of an unprepared path.
 * Both use the same scene, which never changes.
 *
 *     2_windows_dragged [PICTURE DEPTH_MAP]
 */
#include <kb3d/kb3d.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 960, HEIGHT = 640, FRAMES = 12, PREVIEW_WIDTH = 240, PREVIEW_HEIGHT = 160 };

static void must(kb3d_status status, const kb3d_call *call) {
    if (status == KB3D_OK)
        return;
    fprintf(stderr, "%s: %s\n", kb3d_status_text(status), call->message);
    exit(1);
}

/* A path between two windows. The end window's place is what the user drags, 0..1 from left to right. */
static kb3d_path *make_path(const kb3d_scene *scene, double place, kb3d_call *call) {
    kb3d_scene_info info;
    KB3D_INIT(info);
    must(kb3d_scene_get_info(scene, &info, call), call);
    kb3d_path_params params;
    KB3D_INIT(params);
    params.motion = KB3D_MOTION_WINDOWS;
    params.from = (kb3d_window){info.width / 2.0, info.height / 2.0, info.width, info.height};
    params.to = (kb3d_window){info.width * (0.35 + 0.3 * place), info.height / 2.0, info.width * 0.7,
                              info.height * 0.7};
    kb3d_path *path;
    must(kb3d_path_create(scene, &params, &path, call), call);
    return path;
}

static kb3d_image make_image(int width, int height) {
    kb3d_image image;
    KB3D_INIT(image);
    image.format = KB3D_FORMAT_BGRA8;
    image.width = width;
    image.height = height;
    image.data[0] = malloc((size_t)width * (size_t)height * 4);
    if (!image.data[0])
        exit(1);
    return image;
}

static void render(const kb3d_path *path, double t, const kb3d_image *image, kb3d_call *call) {
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = image;
    must(kb3d_path_render(path, t, &frame, call), call);
}

typedef struct export {
    const kb3d_scene *scene;
    atomic_int frames_done;
} export;

/* Progress, cancel and message belong to a call, so each thread has one of its own. */
static void *export_thread(void *arg) {
    export *e = arg;
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_path *path = make_path(e->scene, 0.5, &call);
    must(kb3d_path_prepare(path, NULL, &call), &call); /* NULL: for frames of the picture's size */
    kb3d_image image = make_image(WIDTH, HEIGHT);
    for (int i = 0; i < FRAMES; i++) {
        render(path, i / (FRAMES - 1.0), &image, &call);
        atomic_fetch_add(&e->frames_done, 1);
    }
    free(image.data[0]);
    kb3d_path_destroy(&path);
    return NULL;
}

static uint8_t picture_pixels[HEIGHT][WIDTH][3], depth_pixels[HEIGHT][WIDTH];

static void draw(void) { /* hills, one behind the other */
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int hill = 0;
            for (int i = 1; i <= 4; i++)
                if (y > 120 * i - (x / (3 + i) * (2 * i + 1)) % 90)
                    hill = i;
            picture_pixels[y][x][0] = (uint8_t)(200 - 40 * hill);
            picture_pixels[y][x][1] = (uint8_t)(210 - 25 * hill + (x ^ y) % 16);
            picture_pixels[y][x][2] = (uint8_t)(230 - 45 * hill);
            depth_pixels[y][x] = (uint8_t)(50 * hill); /* 0: infinitely far */
        }
}

int main(int count, char **words) {
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_ctx *ctx;
    must(kb3d_ctx_create(&ctx, NULL, &call), &call);
    kb3d_image images[2];
    kb3d_source sources[2];
    for (int i = 0; i < 2; i++) {
        KB3D_INIT(images[i]);
        images[i].format = i ? KB3D_FORMAT_GRAY8 : KB3D_FORMAT_RGB8;
        images[i].width = WIDTH;
        images[i].height = HEIGHT;
        images[i].data[0] = i ? (void *)depth_pixels : (void *)picture_pixels;
        KB3D_INIT(sources[i]);
        if (count == 3)
            sources[i].path = words[1 + i];
        else
            sources[i].image = &images[i];
    }
    if (count != 3)
        draw();
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &sources[0];
    params.depth = &sources[1];
    kb3d_scene *scene;
    must(kb3d_scene_create(ctx, &params, &scene, &call), &call);

    export job = {.scene = scene};
    pthread_t thread;
    if (pthread_create(&thread, NULL, export_thread, &job))
        return 1;
    kb3d_image preview = make_image(PREVIEW_WIDTH, PREVIEW_HEIGHT);
    int previews = 0;
    while (previews < 10 || atomic_load(&job.frames_done) < FRAMES) { /* the user drags */
        kb3d_path *path = make_path(scene, previews % 20 / 19.0, &call);
        render(path, 1, &preview, &call);
        kb3d_path_destroy(&path);
        previews++;
    }
    pthread_join(thread, NULL);
    printf("%d previews of %dx%d while another thread prepared and rendered %d frames of %dx%d: %s\n", previews,
           PREVIEW_WIDTH, PREVIEW_HEIGHT, FRAMES, WIDTH, HEIGHT, "one scene, no lock");

    free(preview.data[0]);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
    return 0;
}
