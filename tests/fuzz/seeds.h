/* Small valid files of every kind, written by hand: seeds of the fuzzers, and
   material of the decoder's tests. */
#ifndef KB3D_TESTS_SEEDS_H
#define KB3D_TESTS_SEEDS_H

#include <stddef.h>
#include <stdint.h>

/* A file being written; starts as zero, freed by seed_free. */
typedef struct seed {
    unsigned char *data;
    size_t count;
} seed;

void seed_free(seed *s);
void seed_bytes(seed *s, const void *bytes, size_t count);
void seed_text(seed *s, const char *text);

/* The value of every seed's sample: 0..255, differs between neighbours. */
int seed_value(int x, int y, int channel);

typedef struct seed_jpeg_params {
    int width, height;
    int components; /* 1, 3 or 4 (Adobe CMYK) */
    int sampling;   /* of the first of several components: 1 or 2 */
    int progressive;
    int interval;    /* MCUs between restarts */
    int orientation; /* EXIF, with focal_35mm; 0: no EXIF */
    int focal_35mm;
    int big_endian;  /* EXIF's byte order */
} seed_jpeg_params;

/* Each 8x8 block has one value: seed_value of the block's place. */
void seed_jpeg(seed *s, const seed_jpeg_params *p);

typedef struct seed_png_params {
    int width, height;
    int depth;  /* 1, 2, 4, 8, 16 */
    int colour; /* 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA */
    int interlaced;
    int palette;     /* entries; 0: as many as the depth can ask for */
    int transparent; /* with a tRNS chunk */
    int orientation; /* eXIf; 0: none */
} seed_png_params;

void seed_png(seed *s, const seed_png_params *p);
void seed_png_chunk(seed *s, const char *type, const void *bytes, size_t count);
void seed_png_repair(unsigned char *data, size_t count); /* writes right checksums */

void seed_gif(seed *s, int width, int height);
void seed_bmp(seed *s, int width, int height, int bits);
void seed_tga(seed *s, int width, int height, int kind, int bits); /* kind: 1, 2, 3, + 8 for runs */
void seed_psd(seed *s, int width, int height, int depth, int runs);
void seed_hdr(seed *s, int width, int height, int runs);
void seed_pnm(seed *s, int width, int height, int channels, int greatest);
void seed_pfm(seed *s, int width, int height, int channels, int little_endian);

/* The n-th of a list of picture (or, depth) files; 0 behind the last. */
int seed_picture(seed *s, int n);
int seed_depth(seed *s, int n);
int seed_manifest(seed *s, int n);

#endif
