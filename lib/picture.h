/* What hostile bytes must pass before stb_image sees them: one check for each
   format, and the readers for what stb_image does not do right. */
#ifndef KB3D_LIB_PICTURE_H
#define KB3D_LIB_PICTURE_H

#include "call.h"
#include "raster.h"

/* A file's contents, and the limit that its picture must keep. */
typedef struct kb3d_blob {
    const char *name; /* the path, or "the memory block" */
    const unsigned char *data;
    size_t count;
    uint64_t pixel_limit;
} kb3d_blob;

/* What a check has learnt from a file's structure. */
typedef struct kb3d_layout {
    int width, height;
    kb3d_sample sample;
    uint64_t budget;         /* bytes stb_image may ask for in all while it decodes */
    size_t exif_at;          /* a TIFF block with EXIF tags; a count of 0: none */
    size_t exif_count;
    size_t palette_at;       /* PNG: the chunk PLTE, where its palette ... */
    int palette_entries;     /* ... has fewer colours than its samples can ask for; else 0 */
} kb3d_layout;

/* Each starts behind the magic test of kb3d_decode_picture. */
kb3d_status kb3d_check_jpeg(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call);
kb3d_status kb3d_check_png(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call);
kb3d_status kb3d_check_gif(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call);
kb3d_status kb3d_check_hdr(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call);
kb3d_status kb3d_check_bmp(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call);
kb3d_status kb3d_check_psd(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call);
kb3d_status kb3d_check_tga(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call);

/* TGA has no magic: true when the header can hardly be anything else. */
bool kb3d_is_tga(const kb3d_blob *blob);

/* stb_image reads past a short palette: copies the file with its palette filled
   up to 256 colours. The copy is the caller's. */
kb3d_status kb3d_png_fill_palette(kb3d_mem *mem, const kb3d_blob *blob, const kb3d_layout *layout,
                                  kb3d_blob *copy, kb3d_call *call);

/* Decodes a checked file by stb_image, into mem. */
kb3d_status kb3d_stb_load(kb3d_mem *mem, const kb3d_blob *blob, const kb3d_layout *layout, kb3d_raster *raster,
                          kb3d_call *call);

/* PGM and PPM (P5, P6), scaled to the full range of 8 or 16 bit. */
kb3d_status kb3d_pnm_load(kb3d_mem *mem, const kb3d_blob *blob, kb3d_raster *raster, kb3d_call *call);

/* PFM; of a colour one ("PF") the first channel. */
kb3d_status kb3d_pfm_load(kb3d_mem *mem, const kb3d_blob *blob, kb3d_raster *raster, kb3d_call *call);

/* Orientation 1..8 and the 35 mm equivalent (0: none) of a TIFF block. Anything odd counts as absent. */
void kb3d_exif_read(const unsigned char *tiff, size_t count, int *orientation, double *focal_35mm);

/* Turns the raster upright; on failure it is unchanged. */
kb3d_status kb3d_orient(kb3d_mem *mem, kb3d_raster *raster, int orientation, const char *name, kb3d_call *call);

/* LIMIT when the picture has too many pixels, FORMAT when it has none; else fills
   the layout's size and its budget for `pixel_bytes` bytes a decoded pixel. */
kb3d_status kb3d_check_size(const kb3d_blob *blob, uint64_t width, uint64_t height, int pixel_bytes,
                            kb3d_layout *layout, kb3d_call *call);

/* "NAME: damaged KIND: cause" */
kb3d_status kb3d_damaged(const kb3d_blob *blob, const char *kind, const char *cause, kb3d_call *call);

/* "NAME: cause" of the memory's refusal, which names no file. */
kb3d_status kb3d_no_memory(const char *name, const kb3d_mem *mem, kb3d_status status, kb3d_call *call);

static inline unsigned kb3d_be16(const unsigned char *p) {
    return (unsigned)p[0] << 8 | p[1];
}
static inline uint32_t kb3d_be32(const unsigned char *p) {
    return (uint32_t)kb3d_be16(p) << 16 | kb3d_be16(p + 2);
}
static inline unsigned kb3d_le16(const unsigned char *p) {
    return (unsigned)p[1] << 8 | p[0];
}
static inline uint32_t kb3d_le32(const unsigned char *p) {
    return (uint32_t)kb3d_le16(p + 2) << 16 | kb3d_le16(p);
}

#endif
