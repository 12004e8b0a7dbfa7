#define _GNU_SOURCE
#include "export.h"
#include "testcard.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, RUNS_LEAST = 2, RUNS_MS = 4000, FRAMES_A_RUN = 12, JOB_FRAMES = 125, RESULT_MAX = 64 };

typedef struct result {
    char name[48]; /* ends in _fps, _ms or _mb */
    double value;
} result;

typedef struct bench {
    kb3d_tool tool;
    kb3d_image picture, depth;
    result results[RESULT_MAX];
    int count;
} bench;

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static int compare(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

/* A median of five, or of fewer where each takes seconds. */
static bool is_enough(int runs, double start) {
    return runs == RUNS || (runs >= RUNS_LEAST && now_ms() - start > RUNS_MS);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

__attribute__((format(printf, 3, 4))) static void add(bench *b, double value, const char *format, ...) {
    if (b->count == RESULT_MAX)
        return;
    result *r = &b->results[b->count++];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->name, sizeof r->name, format, arguments);
    va_end(arguments);
    r->value = value;
}

/* With the drawn depth, or with the network's. */
static kb3d_status create_scene(bench *b, bool network, kb3d_scene **scene) {
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

static kb3d_status measure_scene(bench *b, kb3d_scene **scene) {
    double times[RUNS], begin = now_ms();
    int runs = 0;
    *scene = NULL;
    while (!is_enough(runs, begin)) {
        kb3d_scene_destroy(scene);
        double start = now_ms();
        kb3d_status status = create_scene(b, false, scene);
        if (status)
            return status;
        times[runs++] = now_ms() - start;
    }
    add(b, median(times, runs), "scene_%dx%d_ms", b->picture.width, b->picture.height);
    return KB3D_OK;
}

static kb3d_status measure_prepare(bench *b, const kb3d_scene *scene, kb3d_path **path) {
    double create_times[RUNS], times[RUNS], begin = now_ms();
    int runs = 0;
    *path = NULL;
    while (!is_enough(runs, begin)) {
        kb3d_path_destroy(path);
        double start = now_ms();
        kb3d_status status = kb3d_path_create(scene, NULL, path, &b->tool.call);
        if (status)
            return status;
        double created = now_ms();
        status = kb3d_path_prepare(*path, NULL, &b->tool.call);
        if (status)
            return status;
        create_times[runs] = created - start;
        times[runs++] = now_ms() - created;
    }
    add(b, median(create_times, runs), "path_%dx%d_ms", b->picture.width, b->picture.height);
    add(b, median(times, runs), "prepare_%dx%d_ms", b->picture.width, b->picture.height);
    return KB3D_OK;
}

static kb3d_status render_run(bench *b, const kb3d_path *path, const kb3d_image *image, double *fps) {
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = image;
    double start = now_ms();
    for (int i = 0; i < FRAMES_A_RUN; i++) {
        kb3d_status status = kb3d_path_render(path, i / (FRAMES_A_RUN - 1.0), &frame, &b->tool.call);
        if (status)
            return status;
    }
    *fps = FRAMES_A_RUN * 1e3 / (now_ms() - start);
    return KB3D_OK;
}

static kb3d_exit measure_render(bench *b, const kb3d_path *path, kb3d_format format, const char *name) {
    kb3d_image image;
    kb3d_exit failed = kb3d_picture_alloc(&image, format, b->picture.width, b->picture.height);
    if (failed)
        return failed;
    double rates[RUNS], begin = now_ms();
    int runs = 0;
    kb3d_status status = KB3D_OK;
    while (!status && !is_enough(runs, begin))
        status = render_run(b, path, &image, &rates[runs++]);
    kb3d_picture_free(&image);
    if (status)
        return kb3d_tool_fail(&b->tool, "bench", status);
    add(b, median(rates, runs), "render_%dx%d_%s_fps", b->picture.width, b->picture.height, name);
    return KB3D_EXIT_OK;
}

/* When the network's stage began and ended. */
typedef struct depth_clock {
    double start, end;
} depth_clock;

static int watch_depth(void *user, const char *stage, double fraction) {
    depth_clock *clock = user;
    (void)fraction;
    if (!strcmp(stage, "depth")) {
        clock->end = now_ms();
        if (clock->start == 0)
            clock->start = clock->end;
    } else if (clock->start > 0 && !strcmp(stage, "refine")) {
        clock->end = now_ms();
    }
    return 0;
}

static kb3d_exit measure_network(bench *b) {
    double times[RUNS];
    kb3d_status status = KB3D_OK;
    kb3d_progress_fn progress = b->tool.call.progress;
    b->tool.call.progress = watch_depth;
    for (int i = 0; i < RUNS && !status; i++) {
        depth_clock clock = {0};
        b->tool.call.user = &clock;
        kb3d_scene *scene;
        status = create_scene(b, true, &scene);
        kb3d_scene_destroy(&scene);
        times[i] = clock.end - clock.start;
    }
    b->tool.call.progress = progress;
    if (status)
        return kb3d_tool_fail(&b->tool, "bench", status);
    add(b, times[0], "depth_first_ms"); /* the first run loads the network */
    add(b, median(times + 1, RUNS - 1), "depth_ms");
    return KB3D_EXIT_OK;
}

static kb3d_exit run_job(bench *b, const char *video) {
    kb3d_scene *scene;
    kb3d_path *path = NULL;
    kb3d_status status = create_scene(b, b->tool.options->model_count, &scene);
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

/* Depth, flight, painting in, 125 frames and the encoder; the picture is in memory already. */
static kb3d_exit measure_job(bench *b) {
    const char *folder = getenv("TMPDIR");
    char video[512];
    snprintf(video, sizeof video, "%.400s/kb3d-bench-%ld.mp4", folder && *folder ? folder : "/tmp", (long)getpid());
    double start = now_ms();
    kb3d_exit failed = run_job(b, video);
    double time = now_ms() - start;
    unlink(video);
    if (!failed)
        add(b, time, "job_%dx%d_ms", b->picture.width, b->picture.height);
    return failed;
}

static kb3d_exit measure_size(bench *b) {
    kb3d_scene *scene = NULL;
    kb3d_path *path = NULL;
    kb3d_status status = measure_scene(b, &scene);
    if (!status)
        status = measure_prepare(b, scene, &path);
    kb3d_exit failed = status ? kb3d_tool_fail(&b->tool, "bench", status) : KB3D_EXIT_OK;
    if (!failed)
        failed = measure_render(b, path, KB3D_FORMAT_RGBA8, "rgba");
    if (!failed)
        failed = measure_render(b, path, KB3D_FORMAT_I420, "i420");
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    return failed;
}

/* All of one size; the network and the whole job with the first. */
static kb3d_exit bench_size(bench *b, int width, int height, bool first) {
    kb3d_exit failed = kb3d_testcard_draw(&b->picture, &b->depth, width, height);
    if (failed)
        return failed;
    failed = measure_size(b);
    if (!failed && first && b->tool.options->model_count)
        failed = measure_network(b);
    if (!failed && first)
        failed = measure_job(b);
    kb3d_picture_free(&b->picture);
    kb3d_picture_free(&b->depth);
    return failed;
}

static void print_results(const bench *b, bool json) {
    for (int i = 0; i < b->count; i++)
        if (json)
            printf("%s\"%s\": %.3f", i ? ",\n " : "{", b->results[i].name, b->results[i].value);
        else
            printf("%-32s %10.1f\n", b->results[i].name, b->results[i].value);
    if (json)
        printf("}\n");
}

static kb3d_exit bench_all(bench *b) {
    static const int sizes[][2] = {{1024, 768}, {1920, 1080}, {3840, 2160}};
    const kb3d_options *options = b->tool.options;
    kb3d_exit failed = KB3D_EXIT_OK;
    if (options->width)
        failed = bench_size(b, options->width, options->height, true);
    else
        for (int i = 0; i < 3 && !failed; i++)
            failed = bench_size(b, sizes[i][0], sizes[i][1], i == 0);
    if (failed)
        return failed;
    kb3d_ctx_info info;
    KB3D_INIT(info);
    if (!kb3d_ctx_get_info(b->tool.ctx, &info, NULL))
        add(b, (double)info.memory_peak / 1e6, "context_memory_mb");
    struct rusage usage;
    if (!getrusage(RUSAGE_SELF, &usage))
        add(b, (double)usage.ru_maxrss * 1024 / 1e6, "memory_mb");
    return KB3D_EXIT_OK;
}

kb3d_exit kb3d_bench_run(const kb3d_options *options) {
    if (options->input_count)
        return kb3d_report_usage(options->inputs[0], "bench draws its own picture and takes none");
    bench b = {.count = 0};
    kb3d_exit failed = kb3d_tool_open(&b.tool, options);
    if (failed)
        return failed;
    failed = bench_all(&b);
    kb3d_tool_close(&b.tool);
    if (!failed)
        print_results(&b, options->json);
    return failed;
}
