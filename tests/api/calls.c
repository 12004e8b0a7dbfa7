/* Progress, cancel, threads, and the order of things. */
#include "../stage.h"

#include <pthread.h>

enum { W = 160, H = 120 };
static uint8_t rgb[3 * W * H];
static float disp[W * H], small_map[40 * 30];
static kb3d_ctx *ctx;

/* A host's progress: keeps the stages seen, counts what goes back, and cancels at the n-th report. */
typedef struct watch {
    char stages[256];
    double last;
    int reports, cancel_at, wrong;
    pthread_t thread;
} watch;

static int see(void *user, const char *stage, double fraction) {
    watch *w = user;
    w->reports++;
    w->wrong += !(fraction >= 0 && fraction <= 1) || !pthread_equal(w->thread, pthread_self());
    size_t used = strlen(w->stages), length = strlen(stage);
    if (used < length + 1 || strncmp(w->stages + used - length - 1, stage, length)) {
        w->wrong += strstr(w->stages, stage) != NULL; /* one that was left */
        snprintf(w->stages + used, sizeof w->stages - used, "%s ", stage);
    } else {
        w->wrong += fraction < w->last;
    }
    w->last = fraction;
    return w->cancel_at && w->reports >= w->cancel_at;
}

static kb3d_call watched(watch *w, int cancel_at) {
    kb3d_call call;
    KB3D_INIT(call);
    *w = (watch){.cancel_at = cancel_at, .thread = pthread_self()};
    call.progress = see;
    call.user = w;
    return call;
}

static kb3d_status create(kb3d_scene **scene, kb3d_call *call) {
    kb3d_image picture = image_of(KB3D_FORMAT_RGB8, W, H, rgb), map = image_of(KB3D_FORMAT_GRAYF32, 40, 30, small_map);
    kb3d_source from = source_of(&picture), depth = source_of(&map);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &from;
    params.depth = &depth;
    return kb3d_scene_create(ctx, &params, scene, call);
}

static void test_progress(void) {
    watch w;
    kb3d_call call = watched(&w, 0);
    kb3d_scene *scene;
    kb3d_path *path;
    CHECK_INT(create(&scene, &call), KB3D_OK);
    printf("    scene: %s(%d reports)\n", w.stages, w.reports);
    CHECK_INT(w.wrong, 0);
    const char *at = w.stages;
    for (int i = 0; i < 4; i++) { /* the stages as documented, in this order */
        static const char *const STAGES[] = {"decode", "depth", "refine", "surface"};
        const char *found = strstr(at, STAGES[i]);
        if (CHECK(found || i == 1)) /* a host's map takes no time */
            at = found ? found : at;
    }
    call = watched(&w, 0);
    CHECK_INT(kb3d_path_create(scene, NULL, &path, &call), KB3D_OK);
    CHECK(!strcmp(w.stages, "search "));
    CHECK_INT(w.wrong, 0);
    call = watched(&w, 0);
    CHECK_INT(kb3d_path_prepare(path, NULL, &call), KB3D_OK);
    CHECK(!strcmp(w.stages, "extend "));
    CHECK(w.wrong == 0 && w.last == 1);
    call = watched(&w, 0);
    kb3d_image color = image_of(KB3D_FORMAT_RGB8, W, H, rgb);
    kb3d_frame frame;
    KB3D_INIT(frame);
    frame.color = &color;
    CHECK_INT(kb3d_path_render(path, 0, &frame, &call), KB3D_OK);
    CHECK(!strcmp(w.stages, "render "));
    CHECK(w.wrong == 0 && w.last == 1);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    draw_noise(rgb, sizeof rgb, 1);
}

