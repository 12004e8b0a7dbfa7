/* The structure of a Radiance HDR file: stb_image never comes back from a
   truncated one, as a run of length zero makes no progress. */
#include "picture.h"

#include <string.h>

static kb3d_status damaged(const kb3d_blob *blob, const char *cause, kb3d_call *call) {
    return kb3d_damaged(blob, "HDR", cause, call);
}

/* The length of the line at `at`, without its end; SIZE_MAX when it has none or
   is longer than stb_image's buffer. */
static size_t line_length(const kb3d_blob *blob, size_t at) {
    size_t left = blob->count - at;
    const unsigned char *end = memchr(blob->data + at, '\n', left < 1000 ? left : 1000);
    return end ? (size_t)(end - (blob->data + at)) : SIZE_MAX;
}

/* Digits to a number; 0 when there are none or too many. */
static uint64_t number(const unsigned char **p) {
    uint64_t value = 0;
    int digits = 0;
    for (; **p >= '0' && **p <= '9' && digits < 10; ++*p, digits++)
        value = 10 * value + (**p - '0');
    return digits < 10 ? value : 0;
}

/* Header lines, an empty one, then "-Y HEIGHT +X WIDTH". */
static kb3d_status read_header(const kb3d_blob *blob, size_t *at, kb3d_layout *layout, kb3d_call *call) {
    static const char format[] = "FORMAT=32-bit_rle_rgbe";
    bool known = false;
    for (size_t length = 1; length; *at += length + 1) {
        length = line_length(blob, *at);
        if (length == SIZE_MAX)
            return damaged(blob, "its header has no end", call);
        known |= length == sizeof format - 1 && !memcmp(blob->data + *at, format, length);
    }
    size_t length = line_length(blob, *at);
    const unsigned char *p = blob->data + *at;
    if (length == SIZE_MAX || length < 8 || memcmp(p, "-Y ", 3))
        return kb3d_fail(call, KB3D_ERROR_UNSUPPORTED, "%s: HDR with other than top-down rows is not supported",
                         blob->name);
    p += 3;
    uint64_t height = number(&p);
    while (*p == ' ')
        p++;
    if (!known || memcmp(p, "+X ", 3))
        return kb3d_fail(call, KB3D_ERROR_UNSUPPORTED, "%s: HDR other than RGBE from left to right is not supported",
                         blob->name);
    p += 3;
    uint64_t width = number(&p);
    if (*p != '\n')
        return damaged(blob, "its size is impossible", call);
    *at += length + 1;
    return kb3d_check_size(blob, width, height, 12, layout, call);
}

kb3d_status kb3d_check_hdr(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call) {
    size_t at = 0;
    layout->sample = KB3D_SAMPLE_F32;
    kb3d_status status = read_header(blob, &at, layout, call);
    if (status)
        return status;
    const unsigned char *p = blob->data + at, *end = blob->data + blob->count;
    size_t width = layout->width, height = layout->height;
    bool runs = width >= 8 && width < 32768 && end - p > 2 && p[0] == 2 && p[1] == 2 && !(p[2] & 0x80);
    if (!runs)
        return (size_t)(end - p) < 4 * width * height ? damaged(blob, "it is truncated", call) : KB3D_OK;
    for (size_t y = 0; y < height; y++) {
        if (end - p < 4)
            return damaged(blob, "it is truncated", call);
        if (p[0] != 2 || p[1] != 2 || kb3d_be16(p + 2) != width)
            return damaged(blob, "a row has a wrong length", call);
        p += 4;
        for (size_t x = 0; x < 4 * width;) { /* four planes; a run never crosses into the next */
            if (end - p < 2)
                return damaged(blob, "it is truncated", call);
            size_t count = p[0] > 128 ? p[0] - 128 : p[0], bytes = p[0] > 128 ? 2 : 1 + count;
            if (!count || count > width - x % width)
                return damaged(blob, "a run is impossible", call);
            if (bytes > (size_t)(end - p))
                return damaged(blob, "it is truncated", call);
            p += bytes;
            x += count;
        }
    }
    return KB3D_OK;
}
