#include "painted.h"

#include <string.h>

/* Rim of what is there already, kept in a painted layer so that no crack is left. */
enum { RIM = 2 };

static kb3d_box hole_box(const kb3d_planes *p) {
    kb3d_box b = {p->width, p->height, 0, 0};
    for (int y = 0; y < p->height; y++) {
        const uint8_t *row = p->cover + (size_t)y * p->width;
        int first = 0, last = p->width;
        while (first < last && row[first] == 255)
            first++;
        if (first == last)
            continue;
        while (row[last - 1] == 255)
            last--;
        b.x0 = kb3d_min_i(b.x0, first);
        b.x1 = kb3d_max_i(b.x1, last);
        b.y0 = kb3d_min_i(b.y0, y);
        b.y1 = y + 1;
    }
    b.x0 = kb3d_max_i(b.x0 - RIM, 0);
    b.y0 = kb3d_max_i(b.y0 - RIM, 0);
    b.x1 = kb3d_min_i(b.x1 + RIM, p->width);
    b.y1 = kb3d_min_i(b.y1 + RIM, p->height);
    return b;
}

/* Whether a pixel becomes a point: a hole, or on the rim of one and of its surface. */
static int is_wanted(const kb3d_planes *p, int x, int y, float jump) {
    size_t at = (size_t)y * p->width + x;
    if (p->cover[at] != 255)
        return 1;
    for (int dy = -RIM; dy <= RIM; dy++)
        for (int dx = -RIM; dx <= RIM; dx++) {
            int qx = x + dx, qy = y + dy;
            if (qx < 0 || qy < 0 || qx >= p->width || qy >= p->height)
                continue;
            size_t q = (size_t)qy * p->width + qx;
            if (p->cover[q] != 255 && !kb3d_is_torn(p->disp[q], p->disp[at], jump))
                return 1;
        }
    return 0;
}

/* What is copied out of a filled view into a layer. */
typedef struct points {
    const kb3d_planes *from;
    kb3d_box box;
    float jump;
    kb3d_cloud *to;
} points;

static int is_all_covered(const uint8_t *cover, int count) {
    int uncovered = 0;
    for (int x = 0; x < count; x++)
        uncovered |= cover[x] ^ 255;
    return !uncovered;
}

static void copy_row(void *arg, int index) {
    const points *c = arg;
    const kb3d_planes *p = c->from;
    int y = c->box.y0 + index, columns = c->box.x1 - c->box.x0;
    size_t pixel = 4 * (size_t)p->texel, from = (size_t)y * p->width + c->box.x0, to = (size_t)index * columns;
    memcpy((char *)c->to->texture.data + (size_t)index * (size_t)c->to->texture.stride * pixel,
           (const char *)p->color + from * pixel, (size_t)columns * pixel);
    memcpy(c->to->disp + to, p->disp + from, (size_t)columns * sizeof *c->to->disp);
    uint8_t *mask = c->to->mask + to;
    enum { CHUNK = 32 }; /* most of a view is far from any hole */
    for (int x0 = 0; x0 < columns; x0 += CHUNK) {
        int count = kb3d_min_i(CHUNK, columns - x0), near = 0;
        int left = kb3d_max_i(c->box.x0 + x0 - RIM, 0);
        int right = kb3d_min_i(c->box.x0 + x0 + count + RIM, p->width);
        for (int qy = kb3d_max_i(y - RIM, 0); qy <= kb3d_min_i(y + RIM, p->height - 1); qy++)
            near |= !is_all_covered(p->cover + (size_t)qy * p->width + left, right - left);
        for (int x = x0; x < x0 + count; x++)
            mask[x] = (uint8_t)(near && is_wanted(p, c->box.x0 + x, y, c->jump));
    }
}

kb3d_status kb3d_painted_make(kb3d_painted *layer, kb3d_ctx *ctx, const kb3d_camera *camera, const kb3d_planes *planes,
                              float jump, float tolerance, kb3d_job *job) {
    kb3d_mem *mem = &ctx->mem;
    *layer = (kb3d_painted){.camera = *camera};
    kb3d_box b = hole_box(planes);
    kb3d_status status = kb3d_cloud_alloc(&layer->cloud, mem, b.x1 - b.x0, b.y1 - b.y0, planes->texel, job->call);
    if (status)
        return status;
    size_t count = (size_t)(b.x1 - b.x0) * (size_t)(b.y1 - b.y0);
    if (!(status = kb3d_mem_alloc(mem, &layer->cloud.mask, count, 1, job->call))) {
        points copy = {planes, b, jump, &layer->cloud};
        kb3d_parallel par = kb3d_job_parallel(job);
        par.run(par.impl, b.y1 - b.y0, copy_row, &copy);
        ctx->kernels->fill_apron(&layer->cloud.texture);
        layer->camera.principal_x -= b.x0;
        layer->camera.principal_y -= b.y0;
        layer->camera.width = b.x1 - b.x0;
        layer->camera.height = b.y1 - b.y0;
        status = kb3d_cloud_cut(&layer->cloud, mem, ctx->kernels, job, jump, tolerance);
    }
    if (status)
        kb3d_cloud_free(&layer->cloud, mem);
    return status;
}