/* Any role: grey, the second of two classes on the left, the inverse depth it was given, green. */
static int run_network(void *user, kb3d_run *run) {
    const kb3d_tensor *picture = &run->inputs[0];
    const kb3d_model_role role = *(kb3d_model_role *)user;
    const kb3d_tensor *like = role == KB3D_MODEL_REFINE ? &run->inputs[1] : picture;
    int64_t shape[4] = {1, 1, like->shape[2], like->shape[3]}, count = shape[2] * shape[3];
    shape[1] = role == KB3D_MODEL_SEGMENT ? 2 : role == KB3D_MODEL_INPAINT ? 3 : 1;
    float *answer = kb3d_run_answer(run, 0, 4, shape);
    if (!answer || kb3d_run_is_cancelled(run))
        return 1;
    for (int64_t i = 0; i < shape[1] * count; i++)
        answer[i] = role == KB3D_MODEL_SEGMENT ? (float)((i / count == 1) == (i % shape[3] < shape[3] / 3))
                    : role == KB3D_MODEL_INPAINT ? (float)(i / count == 1)
                                                 : like->data[i % count];
    return 0;
}

/* A whole flight with a network in every role: each stage once, and never back. */
static void test_progress_with_networks(void) {
    static const char *const manifests[] = {"\"depth\", \"output\": \"disparity\"",
                                            "\"segment\", \"output\": \"class_scores\", \"classes\": {\"person\": [1]}",
                                            "\"refine\", \"output\": \"inverse_depth\"",
                                            "\"inpaint\", \"output\": \"color\""};
    static kb3d_model_role roles[4];
    kb3d_ctx *own = make_ctx(2);
    watch w;
    for (int i = 0; i < 4; i++) {
        char manifest[256];
        snprintf(manifest, sizeof manifest,
                 "{\"kb3d_manifest\": 1, \"name\": \"n\", \"input\": {\"size\": {\"long_side\": 64, \"multiple\": 8}},"
                 "\"role\": %s}", manifests[i]);
        kb3d_model_source source;
        KB3D_INIT(source);
        source.role = roles[i] = (kb3d_model_role)(i + KB3D_MODEL_DEPTH);
        source.run = run_network;
        source.user = &roles[i];
        source.manifest = manifest;
        CHECK_INT(kb3d_ctx_add_model(own, &source, NULL), KB3D_OK);
    }
    kb3d_image picture = image_of(KB3D_FORMAT_RGB8, W, H, rgb);
    kb3d_source from = source_of(&picture);
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &from;
    params.depth_quality = KB3D_DEPTH_QUALITY_HIGH;
    kb3d_call call = watched(&w, 0);
    kb3d_scene *scene;
    kb3d_path *path;
    CHECK_INT(kb3d_scene_create(own, &params, &scene, &call), KB3D_OK);
    printf("    scene: %s(%d reports)\n", w.stages, w.reports);
    CHECK(!strcmp(w.stages, "decode depth adjust refine surface "));
    CHECK_INT(w.wrong, 0);
    CHECK_INT(kb3d_path_create(scene, NULL, &path, NULL), KB3D_OK);
    call = watched(&w, 0);
    CHECK_INT(kb3d_path_prepare(path, NULL, &call), KB3D_OK);
    CHECK(!strcmp(w.stages, "extend ") && w.last == 1);
    CHECK_INT(w.wrong, 0);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&own);
}

