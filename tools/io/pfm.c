#include "pfm.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kb3d_exit write_rows(kb3d_output *output, const kb3d_image *image, unsigned char *row) {
    char header[64];
    int length = snprintf(header, sizeof header, "Pf\n%d %d\n-1.0\n", image->width, image->height);
    kb3d_exit status = kb3d_output_write(output, header, (size_t)length);
    for (int y = image->height - 1; y >= 0 && !status; y--) {
        const char *from = (const char *)image->data[0] + image->stride[0] * y;
        for (int x = 0; x < image->width; x++) {
            uint32_t bits;
            memcpy(&bits, from + (size_t)x * 4, 4);
            for (int i = 0; i < 4; i++)
                row[x * 4 + i] = (unsigned char)(bits >> (8 * i));
        }
        status = kb3d_output_write(output, row, (size_t)image->width * 4);
    }
    return status;
}

kb3d_exit kb3d_pfm_write(const char *path, const kb3d_image *image) {
    unsigned char *row = malloc((size_t)image->width * 4);
    if (!row)
        return kb3d_report_memory();
    kb3d_output output;
    kb3d_exit status = kb3d_output_open(&output, path);
    if (!status) {
        status = write_rows(&output, image, row);
        if (!status)
            status = kb3d_output_commit(&output);
        kb3d_output_close(&output);
    }
    free(row);
    return status;
}
