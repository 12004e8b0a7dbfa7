#include "paint.h"

#include "crop.h"
#include "nearest.h"
#include "tensor.h"

#include <math.h>
#include <string.h>

/* Known pixels around a known one and itself, of nine, that make it more than a speck. */
enum { SPECK = 5 };

/* A network is trusted up to so many pixels from anything known, and not beyond the second number. */
#define TRUSTED 96.0f
#define LOST 192.0f

/* One that corrects the fill of what the picture hides knows little of what lies beyond the picture's border. */
#define TRUSTED_BEYOND 2.0f
#define LOST_BEYOND 10.0f

typedef struct cleaning {
    const kb3d_planes *planes;
    const uint8_t *cover; /* before */
} cleaning;

static void clean_row(void *arg, int y) {
    const cleaning *c = arg;
    const kb3d_planes *p = c->planes;
    for (int x = 0; x < p->width; x++) {
        int known = 0;
        if (c->cover[(size_t)y * (size_t)p->width + (size_t)x] != 255)
            continue;
        for (int i = 0; i < 9; i++) {
            int qx = kb3d_clamp_i(x + i % 3 - 1, 0, p->width - 1), qy = kb3d_clamp_i(y + i / 3 - 1, 0, p->height - 1);
            known += c->cover[(size_t)qy * (size_t)p->width + (size_t)qx] == 255;
        }
        if (known < SPECK)
            p->cover[(size_t)y * (size_t)p->width + (size_t)x] = 0;
    }
}

kb3d_status kb3d_paint_clean(const kb3d_painting *p) {
    size_t pixels = (size_t)p->planes->width * (size_t)p->planes->height;
    uint8_t *cover;
    kb3d_status status = kb3d_mem_alloc(&p->ctx->mem, &cover, pixels, 1, p->call);
    if (status)
        return status;
    memcpy(cover, p->planes->cover, pixels);
    cleaning c = {p->planes, cover};
    kb3d_job job = {.pool = p->ctx->pool, .call = p->call};
    kb3d_parallel par = kb3d_job_parallel(&job);
    par.run(par.impl, p->planes->height, clean_row, &c);
    kb3d_mem_free(&p->ctx->mem, cover);
    return kb3d_call_check(p->call);
}

static kb3d_status alloc_answers(kb3d_painting *p) {
    const kb3d_planes *v = p->planes;
    kb3d_answers *a = &p->answers;
    kb3d_status status = kb3d_mem_alloc(&p->ctx->mem, &a->rows, (size_t)v->height + 1, sizeof *a->rows, p->call);
    if (status)
        return status;
    size_t count = 0, pixels = (size_t)v->width * (size_t)v->height;
    for (size_t at = 0; at < pixels; at++) {
        if (at % (size_t)v->width == 0)
            a->rows[at / (size_t)v->width] = count;
        count += v->cover[at] != 255;
    }
    a->rows[v->height] = count;
    return kb3d_mem_alloc_zero(&p->ctx->mem, &a->holes, count, sizeof *a->holes, p->call);
}

/* How much a crop's pixel counts beside other crops': less and less towards its sides, but those it shares with the
   view. */
static float weight_at(const kb3d_crop *c, const kb3d_planes *v, int x, int y) {
    int side = KB3D_CROP_MARGIN;
    if (c->box.x0 > 0)
        side = kb3d_min_i(side, x + 1 - c->box.x0);
    if (c->box.y0 > 0)
        side = kb3d_min_i(side, y + 1 - c->box.y0);
    if (c->box.x1 < v->width)
        side = kb3d_min_i(side, c->box.x1 - x);
    if (c->box.y1 < v->height)
        side = kb3d_min_i(side, c->box.y1 - y);
    return (float)side / KB3D_CROP_MARGIN;
}

static int is_beyond_border(const kb3d_painting *p, const kb3d_warp *to_picture, int x, int y) {
    const kb3d_surface *s = &p->path->scene->levels[0].surface;
    double q[3], disp = p->planes->disp[(size_t)y * (size_t)p->planes->width + (size_t)x];
    kb3d_warp_point(to_picture, x + 0.5, y + 0.5, disp, q);
    return !(q[2] > 0 && q[0] > 0 && q[1] > 0 && q[0] < s->width * q[2] && q[1] < s->height * q[2]);
}

static float trust_at(float away, int is_beyond) {
    float trusted = is_beyond ? TRUSTED_BEYOND : TRUSTED, lost = is_beyond ? LOST_BEYOND : LOST;
    return fminf(fmaxf((lost - away) / (lost - trusted), 0), 1);
}

/* Answers whether the networks have given numbers. */
static int add_pixel(const kb3d_crop *c, size_t at, float weight, int is_beyond, struct kb3d_answer *to) {
    size_t count = (size_t)c->width * (size_t)c->height;
    float trust = trust_at((float)c->distance[at] / KB3D_PIXEL, is_beyond), value[4];
    for (size_t i = 0; i < 4; i++)
        value[i] = c->answer[i * count + at];
    to->weight += weight;
    if (!isfinite(value[0] + value[1] + value[2] + value[3]) || value[3] < 0)
        return 0;
    to->share += weight * trust;
    for (int i = 0; i < 4; i++)
        to->sum[i] += weight * trust * value[i];
    return 1;
}

