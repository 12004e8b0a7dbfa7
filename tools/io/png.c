#include "png.h"

#include <png.h>
#include <string.h>

enum { COMPRESSION_LEVEL = 3 }; /* half the time of zlib's default for a few per cent of size */

typedef struct png_target {
    kb3d_output *output;
    bool reported; /* a failed write has said its cause already */
} png_target;

static void write_bytes(png_structp png, png_bytep bytes, png_size_t byte_count) {
    png_target *target = png_get_io_ptr(png);
    if (kb3d_output_write(target->output, bytes, byte_count)) {
        target->reported = true;
        png_error(png, "write");
    }
}

static void flush_nothing(png_structp png) {
    (void)png;
}

static void on_error(png_structp png, png_const_charp text) {
    png_target *target = png_get_error_ptr(png);
    if (!target->reported)
        kb3d_report(target->output->path, "cannot be written: libpng: %s", text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    kb3d_note("libpng: %s", text);
}

/* Everything between setjmp and its return lies here, so no local variable changes between the two. */
static kb3d_exit encode(png_structp png, png_infop info, const kb3d_image *image) {
    if (setjmp(png_jmpbuf(png)))
        return KB3D_EXIT_FAILED;
    int colour = image->format == KB3D_FORMAT_RGB8    ? PNG_COLOR_TYPE_RGB
                 : image->format == KB3D_FORMAT_RGBA8 ? PNG_COLOR_TYPE_RGBA
                                                      : PNG_COLOR_TYPE_GRAY;
    int depth = image->format == KB3D_FORMAT_GRAY16 ? 16 : 8;
    png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, depth, colour,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, COMPRESSION_LEVEL);
    png_write_info(png, info);
    if (depth == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        png_set_swap(png);
    for (int y = 0; y < image->height; y++)
        png_write_row(png, (png_const_bytep)image->data[0] + image->stride[0] * y);
    png_write_end(png, info);
    return KB3D_EXIT_OK;
}

kb3d_exit kb3d_png_write(const char *path, const kb3d_image *image) {
    kb3d_output output;
    kb3d_exit status = kb3d_output_open(&output, path);
    if (status)
        return status;
    png_target target = {&output, false};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &target, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info) {
        png_set_write_fn(png, &target, write_bytes, flush_nothing);
        png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
        status = encode(png, info, image);
    } else {
        status = kb3d_report_memory();
    }
    png_destroy_write_struct(&png, &info);
    if (!status)
        status = kb3d_output_commit(&output);
    kb3d_output_close(&output);
    return status;
}
