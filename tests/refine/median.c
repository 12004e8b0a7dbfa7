/*
 * Weighted median: Z. Ma et al., "Constant Time Weighted Median Filtering for Stereo Matching and Beyond", ICCV
 * 2013. Straight from its definition, so its time says nothing about the published algorithm's.
 */
#include "window.h"

enum { RADIUS = 6, VOTES_MAX = (2 * RADIUS + 1) * (2 * RADIUS + 1), HALVINGS = 10 };

typedef struct ballot {
    int count;
    float disp[VOTES_MAX], weight[VOTES_MAX], low, high, total;
} ballot;

/* By halving the range that the values span. */
static float weighted_median(const ballot *b) {
    float low = b->low, high = b->high;
    for (int h = 0; h < HALVINGS; h++) {
        float middle = 0.5f * (low + high), below = 0;
        for (int i = 0; i < b->count; i++)
            below += b->disp[i] < middle ? b->weight[i] : 0;
        if (below < 0.5f * b->total)
            low = middle;
        else
            high = middle;
    }
    return 0.5f * (low + high);
}

void candidate_median(const refine_input *in, float *to) {
    const float space = -0.5f / (4.0f * 4.0f), likeness = -0.5f / (0.05f * 0.05f);
    for (int y = 0; y < in->texture.height; y++)
        for (int x = 0; x < in->texture.width; x++) {
            float lx = low_position(x, in->low_width, in->texture.width);
            float ly = low_position(y, in->low_height, in->texture.height), color[3];
            int cx = (int)floorf(lx + 0.5f), cy = (int)floorf(ly + 0.5f);
            ballot b = {.low = 3e38f, .high = -3e38f};
            pixel_color(in, x, y, color);
            for (int sy = cy - RADIUS; sy <= cy + RADIUS; sy++)
                for (int sx = cx - RADIUS; sx <= cx + RADIUS; sx++) {
                    if (sx < 0 || sy < 0 || sx >= in->low_width || sy >= in->low_height)
                        continue;
                    int at = sy * in->low_width + sx;
                    float dx = (float)sx - lx, dy = (float)sy - ly, disp = in->disp[at];
                    float w = expf((dx * dx + dy * dy) * space) *
                              (expf(color_distance2(color, in->guide + 3 * at) * likeness) + 1e-6f);
                    b.disp[b.count] = disp;
                    b.weight[b.count++] = w;
                    b.total += w;
                    b.low = disp < b.low ? disp : b.low;
                    b.high = disp > b.high ? disp : b.high;
                }
            *to++ = weighted_median(&b);
        }
}
