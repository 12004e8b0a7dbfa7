/* From where the picture was taken, a frame is the picture. */
#include "../stage.h"

static kb3d_ctx *ctx;

/* Renders the scene from its own camera, unprepared and if wanted prepared, and compares. */
static void same_picture(const char *name, const uint8_t *rgb, const float *disp, int width, int height, int prepare,
                         double least) {
    size_t pixels = (size_t)width * (size_t)height;
    uint8_t *frame = malloc(3 * pixels), *painted = malloc(pixels);
    kb3d_scene *scene = make_scene(ctx, rgb, disp, width, height, 0);
    kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
    cameras[1].translation[0] = -0.05; /* so that preparing has something to paint */
    kb3d_path *path = make_path(scene, cameras, 2);
    for (int prepared = 0; prepared <= prepare; prepared++) {
        render(path, 0, width, height, frame, NULL, painted);
        size_t holes = 0;
        for (size_t i = 0; i < pixels; i++)
            holes += painted[i] != 0;
        double db = psnr(rgb, frame, 3 * pixels);
        printf("    %s %dx%d %s: %.1f dB, %zu pixels not covered\n", name, width, height,
               prepared ? "prepared" : "unprepared", db, holes);
        CHECK(db >= least);
        CHECK(holes <= (prepared ? pixels / 10000 : 0)); /* painted points may reach into it, hardly ever */
        if (!prepared && prepare)
            CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    free(painted);
    free(frame);
}

enum { WIDTH = 321, HEIGHT = 203 };
static uint8_t rgb[3 * WIDTH * HEIGHT];
static float disp[WIDTH * HEIGHT];

static void test_noise_before_blobs(void) {
    draw_noise(rgb, sizeof rgb, 1);
    draw_blobs(disp, WIDTH, HEIGHT, 2);
    same_picture("noise, blobs", rgb, disp, WIDTH, HEIGHT, 1, 45);
}

static void test_waves_before_blobs(void) {
    draw_waves(rgb, WIDTH, HEIGHT);
    draw_blobs(disp, WIDTH, HEIGHT, 3);
    same_picture("waves, blobs", rgb, disp, WIDTH, HEIGHT, 1, 45);
}

/* Depth that is nothing but tears: pixels alone are moved to a neighbour's depth, so not all shows through. */
static void test_noise_in_depth(void) {
    uint32_t seed = 4;
    draw_noise(rgb, sizeof rgb, 5);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        disp[i] = (float)random_unit(&seed);
    same_picture("noise, noise", rgb, disp, WIDTH, HEIGHT, 0, 25);
}

static void test_odd_shapes(void) {
    static const int sizes[][2] = {{1, 1}, {2, 1}, {1, 97}, {700, 3}, {17, 16}, {64, 16}, {65, 33}};
    draw_noise(rgb, sizeof rgb, 6);
    draw_blobs(disp, WIDTH, HEIGHT, 7);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        same_picture("noise, blobs", rgb, disp, sizes[i][0], sizes[i][1], 1, 45);
}

int main(void) {
    ctx = make_ctx(2);
    RUN(test_noise_before_blobs);
    RUN(test_waves_before_blobs);
    RUN(test_noise_in_depth);
    RUN(test_odd_shapes);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