/* Every report in turn stops the call; nothing is lost by it. */
static void test_cancel_from_progress(void) {
    kb3d_ctx_info before, after;
    KB3D_INIT(before);
    KB3D_INIT(after);
    kb3d_scene *scene;
    watch w;
    kb3d_call call;
    CHECK_INT(kb3d_ctx_get_info(ctx, &before, NULL), KB3D_OK);
    for (int n = 1;; n++) {
        call = watched(&w, n);
        kb3d_status status = create(&scene, &call);
        if (!status)
            break;
        CHECK_INT(status, KB3D_ERROR_CANCELLED);
        CHECK(!scene && *call.message && call.cancel);
    }
    CHECK_INT(kb3d_ctx_get_info(ctx, &after, NULL), KB3D_OK);
    CHECK(w.reports > 4);
    kb3d_path *path, *none;
    call = watched(&w, 3);
    CHECK_INT(kb3d_path_create(scene, NULL, &none, &call), KB3D_ERROR_CANCELLED);
    CHECK(!none);
    CHECK_INT(kb3d_path_create(scene, NULL, &path, NULL), KB3D_OK);
    call.cancel = 1; /* before it starts counts too, until taken back */
    call.progress = NULL;
    CHECK_INT(kb3d_path_create(scene, NULL, &none, &call), KB3D_ERROR_CANCELLED);
    call.cancel = 0;
    CHECK_INT(kb3d_path_create(scene, NULL, &none, &call), KB3D_OK);
    kb3d_path_destroy(&none);
    /* preparing that was cancelled leaves the path as it was */
    static uint8_t unprepared[3 * W * H], prepared[3 * W * H], now[3 * W * H];
    render(path, 1, W, H, unprepared, NULL, NULL);
    call = watched(&w, 3);
    CHECK_INT(kb3d_path_prepare(path, NULL, &call), KB3D_ERROR_CANCELLED);
    render(path, 1, W, H, now, NULL, NULL);
    CHECK(!memcmp(now, unprepared, sizeof now));
    CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    render(path, 1, W, H, prepared, NULL, NULL);
    CHECK(memcmp(prepared, unprepared, sizeof now));
    call = watched(&w, 2);
    CHECK_INT(kb3d_path_prepare(path, NULL, &call), KB3D_ERROR_CANCELLED);
    render(path, 1, W, H, now, NULL, NULL);
    CHECK(!memcmp(now, prepared, sizeof now));
    CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK); /* twice gives the same */
    render(path, 1, W, H, now, NULL, NULL);
    CHECK(!memcmp(now, prepared, sizeof now));
    kb3d_prepare_params params;
    KB3D_INIT(params);
    params.extend = KB3D_EXTEND_NONE;
    CHECK_INT(kb3d_path_prepare(path, &params, NULL), KB3D_OK); /* takes the points away */
    render(path, 1, W, H, now, NULL, NULL);
    CHECK(!memcmp(now, unprepared, sizeof now));
    params.extend = (kb3d_extend)9;
    CHECK_INT(kb3d_path_prepare(path, &params, NULL), KB3D_ERROR_ARGUMENT);
    KB3D_INIT(params);
    params.width = 5;
    CHECK_INT(kb3d_path_prepare(path, &params, NULL), KB3D_ERROR_ARGUMENT);
    CHECK_INT(kb3d_path_prepare(NULL, NULL, NULL), KB3D_ERROR_ARGUMENT);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
}

static void *cancel_soon(void *call) {
    kb3d_call_cancel(call);
    return NULL;
}

static int never(void *user, const char *stage, double fraction) {
    return 0;
}

static void test_cancel_from_another_thread(void) {
    kb3d_scene *scene;
    kb3d_call call;
    pthread_t thread;
    KB3D_INIT(call);
    call.progress = never;
    CHECK(!pthread_create(&thread, NULL, cancel_soon, &call));
    kb3d_status status = KB3D_OK;
    for (int i = 0; !status && i < 100000; i++) { /* until the request arrives */
        status = create(&scene, &call);
        kb3d_scene_destroy(&scene);
    }
    CHECK_INT(status, KB3D_ERROR_CANCELLED);
    pthread_join(thread, NULL);
    kb3d_call_cancel(NULL);
}

typedef struct shared {
    const kb3d_path *path;
    uint8_t *first;
    int differ;
} shared;

static void *render_some(void *arg) {
    shared *s = arg;
    uint8_t *frame = malloc(3 * W * H);
    for (int i = 0; i < 6; i++) {
        kb3d_image color = image_of(KB3D_FORMAT_RGB8, W, H, frame);
        kb3d_frame f;
        KB3D_INIT(f);
        f.color = &color;
        s->differ += kb3d_path_render(s->path, i % 2 ? 0.75 : 0.25 * i, &f, NULL) != KB3D_OK;
        s->differ += i % 2 && memcmp(frame, s->first, 3 * W * H);
    }
    free(frame);
    return NULL;
}

