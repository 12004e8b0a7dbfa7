#include "pixels.h"

#include <string.h>

int kb3d_format_bytes(kb3d_format format) {
    switch (format) {
    case KB3D_FORMAT_GRAY8: return 1;
    case KB3D_FORMAT_GRAY16: return 2;
    case KB3D_FORMAT_RGB8:
    case KB3D_FORMAT_BGR8: return 3;
    case KB3D_FORMAT_RGBA8:
    case KB3D_FORMAT_BGRA8:
    case KB3D_FORMAT_GRAYF32: return 4;
    case KB3D_FORMAT_RGB16: return 6;
    case KB3D_FORMAT_RGBA16: return 8;
    case KB3D_FORMAT_RGBF32: return 12;
    case KB3D_FORMAT_RGBAF32: return 16;
    default: return 0;
    }
}

static int is_gray(kb3d_format f) {
    return f == KB3D_FORMAT_GRAY8 || f == KB3D_FORMAT_GRAY16 || f == KB3D_FORMAT_GRAYF32;
}

static int is_planar(kb3d_format f) {
    return f == KB3D_FORMAT_I420 || f == KB3D_FORMAT_NV12;
}

static int is_allowed(kb3d_format f, kb3d_pixels_use use) {
    if ((int)f <= KB3D_FORMAT_NONE || f > KB3D_FORMAT_NV12)
        return 0;
    if (use == KB3D_USE_DEPTH)
        return is_gray(f);
    if (use == KB3D_USE_PICTURE)
        return !is_planar(f);
    return f == KB3D_FORMAT_GRAY8 || !is_gray(f);
}

/* Bytes of a sample, which the rows must be aligned to. */
static ptrdiff_t sample_bytes(kb3d_format f) {
    switch (f) {
    case KB3D_FORMAT_GRAY16:
    case KB3D_FORMAT_RGB16:
    case KB3D_FORMAT_RGBA16: return 2;
    case KB3D_FORMAT_GRAYF32:
    case KB3D_FORMAT_RGBF32:
    case KB3D_FORMAT_RGBAF32: return 4;
    default: return 1;
    }
}

kb3d_status kb3d_pixels_from_image(kb3d_pixels *pixels, const kb3d_image *host, kb3d_pixels_use use,
                                   const char *what, kb3d_call *call) {
    kb3d_image image;
    *pixels = (kb3d_pixels){0};
    kb3d_status status = kb3d_struct_read(&image, sizeof image, host, offsetof(kb3d_image, memory), what, call);
    if (status)
        return status;
    if (image.memory != KB3D_MEMORY_HOST && (image.memory != KB3D_MEMORY_DEVICE || !(use & KB3D_USE_ON_DEVICE)))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s lies in memory of kind %d, which cannot be used here", what,
                         (int)image.memory);
    use &= ~KB3D_USE_ON_DEVICE;
    if (!is_allowed(image.format, use))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s has the format %d, which cannot be used for it", what,
                         (int)image.format);
    if (image.transfer != KB3D_TRANSFER_SRGB && image.transfer != KB3D_TRANSFER_LINEAR)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s has the unknown transfer %d", what, (int)image.transfer);
    if (image.width < 1 || image.height < 1 || image.width > (1 << 27) || image.height > (1 << 27))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s is %d x %d pixels", what, image.width, image.height);
    *pixels = (kb3d_pixels){.format = image.format,
                            .width = image.width,
                            .height = image.height,
                            .is_on_device = image.memory == KB3D_MEMORY_DEVICE};
    int planes = image.format == KB3D_FORMAT_I420 ? 3 : image.format == KB3D_FORMAT_NV12 ? 2 : 1;
    for (int i = 0; i < planes; i++) {
        ptrdiff_t chroma = ((ptrdiff_t)image.width + 1) / 2;
        ptrdiff_t row = !is_planar(image.format) ? (ptrdiff_t)image.width * kb3d_format_bytes(image.format)
                        : i == 0                 ? image.width
                        : planes == 3            ? chroma
                                                 : 2 * chroma;
        ptrdiff_t stride = image.stride[i] ? image.stride[i] : row, align = sample_bytes(image.format);
        if (!image.data[i])
            return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "plane %d of %s is NULL", i, what);
        if ((stride < 0 ? -stride : stride) < row)
            return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s has rows of %td bytes but a stride of %td", what, row,
                             stride);
        if (stride % align || (ptrdiff_t)((uintptr_t)image.data[i] % (uintptr_t)align))
            return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s is not aligned to its samples of %td bytes", what, align);
        pixels->data[i] = image.data[i];
        pixels->stride[i] = stride;
    }
    return KB3D_OK;
}

