/* GIMP's pixels as the library's, in the image's own colour space and back. */
#ifndef KEN_PIXELS_H
#define KEN_PIXELS_H

#include "params.h"

#include <kb3d/image.h>
#include <libgimp/gimp.h>
#include <stdbool.h>

/* Colours by both names. */
typedef struct ken_format {
    const Babl *babl;
    kb3d_format kb3d;
} ken_format;

/* The drawable's own space and values, encoded as they are shown: 8 and 16 bit as stored, all others as float. */
ken_format ken_format_of(gint32 drawable);

/* The same values in sRGB, with the bits that it takes. */
ken_format ken_format_in_srgb(ken_format own);
bool ken_format_is_srgb(ken_format format);

/* Tightly packed. Answers false, with nothing allocated, when memory is out. Free with g_free(image->data[0]). */
bool ken_pixels_alloc(kb3d_image *image, kb3d_format format, int width, int height);

/* The drawable's pixels in a format of ken_format_of's kind. */
bool ken_pixels_read(kb3d_image *image, gint32 drawable, ken_format format);

/*
 * Depth as floats. Of a layer the values as they look, of a channel as they are stored; NaN, that is unknown, where the
 * layer is transparent or missing. In the picture's own image it lies where it lies; one of another image covers the
 * whole picture, whatever its size.
 */
bool ken_pixels_read_depth(kb3d_image *image, gint32 depth, gint32 picture);

/* The selection over the picture, 8 bit. */
bool ken_pixels_read_selection(kb3d_image *image, gint32 picture);

#endif
