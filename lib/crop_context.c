/* What a network remembers of the picture, moved with the picture's points. */
#include "crop.h"

#include "tensor.h"
#include "workspace.h"

#include <math.h>
#include <stdlib.h>

enum { CHANNELS_MAX = 64 };

/* Of the crop's pixels in both directions, one in so many tells where in the picture it comes from. */
enum { STEP = 4 };

/* Pixels of the picture beside those. */
enum { AROUND = 8 };

/* The places that a crop's known pixels have in the picture, along x and along y. */
typedef struct places {
    int *values[2];
    int count;
} places;

static int compare(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static void find_places(const kb3d_painting *p, const kb3d_crop *c, const kb3d_layer *layer, const kb3d_warp *back,
                        places *to) {
    const kb3d_planes *v = p->planes;
    int x1 = kb3d_min_i(c->box.x1, v->width), y1 = kb3d_min_i(c->box.y1, v->height);
    for (int y = c->box.y0; y < y1; y += STEP)
        for (int x = c->box.x0; x < x1; x += STEP) {
            size_t at = (size_t)y * (size_t)v->width + (size_t)x;
            double q[3];
            if (v->cover[at] != 255 || v->painted[at])
                continue;
            kb3d_warp_point(back, x + 0.5, y + 0.5, v->disp[at], q);
            if (!(q[2] > KB3D_NEAR_SHARE))
                continue;
            to->values[0][to->count] = (int)fmin(fmax(q[0] / q[2], 0), layer->surface->width - 1);
            to->values[1][to->count++] = (int)fmin(fmax(q[1] / q[2], 0), layer->surface->height - 1);
        }
    for (int i = 0; i < 2; i++)
        qsort(to->values[i], (size_t)to->count, sizeof(int), compare);
}

/* All of them if the network takes so much, else those about the median. */
static void choose_range(const places *from, int axis, int size, int most, int *begin, int *end) {
    const int *v = from->values[axis];
    int low = v[0] - AROUND, high = v[from->count - 1] + 1 + AROUND;
    if (high - low > size) {
        low = v[from->count / 2] - size / 2;
        high = low + size;
    }
    low = kb3d_clamp_i((low + high - size) / 2, 0, kb3d_max_i(most - size, 0));
    *begin = low;
    *end = low + size;
}

/* The part of the picture that the network is shown; any, if the crop shows nothing of it. */
static kb3d_status choose_box(const kb3d_painting *p, const kb3d_crop *c, const kb3d_layer *layer,
                              const kb3d_warp *back, kb3d_box *box) {
    size_t most = 1 + ((size_t)c->width / STEP + 1) * ((size_t)c->height / STEP + 1);
    places found = {{NULL, NULL}, 0};
    kb3d_status status = kb3d_mem_alloc(&p->ctx->mem, &found.values[0], 2 * most, sizeof(int), p->call);
    if (status)
        return status;
    found.values[1] = found.values[0] + most;
    find_places(p, c, layer, back, &found);
    if (!found.count) {
        found.values[0][0] = found.values[1][0] = 0;
        found.count = 1;
    }
    int width, height, last = found.count - 1;
    /* what lies nearer and farther may come from twice the crop's range */
    int wanted_width = found.values[0][last] + 1 - found.values[0][0] + 2 * AROUND;
    int wanted_height = found.values[1][last] + 1 - found.values[1][0] + 2 * AROUND;
    kb3d_manifest_crop_size(kb3d_model_manifest(p->model), kb3d_min_i(wanted_width, 2 * c->width),
                            kb3d_min_i(wanted_height, 2 * c->height), &width, &height);
    choose_range(&found, 0, width, layer->surface->width, &box->x0, &box->x1);
    choose_range(&found, 1, height, layer->surface->height, &box->y0, &box->y1);
    kb3d_mem_free(&p->ctx->mem, found.values[0]);
    return status;
}

/* Channels, plane after plane, to pixel after pixel; what is no number to 0. */
static void interleave(const float *planes, size_t count, int channels, float *to) {
    for (size_t i = 0; i < count; i++)
        for (int c = 0; c < channels; c++) {
            float v = planes[(size_t)c * count + i];
            *to++ = isfinite(v) ? v : 0;
        }
}

static kb3d_status take_channels(const kb3d_painting *p, const kb3d_tensor *t, kb3d_box box, float **channels,
                                 int *count) {
    int width = box.x1 - box.x0, height = box.y1 - box.y0;
    size_t pixels = (size_t)width * (size_t)height;
    if (t->rank != 4 || t->shape[0] != 1 || t->shape[1] < 1 || t->shape[1] > CHANNELS_MAX || t->shape[2] != height ||
        t->shape[3] != width)
        return kb3d_model_fail_shape(p->model, t, "1xCxHxW with C of at most 64 and the picture's H and W", p->call);
    *count = (int)t->shape[1];
    kb3d_status status = kb3d_mem_alloc(&p->ctx->mem, channels, pixels * (size_t)*count, sizeof **channels, p->call);
    if (!status)
        interleave(t->data, pixels, *count, *channels);
    return status;
}

/* Asks about the picture's box. */
static kb3d_status look(const kb3d_painting *p, const kb3d_layer *layer, const kb3d_texture *behind, kb3d_box box,
                        float **channels, int *count) {
    const kb3d_scene *scene = p->path->scene;
    kb3d_model *model = p->model;
    int width = box.x1 - box.x0, height = box.y1 - box.y0;
    size_t pixels = (size_t)width * (size_t)height;
    kb3d_tensor inputs[2] = {{0}, {.rank = 4, .shape = {1, 1, height, width}}};
    float *planes, scale = scene->disp_max > 0 ? 1 / scene->disp_max : 0;
    kb3d_status status = kb3d_mem_alloc(&p->ctx->mem, &planes, 4 * pixels, sizeof *planes, p->call);
    if (status)
        return status;
    kb3d_crop_load(layer->texture, behind, layer->surface->disp, scene->linear, box, planes);
    if (!(status = kb3d_tensor_from_planes(p->ctx, model, planes, width, height, &inputs[0], p->call)) &&
        !(status = kb3d_model_alloc(p->ctx, model, pixels, &inputs[1].data, p->call))) {
        for (size_t i = 0; i < pixels; i++)
            inputs[1].data[i] = planes[3 * pixels + i] * scale;
        kb3d_model_run run = {.model = model, .entry = kb3d_model_manifest(model)->context, .inputs = inputs,
                              .input_count = 2, .output_count = 1, .fraction = p->fraction};
        if (!(status = kb3d_model_execute(p->ctx, &run, p->call))) {
            status = take_channels(p, &run.outputs[0], box, channels, count);
            kb3d_model_run_end(&run);
        }
    }
    for (int i = 0; i < 2; i++)
        kb3d_model_free(p->ctx, model, inputs[i].data);
    kb3d_mem_free(&p->ctx->mem, planes);
    return status;
}

/* The crop's view once more, with channels. */
static kb3d_status render(const kb3d_painting *p, const kb3d_crop *c, kb3d_layer *layers, int layer_count,
                          int channel_count, float *channels) {
    kb3d_workspace *w;
    kb3d_status status =
        kb3d_workspace_acquire(p->ctx, c->width, c->height, layers[0].texture->texel, &w, p->call);
    if (status)
        return status;
    kb3d_job job = {.pool = p->ctx->pool, .call = p->call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    kb3d_planes planes = w->planes;
    planes.channel_count = channel_count;
    planes.channels = channels;
    p->ctx->kernels->render(&par, layers, layer_count, &planes, w->scratch);
    kb3d_workspace_release(p->ctx, w);
    return kb3d_call_check(p->call);
}

/* Into planes; what is a hole has none, and beyond the view its border is repeated. */
static kb3d_status make_tensor(const kb3d_painting *p, const kb3d_crop *c, const float *seen, int count,
                               kb3d_tensor *context) {
    size_t pixels = (size_t)c->width * (size_t)c->height;
    *context = (kb3d_tensor){.rank = 4, .shape = {1, count, c->height, c->width}};
    kb3d_status status = kb3d_model_alloc(p->ctx, p->model, pixels * (size_t)count, &context->data, p->call);
    if (status)
        return status;
    int most_x = p->planes->width - 1 - c->box.x0, most_y = p->planes->height - 1 - c->box.y0;
    for (size_t at = 0; at < pixels; at++) {
        int x = kb3d_min_i((int)(at % (size_t)c->width), most_x), y = kb3d_min_i((int)(at / (size_t)c->width), most_y);
        const float *from = seen + ((size_t)y * (size_t)c->width + (size_t)x) * (size_t)count;
        for (int i = 0; i < count; i++)
            context->data[(size_t)i * pixels + at] = c->known[at] ? from[i] : 0;
    }
    return KB3D_OK;
}

/* The camera of the picture at the size that a layer shows it in. */
static kb3d_camera camera_of(const kb3d_scene *scene, const kb3d_layer *layer) {
    int level = 0;
    while (&scene->levels[level].surface != layer->surface)
        level++;
    return kb3d_camera_at_level(&scene->camera, level);
}

kb3d_status kb3d_crop_context(const kb3d_painting *p, const kb3d_crop *c, kb3d_tensor *context) {
    kb3d_mem *mem = &p->ctx->mem;
    kb3d_layer layers[KB3D_LAYER_MAX], *picture = &layers[0];
    kb3d_camera camera = *p->camera;
    camera.principal_x -= c->box.x0;
    camera.principal_y -= c->box.y0;
    camera.width = c->width;
    camera.height = c->height;
    int layer_count = kb3d_path_layers(p->path, &camera, layers), count = 0;
    kb3d_camera source = camera_of(p->path->scene, picture);
    kb3d_warp back = kb3d_warp_between(p->camera, &source);
    kb3d_box box;
    float *channels = NULL, *seen = NULL;
    int own_count = layer_count - p->path->painted_count; /* the picture's layers, all of its size */
    const kb3d_texture *behind = own_count > 1 ? layers[1].texture : NULL;
    kb3d_status status = choose_box(p, c, picture, &back, &box);
    if (status || (status = look(p, picture, behind, box, &channels, &count)))
        return status;
    for (int i = 0; i < own_count; i++) {
        layers[i].channels = channels;
        layers[i].channels_x = box.x0;
        layers[i].channels_y = box.y0;
        layers[i].channels_width = box.x1 - box.x0;
        layers[i].channels_height = box.y1 - box.y0;
    }
    size_t values = (size_t)c->width * (size_t)c->height * (size_t)count;
    if (!(status = kb3d_mem_alloc(mem, &seen, values, sizeof *seen, p->call)) &&
        !(status = render(p, c, layers, layer_count, count, seen)))
        status = make_tensor(p, c, seen, count, context);
    kb3d_mem_free(mem, seen);
    kb3d_mem_free(mem, channels);
    return status;
}
