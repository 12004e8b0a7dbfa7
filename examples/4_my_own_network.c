/*
 * My own network: two functions of the host in the place of TorchScript files and libtorch, as a host would wrap
 * ONNX Runtime, ggml or its own torch. Here they are toys in plain C: one guesses depth, the other one finds the sky.
 *
 *     4_my_own_network [PICTURE]
 */
#include <kb3d/kb3d.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 480, HEIGHT = 320 };

static void must(kb3d_status status, const kb3d_call *call) {
    if (status == KB3D_OK)
        return;
    fprintf(stderr, "%s: %s\n", kb3d_status_text(status), call->message);
    exit(1);
}

/* A manifest is text, whether it lies in a file or here: it says how the input is made and what the answer means.
   The library brings the picture to this size, these channels and this range before the function sees it. */
static const char depth_manifest[] =
    "{ \"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"lower is nearer\", \"version\": \"1\","
    "  \"input\": { \"order\": \"rgb\", \"size\": { \"long_side\": 192, \"multiple\": 16 } },"
    "  \"output\": \"affine_inverse_depth\" }";

static const char sky_manifest[] =
    "{ \"kb3d_manifest\": 1, \"role\": \"segment\", \"name\": \"blue and high\", \"version\": \"1\","
    "  \"input\": { \"order\": \"rgb\", \"size\": { \"long_side\": 192, \"multiple\": 16 } },"
    "  \"output\": \"class_scores\", \"classes\": { \"sky\": [1] } }";

/* What a host keeps beside its networks; kb3d_model_source::user hands it to them. */
typedef struct networks {
    int depth_runs, sky_runs;
} networks;

/* A network's answer lies in memory of the library's, asked for by shape. */
static float *answer(kb3d_run *run, int64_t channels, int64_t height, int64_t width) {
    const int64_t shape[4] = {1, channels, height, width};
    float *values = kb3d_run_answer(run, 0, 4, shape);
    if (!values)
        snprintf(run->message, 384, "no memory for an answer of %d x %d", (int)width, (int)height);
    return values;
}

/* 1x3xHxW to 1x1xHxW, larger is nearer: what lies lower is nearer, and so is what has contrast. */
static int guess_depth(void *user, kb3d_run *run) {
    const kb3d_tensor *picture = &run->inputs[0];
    int64_t height = picture->shape[2], width = picture->shape[3];
    const float *green = picture->data + height * width; /* the second plane */
    float *near = answer(run, 1, height, width);
    if (!near)
        return 1;
    ((networks *)user)->depth_runs++;
    for (int64_t y = 0; y < height; y++) {
        if (kb3d_run_is_cancelled(run)) /* a long one asks now and then */
            return 1;
        for (int64_t x = 0; x < width; x++) {
            const float *at = green + y * width + x;
            float right = x + 1 < width ? at[1] : at[0], below = y + 1 < height ? at[width] : at[0];
            float contrast = fabsf(right - at[0]) + fabsf(below - at[0]);
            near[y * width + x] = 0.9f * (float)y / (float)height + 0.1f * fminf(4 * contrast, 1);
        }
    }
    return 0;
}

/* 1x3xHxW to 1x2xHxW: a score for "something else" and one for "sky", which is class 1 in the manifest. */
static int find_sky(void *user, kb3d_run *run) {
    const kb3d_tensor *picture = &run->inputs[0];
    int64_t height = picture->shape[2], width = picture->shape[3], plane = height * width;
    const float *rgb = picture->data;
    float *scores = answer(run, 2, height, width);
    if (!scores)
        return 1;
    ((networks *)user)->sky_runs++;
    for (int64_t i = 0; i < plane; i++) {
        float red = rgb[i], blue = rgb[2 * plane + i], high = 1 - (float)(i / width) / (float)height;
        float sky = fminf(fmaxf(4 * (blue - red), 0), 1) * (high > 0.4f ? 1 : 0);
        scores[i] = 1 - sky;
        scores[plane + i] = sky;
    }
    return 0;
}

