/* The structure of a PNG file (ISO/IEC 15948): stb_image checks no sums, and
   lets the compressed data grow to any size. */
#include "picture.h"

#include <string.h>

static kb3d_status damaged(const kb3d_blob *blob, const char *cause, kb3d_call *call) {
    return kb3d_damaged(blob, "PNG", cause, call);
}

/* CRC-32 four bytes a step: the sum must stay a small part of the decoding. */
typedef struct crc { uint32_t table[4][256]; } crc;

static void crc_init(crc *c) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t v = i;
        for (int bit = 0; bit < 8; bit++)
            v = v & 1 ? 0xedb88320u ^ v >> 1 : v >> 1;
        c->table[0][i] = v;
    }
    for (int k = 1; k < 4; k++)
        for (int i = 0; i < 256; i++)
            c->table[k][i] = c->table[0][c->table[k - 1][i] & 255] ^ c->table[k - 1][i] >> 8;
}

static uint32_t crc_of(const crc *c, const unsigned char *p, size_t count) {
    uint32_t v = 0xffffffffu;
    for (; count >= 4; count -= 4, p += 4) {
        v ^= kb3d_le32(p);
        v = c->table[3][v & 255] ^ c->table[2][v >> 8 & 255] ^ c->table[1][v >> 16 & 255] ^ c->table[0][v >> 24];
    }
    while (count--)
        v = c->table[0][(v ^ *p++) & 255] ^ v >> 8;
    return ~v;
}

typedef struct header {
    int depth, colour, channels; /* channels: in the file */
    uint64_t raw; /* bytes the compressed data must give */
} header;

static uint64_t pass_bytes(uint64_t width, uint64_t height, int pixel_bits) {
    return width && height ? ((width * pixel_bits + 7) / 8 + 1) * height : 0;
}

static kb3d_status read_header(const kb3d_blob *blob, const unsigned char *p, header *h, kb3d_layout *layout,
                               kb3d_call *call) {
    static const unsigned char channels[7] = {1, 0, 3, 1, 2, 0, 4};
    h->depth = p[8];
    h->colour = p[9];
    h->channels = p[9] < 7 ? channels[p[9]] : 0;
    bool small = p[8] == 1 || p[8] == 2 || p[8] == 4;
    if (!h->channels || !(p[8] == 8 || (p[8] == 16 && p[9] != 3) || (small && (p[9] == 0 || p[9] == 3))) ||
        p[10] || p[11] || p[12] > 1)
        return damaged(blob, "its header is impossible", call);
    layout->sample = h->depth == 16 ? KB3D_SAMPLE_U16 : KB3D_SAMPLE_U8;
    uint64_t width = kb3d_be32(p), height = kb3d_be32(p + 4);
    /* transparency may add a channel, a palette becomes four */
    kb3d_status status = kb3d_check_size(blob, width, height, 4 * (int)layout->sample, layout, call);
    if (status)
        return status;
    int bits = h->depth * h->channels;
    h->raw = pass_bytes(width, height, bits);
    if (p[12]) { /* Adam7 */
        static const int x0[7] = {0, 4, 0, 2, 0, 1, 0}, y0[7] = {0, 0, 4, 0, 2, 0, 1};
        static const int dx[7] = {8, 8, 4, 4, 2, 2, 1}, dy[7] = {8, 8, 8, 4, 4, 2, 2};
        h->raw = 0;
        for (int i = 0; i < 7; i++)
            h->raw += pass_bytes((width + dx[i] - 1 - x0[i]) / dx[i], (height + dy[i] - 1 - y0[i]) / dy[i], bits);
    }
    return KB3D_OK;
}

kb3d_status kb3d_check_png(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call) {
    crc sums;
    crc_init(&sums);
    header h = {0};
    uint64_t compressed = 0;
    bool palette = false;
    for (size_t at = 8;;) {
        if (blob->count - at < 12 || kb3d_be32(blob->data + at) > blob->count - at - 12)
            return damaged(blob, "it is truncated", call);
        const unsigned char *type = blob->data + at + 4, *p = type + 4;
        size_t count = kb3d_be32(blob->data + at);
        bool critical = !(type[0] & 32), is_header = !memcmp(type, "IHDR", 4);
        if (critical && crc_of(&sums, type, count + 4) != kb3d_be32(p + count))
            return damaged(blob, "a checksum is wrong", call);
        if (is_header != (at == 8) || (is_header && count != 13))
            return damaged(blob, "it does not start with one header", call);
        if (is_header) {
            kb3d_status status = read_header(blob, p, &h, layout, call);
            if (status)
                return status;
        } else if (!memcmp(type, "PLTE", 4)) {
            if (palette || compressed || !count || count > 768 || count % 3)
                return damaged(blob, "its palette is impossible", call);
            palette = true;
            if (h.colour == 3 && count / 3 < 1u << h.depth) {
                layout->palette_at = at;
                layout->palette_entries = (int)(count / 3);
            }
        } else if (!memcmp(type, "IDAT", 4)) {
            compressed += count;
        } else if (!memcmp(type, "eXIf", 4)) {
            layout->exif_at = p - blob->data;
            layout->exif_count = count;
        } else if (!memcmp(type, "IEND", 4)) {
            break;
        } else if (critical) {
            return damaged(blob, "it has an unknown critical chunk", call);
        }
        at += count + 12;
    }
    if (!compressed || (h.colour == 3 && !palette))
        return damaged(blob, "picture data are missing", call);
    /* Deflate never needs noticeably more than the data themselves, nor gives
       more than 1032 times its input. */
    if (compressed > 2 * h.raw + 65536 || h.raw > 1032 * compressed + 4096)
        return damaged(blob, "its compressed data cannot be those of its size", call);
    layout->budget = 4 * compressed + 4 * h.raw + 3 * (uint64_t)layout->width * layout->height * 4 * layout->sample +
                     65536;
    return KB3D_OK;
}

kb3d_status kb3d_png_fill_palette(kb3d_mem *mem, const kb3d_blob *blob, const kb3d_layout *layout,
                                  kb3d_blob *copy, kb3d_call *call) {
    size_t entries = 3 * (size_t)layout->palette_entries, head = layout->palette_at + 8 + entries, gap = 768 - entries;
    unsigned char *data;
    kb3d_status status = kb3d_mem_alloc(mem, &data, blob->count + gap, 1, NULL);
    if (status)
        return kb3d_no_memory(blob->name, mem, status, call);
    memcpy(data, blob->data, head);
    memset(data + head, 0, gap);
    memcpy(data + head + gap, blob->data + head, blob->count - head);
    data[layout->palette_at + 2] = 768 >> 8;
    data[layout->palette_at + 3] = 768 & 255;
    *copy = *blob;
    copy->data = data;
    copy->count += gap;
    return KB3D_OK;
}
