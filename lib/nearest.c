#include "nearest.h"

#include <stddef.h>

typedef struct spread {
    uint16_t *distance;
    int32_t *nearest;
    const uint16_t *region;
} spread;

/* Takes the shortest way to a pixel over four of its neighbours, a and c straight, b and d
   diagonal. Those outside of the picture are the pixel itself. */
static inline void pull(const spread *s, ptrdiff_t to, ptrdiff_t a, ptrdiff_t b, ptrdiff_t c, ptrdiff_t d,
                        int with_nearest, int with_region) {
    const uint16_t *distance = s->distance;
    int least = distance[to];
    ptrdiff_t from = to;
    if (!least || least == KB3D_CLOSED)
        return;
    int at_a = distance[a] + 3, at_b = distance[b] + 4, at_c = distance[c] + 3, at_d = distance[d] + 4;
    if (with_region) {
        int own = s->region[to];
        at_a = s->region[a] == own ? at_a : KB3D_NOWHERE;
        at_b = s->region[b] == own ? at_b : KB3D_NOWHERE;
        at_c = s->region[c] == own ? at_c : KB3D_NOWHERE;
        at_d = s->region[d] == own ? at_d : KB3D_NOWHERE;
    }
    if (at_a < least)
        least = at_a, from = a;
    if (at_b < least)
        least = at_b, from = b;
    if (at_c < least)
        least = at_c, from = c;
    if (at_d < least)
        least = at_d, from = d;
    if (from == to)
        return;
    s->distance[to] = (uint16_t)least;
    if (with_nearest)
        s->nearest[to] = s->nearest[from];
}

static inline void run(const spread *s, ptrdiff_t w, ptrdiff_t h, int with_nearest, int with_region) {
    for (ptrdiff_t y = 0; y < h; y++) {
        ptrdiff_t row = y * w, up = y ? w : 0;
        for (ptrdiff_t x = 0; x < w; x++) {
            ptrdiff_t at = row + x, left = x > 0, right = x + 1 < w;
            pull(s, at, at - left, at - up - left, at - up, at - up + right, with_nearest, with_region);
        }
    }
    for (ptrdiff_t y = h - 1; y >= 0; y--) {
        ptrdiff_t row = y * w, down = y + 1 < h ? w : 0;
        for (ptrdiff_t x = w - 1; x >= 0; x--) {
            ptrdiff_t at = row + x, left = x > 0, right = x + 1 < w;
            pull(s, at, at + right, at + down + right, at + down, at + down - left, with_nearest, with_region);
        }
    }
}

void kb3d_nearest_spread(int width, int height, uint16_t *distance, int32_t *nearest, const uint16_t *region) {
    spread s = {distance, nearest, region};
    if (nearest && region)
        run(&s, width, height, 1, 1);
    else if (nearest)
        run(&s, width, height, 1, 0);
    else if (region)
        run(&s, width, height, 0, 1);
    else
        run(&s, width, height, 0, 0);
}