static void add(kb3d_ctx *ctx, kb3d_model_role role, kb3d_network_fn run, const char *manifest, networks *mine) {
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_model_source source;
    KB3D_INIT(source);
    source.role = role;
    source.run = run;
    source.manifest = manifest;
    source.user = mine;
    must(kb3d_ctx_add_model(ctx, &source, &call), &call);
}

/* A blue sky over hills, without a depth map. */
static void draw(uint8_t pixels[HEIGHT][WIDTH][3]) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int is_hill = y > 130 + (int)(30 * sin(x * 0.02)), grass = (x * 31 + y * 17) % 40;
            pixels[y][x][0] = (uint8_t)(is_hill ? 70 + grass : 90);
            pixels[y][x][1] = (uint8_t)(is_hill ? 120 + grass : 150);
            pixels[y][x][2] = (uint8_t)(is_hill ? 50 + grass : 230);
        }
}

/* The mean of a stage's inverse depth in some rows. */
static double mean_of_rows(const kb3d_scene *scene, kb3d_stage stage, double from, double to) {
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_image map;
    KB3D_INIT(map);
    map.format = KB3D_FORMAT_GRAYF32;
    must(kb3d_scene_get_depth_size(scene, stage, &map.width, &map.height, &call), &call);
    float *values = map.data[0] = malloc((size_t)map.width * (size_t)map.height * sizeof *values);
    if (!values)
        exit(1);
    must(kb3d_scene_get_depth(scene, stage, &map, &call), &call);
    size_t first = (size_t)(from * map.height) * (size_t)map.width, end = (size_t)(to * map.height) * (size_t)map.width;
    double sum = 0;
    for (size_t i = first; i < end; i++)
        sum += values[i];
    free(values);
    return end > first ? sum / (double)(end - first) : 0;
}

int main(int count, char **words) {
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_ctx *ctx;
    must(kb3d_ctx_create(&ctx, NULL, &call), &call);
    networks mine = {0, 0};
    add(ctx, KB3D_MODEL_DEPTH, guess_depth, depth_manifest, &mine);
    add(ctx, KB3D_MODEL_SEGMENT, find_sky, sky_manifest, &mine);

    static uint8_t pixels[HEIGHT][WIDTH][3];
    kb3d_image image;
    KB3D_INIT(image);
    kb3d_source picture;
    KB3D_INIT(picture);
    if (count == 2) {
        picture.path = words[1];
    } else {
        draw(pixels);
        image.format = KB3D_FORMAT_RGB8;
        image.width = WIDTH;
        image.height = HEIGHT;
        image.data[0] = pixels;
        picture.image = &image;
    }
    kb3d_scene_params params;
    KB3D_INIT(params);
    params.picture = &picture; /* and no depth: the context's network makes it */
    kb3d_scene *scene;
    must(kb3d_scene_create(ctx, &params, &scene, &call), &call);

    /* A scene answers which networks made it. */
    for (int role = KB3D_MODEL_DEPTH; role <= KB3D_MODEL_SEGMENT; role++) {
        kb3d_model_info info;
        KB3D_INIT(info);
        must(kb3d_scene_get_model(scene, (kb3d_model_role)role, &info, &call), &call);
        printf("%s %s, run by the %s: %d run of %.1f ms\n", info.name, info.version, info.runtime, info.run_count,
               info.last_ms);
    }
    static const char *const names[] = {"refine", "estimate", "adjust"};
    for (int stage = KB3D_STAGE_REFINE; stage <= KB3D_STAGE_ADJUST; stage++)
        printf("after %-8s inverse depth %.2f at the top, %.2f at the bottom\n", names[stage],
               mean_of_rows(scene, (kb3d_stage)stage, 0, 0.25), mean_of_rows(scene, (kb3d_stage)stage, 0.75, 1));

    kb3d_scene_destroy(&scene);
    kb3d_ctx_destroy(&ctx);
    return !(mine.depth_runs == 1 && mine.sky_runs == 1); /* another scene would run them again */
}
