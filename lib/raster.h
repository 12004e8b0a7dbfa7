/* Decoded pixels, interleaved and tightly packed, held by a context's memory. */
#ifndef KB3D_LIB_RASTER_H
#define KB3D_LIB_RASTER_H

#include "mem.h"

/* The value is the number of bytes. */
typedef enum kb3d_sample { KB3D_SAMPLE_U8 = 1, KB3D_SAMPLE_U16 = 2, KB3D_SAMPLE_F32 = 4 } kb3d_sample;

typedef struct kb3d_raster {
    int width, height;
    int channels; /* 1 grey, 3 RGB, 4 RGBA; alpha straight */
    kb3d_sample sample;
    int linear;   /* values proportional to light (HDR files), else sRGB-encoded */
    void *data;   /* kb3d_mem_free */
} kb3d_raster;

#endif
