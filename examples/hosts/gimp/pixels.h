/* GIMP's pixels as the library's, in the image's own colour space and back. */
#ifndef KEN_PIXELS_H
#define KEN_PIXELS_H

#include "params.h"

#include <kb3d/image.h>
#include <libgimp/gimp.h>
#include <stdbool.h>

/* What the values of pixels are. */
typedef struct ken_format {
    kb3d_format kb3d;
    bool has_own_curve;  /* that of the image's profile, else that of sRGB */
    const Babl *babl;    /* as GIMP hands them out: it tells plug-ins nothing of its images' spaces */
    const Babl *meaning; /* the same values, with the space that the image's profile gives them */
} ken_format;

/* Encoded as they are shown: 8 and 16 bit as stored, all others as float. */
ken_format ken_format_of(gint32 drawable);

/* In sRGB, with the bits that it takes. */
ken_format ken_format_in_srgb(ken_format own);
bool ken_format_is_srgb(ken_format format);

/* 8 bit with alpha, in the same space. */
ken_format ken_format_for_preview(ken_format own);

/* Tightly packed. Answers false, with nothing allocated, when memory is out. Free with g_free(image->data[0]). */
bool ken_pixels_alloc(kb3d_image *image, kb3d_format format, int width, int height);

/* The drawable's pixels, whose own format this is. */
bool ken_pixels_read(kb3d_image *image, gint32 drawable, ken_format own);

/* In place of the image's pixels the same in another format. */
bool ken_pixels_convert(kb3d_image *image, ken_format from, ken_format to);

/*
 * Depth as floats. Of a layer the values as they look, of a channel as they are stored; NaN, that is unknown, where
 * the layer is transparent or missing. In the picture's own image it lies where it lies; one of another image
 * covers the whole picture, whatever its size.
 */
bool ken_pixels_read_depth(kb3d_image *image, gint32 depth, gint32 picture);

/* The selection over the picture, 8 bit. */
bool ken_pixels_read_selection(kb3d_image *image, gint32 picture);

#endif