kb3d_pixels_use kb3d_pixels_allow(const kb3d_ctx *ctx, kb3d_pixels_use use) {
    return ctx->backend ? use | KB3D_USE_ON_DEVICE : use;
}

/* Pixels on the device are copied to where the processor reaches them: into `memory`, the caller's, else NULL. */
static kb3d_status fetch(kb3d_ctx *ctx, kb3d_pixels *p, void **memory, kb3d_call *call) {
    size_t row = (size_t)p->width * (size_t)kb3d_format_bytes(p->format);
    *memory = NULL;
    if (!p->is_on_device)
        return KB3D_OK;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, memory, row, (size_t)p->height, call);
    if (status)
        return status;
    ctx->backend->copy_rows(ctx->device, *memory, (ptrdiff_t)row, p->data[0], p->stride[0], row, p->height);
    p->data[0] = *memory;
    p->stride[0] = (ptrdiff_t)row;
    p->is_on_device = 0;
    return kb3d_call_check(call);
}

kb3d_pixels kb3d_pixels_from_raster(const kb3d_raster *r) {
    static const kb3d_format formats[3][5] = {
        {0, KB3D_FORMAT_GRAY8, 0, KB3D_FORMAT_RGB8, KB3D_FORMAT_RGBA8},
        {0, KB3D_FORMAT_GRAY16, 0, KB3D_FORMAT_RGB16, KB3D_FORMAT_RGBA16},
        {0, KB3D_FORMAT_GRAYF32, 0, KB3D_FORMAT_RGBF32, KB3D_FORMAT_RGBAF32},
    };
    int row = r->sample == KB3D_SAMPLE_U8 ? 0 : r->sample == KB3D_SAMPLE_U16 ? 1 : 2;
    return (kb3d_pixels){.format = formats[row][r->channels],
                         .width = r->width,
                         .height = r->height,
                         .data = {r->data},
                         .stride = {(ptrdiff_t)r->width * r->channels * (ptrdiff_t)r->sample}};
}

static kb3d_status copy_raster(kb3d_raster *raster, kb3d_mem *mem, const kb3d_pixels *p, kb3d_call *call) {
    int gray = is_gray(p->format), channels = gray ? 1 : 3, bytes = kb3d_format_bytes(p->format);
    int swapped = p->format == KB3D_FORMAT_BGR8 || p->format == KB3D_FORMAT_BGRA8;
    ptrdiff_t sample = sample_bytes(p->format);
    *raster = (kb3d_raster){.width = p->width, .height = p->height, .channels = channels, .sample = KB3D_SAMPLE_F32};
    size_t count = (size_t)p->width * (size_t)p->height * (size_t)channels;
    kb3d_status status = kb3d_mem_alloc(mem, &raster->data, count, sizeof(float), call);
    if (status)
        return status;
    float *to = raster->data;
    for (int y = 0; y < p->height; y++) {
        const char *from = (const char *)p->data[0] + y * p->stride[0];
        for (int x = 0; x < p->width; x++, from += bytes)
            for (int c = 0; c < channels; c++) {
                const char *at = from + (swapped ? 2 - c : c) * sample;
                *to++ = sample == 1   ? (float)*(const uint8_t *)at / 255.0f
                        : sample == 2 ? (float)*(const uint16_t *)(const void *)at / 65535.0f
                                      : *(const float *)(const void *)at;
            }
    }
    return KB3D_OK;
}

kb3d_status kb3d_raster_from_pixels(kb3d_raster *raster, kb3d_ctx *ctx, const kb3d_pixels *pixels, kb3d_call *call) {
    kb3d_pixels here = *pixels;
    void *memory;
    kb3d_status status = fetch(ctx, &here, &memory, call);
    if (!status)
        status = copy_raster(raster, &ctx->mem, &here, call);
    kb3d_mem_free(&ctx->mem, memory);
    return status;
}
