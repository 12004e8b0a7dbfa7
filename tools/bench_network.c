#include "bench.h"
#include "values.h"

#include <stdio.h>
#include <string.h>

enum { ROLE_MAX = 5 };

/* One place to run networks in, with one number of threads. */
typedef struct place {
    const char *name; /* "process" or "worker" */
    int threads;
    bool is_first; /* of this place: tells what loading took, the runtime and the process included */
    bool is_last;
} place;

/* From the picture in memory to the first frame of a prepared flight. */
static kb3d_status make_frame(kb3d_bench *b, const kb3d_image *image) {
    kb3d_scene *scene;
    kb3d_path *path = NULL;
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = image;
    kb3d_status status = kb3d_bench_create_scene(b, true, &scene);
    if (!status)
        status = kb3d_path_create(scene, NULL, &path, &b->tool.call);
    if (!status)
        status = kb3d_path_prepare(path, NULL, &b->tool.call);
    if (!status)
        status = kb3d_path_render(path, 0, &frame, &b->tool.call);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    return status;
}

/* What each network took in the run that was just made. */
static void note_roles(kb3d_bench *b, const place *p, int run, double times[ROLE_MAX][KB3D_BENCH_RUNS]) {
    for (int r = 0; r < ROLE_MAX; r++) {
        kb3d_model_info info;
        KB3D_INIT(info);
        if (kb3d_ctx_get_model(b->tool.ctx, (kb3d_model_role)(r + KB3D_MODEL_DEPTH), &info, NULL))
            continue;
        times[r][run] = info.last_ms;
        if (run || !info.run_count)
            continue;
        if (p->is_first) {
            kb3d_bench_add(b, info.load_ms, "%s_%s_load_ms", kb3d_role_names[r], p->name);
            kb3d_bench_add(b, (double)info.weight_bytes / 1e6, "%s_%s_weights_mb", kb3d_role_names[r], p->name);
        }
        kb3d_bench_add(b, info.last_ms, "%s_%s_%d_threads_first_ms", kb3d_role_names[r], p->name, p->threads);
    }
}

/* The context is open. The first run is apart; the others are warm. */
static kb3d_status measure_runs(kb3d_bench *b, const place *p, const kb3d_image *image) {
    double times[ROLE_MAX][KB3D_BENCH_RUNS] = {{0}}, frames[KB3D_BENCH_RUNS];
    kb3d_status status = KB3D_OK;
    for (int i = 0; i < KB3D_BENCH_RUNS && !status; i++) {
        double start = kb3d_bench_now_ms();
        if (!(status = make_frame(b, image)))
            note_roles(b, p, i, times);
        frames[i] = kb3d_bench_now_ms() - start;
    }
    if (status)
        return status;
    b->has_network = true;
    for (int r = 0; r < ROLE_MAX; r++)
        if (times[r][0] > 0)
            kb3d_bench_add(b, kb3d_bench_median(times[r] + 1, KB3D_BENCH_RUNS - 1), "%s_%s_%d_threads_warm_ms",
                           kb3d_role_names[r], p->name, p->threads);
    if (p->is_last)
        kb3d_bench_add(b, kb3d_bench_median(frames + 1, KB3D_BENCH_RUNS - 1), "photo_to_frame_%dx%d%s_ms",
                       b->picture.width, b->picture.height, strcmp(p->name, "worker") ? "" : "_worker");
    return KB3D_OK;
}

static kb3d_exit measure_place(kb3d_bench *b, const kb3d_options *options, kb3d_networks networks, const place *p,
                               const kb3d_image *image) {
    kb3d_options here = *options;
    here.networks = networks;
    here.threads = p->threads;
    kb3d_exit failed = kb3d_tool_open(&b->tool, &here);
    if (failed)
        return failed;
    kb3d_status status = measure_runs(b, p, image);
    if (status == KB3D_ERROR_UNAVAILABLE && options->networks == KB3D_NETWORKS_AUTO)
        kb3d_note("no networks in the %s: %s", p->name, b->tool.call.message);
    else if (status)
        failed = kb3d_tool_fail(&b->tool, "bench", status);
    kb3d_tool_close(&b->tool);
    return failed;
}

/* 1, 2, 4 and so on, and all; or the number that the user said. */
static kb3d_exit measure_threads(kb3d_bench *b, const kb3d_options *o, kb3d_networks networks, const char *name,
                                 int most, const kb3d_image *image) {
    kb3d_exit failed = KB3D_EXIT_OK;
    int first = o->threads ? o->threads : 1;
    for (int threads = first, next; threads && !failed; threads = next) {
        next = threads == most ? 0 : 2 * threads < most ? 2 * threads : most;
        place p = {name, threads, threads == first, !next};
        failed = measure_place(b, o, networks, &p, image);
    }
    return failed;
}

static int count_threads(const kb3d_options *o) {
    kb3d_ctx *ctx;
    kb3d_ctx_params params;
    KB3D_INIT(params);
    params.threads = o->threads;
    kb3d_ctx_info info;
    KB3D_INIT(info);
    if (kb3d_ctx_create(&ctx, &params, NULL))
        return 1;
    int threads = kb3d_ctx_get_info(ctx, &info, NULL) ? 1 : info.threads;
    kb3d_ctx_destroy(&ctx);
    return threads;
}

kb3d_exit kb3d_bench_networks(kb3d_bench *b, const kb3d_options *options) {
    kb3d_image image;
    kb3d_exit failed = kb3d_picture_alloc(&image, KB3D_FORMAT_RGBA8, b->picture.width, b->picture.height);
    if (failed)
        return failed;
    int most = count_threads(options);
    if (options->networks != KB3D_NETWORKS_IN_WORKER)
        failed = measure_threads(b, options, KB3D_NETWORKS_IN_PROCESS, "process", most, &image);
    if (!failed && options->networks != KB3D_NETWORKS_IN_PROCESS)
        failed = measure_threads(b, options, KB3D_NETWORKS_IN_WORKER, "worker", most, &image);
    kb3d_picture_free(&image);
    return failed;
}
