/*
 * Painting by a network whose every answer is known: the host's own function. What it is shown is the view with
 * channels that moved as the colours did; what it says comes out where the holes were, without seams, shifts of
 * colour, or points where none can be.
 */
#include "../stage.h"

enum { WIDTH = 320, HEIGHT = 240, PIXELS = WIDTH * HEIGHT };
#define FOCAL 260.0

static const float NEAR_DISP = 1, FAR_DISP = 0.25f;
static uint8_t rgb[3 * PIXELS], frame[3 * PIXELS], other[3 * PIXELS], painted[PIXELS];
static float disp[PIXELS], depth[PIXELS];

/* What the network does, and what it saw. */
typedef struct network {
    float offset;     /* of colours, in every other run if `alternates` */
    int alternates;
    float answer;     /* inverse depth; below 0: what was given */
    int has_faults;   /* some values are none */
    int looks, runs;
    int64_t known, unlike, without, holes, coloured; /* pixels */
} network;

static kb3d_scene *draw_scene(kb3d_ctx *ctx) {
    uint32_t seed = 5;
    for (int i = 0; i < PIXELS; i++) {
        int x = i % WIDTH, y = i / WIDTH, is_near = hypot(x - 150, (y - 120) * 0.8) < 52;
        int grain = (int)(random_unit(&seed) * 9) - 4;
        disp[i] = is_near ? NEAR_DISP : FAR_DISP;
        rgb[3 * i] = (uint8_t)(is_near ? 225 : 70 + grain);
        rgb[3 * i + 1] = (uint8_t)(is_near ? 40 : 110 + grain);
        rgb[3 * i + 2] = (uint8_t)(is_near ? 30 : 160 + grain);
    }
    return make_scene(ctx, rgb, disp, WIDTH, HEIGHT, FOCAL);
}

/* The picture itself and its inverse depth are the channels. */
static int look(network *n, kb3d_run *run) {
    const kb3d_tensor *picture = &run->inputs[0];
    int64_t count = picture->shape[2] * picture->shape[3], shape[4] = {1, 4, picture->shape[2], picture->shape[3]};
    CHECK_INT(run->input_count, 2);
    CHECK_INT(run->output_count, 1);
    float *channels = kb3d_run_answer(run, 0, 4, shape);
    if (!CHECK(channels))
        return 1;
    memcpy(channels, picture->data, 3 * (size_t)count * sizeof(float));
    memcpy(channels + 3 * count, run->inputs[1].data, (size_t)count * sizeof(float));
    n->looks++;
    return 0;
}

static void compare_channels(network *n, const kb3d_run *run, int64_t i, int64_t count) {
    const float *color = run->inputs[0].data, *context = run->inputs[2].data, *mask = run->inputs[3].data;
    float sum = 0, off = 0;
    for (int c = 0; c < 3; c++) {
        sum += context[c * count + i];
        off = fmaxf(off, fabsf(context[c * count + i] - color[c * count + i]));
    }
    if (mask[i] == 0) {
        n->holes++;
        n->coloured += sum != 0;
    } else {
        n->known++;
        n->without += sum == 0;
        n->unlike += sum != 0 && off > 0.035f; /* two pixels of the wall, whose grain is 9 levels, are alike */
    }
}

static int inpaint(network *n, kb3d_run *run) {
    const kb3d_tensor *color = &run->inputs[0];
    int64_t height = color->shape[2], width = color->shape[3], count = height * width;
    int64_t shape[4] = {1, 3, height, width}, one[4] = {1, 1, height, width};
    CHECK_INT(run->input_count, 4);
    CHECK_INT(run->inputs[2].shape[1], 4);
    CHECK_INT(width % 16, 0);
    CHECK_INT(height % 16, 0);
    float *to = kb3d_run_answer(run, 0, 4, shape), *far = kb3d_run_answer(run, 1, 4, one);
    if (!CHECK(to && far))
        return 1;
    float offset = n->alternates && n->runs % 2 ? 0 : n->offset;
    for (int64_t i = 0; i < count; i++) {
        compare_channels(n, run, i, count);
        for (int c = 0; c < 3; c++)
            to[c * count + i] = color->data[c * count + i] + offset;
        far[i] = n->answer < 0 ? run->inputs[1].data[i] : n->answer;
        if (n->has_faults && i % 7 < 3)
            *(i % 7 ? &far[i] : &to[i]) = i % 7 == 2 ? -1 : i % 7 ? INFINITY : NAN;
    }
    n->runs++;
    return 0;
}

static int run_network(void *user, kb3d_run *run) {
    return strcmp(run->entry, "look") ? inpaint(user, run) : look(user, run);
}

