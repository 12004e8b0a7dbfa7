#include "palette.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What the eye sees of a difference in red, green and blue, roughly; for cutting and for matching alike. */
static const int channel_weight[3] = {3, 6, 2};

kb3d_palette *kb3d_palette_create(void) {
    kb3d_palette *palette = calloc(1, sizeof *palette);
    if (palette)
        memset(palette->nearest, -1, sizeof palette->nearest);
    return palette;
}

void kb3d_palette_count(kb3d_palette *palette, const kb3d_image *image) {
    const int drop = 8 - KB3D_PALETTE_BITS;
    for (int y = 0; y < image->height; y++) {
        const unsigned char *row = (const unsigned char *)image->data[0] + image->stride[0] * y;
        for (int x = 0; x < image->width; x++, row += 3) {
            int cell = 0;
            for (int i = 0; i < 3; i++)
                cell = cell << KB3D_PALETTE_BITS | row[i] >> drop;
            palette->weight[cell]++;
            for (int i = 0; i < 3; i++)
                palette->sum[cell][i] += row[i];
        }
    }
}

/* Some of the used cells: a stretch of the list. */
typedef struct box {
    int start, count;
    int axis;     /* the channel with most variance */
    double error; /* what cutting it could win: weighted variance along that channel */
    double mean[3];
} box;

static void measure(box *b, const kb3d_palette *palette, const int *cells) {
    double weight = 0, sum[3] = {0}, square[3] = {0};
    for (int i = b->start; i < b->start + b->count; i++) {
        double w = (double)palette->weight[cells[i]];
        weight += w;
        for (int k = 0; k < 3; k++) {
            double value = (double)palette->sum[cells[i]][k];
            sum[k] += value;
            square[k] += value * value / w;
        }
    }
    b->error = -1;
    for (int k = 0; k < 3; k++) {
        b->mean[k] = sum[k] / weight;
        double error = (square[k] - sum[k] * b->mean[k]) * channel_weight[k];
        if (error > b->error) {
            b->error = error;
            b->axis = k;
        }
    }
}

/* Cuts at the mean of the widest channel: for a few hundred boxes as good as the median, and needs no sort. */
static box cut(box *b, const kb3d_palette *palette, int *cells) {
    int low = b->start, high = b->start + b->count;
    while (low < high) {
        double value = (double)palette->sum[cells[low]][b->axis] / (double)palette->weight[cells[low]];
        if (value <= b->mean[b->axis]) {
            low++;
        } else {
            high--;
            int other = cells[high];
            cells[high] = cells[low];
            cells[low] = other;
        }
    }
    box upper = {.start = low, .count = b->start + b->count - low};
    b->count = low - b->start;
    return upper;
}

void kb3d_palette_choose(kb3d_palette *palette) {
    int *cells = palette->cells;
    box boxes[KB3D_PALETTE_SIZE] = {{0}};
    for (int i = 0; i < KB3D_PALETTE_CELLS; i++)
        if (palette->weight[i])
            cells[boxes[0].count++] = i;
    int box_count = 1;
    measure(&boxes[0], palette, cells);
    while (box_count < KB3D_PALETTE_SIZE) {
        box *worst = &boxes[0];
        for (int i = 1; i < box_count; i++)
            if (boxes[i].error > worst->error)
                worst = &boxes[i];
        if (worst->error < 1) /* every box holds one colour */
            break;
        boxes[box_count] = cut(worst, palette, cells);
        if (!boxes[box_count].count)
            break;
        measure(worst, palette, cells);
        measure(&boxes[box_count++], palette, cells);
    }
    palette->color_count = box_count;
    for (int i = 0; i < box_count; i++) {
        const double *mean = boxes[i].mean;
        palette->argb[i] = 0xffu << 24 | (uint32_t)(mean[0] + 0.5) << 16 | (uint32_t)(mean[1] + 0.5) << 8 |
                           (uint32_t)(mean[2] + 0.5);
    }
    for (int i = box_count; i < KB3D_PALETTE_SIZE; i++)
        palette->argb[i] = 0xffu << 24;
}

static int find_nearest(const kb3d_palette *palette, const int *color) {
    int best = 0, best_distance = INT_MAX;
    for (int i = 0; i < palette->color_count; i++) {
        int distance = 0;
        for (int k = 0; k < 3; k++) {
            int difference = color[k] - (int)(palette->argb[i] >> (16 - 8 * k) & 255);
            distance += difference * difference * channel_weight[k];
        }
        if (distance < best_distance) {
            best_distance = distance;
            best = i;
        }
    }
    return best;
}

/* The threshold matrix of Bayer (1973), 8x8: bits of x ^ y and y interleaved, highest first. */
static int bayer(int x, int y) {
    int value = 0;
    for (int bit = 0; bit < 3; bit++)
        value = value << 2 | (((x ^ y) >> bit & 1) << 1) | (y >> bit & 1);
    return value;
}

void kb3d_palette_map(kb3d_palette *palette, const kb3d_image *image, unsigned char *indices, ptrdiff_t stride) {
    const int drop = 8 - KB3D_PALETTE_NEAR_BITS;
    signed char offsets[8][8]; /* -6 .. 6: about half the step between neighbours of a 256 colour palette */
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++)
            offsets[y][x] = (signed char)(bayer(x, y) / 5 - 6);
    for (int y = 0; y < image->height; y++) {
        const unsigned char *row = (const unsigned char *)image->data[0] + image->stride[0] * y;
        for (int x = 0; x < image->width; x++, row += 3) {
            int color[3], cell = 0;
            for (int k = 0; k < 3; k++) {
                int value = row[k] + offsets[y & 7][x & 7];
                value = (value < 0 ? 0 : value > 255 ? 255 : value) >> drop;
                cell = cell << KB3D_PALETTE_NEAR_BITS | value;
                color[k] = (value << drop) + (1 << drop >> 1);
            }
            if (palette->nearest[cell] < 0)
                palette->nearest[cell] = (int16_t)find_nearest(palette, color);
            indices[stride * y + x] = (unsigned char)palette->nearest[cell];
        }
    }
}