/* One scene, two paths, four threads. */
static void test_threads_on_one_scene(void) {
    kb3d_scene *scene = make_scene(ctx, rgb, disp, W, H, 0);
    kb3d_path *paths[2];
    static uint8_t first[2][3 * W * H];
    shared work[4];
    pthread_t threads[4];
    for (int i = 0; i < 2; i++) {
        kb3d_path_params params;
        KB3D_INIT(params);
        params.motion = i ? KB3D_MOTION_DOLLY : KB3D_MOTION_AUTO;
        CHECK_INT(kb3d_path_create(scene, &params, &paths[i], NULL), KB3D_OK);
    }
    CHECK_INT(kb3d_path_prepare(paths[0], NULL, NULL), KB3D_OK);
    for (int i = 0; i < 2; i++)
        render(paths[i], 0.75, W, H, first[i], NULL, NULL);
    kb3d_scene_destroy(&scene);
    for (int i = 0; i < 4; i++) {
        work[i] = (shared){paths[i % 2], first[i % 2], 0};
        CHECK(!pthread_create(&threads[i], NULL, render_some, &work[i]));
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(work[i].differ, 0);
    }
    kb3d_path_destroy(&paths[1]);
    kb3d_path_destroy(&paths[0]);
}

static void *whole_life(void *arg) {
    int *bad = arg;
    kb3d_ctx_params params;
    KB3D_INIT(params);
    params.threads = 2;
    kb3d_ctx *own;
    *bad = kb3d_ctx_create(&own, &params, NULL) != KB3D_OK;
    for (int i = 0; i < 3 && !*bad; i++) {
        kb3d_image picture = image_of(KB3D_FORMAT_RGB8, W, H, rgb), map = image_of(KB3D_FORMAT_GRAYF32, W, H, disp);
        kb3d_source from = source_of(&picture), depth = source_of(&map);
        kb3d_scene_params p;
        KB3D_INIT(p);
        p.picture = &from;
        p.depth = &depth;
        kb3d_scene *scene = NULL;
        kb3d_path *path = NULL;
        *bad = kb3d_scene_create(own, &p, &scene, NULL) || kb3d_path_create(scene, NULL, &path, NULL) ||
               kb3d_path_prepare(path, NULL, NULL);
        kb3d_path_destroy(&path);
        kb3d_scene_destroy(&scene);
    }
    kb3d_ctx_destroy(&own);
    return NULL;
}

static void test_two_contexts(void) {
    pthread_t threads[2];
    int bad[2];
    for (int i = 0; i < 2; i++)
        CHECK(!pthread_create(&threads[i], NULL, whole_life, &bad[i]));
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(bad[i], 0);
    }
}

/* Context, scene and path go in every order. */
static void test_destroy_in_any_order(void) {
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int k = 0; k < 6; k++) {
        kb3d_ctx *own = make_ctx(2);
        kb3d_scene *scene = make_scene(own, rgb, disp, 40, 30, 0);
        kb3d_path *path;
        CHECK_INT(kb3d_path_create(scene, NULL, &path, NULL), KB3D_OK);
        for (int i = 0; i < 3; i++) {
            if (orders[k][i] == 0)
                kb3d_ctx_destroy(&own);
            else if (orders[k][i] == 1)
                kb3d_scene_destroy(&scene);
            else
                kb3d_path_destroy(&path);
            if (path)
                render(path, 0.5, 20, 15, rgb, NULL, NULL);
        }
        CHECK(!own && !scene && !path);
    }
}

int main(void) {
    ctx = make_ctx(2);
    draw_noise(rgb, sizeof rgb, 1);
    draw_blobs(disp, W, H, 2);
    draw_blobs(small_map, 40, 30, 3);
    RUN(test_progress);
    RUN(test_progress_with_networks);
    RUN(test_cancel_from_progress);
    RUN(test_cancel_from_another_thread);
    RUN(test_threads_on_one_scene);
    RUN(test_two_contexts);
    RUN(test_destroy_in_any_order);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
