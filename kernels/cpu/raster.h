/* The z-buffers of a band of rows, and filling them with patches. */
#ifndef KB3D_CPU_RASTER_H
#define KB3D_CPU_RASTER_H

#include <kernels.h>

enum { KB3D_BAND_ROWS = 32 };

/* What is seen at a pixel: patch index, layer << 27, and whether the patch lies
   beside a tear, so that its colours must not mix with the other side's. */
#define KB3D_ID_NONE 0xffffffffu
#define KB3D_ID_EDGE 0x80000000u
enum { KB3D_ID_LAYER_SHIFT = 27 };
#define KB3D_ID_PATCH 0x07ffffffu

/* Depth first, then index: patches come in ascending order of id and only a
   strictly nearer one replaces what is there. */
typedef struct kb3d_zbuffer {
    float *disp;  /* below 0: nothing */
    uint32_t *id;
    int32_t *u, *v; /* texture position, 24.8, from the first pixel's centre */
} kb3d_zbuffer;

enum { KB3D_FRINGES = 2 };

typedef struct kb3d_band {
    int width, stride;
    int row_begin, row_end;
    kb3d_zbuffer solid;   /* fully covered pixels */
    kb3d_zbuffer fringe[KB3D_FRINGES]; /* silhouettes and what is seen through: the nearest surface, then the next one */
    uint8_t *fringe_cover[KB3D_FRINGES]; /* 1..255; once its colour is known, how much it hides */
} kb3d_band;

#define kb3d_band_bytes KB3D_AT_LEVEL(kb3d_band_bytes)
#define kb3d_band_bind KB3D_AT_LEVEL(kb3d_band_bind)
#define kb3d_band_clear KB3D_AT_LEVEL(kb3d_band_clear)
#define kb3d_band_lay KB3D_AT_LEVEL(kb3d_band_lay)

size_t kb3d_band_bytes(int width);
void kb3d_band_bind(kb3d_band *band, int width, void *memory);
void kb3d_band_clear(kb3d_band *band, int row_begin, int row_end);

#define kb3d_channels_row KB3D_AT_LEVEL(kb3d_channels_row)

/* The further channels of one row whose colours are made, with their visibility. */
void kb3d_channels_row(const kb3d_band *band, const kb3d_layer *layers, const kb3d_planes *planes,
                       int16_t (*cubic)[4], int y);

/* Lays the patches of a layer that the band may see: for `fringe` 0 all of them; for 1, when every layer is laid so, what
   is seen behind the nearest silhouettes. */
void kb3d_band_lay(kb3d_band *band, const kb3d_layer *layer, int layer_index, int fringe);

#endif
