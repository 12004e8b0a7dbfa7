#include "bench.h"
#include "networks.h"

enum { FRAMES_A_RUN = 12 };

static kb3d_status measure_scene(kb3d_bench *b, kb3d_scene **scene) {
    double times[KB3D_BENCH_RUNS], begin = kb3d_bench_now_ms();
    int runs = 0;
    *scene = NULL;
    while (!kb3d_bench_is_enough(runs, begin)) {
        kb3d_scene_destroy(scene);
        double start = kb3d_bench_now_ms();
        kb3d_status status = kb3d_bench_create_scene(b, false, scene);
        if (status)
            return status;
        times[runs++] = kb3d_bench_now_ms() - start;
    }
    kb3d_bench_add(b, kb3d_bench_median(times, runs), "scene_%dx%d_ms", b->picture.width, b->picture.height);
    return KB3D_OK;
}

static kb3d_status measure_path(kb3d_bench *b, const kb3d_scene *scene, kb3d_path **path) {
    double times[KB3D_BENCH_RUNS], begin = kb3d_bench_now_ms();
    int runs = 0;
    *path = NULL;
    while (!kb3d_bench_is_enough(runs, begin)) {
        kb3d_path_destroy(path);
        double start = kb3d_bench_now_ms();
        kb3d_status status = kb3d_path_create(scene, NULL, path, &b->tool.call);
        if (status)
            return status;
        times[runs++] = kb3d_bench_now_ms() - start;
    }
    kb3d_bench_add(b, kb3d_bench_median(times, runs), "path_%dx%d_ms", b->picture.width, b->picture.height);
    return KB3D_OK;
}

static kb3d_status measure_prepare(kb3d_bench *b, kb3d_path *path, kb3d_extend way, const char *name) {
    double times[KB3D_BENCH_RUNS], begin = kb3d_bench_now_ms();
    kb3d_prepare_params params;
    KB3D_INIT(params);
    params.extend = way;
    int runs = 0;
    while (!kb3d_bench_is_enough(runs, begin)) {
        double start = kb3d_bench_now_ms();
        kb3d_status status = kb3d_path_prepare(path, &params, &b->tool.call);
        if (status)
            return status;
        times[runs++] = kb3d_bench_now_ms() - start;
    }
    kb3d_bench_add(b, kb3d_bench_median(times, runs), "%s_%dx%d_ms", name, b->picture.width, b->picture.height);
    return KB3D_OK;
}

static kb3d_status render_run(kb3d_bench *b, const kb3d_path *path, const kb3d_image *image, double *fps) {
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = image;
    double start = kb3d_bench_now_ms();
    for (int i = 0; i < FRAMES_A_RUN; i++) {
        kb3d_status status = kb3d_path_render(path, i / (FRAMES_A_RUN - 1.0), &frame, &b->tool.call);
        if (status)
            return status;
    }
    *fps = FRAMES_A_RUN * 1e3 / (kb3d_bench_now_ms() - start);
    return KB3D_OK;
}

static kb3d_exit measure_render(kb3d_bench *b, const kb3d_path *path, kb3d_format format, const char *name) {
    kb3d_image image;
    kb3d_exit failed = kb3d_picture_alloc(&image, format, b->picture.width, b->picture.height);
    if (failed)
        return failed;
    double rates[KB3D_BENCH_RUNS], begin = kb3d_bench_now_ms();
    int runs = 0;
    kb3d_status status = KB3D_OK;
    while (!status && !kb3d_bench_is_enough(runs, begin))
        status = render_run(b, path, &image, &rates[runs++]);
    kb3d_picture_free(&image);
    if (status)
        return kb3d_tool_fail(&b->tool, "bench", status);
    kb3d_bench_add(b, kb3d_bench_median(rates, runs), "render_%dx%d_%s_fps", b->picture.width, b->picture.height, name);
    return KB3D_EXIT_OK;
}

kb3d_exit kb3d_bench_pixels(kb3d_bench *b) {
    kb3d_scene *scene = NULL;
    kb3d_path *path = NULL;
    kb3d_status status = measure_scene(b, &scene);
    if (!status)
        status = measure_path(b, scene, &path);
    if (!status)
        status = measure_prepare(b, path, KB3D_EXTEND_CLASSICAL, "prepare");
    if (!status && kb3d_networks_have(&b->tool, KB3D_MODEL_INPAINT))
        status = measure_prepare(b, path, KB3D_EXTEND_NETWORK, "prepare_network");
    kb3d_exit failed = status ? kb3d_tool_fail(&b->tool, "bench", status) : KB3D_EXIT_OK;
    if (!failed)
        failed = measure_render(b, path, KB3D_FORMAT_RGBA8, "rgba");
    if (!failed)
        failed = measure_render(b, path, KB3D_FORMAT_I420, "i420");
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    return failed;
}
