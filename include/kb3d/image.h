/**
 * @file image.h
 * @brief Pixels in the host's memory, and where a picture comes from.
 *
 * Pixel centres lie at +0.5; x right, y down; rows from top to bottom.
 */
#ifndef KB3D_IMAGE_H
#define KB3D_IMAGE_H

#include <kb3d/status.h>

KB3D_BEGIN

/** Layout of pixels. 16 bit and float samples are in the machine's own byte order. */
typedef enum kb3d_format {
    KB3D_FORMAT_NONE = 0,
    KB3D_FORMAT_GRAY8 = 1,
    KB3D_FORMAT_RGB8 = 2,
    KB3D_FORMAT_BGR8 = 3,
    KB3D_FORMAT_RGBA8 = 4,
    KB3D_FORMAT_BGRA8 = 5,
    KB3D_FORMAT_GRAY16 = 6,
    KB3D_FORMAT_RGB16 = 7,
    KB3D_FORMAT_RGBA16 = 8,
    KB3D_FORMAT_GRAYF32 = 9,
    KB3D_FORMAT_RGBF32 = 10,
    KB3D_FORMAT_RGBAF32 = 11,
    /** Planes Y (w x h), U, V ((w+1)/2 x (h+1)/2); BT.709, limited range, left-sited chroma. Output only. */
    KB3D_FORMAT_I420 = 12,
    /** Planes Y (w x h), UV interleaved ((w+1)/2 x (h+1)/2 pairs); colour as I420. Output only. */
    KB3D_FORMAT_NV12 = 13
} kb3d_format;

/**
 * Bytes of one pixel, for hosts that lay out their own memory; 0 for formats
 * in planes and for numbers that are no format. Thread-safety: safe.
 */
KB3D_API int kb3d_format_bytes(kb3d_format format);

/** What the samples' values mean. */
typedef enum kb3d_transfer {
    KB3D_TRANSFER_SRGB = 0,  /**< encoded with the sRGB curve, as almost every file */
    KB3D_TRANSFER_LINEAR = 1 /**< proportional to light */
} kb3d_transfer;

/** Where the pixels lie. */
typedef enum kb3d_memory {
    KB3D_MEMORY_HOST = 0,  /**< where the processor reaches them */
    KB3D_MEMORY_DEVICE = 1 /**< on the device of a context of the CUDA backend: pictures, depth maps and frames */
} kb3d_memory;

/**
 * A strided view of the host's pixels. The library never frees them and keeps
 * no pointer to them after the call returns. As an input the pixels are not
 * written. Alpha is straight (not premultiplied).
 */
typedef struct kb3d_image {
    size_t size;            /**< sizeof(kb3d_image) */
    kb3d_format format;     /**< layout of the pixels */
    kb3d_transfer transfer; /**< ignored for depth and masks */
    int width;              /**< pixels, 1 or more */
    int height;             /**< pixels, 1 or more */
    void *data[3];          /**< first pixel of the top row of each plane; unused planes NULL */
    ptrdiff_t stride[3];    /**< bytes from a row to the one below, may be negative; 0: tightly packed */
    kb3d_memory memory;     /**< what data points into */
} kb3d_image;

/**
 * Where a picture or depth map comes from: exactly one of the three. The
 * memory must stay valid until the call returns.
 */
typedef struct kb3d_source {
    size_t size;             /**< sizeof(kb3d_source) */
    const char *path;        /**< a file, UTF-8 */
    const void *bytes;       /**< a file's contents in memory */
    size_t byte_count;       /**< of bytes */
    const kb3d_image *image; /**< the host's own pixels */
} kb3d_source;

KB3D_END

#endif
