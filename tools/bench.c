#define _GNU_SOURCE
#include "bench.h"

#include "export.h"
#include "networks.h"
#include "testcard.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_LEAST = 2, RUNS_MS = 4000, JOB_FRAMES = 125 };

double kb3d_bench_now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static int compare(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

bool kb3d_bench_is_enough(int runs, double start_ms) {
    return runs == KB3D_BENCH_RUNS || (runs >= RUNS_LEAST && kb3d_bench_now_ms() - start_ms > RUNS_MS);
}

double kb3d_bench_median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

void kb3d_bench_add(kb3d_bench *b, double value, const char *format, ...) {
    if (b->count == KB3D_BENCH_RESULT_MAX)
        return;
    kb3d_bench_result *r = &b->results[b->count++];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->name, sizeof r->name, format, arguments);
    va_end(arguments);
    r->value = value;
}

kb3d_status kb3d_bench_create_scene(kb3d_bench *b, bool network, kb3d_scene **scene) {
    kb3d_source picture, depth;
    KB3D_INIT(picture);
    picture.image = &b->picture;
    KB3D_INIT(depth);
    depth.image = &b->depth;
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &picture;
    params.depth = network ? NULL : &depth;
    return kb3d_scene_create(b->tool.ctx, &params, scene, &b->tool.call);
}

static kb3d_exit run_job(kb3d_bench *b, const char *video) {
    kb3d_scene *scene;
    kb3d_path *path = NULL;
    kb3d_status status = kb3d_bench_create_scene(b, b->has_network, &scene);
    if (!status)
        status = kb3d_path_create(scene, NULL, &path, &b->tool.call);
    kb3d_export_params params = {
        .picture = "bench", .output = video, .frame_count = JOB_FRAMES,
        .video = {b->picture.width & ~1, b->picture.height & ~1, 25, 1, b->tool.options->threads, false}};
    kb3d_exit failed =
        status ? kb3d_tool_fail(&b->tool, "bench", status) : kb3d_export(&b->tool, path, &params);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    return failed;
}

/* Depth, flight, painting in, 125 frames and the encoder; the picture is in memory already, a network is not. */
static kb3d_exit measure_job(kb3d_bench *b) {
    const char *folder = getenv("TMPDIR");
    char video[512];
    snprintf(video, sizeof video, "%.400s/kb3d-bench-%ld.mp4", folder && *folder ? folder : "/tmp", (long)getpid());
    double start = kb3d_bench_now_ms();
    kb3d_exit failed = run_job(b, video);
    double time = kb3d_bench_now_ms() - start;
    unlink(video);
    if (!failed)
        kb3d_bench_add(b, time, "job_%dx%d_ms", b->picture.width, b->picture.height);
    return failed;
}

static void free_pictures(kb3d_bench *b) {
    kb3d_picture_free(&b->picture);
    kb3d_picture_free(&b->depth);
}

static void measure_context(kb3d_bench *b) {
    kb3d_ctx_info info;
    KB3D_INIT(info);
    if (!kb3d_ctx_get_info(b->tool.ctx, &info, NULL))
        kb3d_bench_add(b, (double)info.memory_peak / 1e6, "context_memory_mb");
}

static const int sizes[][2] = {{1024, 768}, {1920, 1080}, {3840, 2160}};

/* The pixel work at every size; the whole job at the first. */
static kb3d_exit measure_sizes(kb3d_bench *b) {
    const kb3d_options *o = b->tool.options;
    kb3d_exit failed = KB3D_EXIT_OK;
    for (int i = 0; i < (o->width ? 1 : 3) && !failed; i++) {
        failed = kb3d_testcard_draw(&b->picture, &b->depth, o->width ? o->width : sizes[i][0],
                                    o->width ? o->height : sizes[i][1]);
        if (failed)
            return failed;
        failed = kb3d_bench_pixels(b);
        if (!failed && i == 0)
            failed = measure_job(b);
        free_pictures(b);
    }
    return failed;
}

static kb3d_exit measure_networks(kb3d_bench *b, const kb3d_options *o) {
    kb3d_exit failed = kb3d_testcard_draw(&b->picture, &b->depth, o->width ? o->width : sizes[0][0],
                                          o->width ? o->height : sizes[0][1]);
    if (failed)
        return failed;
    failed = kb3d_bench_networks(b, o);
    free_pictures(b);
    return failed;
}

static void measure_memory(kb3d_bench *b) {
    struct rusage usage;
    if (!getrusage(RUSAGE_SELF, &usage))
        kb3d_bench_add(b, (double)usage.ru_maxrss * 1024 / 1e6, "memory_mb");
}

static void print_results(const kb3d_bench *b, bool json) {
    for (int i = 0; i < b->count; i++)
        if (json)
            printf("%s\"%s\": %.3f", i ? ",\n " : "{", b->results[i].name, b->results[i].value);
        else
            printf("%-36s %10.1f\n", b->results[i].name, b->results[i].value);
    if (json)
        printf("}\n");
}

kb3d_exit kb3d_bench_run(const kb3d_options *options) {
    if (options->input_count)
        return kb3d_report_usage(options->inputs[0], "bench draws its own picture and takes none");
    kb3d_bench b = {.count = 0};
    kb3d_options again = *options;
    kb3d_exit failed = kb3d_tool_open(&b.tool, options);
    if (failed)
        return failed;
    bool measured = options->model_count || kb3d_networks_have(&b.tool, KB3D_MODEL_DEPTH);
    kb3d_tool_close(&b.tool);
    again.quiet = !options->verbose; /* what opening a context warns of was said */
    /* networks come first: opening the runtime is a part of the first loading alone */
    if (measured)
        failed = measure_networks(&b, &again);
    b.has_network |= options->model_count > 0;
    if (failed || (failed = kb3d_tool_open(&b.tool, &again)))
        return failed;
    failed = measure_sizes(&b);
    measure_context(&b);
    kb3d_tool_close(&b.tool);
    if (failed)
        return failed;
    measure_memory(&b);
    print_results(&b, options->json);
    return KB3D_EXIT_OK;
}
