/* The same bytes for any number of threads and any SIMD level. */
#include "../stage.h"

enum { WIDTH = 193, HEIGHT = 131, PIXELS = WIDTH * HEIGHT, MAX_FRAME = 331 * 223 };

static float wide[4 * PIXELS], disp[PIXELS], map[61 * 43];
static uint8_t bytes[4 * PIXELS], frame[16 * MAX_FRAME], painted[MAX_FRAME];
static uint16_t words[4 * PIXELS];
static float frame_disp[MAX_FRAME];

static uint64_t hash(uint64_t h, const void *data, size_t count) {
    const uint8_t *b = data; /* FNV-1a */
    for (size_t i = 0; i < count; i++)
        h = (h ^ b[i]) * 0x100000001b3u;
    return h;
}

static uint64_t hash_frame(uint64_t h, const kb3d_path *path, double t, int width, int height, kb3d_format format) {
    size_t pixels = (size_t)width * (size_t)height;
    kb3d_image color = image_of(format, width, height, frame);
    kb3d_image depth = image_of(KB3D_FORMAT_GRAYF32, width, height, frame_disp);
    kb3d_image mask = image_of(KB3D_FORMAT_GRAY8, width, height, painted);
    color.data[1] = frame + pixels;
    color.data[2] = frame + 2 * pixels;
    kb3d_frame f;
    KB3D_INIT(f);
    f.color = &color;
    f.depth = &depth;
    f.painted = &mask;
    memset(frame, 0, sizeof frame);
    CHECK_INT(kb3d_path_render(path, t, &f, NULL), KB3D_OK);
    h = hash(h, frame, sizeof frame);
    h = hash(h, frame_disp, pixels * sizeof(float));
    return hash(h, painted, pixels);
}

/* One picture through everything; `small`: its depth comes at another size. */
static void run(kb3d_ctx *ctx, kb3d_format in, void *pixels, int small, uint64_t sums[3]) {
    static const kb3d_format OUT[] = {KB3D_FORMAT_RGBA8, KB3D_FORMAT_NV12, KB3D_FORMAT_RGBAF32};
    kb3d_image picture = image_of(in, WIDTH, HEIGHT, pixels);
    kb3d_image depth = image_of(KB3D_FORMAT_GRAYF32, small ? 61 : WIDTH, small ? 43 : HEIGHT, small ? map : disp);
    kb3d_source from = source_of(&picture), depth_from = source_of(&depth);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &from;
    params.depth = &depth_from;
    kb3d_scene *scene;
    if (!CHECK_INT(kb3d_scene_create(ctx, &params, &scene, NULL), KB3D_OK))
        return;
    kb3d_image refined = image_of(KB3D_FORMAT_GRAYF32, WIDTH, HEIGHT, frame_disp);
    CHECK_INT(kb3d_scene_get_depth(scene, KB3D_STAGE_REFINE, &refined, NULL), KB3D_OK);
    sums[0] = hash(sums[0], frame_disp, PIXELS * sizeof(float));
    kb3d_path_params flight;
    KB3D_INIT(flight);
    flight.seed = 5;
    flight.zoom = 1.4;
    kb3d_path *path;
    CHECK_INT(kb3d_path_create(scene, &flight, &path, NULL), KB3D_OK);
    for (int prepared = 0; prepared < 2; prepared++) {
        for (int i = 0; i < 3; i++) {
            sums[1 + prepared] = hash_frame(sums[1 + prepared], path, 0.5 * i, WIDTH, HEIGHT, OUT[i]);
            sums[1 + prepared] = hash_frame(sums[1 + prepared], path, 1.2, 331, 223, OUT[i]);
            sums[1 + prepared] = hash_frame(sums[1 + prepared], path, 0.3, 71, 45, OUT[i]);
        }
        if (!prepared)
            CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

int main(void) {
    static const char *const LEVELS[] = {"none", "sse4", "avx2", "avx512"};
    static const int THREADS[] = {1, 2, 3, 8};
    uint64_t first[3] = {0};
    uint32_t seed = 31;
    draw_blobs(disp, WIDTH, HEIGHT, 37);
    draw_blobs(map, 61, 43, 41);
    draw_noise(bytes, sizeof bytes, 43);
    for (int i = 0; i < 4 * PIXELS; i++) {
        words[i] = (uint16_t)random_next(&seed);
        wide[i] = (float)(i % 4 == 3 ? random_unit(&seed) : 3 * random_unit(&seed) - 0.5);
    }
    int few = getenv("KB3D_TEST_SANITIZED") != NULL; /* there races count, and every frame takes its time */
    for (int level = 0; level < 4; level += few ? 2 : 1)
        for (int threads = 0; threads < (few ? 2 : 4); threads++) {
            setenv("KB3D_SIMD", LEVELS[level], 1);
            kb3d_ctx *ctx = make_ctx(THREADS[threads]);
            kb3d_ctx_info info;
            KB3D_INIT(info);
            CHECK_INT(kb3d_ctx_get_info(ctx, &info, NULL), KB3D_OK);
            if (strcmp(info.simd, LEVELS[level])) {
                printf("%s cannot run here\n", LEVELS[level]);
                kb3d_ctx_destroy(&ctx);
                break;
            }
            uint64_t sums[3] = {14695981039346656037u, 14695981039346656037u, 14695981039346656037u};
            run(ctx, KB3D_FORMAT_RGB8, bytes, 0, sums);
            run(ctx, KB3D_FORMAT_RGBA8, bytes, 1, sums);
            if (!few)
                run(ctx, KB3D_FORMAT_RGBA16, words, 0, sums);
            run(ctx, KB3D_FORMAT_RGBAF32, wide, 1, sums);
            if (!level && !threads)
                memcpy(first, sums, sizeof first);
            static const char *const WHAT[] = {"depth", "frames", "prepared frames"};
            for (int i = 0; i < 3; i++)
                if (!CHECK(sums[i] == first[i]))
                    fprintf(stderr, "    %s, %d threads: %s differ from those of none, 1 thread\n", LEVELS[level],
                            THREADS[threads], WHAT[i]);
            kb3d_ctx_destroy(&ctx);
        }
    printf("depth %016llx, frames %016llx, prepared %016llx\n", (unsigned long long)first[0],
           (unsigned long long)first[1], (unsigned long long)first[2]);
    return check_end();
}
