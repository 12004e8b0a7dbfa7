/* What the public pixel formats mean to kernels. */
#ifndef KB3D_FORMATS_H
#define KB3D_FORMATS_H

#include "kernels.h"
#include "math/import.h"

/* Of a format that can be imported. */
static inline kb3d_import_layout kb3d_import_layout_of(kb3d_format format) {
    const kb3d_import_layout layouts[] = {
        {KB3D_TEXEL_U8, 1, 0, 0, 0, -1},  {KB3D_TEXEL_U8, 3, 0, 1, 2, -1},  {KB3D_TEXEL_U8, 3, 2, 1, 0, -1},
        {KB3D_TEXEL_U8, 4, 0, 1, 2, 3},   {KB3D_TEXEL_U8, 4, 2, 1, 0, 3},   {KB3D_TEXEL_U16, 1, 0, 0, 0, -1},
        {KB3D_TEXEL_U16, 3, 0, 1, 2, -1}, {KB3D_TEXEL_U16, 4, 0, 1, 2, 3},  {KB3D_TEXEL_F32, 1, 0, 0, 0, -1},
        {KB3D_TEXEL_F32, 3, 0, 1, 2, -1}, {KB3D_TEXEL_F32, 4, 0, 1, 2, 3},
    };
    return layouts[kb3d_clamp_i((int)format, KB3D_FORMAT_GRAY8, KB3D_FORMAT_RGBAF32) - KB3D_FORMAT_GRAY8];
}

/* Whether an image of this format has alpha; else a frame is shown over black. */
static inline int kb3d_format_has_alpha(kb3d_format format) {
    return format == KB3D_FORMAT_RGBA8 || format == KB3D_FORMAT_BGRA8 || format == KB3D_FORMAT_RGBA16 ||
           format == KB3D_FORMAT_RGBAF32;
}

/* Planes of an image, and the bytes and rows of each. */
static inline int kb3d_pixels_planes(const kb3d_pixels *p) {
    return p->format == KB3D_FORMAT_I420 ? 3 : p->format == KB3D_FORMAT_NV12 ? 2 : 1;
}

static inline size_t kb3d_pixels_row_bytes(const kb3d_pixels *p, int plane) {
    size_t half = ((size_t)p->width + 1) / 2;
    if (kb3d_pixels_planes(p) > 1)
        return plane == 0 ? (size_t)p->width : p->format == KB3D_FORMAT_NV12 ? 2 * half : half;
    const kb3d_import_layout l = kb3d_import_layout_of(p->format);
    return (size_t)p->width * (size_t)l.channels * (size_t)l.texel;
}

static inline int kb3d_pixels_rows(const kb3d_pixels *p, int plane) {
    return plane ? (p->height + 1) / 2 : p->height;
}

#endif
