#include "decode.h"

#include "picture.h"

#include <limits.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 30 }; /* stb_image counts in int */

kb3d_status kb3d_damaged(const kb3d_blob *blob, const char *kind, const char *cause, kb3d_call *call) {
    return kb3d_fail(call, KB3D_ERROR_FORMAT, "%s: damaged %s: %s", blob->name, kind, cause);
}

kb3d_status kb3d_no_memory(const char *name, const kb3d_mem *mem, kb3d_status status, kb3d_call *call) {
    if (status == KB3D_ERROR_LIMIT)
        return kb3d_fail(call, status, "%s: does not fit into the memory limit of %llu bytes", name,
                         (unsigned long long)mem->limit);
    return kb3d_fail(call, status, "%s: out of memory", name);
}

kb3d_status kb3d_check_size(const kb3d_blob *blob, uint64_t width, uint64_t height, int pixel_bytes,
                            kb3d_layout *layout, kb3d_call *call) {
    if (!width || !height)
        return kb3d_fail(call, KB3D_ERROR_FORMAT, "%s: has no pixels: its size is %llu x %llu", blob->name,
                         (unsigned long long)width, (unsigned long long)height);
    uint64_t most = blob->pixel_limit;
    if ((uint64_t)INT_MAX / pixel_bytes < most)
        most = INT_MAX / pixel_bytes;
    if (width > most || height > most || width * height > most)
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "%s: %llu x %llu pixels exceed the limit of %llu", blob->name,
                         (unsigned long long)width, (unsigned long long)height, (unsigned long long)most);
    layout->width = (int)width;
    layout->height = (int)height;
    /* The neediest, progressive CMYK, takes 15 bytes a pixel, in blocks of up to 32. */
    layout->budget = (1 << 20) + 16 * (width + 64) * (height + 64);
    return KB3D_OK;
}

static bool has(const kb3d_blob *blob, size_t at, const char *magic, size_t count) {
    return blob->count >= at + count && !memcmp(blob->data + at, magic, count);
}

