/* The host's pixels into a texture. */
#include "level.h"

#include <formats.h>

#include <stdatomic.h>
#include <string.h>

typedef struct import {
    const kb3d_pixels *from;
    const kb3d_texture *to;
    kb3d_import_layout layout;
    atomic_int has_alpha;
} import;

static void import_row(void *arg, int y) {
    import *im = arg;
    const kb3d_import_layout *l = &im->layout;
    const char *from = (const char *)im->from->data[0] + y * im->from->stride[0];
    char *to = (char *)im->to->data + 4 * (ptrdiff_t)im->to->texel * im->to->stride * y;
    int transparent = 0;
    if (l->texel == KB3D_TEXEL_U8)
        for (int x = 0; x < im->to->width; x++)
            transparent |= kb3d_import_u8(l, (const uint8_t *)from, (uint8_t *)to, x);
    else
        for (int x = 0; x < im->to->width; x++)
            transparent |= kb3d_import_any(l, from, to, x);
    if (transparent)
        atomic_store(&im->has_alpha, 1);
}

void kb3d_fill_apron(const kb3d_texture *t) {
    size_t pixel = 4 * (size_t)t->texel;
    ptrdiff_t step = (ptrdiff_t)pixel * t->stride;
    char *first = t->data;
    for (int y = 0; y < t->height; y++) {
        char *row = first + step * y;
        for (int i = 1; i <= KB3D_APRON; i++) {
            memcpy(row - i * (ptrdiff_t)pixel, row, pixel);
            memcpy(row + (t->width - 1 + i) * (ptrdiff_t)pixel, row + (t->width - 1) * (ptrdiff_t)pixel, pixel);
        }
    }
    size_t row_bytes = pixel * (size_t)(t->width + 2 * KB3D_APRON);
    first -= KB3D_APRON * (ptrdiff_t)pixel;
    for (int i = 1; i <= KB3D_APRON; i++) {
        memcpy(first - step * i, first, row_bytes);
        memcpy(first + step * (t->height - 1 + i), first + step * (t->height - 1), row_bytes);
    }
}

int kb3d_import_texture(const kb3d_parallel *par, const kb3d_pixels *from, const kb3d_texture *to) {
    import im = {.from = from, .to = to, .layout = kb3d_import_layout_of(from->format)};
    atomic_init(&im.has_alpha, 0);
    par->run(par->impl, to->height, import_row, &im);
    kb3d_fill_apron(to);
    return atomic_load(&im.has_alpha);
}
