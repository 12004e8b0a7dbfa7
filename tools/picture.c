#include "picture.h"

#include <stdlib.h>

kb3d_exit kb3d_picture_alloc(kb3d_image *image, kb3d_format format, int width, int height) {
    KB3D_INIT(*image);
    size_t chroma_width = ((size_t)width + 1) / 2, chroma_height = ((size_t)height + 1) / 2;
    size_t row = format == KB3D_FORMAT_I420 ? (size_t)width : (size_t)width * (size_t)kb3d_format_bytes(format);
    size_t first = row * (size_t)height, second = format == KB3D_FORMAT_I420 ? chroma_width * chroma_height : 0;
    unsigned char *memory = calloc(1, first + 2 * second);
    if (!memory)
        return kb3d_report_memory();
    image->format = format;
    image->width = width;
    image->height = height;
    image->data[0] = memory;
    image->stride[0] = (ptrdiff_t)row;
    for (int i = 1; second && i < 3; i++) {
        image->data[i] = memory + first + (size_t)(i - 1) * second;
        image->stride[i] = (ptrdiff_t)chroma_width;
    }
    return KB3D_EXIT_OK;
}

void kb3d_picture_free(kb3d_image *image) {
    free(image->data[0]);
    image->data[0] = NULL;
}