static void add_crop(const kb3d_painting *p, const kb3d_crop *c) {
    const kb3d_planes *v = p->planes;
    size_t holes = 0, taken = 0;
    kb3d_warp to_picture = kb3d_warp_between(p->camera, &p->path->scene->camera);
    int has_context = *kb3d_model_manifest(p->model)->context != 0;
    int x1 = kb3d_min_i(c->box.x1, v->width), y1 = kb3d_min_i(c->box.y1, v->height);
    for (int y = c->box.y0; y < y1; y++) {
        const uint8_t *cover = v->cover + (size_t)y * (size_t)v->width;
        struct kb3d_answer *to = p->answers.holes + p->answers.rows[y];
        for (int x = 0; x < x1; x++) {
            if (cover[x] == 255)
                continue;
            if (x >= c->box.x0) {
                size_t at = (size_t)(y - c->box.y0) * (size_t)c->width + (size_t)(x - c->box.x0);
                int is_beyond = has_context && is_beyond_border(p, &to_picture, x, y);
                taken += (size_t)add_pixel(c, at, weight_at(c, v, x, y), is_beyond, to);
                holes++;
            }
            to++;
        }
    }
    if (taken < holes)
        kb3d_log_line(&p->ctx->log, KB3D_LOG_WARNING,
                      "%s: the answer has no number for %zu of %zu pixels; they are painted the classical way",
                      kb3d_model_label(p->model), holes - taken, holes);
}

static kb3d_status ask_crop(const kb3d_painting *p, const kb3d_box *box) {
    kb3d_crop crop;
    kb3d_status status = kb3d_crop_make(p, box, &crop);
    if (!status && !(status = kb3d_crop_ask(p, &crop)) && !(status = kb3d_crop_match(p, &crop)))
        add_crop(p, &crop);
    kb3d_crop_free(p, &crop);
    return status;
}

static double count_rest(const kb3d_painting *p) {
    size_t count = p->answers.rows[p->planes->height];
    double rest = 0;
    for (size_t i = 0; i < count; i++) {
        const struct kb3d_answer *a = &p->answers.holes[i];
        rest += a->weight > 0 ? 1 - (double)a->share / (double)a->weight : 0;
    }
    return rest;
}

kb3d_status kb3d_paint_ask(kb3d_painting *p, double *rest) {
    kb3d_box *boxes = NULL;
    int count, most_width, most_height;
    kb3d_status status = alloc_answers(p);
    kb3d_manifest_crop_size(kb3d_model_manifest(p->model), p->planes->width, p->planes->height, &most_width,
                            &most_height);
    if (!status)
        status = kb3d_crop_cover(p, most_width, most_height, &boxes, &count);
    for (int i = 0; !status && i < count; i++)
        status = ask_crop(p, &boxes[i]);
    kb3d_mem_free(&p->ctx->mem, boxes);
    if (!status)
        *rest = count_rest(p);
    return status;
}

static float load(const kb3d_planes *v, size_t i) {
    return kb3d_crop_sample(v->color, v->texel, i);
}

static void store(const kb3d_planes *v, size_t i, float value) {
    if (v->texel == KB3D_TEXEL_U8)
        ((uint8_t *)v->color)[i] = (uint8_t)(fminf(fmaxf(value, 0), 1) * 255 + 0.5f);
    else if (v->texel == KB3D_TEXEL_U16)
        ((uint16_t *)v->color)[i] = (uint16_t)(fminf(fmaxf(value, 0), 1) * 65535 + 0.5f);
    else
        ((float *)v->color)[i] = value;
}

static void mix_pixel(const kb3d_planes *v, size_t at, const struct kb3d_answer *a, int linear) {
    float share = a->weight > 0 ? a->share / a->weight : 0;
    if (!(share > 0))
        return;
    for (size_t c = 0; c < 3; c++) {
        float value = fminf(fmaxf(a->sum[c] / a->share, 0), 1);
        value = linear ? kb3d_srgb_decode(value) : value;
        store(v, 4 * at + c, share < 1 ? load(v, 4 * at + c) * (1 - share) + value * share : value);
    }
    store(v, 4 * at + 3, share < 1 ? load(v, 4 * at + 3) * (1 - share) + share : 1);
    v->disp[at] = v->disp[at] * (1 - share) + a->sum[3] / a->share * share;
}

void kb3d_paint_mix(const kb3d_painting *p) {
    const kb3d_planes *v = p->planes;
    const struct kb3d_answer *from = p->answers.holes;
    for (size_t at = 0; at < (size_t)v->width * (size_t)v->height; at++)
        if (v->cover[at] != 255)
            mix_pixel(v, at, from++, p->path->scene->linear);
}

void kb3d_paint_free(kb3d_painting *p) {
    kb3d_mem_free(&p->ctx->mem, p->answers.rows);
    kb3d_mem_free(&p->ctx->mem, p->answers.holes);
}