/* Kinds that people try and this library cannot read. */
static const char *foreign_kind(const kb3d_blob *blob) {
    static const struct { const char *kind, *magic; unsigned char at, count; } kinds[] = {
        {"AVIF", "ftypavif", 4, 8}, {"AVIF", "ftypavis", 4, 8}, {"HEIC", "ftyphei", 4, 7},
        {"HEIC", "ftyphev", 4, 7}, {"HEIC", "ftypmif1", 4, 8}, {"HEIC", "ftypmsf1", 4, 8},
        {"WebP", "WEBP", 8, 4}, {"TIFF", "II*\0", 0, 4}, {"TIFF", "MM\0*", 0, 4}, {"JPEG XL", "\xff\x0a", 0, 2},
        {"JPEG XL", "\0\0\0\x0cJXL ", 0, 8}, {"JPEG 2000", "\0\0\0\x0cjP  ", 0, 8}, {"PDF", "%PDF-", 0, 5},
        {"ASCII PNM", "P1\n", 0, 3}, {"ASCII PNM", "P2\n", 0, 3}, {"ASCII PNM", "P3\n", 0, 3}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (has(blob, kinds[i].at, kinds[i].magic, kinds[i].count))
            return kinds[i].kind;
    return NULL;
}

typedef kb3d_status (*check_fn)(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call);

/* The contents decide, whatever the name says. The magics are as strict as
   stb_image's own, so that the checks and it agree about the kind. */
static check_fn find_check(const kb3d_blob *blob) {
    static const struct { const char *magic; unsigned char count; check_fn check; } kinds[] = {
        {"\xff\xd8\xff", 3, kb3d_check_jpeg},    {"\x89PNG\r\n\x1a\n", 8, kb3d_check_png},
        {"GIF87a", 6, kb3d_check_gif},           {"GIF89a", 6, kb3d_check_gif},
        {"#?RADIANCE\n", 11, kb3d_check_hdr},    {"#?RGBE\n", 7, kb3d_check_hdr},
        {"BM", 2, kb3d_check_bmp},               {"8BPS", 4, kb3d_check_psd}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (has(blob, 0, kinds[i].magic, kinds[i].count))
            return kinds[i].check;
    return kb3d_is_tga(blob) ? kb3d_check_tga : NULL;
}

static kb3d_status load(kb3d_mem *mem, const kb3d_blob *blob, kb3d_raster *raster, kb3d_file_info *info,
                        kb3d_call *call) {
    if (has(blob, 0, "P5", 2) || has(blob, 0, "P6", 2))
        return kb3d_pnm_load(mem, blob, raster, call);
    const char *foreign = foreign_kind(blob);
    if (foreign)
        return kb3d_fail(call, KB3D_ERROR_UNSUPPORTED, "%s: %s is not supported: convert it to JPEG or PNG",
                         blob->name, foreign);
    check_fn check = find_check(blob);
    if (!check)
        return kb3d_fail(call, KB3D_ERROR_FORMAT, "%s: not a picture that this library can read", blob->name);
    kb3d_layout layout = {0};
    kb3d_status status = check(blob, &layout, call);
    if (status)
        return status;
    kb3d_blob filled = {0};
    if (layout.palette_entries && (status = kb3d_png_fill_palette(mem, blob, &layout, &filled, call)))
        return status;
    status = kb3d_stb_load(mem, filled.data ? &filled : blob, &layout, raster, call);
    kb3d_mem_free(mem, (void *)filled.data);
    if (status)
        return status;
    int orientation;
    kb3d_exif_read(blob->data + layout.exif_at, layout.exif_count, &orientation, &info->focal_35mm);
    return kb3d_orient(mem, raster, orientation, blob->name, call);
}

typedef kb3d_status (*load_fn)(kb3d_mem *mem, const kb3d_blob *blob, kb3d_raster *raster, kb3d_file_info *info,
                               kb3d_call *call);

/* Has the contents, read or the host's, loaded; cleans up when that fails. */
static kb3d_status decode(kb3d_mem *mem, uint64_t pixel_limit, const char *path, const void *bytes,
                          size_t byte_count, load_fn fn, kb3d_raster *raster, kb3d_file_info *info,
                          kb3d_call *call) {
    memset(raster, 0, sizeof *raster);
    memset(info, 0, sizeof *info);
    kb3d_blob blob = {path ? path : "the memory block", bytes, byte_count, pixel_limit};
    unsigned char *read = NULL;
    kb3d_status status;
    if (path) {
        if ((status = kb3d_read_file(mem, path, FILE_LIMIT, &read, &blob.count, call)))
            return status;
        blob.data = read;
    } else if (!bytes || !byte_count) {
        return kb3d_fail(call, KB3D_ERROR_IO, "the memory block is empty");
    } else if (byte_count > FILE_LIMIT) {
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "the memory block is larger than %d bytes", FILE_LIMIT);
    }
    status = fn(mem, &blob, raster, info, call);
    kb3d_mem_free(mem, read);
    if (status) {
        kb3d_mem_free(mem, raster->data);
        memset(raster, 0, sizeof *raster);
        memset(info, 0, sizeof *info);
    }
    return status;
}

kb3d_status kb3d_decode_picture(kb3d_mem *mem, uint64_t pixel_limit, const char *path, const void *bytes,
                                size_t byte_count, kb3d_raster *raster, kb3d_file_info *info, kb3d_call *call) {
    return decode(mem, pixel_limit, path, bytes, byte_count, load, raster, info, call);
}

/* The first channel as float, 0..1 unless it was float before. */
static kb3d_status first_channel(kb3d_mem *mem, kb3d_raster *raster, const char *name, kb3d_call *call) {
    size_t pixels = (size_t)raster->width * raster->height;
    int channels = raster->channels;
    float *depth;
    kb3d_status status = kb3d_mem_alloc(mem, &depth, pixels, sizeof *depth, NULL);
    if (status)
        return kb3d_no_memory(name, mem, status, call);
    const unsigned char *u8 = raster->data;
    const uint16_t *u16 = raster->data;
    const float *f32 = raster->data;
    for (size_t i = 0; i < pixels; i++)
        depth[i] = raster->sample == KB3D_SAMPLE_U8    ? u8[i * channels] / 255.0f
                   : raster->sample == KB3D_SAMPLE_U16 ? u16[i * channels] / 65535.0f
                                                       : f32[i * channels];
    kb3d_mem_free(mem, raster->data);
    raster->data = depth;
    raster->channels = 1;
    raster->sample = KB3D_SAMPLE_F32;
    return KB3D_OK;
}

static kb3d_status load_depth(kb3d_mem *mem, const kb3d_blob *blob, kb3d_raster *raster, kb3d_file_info *info,
                              kb3d_call *call) {
    if (has(blob, 0, "Pf", 2) || has(blob, 0, "PF", 2))
        return kb3d_pfm_load(mem, blob, raster, call);
    kb3d_status status = load(mem, blob, raster, info, call);
    return status ? status : first_channel(mem, raster, blob->name, call);
}

kb3d_status kb3d_decode_depth(kb3d_mem *mem, uint64_t pixel_limit, const char *path, const void *bytes,
                              size_t byte_count, kb3d_raster *raster, kb3d_call *call) {
    kb3d_file_info info;
    return decode(mem, pixel_limit, path, bytes, byte_count, load_depth, raster, &info, call);
}
