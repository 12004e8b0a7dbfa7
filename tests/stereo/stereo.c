/*
 * The left picture of a stereo pair and its true disparity give the right view, and a camera saw that too.
 * stereo DISPARITY.pfm LEFT.png RIGHT.png; the disparity in pixels, what is unknown not finite.
 */
#include "../stage.h"

enum { MARGIN = 70 }; /* columns at the border that the left picture does not show */

/* What a file shows, or a map's values: both through a scene's own camera. */
static kb3d_scene *load(kb3d_ctx *ctx, const char *picture, const kb3d_image *depth, const char *depth_file,
                        double focal) {
    kb3d_source from, map;
    kb3d_scene_params params;
    kb3d_call call;
    KB3D_INIT(from);
    KB3D_INIT(map);
    KB3D_INIT(params);
    KB3D_INIT(call);
    from.path = picture;
    map.image = depth;
    map.path = depth_file;
    params.picture = &from;
    params.depth = &map;
    params.focal_px = focal;
    kb3d_scene *scene;
    if (!CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_OK)) {
        fprintf(stderr, "    %s\n", call.message);
        exit(1);
    }
    return scene;
}

typedef struct error {
    double sum;
    long count;
} error;

static void add(error *e, const uint8_t *a, const uint8_t *b) {
    for (int c = 0; c < 3; c++)
        e->sum += (a[c] - b[c]) * (a[c] - b[c]);
    e->count += 3;
}

static double decibels(const error *e) {
    return 10 * log10(255.0 * 255.0 * (double)e->count / e->sum);
}

int main(int count, char **arguments) {
    if (count != 4)
        return 2;
    kb3d_ctx *ctx = make_ctx(0);
    static const float flat = 1;
    kb3d_image one = image_of(KB3D_FORMAT_GRAYF32, 1, 1, (void *)&flat);
    kb3d_scene *right = load(ctx, arguments[3], &one, NULL, 1000), *left = load(ctx, arguments[2], NULL, arguments[1], 1000);
    kb3d_camera camera = source_camera(left);
    int width = (int)camera.width, height = (int)camera.height;
    size_t pixels = (size_t)width * (size_t)height;
    uint8_t *truth = malloc(3 * pixels), *view = malloc(3 * pixels), *is_seen = calloc(pixels, 1);
    float *disp = malloc(pixels * sizeof *disp);
    kb3d_path *path = make_path(right, &camera, 1);
    render(path, 0, width, height, truth, NULL, NULL);
    kb3d_path_destroy(&path);

    /* with disparity as inverse depth, the right camera stands 1 / focal_px to the right */
    camera.translation[0] = -1 / camera.focal_px;
    path = make_path(left, &camera, 1);
    CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    render(path, 0, width, height, view, NULL, NULL);

    /* what the left camera saw: the pixels that its own lie nearest to, carried over by their disparity */
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, width, height, disp);
    CHECK_INT(kb3d_scene_get_depth(left, KB3D_STAGE_REFINE, &map, NULL), KB3D_OK);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int to = (int)floor(x - disp[y * width + x] + 0.5);
            if (to >= 0 && to < width)
                is_seen[y * width + to] = 1;
        }
    error seen = {0, 0}, hidden = {0, 0}, all = {0, 0};
    for (int y = 0; y < height; y++)
        for (int x = MARGIN; x < width - MARGIN; x++) {
            int i = y * width + x;
            add(&all, truth + 3 * i, view + 3 * i);
            add(is_seen[i] ? &seen : &hidden, truth + 3 * i, view + 3 * i);
        }
    printf("PSNR: visible %.2f dB, disoccluded %.2f dB (%.1f %%), all %.2f dB\n", decibels(&seen), decibels(&hidden),
           100.0 * (double)hidden.count / (double)all.count, decibels(&all));
    CHECK(decibels(&seen) >= 27.0);
    CHECK(decibels(&hidden) >= 15.0);
    CHECK(decibels(&all) >= 23.0);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&left);
    kb3d_scene_destroy(&right);
    kb3d_ctx_destroy(&ctx);
    free(disp);
    free(is_seen);
    free(view);
    free(truth);
    return check_end();
}
