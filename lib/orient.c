/* Turns a raster upright, EXIF tag 0x0112. */
#include "picture.h"

#include <string.h>

enum { TILE = 32 }; /* rows become columns: keep both in the cache */

typedef struct turn {
    const unsigned char *origin; /* the source pixel that becomes the first */
    ptrdiff_t step_x, step_y;    /* bytes in the source for one pixel in the result */
    unsigned char *to;
    int width, height;           /* of the result */
} turn;

static inline __attribute__((always_inline)) void copy(const turn *t, int pixel_bytes) {
    for (int y0 = 0; y0 < t->height; y0 += TILE)
        for (int x0 = 0; x0 < t->width; x0 += TILE)
            for (int y = y0; y < t->height && y < y0 + TILE; y++) {
                const unsigned char *from = t->origin + y * t->step_y + x0 * t->step_x;
                unsigned char *to = t->to + ((size_t)y * t->width + x0) * pixel_bytes;
                for (int x = x0; x < t->width && x < x0 + TILE; x++, to += pixel_bytes, from += t->step_x)
                    memcpy(to, from, pixel_bytes);
            }
}

kb3d_status kb3d_orient(kb3d_mem *mem, kb3d_raster *raster, int orientation, const char *name, kb3d_call *call) {
    if (orientation < 2 || orientation > 8)
        return KB3D_OK;
    int width = raster->width, height = raster->height, bytes = raster->channels * (int)raster->sample;
    bool swapped = orientation >= 5;
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    ptrdiff_t right = from_right ? -bytes : bytes;
    ptrdiff_t down = (from_bottom ? -(ptrdiff_t)width : width) * bytes;
    turn t = {.step_x = swapped ? down : right, .step_y = swapped ? right : down,
              .width = swapped ? height : width, .height = swapped ? width : height};
    t.origin = (unsigned char *)raster->data +
               ((from_bottom ? (size_t)(height - 1) * width : 0) + (from_right ? width - 1 : 0)) * bytes;
    kb3d_status status = kb3d_mem_alloc(mem, &t.to, (size_t)width * height, bytes, NULL);
    if (status)
        return kb3d_no_memory(name, mem, status, call);
    switch (bytes) {
    case 1: copy(&t, 1); break;
    case 2: copy(&t, 2); break;
    case 3: copy(&t, 3); break;
    case 4: copy(&t, 4); break;
    case 6: copy(&t, 6); break;
    case 8: copy(&t, 8); break;
    default: copy(&t, bytes); break;
    }
    kb3d_mem_free(mem, raster->data);
    raster->data = t.to;
    raster->width = t.width;
    raster->height = t.height;
    return KB3D_OK;
}
