/* Pairs from files. */
#include "quality.h"

/* Columns beside the border of a rectified pair that do not count: the first camera may not have seen them. */
enum { STEREO_MARGIN = 70 };

static kb3d_scene *load(kb3d_ctx *ctx, const char *picture, const char *depth) {
    static const float flat = 1;
    kb3d_image one = image_of(KB3D_FORMAT_GRAYF32, 1, 1, (void *)&flat);
    kb3d_source from, map;
    kb3d_scene_params params;
    kb3d_call call;
    KB3D_INIT(from);
    KB3D_INIT(map);
    KB3D_INIT(params);
    KB3D_INIT(call);
    from.path = picture;
    map.image = depth ? NULL : &one;
    map.path = depth;
    params.picture = &from;
    params.depth = &map;
    params.focal_px = 1;
    kb3d_scene *scene;
    if (!CHECK_INT(kb3d_scene_create(ctx, &params, &scene, &call), KB3D_OK)) {
        fprintf(stderr, "    %s\n", call.message);
        exit(1);
    }
    return scene;
}

/* The picture of a scene, by its own camera. */
static uint8_t *picture_of(const kb3d_scene *scene, int *width, int *height) {
    kb3d_camera camera = source_camera(scene);
    *width = (int)camera.width, *height = (int)camera.height;
    uint8_t *rgb = malloc(3 * (size_t)*width * (size_t)*height);
    kb3d_path *path = make_path(scene, &camera, 1);
    render(path, 0, *width, *height, rgb, NULL, NULL);
    kb3d_path_destroy(&path);
    return rgb;
}

static float *depth_of(const kb3d_scene *scene, int width, int height) {
    float *disp = malloc((size_t)width * (size_t)height * sizeof *disp);
    kb3d_image map = image_of(KB3D_FORMAT_GRAYF32, width, height, disp);
    CHECK_INT(kb3d_scene_get_depth(scene, KB3D_STAGE_REFINE, &map, NULL), KB3D_OK);
    return disp;
}

static void read_side(kb3d_ctx *ctx, const char *picture, const char *depth, pair *p, uint8_t **rgb, float **disp) {
    kb3d_scene *scene = load(ctx, picture, depth);
    int width, height;
    *rgb = picture_of(scene, &width, &height);
    if (disp)
        *disp = depth_of(scene, width, height);
    if (p->width && (p->width != width || p->height != height)) {
        fprintf(stderr, "%s is of another size\n", picture);
        exit(1);
    }
    p->width = width, p->height = height;
    kb3d_scene_destroy(&scene);
}

/* What the first picture's row shows in the second one: spans between neighbours, torn where disparity jumps by
   more than a pixel. */
static void mark_seen_row(const float *disp, uint8_t *kind, int width) {
    for (int x = 0; x < width; x++) {
        int joined = x + 1 < width && fabsf(disp[x] - disp[x + 1]) <= 1;
        double a = x - disp[x], b = joined ? x + 1 - disp[x + 1] : a + 0.5;
        for (int i = (int)ceil(joined ? a : a - 0.5); i <= (int)floor(b); i++)
            if (i >= 0 && i < width)
                kind[i] = VISIBLE;
    }
}

pair pair_read_stereo(kb3d_ctx *ctx, const char *files[3]) {
    /* with disparity as inverse depth, the second camera stands 1 / focal to the right */
    pair p = {.name = "stereo pair", .focal = 1000, .step = {1.0 / 1000, 0, 0}};
    read_side(ctx, files[1], files[0], &p, &p.from, &p.disp);
    read_side(ctx, files[2], NULL, &p, &p.to, NULL);
    p.kind = malloc((size_t)p.width * (size_t)p.height);
    memset(p.kind, HIDDEN, (size_t)p.width * (size_t)p.height);
    for (int y = 0; y < p.height; y++) {
        uint8_t *kind = p.kind + (size_t)y * p.width;
        mark_seen_row(p.disp + (size_t)y * p.width, kind, p.width);
        for (int x = 0; x < p.width; x++)
            if (x < STEREO_MARGIN || x >= p.width - STEREO_MARGIN)
                kind[x] = OUTSIDE;
    }
    return p;
}

/* Whether one of the four pixels around a position has this inverse depth. */
static int is_at(const pair *p, double x, double y, double disp) {
    for (int k = 0; k < 4; k++) {
        int qx = (int)floor(x - 0.5) + k % 2, qy = (int)floor(y - 0.5) + k / 2;
        if (qx >= 0 && qy >= 0 && qx < p->width && qy < p->height &&
            fabs(p->disp[(size_t)qy * p->width + qx] - disp) <= 0.03 * disp + 1e-4)
            return 1;
    }
    return 0;
}

pair pair_read_demo(kb3d_ctx *ctx, const char *files[4]) {
    pair p = {.name = "lake", .step = {0.25, 0, 0}};
    float *there;
    read_side(ctx, files[0], files[1], &p, &p.from, &p.disp);
    read_side(ctx, files[2], files[3], &p, &p.to, &there);
    p.focal = 28.0 / 36 * p.width;
    p.kind = malloc((size_t)p.width * (size_t)p.height);
    for (int y = 0; y < p.height; y++)
        for (int x = 0; x < p.width; x++) { /* the camera moved to the right alone */
            size_t i = (size_t)y * p.width + x;
            double u = x + 0.5 + p.focal * p.step[0] * there[i];
            p.kind[i] = u > p.width - 1 ? OUTSIDE : is_at(&p, u, y + 0.5, there[i]) ? VISIBLE : HIDDEN;
        }
    free(there);
    return p;
}

void pair_free(pair *p) {
    free(p->from);
    free(p->to);
    free(p->disp);
    free(p->kind);
}