static kb3d_ctx *make_ctx_with(network *n, int long_side) {
    kb3d_ctx *ctx = make_ctx(2);
    kb3d_model_source source;
    kb3d_call call;
    char manifest[400];
    KB3D_INIT(source);
    KB3D_INIT(call);
    snprintf(manifest, sizeof manifest,
             "{\"kb3d_manifest\": 1, \"role\": \"inpaint\", \"name\": \"known\", \"entry\": \"paint\", \"context\": \"look\","
             "\"output\": \"color_and_inverse_depth\", \"input\": {\"size\": {\"long_side\": %d, \"multiple\": 16}}}",
             long_side);
    source.role = KB3D_MODEL_INPAINT;
    source.run = run_network;
    source.user = n;
    source.manifest = manifest;
    if (!CHECK_INT(kb3d_ctx_add_model(ctx, &source, &call), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    return ctx;
}

static kb3d_path *prepare(const kb3d_scene *scene, const double (*steps)[3], size_t count) {
    kb3d_camera cameras[4];
    for (size_t i = 0; i < count; i++) {
        cameras[i] = source_camera(scene);
        for (int k = 0; k < 3; k++)
            cameras[i].translation[k] = -steps[i][k];
    }
    kb3d_path *path = make_path(scene, cameras, count);
    kb3d_prepare_params params;
    kb3d_call call;
    KB3D_INIT(params);
    KB3D_INIT(call);
    params.extend = KB3D_EXTEND_NETWORK;
    if (!CHECK_INT(kb3d_path_prepare(path, &params, &call), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    return path;
}

/* The frame of one view, painted. */
static void paint(network *n, int long_side, const double step[3], uint8_t *to) {
    kb3d_ctx *ctx = make_ctx_with(n, long_side);
    kb3d_scene *scene = draw_scene(ctx);
    kb3d_path *path = prepare(scene, (const double(*)[3])step, 1);
    render(path, 0, WIDTH, HEIGHT, to, depth, painted);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

static int count_painted(void) {
    int count = 0;
    for (int i = 0; i < PIXELS; i++)
        count += painted[i] != 0;
    return count;
}

static int most_off(const uint8_t *a, const uint8_t *b) {
    int most = 0;
    for (int i = 0; i < 3 * PIXELS; i++)
        most = abs(a[i] - b[i]) > most ? abs(a[i] - b[i]) : most;
    return most;
}

/* Channels that are the picture come to the network as the view's colours do, and none to holes. */
static void test_channels(void) {
    static const double steps[][3] = {{0.2, 0, 0}, {0, -0.15, 0}, {0.1, 0.05, 0.4}};
    for (int i = 0; i < 3; i++) {
        network n = {.answer = -1};
        paint(&n, 256, steps[i], frame);
        printf("    %d looks, %d runs; %d known, %d unlike, %d without; %d holes\n", n.looks, n.runs, (int)n.known,
               (int)n.unlike, (int)n.without, (int)n.holes);
        CHECK(n.looks == n.runs && n.runs > 0);
        CHECK(n.holes > 1000 && n.known > n.holes);
        CHECK_INT(n.coloured, 0);
        CHECK_INT(n.without, 0);
        CHECK_INT(n.unlike, 0);
    }
}

/* A network that shifts colours is brought back to what is around. */
static void test_shift(void) {
    static const double step[3] = {0.2, 0.02, 0};
    network plain = {.answer = -1}, shifted = {.answer = -1, .offset = 0.08f};
    paint(&plain, 256, step, other);
    paint(&shifted, 256, step, frame);
    CHECK(count_painted() > 1500);
    CHECK(most_off(frame, other) <= 1);
}

/* Crops' borders do not show: neither for a network that answers alike, nor for one that does not. */
static void test_tiles(void) {
    static const double step[3] = {0.35, 0, 0};
    network whole = {.answer = -1}, parts = {.answer = -1}, uneven = {.answer = -1, .offset = 0.3f, .alternates = 1};
    paint(&whole, 512, step, other);
    paint(&parts, 112, step, frame);
    CHECK(parts.runs > whole.runs + 1);
    CHECK(most_off(frame, other) <= 1);
    paint(&uneven, 112, step, frame);
    int steepest = 0, least = 255, most = 0;
    for (int y = 1; y + 1 < HEIGHT; y++)
        for (int x = 1; x + 1 < WIDTH; x++) {
            int i = y * WIDTH + x, is_inside = 1, across = 0;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    is_inside &= painted[i + dy * WIDTH + dx] != 0;
            if (!is_inside)
                continue;
            for (int dx = -1; dx <= 1; dx++) /* means, for the grain's sake */
                across += frame[3 * (i + WIDTH + dx) + 1] - frame[3 * (i - WIDTH + dx) + 1];
            across = abs(across) / 6;
            steepest = across > steepest ? across : steepest;
            least = frame[3 * i + 1] < least ? frame[3 * i + 1] : least;
            most = frame[3 * i + 1] > most ? frame[3 * i + 1] : most;
        }
    printf("    %d runs; from %d to %d, %d a pixel at most\n", uneven.runs, least, most, steepest);
    CHECK(most - least > 50);
    CHECK(steepest <= 9);
}

/* Inverse depth is that of the view, also after the camera has travelled ahead: seen from elsewhere the painted wall
   is where the wall is. */
static void test_depth_after_dolly(void) {
    static const double steps[2][3] = {{0.12, 0.05, 0}, {0.2, 0.05, 0.6}};
    network n = {.answer = (float)(1 / (1 / FAR_DISP - steps[1][2]))};
    kb3d_ctx *ctx = make_ctx_with(&n, 256);
    kb3d_scene *scene = draw_scene(ctx);
    kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
    for (int i = 0; i < 6; i++)
        cameras[i / 3].translation[i % 3] = -steps[i / 3][i % 3];
    kb3d_path_params params;
    kb3d_prepare_params prepared;
    KB3D_INIT(params);
    KB3D_INIT(prepared);
    params.motion = KB3D_MOTION_CAMERAS;
    params.cameras = cameras;
    params.camera_count = 2;
    params.range_start = params.range_end = 1; /* all that is painted is the last view's */
    prepared.extend = KB3D_EXTEND_NETWORK;
    kb3d_path *path;
    CHECK_INT(kb3d_path_create(scene, &params, &path, NULL), KB3D_OK);
    CHECK_INT(kb3d_path_prepare(path, &prepared, NULL), KB3D_OK);
    for (int i = 0; i <= 4; i++) {
        double t = 0.25 * i, there = 1 / (1 / FAR_DISP - steps[1][2] * t);
        int wrong = 0;
        render(path, t, WIDTH, HEIGHT, NULL, depth, painted);
        for (int k = 0; k < PIXELS; k++)
            wrong += painted[k] && fabs(depth[k] - there) > 0.002;
        CHECK(count_painted() > 500);
        CHECK(wrong <= count_painted() / 100); /* filled in the frame where the view did not reach */
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

/* Points as near as what hid them would hide the picture from its own camera: they are moved back. */
static void test_never_before_the_picture(void) {
    static const double steps[2][3] = {{0.25, 0, 0}, {0, 0, 0}};
    network n = {.answer = 1};
    kb3d_ctx *ctx = make_ctx_with(&n, 256);
    kb3d_scene *scene = draw_scene(ctx);
    kb3d_path *path = prepare(scene, steps, 2);
    render(path, 1, WIDTH, HEIGHT, frame, NULL, painted);
    CHECK_INT(count_painted(), 0);
    CHECK(most_off(frame, rgb) <= 1);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

/* What is no colour or depth becomes no point: between the painted ones nothing hangs in the air. */
static void test_faulty_answers(void) {
    static const double step[3] = {0.2, 0, 0.3};
    network n = {.answer = -1, .has_faults = 1}, plain = {.answer = -1};
    paint(&n, 256, step, frame);
    int wrong = 0, red = 0;
    double there = 1 / (1 / FAR_DISP - step[2]);
    for (int i = 0; i < PIXELS; i++) {
        wrong += painted[i] && fabs(depth[i] - there) > 0.02;
        red += painted[i] && (frame[3 * i] > 90 || frame[3 * i + 2] < 130);
    }
    int count = count_painted();
    CHECK(count > 1000);
    CHECK_INT(wrong, 0);
    CHECK(red <= count / 50); /* the silhouette's own pixels */
    paint(&plain, 256, step, other);
    CHECK(psnr(frame, other, 3 * PIXELS) > 35);
}

/* Beyond the picture's border the wall goes on. */
static void test_border(void) {
    static const double step[3] = {-0.3, 0.2, -0.3};
    network n = {.answer = -1};
    paint(&n, 256, step, frame);
    int wrong = 0, beyond = 0;
    for (int i = 0; i < PIXELS; i++) {
        int x = i % WIDTH, y = i / WIDTH;
        if (x > 12 && y < HEIGHT - 13 && x < WIDTH - 13 && y > 12)
            continue;
        beyond += painted[i] != 0;
        wrong += abs(frame[3 * i] - 70) > 12 || abs(frame[3 * i + 1] - 110) > 12 || abs(frame[3 * i + 2] - 160) > 12;
    }
    CHECK(beyond > 1000);
    CHECK_INT(wrong, 0);
}

/* A view that shows what was painted before has it known, without channels, and asks about nothing twice. */
static void test_later_views(void) {
    static const double steps[3][3] = {{0.2, 0, 0}, {0.1, 0, 0}, {0.2, 0, 0}};
    network once = {.answer = -1}, again = {.answer = -1}, both = {.answer = -1};
    static const double sides[2][3] = {{0, 0.2, 0}, {0.2, 0, 0}};
    paint(&once, 256, steps[0], other);
    kb3d_ctx *ctx = make_ctx_with(&again, 256);
    kb3d_scene *scene = draw_scene(ctx);
    kb3d_path *path = prepare(scene, steps, 3); /* there and back: the second end is the first */
    CHECK_INT(again.runs, once.runs);
    render(path, 0, WIDTH, HEIGHT, frame, NULL, painted);
    CHECK(most_off(frame, other) <= 2);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
    ctx = make_ctx_with(&both, 256);
    scene = draw_scene(ctx);
    path = prepare(scene, sides, 2);
    CHECK(both.without > 300);
    for (int i = 0; i <= 10; i++) { /* nothing is left to frames */
        render(path, i / 10.0, WIDTH, HEIGHT, frame, depth, painted);
        int near = 0;
        for (int k = 0; k < PIXELS; k++)
            near += painted[k] && depth[k] > FAR_DISP + 0.05f;
        CHECK_INT(near, 0);
    }
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

/* Grey where nothing is known. */
static int paint_grey(void *user, kb3d_run *run) {
    const kb3d_tensor *color = &run->inputs[0], *mask = &run->inputs[1];
    int64_t count = color->shape[2] * color->shape[3];
    float *to = kb3d_run_answer(run, 0, 4, color->shape);
    (void)user;
    CHECK_INT(run->input_count, 2);
    for (int64_t i = 0; to && i < 3 * count; i++) {
        CHECK(mask->data[i % count] == 1 || color->data[i] == 0);
        to[i] = color->data[i] + (1 - mask->data[i % count]) * 0.9f;
    }
    return !to;
}

/* At one distance; sees what was painted. */
static int paint_depth(void *user, kb3d_run *run) {
    const kb3d_tensor *color = &run->inputs[0], *far = &run->inputs[1], *mask = &run->inputs[2];
    int64_t count = far->shape[2] * far->shape[3];
    float *to = kb3d_run_answer(run, 0, 4, far->shape);
    CHECK_INT(run->input_count, 3);
    for (int64_t i = 0; to && i < count; i++) {
        CHECK(mask->data[i] == 1 || (far->data[i] == 0 && fabsf(color->data[i] - 0.9f) < 0.01f));
        to[i] = 0.2f;
    }
    ++*(int *)user;
    return !to;
}

/* One network for colours, another for inverse depth. */
static void test_two_networks(void) {
    static const double step[1][3] = {{0.2, 0, 0}};
    kb3d_ctx *ctx = make_ctx(2);
    int runs = 0, grey = 0, there = 0;
    kb3d_model_source source;
    KB3D_INIT(source);
    source.user = &runs;
    source.role = KB3D_MODEL_INPAINT;
    source.run = paint_grey;
    source.manifest = "{\"kb3d_manifest\": 1, \"role\": \"inpaint\", \"name\": \"grey\", \"output\": \"color\"}";
    CHECK_INT(kb3d_ctx_add_model(ctx, &source, NULL), KB3D_OK);
    source.role = KB3D_MODEL_INPAINT_DEPTH;
    source.run = paint_depth;
    source.manifest = "{\"kb3d_manifest\": 1, \"role\": \"inpaint_depth\", \"name\": \"far\", \"output\": \"inverse_depth\"}";
    CHECK_INT(kb3d_ctx_add_model(ctx, &source, NULL), KB3D_OK);
    kb3d_scene *scene = draw_scene(ctx);
    kb3d_path *path = prepare(scene, step, 1);
    render(path, 0, WIDTH, HEIGHT, frame, depth, painted);
    for (int i = 0; i < PIXELS; i++) {
        grey += painted[i] && abs(frame[3 * i + 2] - 230) < 4 && abs(frame[3 * i] - 230) < 4;
        there += painted[i] && fabsf(depth[i] - 0.2f) < 0.002f;
    }
    CHECK(runs > 0);
    CHECK(grey > count_painted() * 3 / 4);
    CHECK(there > count_painted() * 3 / 4);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
}

int main(void) {
    RUN(test_channels);
    RUN(test_shift);
    RUN(test_tiles);
    RUN(test_depth_after_dolly);
    RUN(test_never_before_the_picture);
    RUN(test_faulty_answers);
    RUN(test_border);
    RUN(test_later_views);
    RUN(test_two_networks);
    return check_end();
}
