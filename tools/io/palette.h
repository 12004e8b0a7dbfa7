/* 256 colours for many pictures. */
#ifndef KB3D_TOOLS_PALETTE_H
#define KB3D_TOOLS_PALETTE_H

#include <kb3d/image.h>

enum {
    KB3D_PALETTE_SIZE = 256,
    KB3D_PALETTE_SAMPLES = 9, /* frames, spread over a flight, that are enough to choose from */
    KB3D_PALETTE_BITS = 5, /* of each channel in the histogram */
    KB3D_PALETTE_CELLS = 1 << (3 * KB3D_PALETTE_BITS),
    KB3D_PALETTE_NEAR_BITS = 6 /* of each channel in the table of nearest colours */
};

typedef struct kb3d_palette {
    uint32_t argb[KB3D_PALETTE_SIZE]; /* 0xAARRGGBB, opaque */
    int color_count;
    uint64_t weight[KB3D_PALETTE_CELLS]; /* pixels in a cell, and the sums of their channels */
    uint64_t sum[KB3D_PALETTE_CELLS][3];
    int cells[KB3D_PALETTE_CELLS]; /* those with pixels, ordered by the colour they get */
    int16_t nearest[1 << (3 * KB3D_PALETTE_NEAR_BITS)]; /* found when first asked for; -1: not yet */
} kb3d_palette;

/* Freed with free; NULL: out of memory. */
kb3d_palette *kb3d_palette_create(void);

/* Counts a picture's colours; RGB8. */
void kb3d_palette_count(kb3d_palette *palette, const kb3d_image *image);

/* Chooses the colours, once, from what was counted. */
void kb3d_palette_choose(kb3d_palette *palette);

/* Writes an index for each pixel; ordered dithering, so a still part of the picture stays still. */
void kb3d_palette_map(kb3d_palette *palette, const kb3d_image *image, unsigned char *indices, ptrdiff_t stride);

#endif
