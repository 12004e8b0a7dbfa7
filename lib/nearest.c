#include "nearest.h"

#include <stddef.h>

typedef struct spread {
    uint16_t *distance;
    int32_t *nearest;
    const uint16_t *region;
} spread;

static inline void pull(const spread *s, ptrdiff_t to, ptrdiff_t from, int step) {
    int d = s->distance[from] + step;
    if (d < s->distance[to] && (!s->region || s->region[to] == s->region[from])) {
        s->distance[to] = (uint16_t)d;
        if (s->nearest)
            s->nearest[to] = s->nearest[from];
    }
}

void kb3d_nearest_spread(int width, int height, uint16_t *distance, int32_t *nearest, const uint16_t *region) {
    spread s = {distance, nearest, region};
    ptrdiff_t w = width;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            ptrdiff_t at = y * w + x;
            if (x)
                pull(&s, at, at - 1, 3);
            if (!y)
                continue;
            if (x)
                pull(&s, at, at - w - 1, 4);
            pull(&s, at, at - w, 3);
            if (x + 1 < width)
                pull(&s, at, at - w + 1, 4);
        }
    for (int y = height - 1; y >= 0; y--)
        for (int x = width - 1; x >= 0; x--) {
            ptrdiff_t at = y * w + x;
            if (x + 1 < width)
                pull(&s, at, at + 1, 3);
            if (y + 1 == height)
                continue;
            if (x + 1 < width)
                pull(&s, at, at + w + 1, 4);
            pull(&s, at, at + w, 3);
            if (x)
                pull(&s, at, at + w - 1, 4);
        }
}
