#include "crop.h"

#include "nearest.h"
#include "tensor.h"

#include <math.h>

float kb3d_crop_sample(const void *data, kb3d_texel texel, size_t i) {
    return load_texel(data, texel, (ptrdiff_t)i) * (1 / kb3d_texel_one(texel));
}

void kb3d_crop_load(const kb3d_texture *t, const kb3d_texture *behind, const float *disp, int linear, kb3d_box b,
                    float *planes) {
    size_t count = (size_t)(b.x1 - b.x0) * (size_t)(b.y1 - b.y0), to = 0;
    for (int y = b.y0; y < b.y1; y++)
        for (int x = b.x0; x < b.x1; x++, to++) {
            size_t row = (size_t)kb3d_clamp_i(y, 0, t->height - 1), column = (size_t)kb3d_clamp_i(x, 0, t->width - 1);
            size_t at = 4 * (row * (size_t)t->stride + column);
            float through = behind ? 1 - kb3d_crop_sample(t->data, t->texel, at + 3) : 0;
            for (int c = 0; c < 3; c++) {
                float v = kb3d_crop_sample(t->data, t->texel, at + (size_t)c);
                if (through > 0)
                    v += through * kb3d_crop_sample(behind->data, t->texel, at + (size_t)c);
                v = v > 0 ? fminf(v, 1) : 0;
                planes[(size_t)c * count + to] = linear ? kb3d_srgb_encode(v) : v;
            }
            planes[3 * count + to] = disp[row * (size_t)t->width + column];
        }
}

static int place(int first, int end, int size, int most) {
    return kb3d_clamp_i((first + end - size) / 2, 0, kb3d_max_i(most - size, 0));
}

static void measure_distance(kb3d_crop *c) {
    for (int i = 0; i < c->width * c->height; i++)
        c->distance[i] = c->known[i] ? 0 : KB3D_NOWHERE;
    kb3d_nearest_spread(c->width, c->height, c->distance, NULL, NULL);
}

static void fill(const kb3d_painting *p, kb3d_crop *c) {
    const kb3d_planes *v = p->planes;
    size_t to = 0;
    kb3d_texture texture = {.texel = v->texel, .width = v->width, .height = v->height, .stride = v->width,
                            .data = v->color};
    kb3d_crop_load(&texture, NULL, v->disp, p->path->scene->linear, c->box, c->given);
    for (int y = c->box.y0; y < c->box.y1; y++)
        for (int x = c->box.x0; x < c->box.x1; x++)
            c->known[to++] = v->cover[(size_t)kb3d_clamp_i(y, 0, v->height - 1) * (size_t)v->width +
                                      (size_t)kb3d_clamp_i(x, 0, v->width - 1)] == 255;
    measure_distance(c);
}

kb3d_status kb3d_crop_make(const kb3d_painting *p, const kb3d_box *b, kb3d_crop *c) {
    kb3d_mem *mem = &p->ctx->mem;
    *c = (kb3d_crop){0};
    kb3d_manifest_crop_size(kb3d_model_manifest(p->model), b->x1 - b->x0 + 2 * KB3D_CROP_MARGIN,
                            b->y1 - b->y0 + 2 * KB3D_CROP_MARGIN, &c->width, &c->height);
    c->box.x0 = place(b->x0, b->x1, c->width, p->planes->width);
    c->box.y0 = place(b->y0, b->y1, c->height, p->planes->height);
    c->box.x1 = c->box.x0 + c->width;
    c->box.y1 = c->box.y0 + c->height;
    size_t count = (size_t)c->width * (size_t)c->height;
    kb3d_status status;
    if ((status = kb3d_mem_alloc(mem, &c->given, 4 * count, sizeof *c->given, p->call)) ||
        (status = kb3d_mem_alloc(mem, &c->answer, 4 * count, sizeof *c->answer, p->call)) ||
        (status = kb3d_mem_alloc(mem, &c->known, count, 1, p->call)) ||
        (status = kb3d_mem_alloc(mem, &c->distance, count, sizeof *c->distance, p->call)))
        return status;
    fill(p, c);
    return KB3D_OK;
}

void kb3d_crop_free(const kb3d_painting *p, kb3d_crop *c) {
    kb3d_mem *mem = &p->ctx->mem;
    kb3d_mem_free(mem, c->given);
    kb3d_mem_free(mem, c->answer);
    kb3d_mem_free(mem, c->known);
    kb3d_mem_free(mem, c->distance);
}
