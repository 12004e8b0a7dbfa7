/* Files and memory blocks to rasters. The only user of stb_image. */
#ifndef KB3D_LIB_DECODE_H
#define KB3D_LIB_DECODE_H

#include "call.h"
#include "raster.h"

#include <kb3d/image.h>

/* What a file says beside its pixels. */
typedef struct kb3d_file_info {
    double focal_35mm; /* EXIF FocalLengthIn35mmFilm, 0 when absent */
} kb3d_file_info;

/* Decodes a picture: what stb_image reads (but for its rarest kinds, which are
   refused by name), EXIF orientation applied. The message names the file (or "the memory block") and the cause. On failure
   *raster is zeroed. */
kb3d_status kb3d_decode_picture(kb3d_mem *mem, uint64_t pixel_limit, const char *path, const void *bytes,
                                size_t byte_count, kb3d_raster *raster, kb3d_file_info *info, kb3d_call *call);

/* Decodes a depth map: PFM (float as it is), or a picture whose first channel
   counts (8 bit v / 255, 16 bit v / 65535, HDR as it is); the raster has one
   channel of F32. Values are not interpreted: NaN, infinite and negative ones
   come through. EXIF orientation applied. */
kb3d_status kb3d_decode_depth(kb3d_mem *mem, uint64_t pixel_limit, const char *path, const void *bytes,
                              size_t byte_count, kb3d_raster *raster, kb3d_call *call);

/* Reads a whole regular file. Empty, unreadable, or larger than `limit` bytes: an
   error that names it. Shared with the manifest reader. */
kb3d_status kb3d_read_file(kb3d_mem *mem, const char *path, size_t limit, unsigned char **bytes,
                           size_t *byte_count, kb3d_call *call);

#endif
