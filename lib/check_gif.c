/* The first frame of a GIF file: walked code by code, because stb_image spends
   up to 4096 steps on a code even when the frame has long been full. */
#include "picture.h"

static kb3d_status damaged(const kb3d_blob *blob, const char *cause, kb3d_call *call) {
    return kb3d_damaged(blob, "GIF", cause, call);
}

/* The frame's data, a byte at a time out of their sub-blocks; negative at the end. */
typedef struct stream {
    const kb3d_blob *blob;
    size_t at;
    unsigned left;
} stream;

static int next_byte(stream *s) {
    if (s->at < s->blob->count && !s->left)
        s->left = s->blob->data[s->at++];
    if (!s->left || s->at >= s->blob->count)
        return -1;
    s->left--;
    return s->blob->data[s->at++];
}

/* Walks the LZW codes with the same table as stb_image's, lengths only. */
static kb3d_status walk_codes(const kb3d_blob *blob, size_t at, uint64_t area, kb3d_call *call) {
    uint16_t length[8192];
    int start_bits = at < blob->count ? blob->data[at] : 0;
    if (start_bits < 2 || start_bits > 8)
        return damaged(blob, "its code size is impossible", call);
    int clear = 1 << start_bits, bits = start_bits + 1, next = clear + 2, old = -1, valid = 0;
    uint32_t buffer = 0;
    uint64_t pixels = 0;
    bool cleared = false;
    for (int i = 0; i < clear; i++)
        length[i] = 1;
    stream s = {blob, at + 1, 0};
    while (pixels <= area + 4096) {
        while (valid < bits) {
            int byte = next_byte(&s);
            if (byte < 0)
                return pixels >= area ? KB3D_OK : damaged(blob, "it is truncated", call);
            buffer |= (uint32_t)byte << valid;
            valid += 8;
        }
        int code = buffer & ((1 << bits) - 1);
        buffer >>= bits;
        valid -= bits;
        if (code == clear) {
            bits = start_bits + 1;
            next = clear + 2;
            old = -1;
            cleared = true;
        } else if (code == clear + 1) {
            return pixels >= area ? KB3D_OK : damaged(blob, "picture data are missing", call);
        } else {
            if (!cleared || code > next || (old < 0 && code == next) || next >= 8192)
                return damaged(blob, "it has an impossible code", call);
            if (old >= 0)
                length[next++] = length[old] + 1;
            pixels += length[code];
            if (!(next & ((1 << bits) - 1)) && next <= 0xfff)
                bits++;
            old = code;
        }
    }
    return damaged(blob, "it has more pixels than its frame", call);
}

kb3d_status kb3d_check_gif(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call) {
    const unsigned char *d = blob->data;
    layout->sample = KB3D_SAMPLE_U8;
    if (blob->count < 13)
        return damaged(blob, "it is truncated", call);
    kb3d_status status = kb3d_check_size(blob, kb3d_le16(d + 6), kb3d_le16(d + 8), 4, layout, call);
    if (status)
        return status;
    size_t at = 13 + (d[10] & 0x80 ? 3 * (2u << (d[10] & 7)) : 0);
    while (at < blob->count && d[at] == 0x21) { /* extensions */
        if (blob->count - at > 2 && d[at + 1] == 0xf9 && d[at + 2] != 4)
            return damaged(blob, "its graphic control has a wrong length", call);
        at += 2;
        while (at < blob->count && d[at])
            at += 1 + d[at];
        at++;
    }
    if (at >= blob->count || blob->count - at < 11)
        return damaged(blob, "it is truncated", call);
    unsigned width = kb3d_le16(d + at + 5), height = kb3d_le16(d + at + 7), flags = d[at + 9];
    if (d[at] != 0x2c || !width || !height)
        return damaged(blob, "it has no frame", call);
    if (kb3d_le16(d + at + 1) + width > (unsigned)layout->width ||
        kb3d_le16(d + at + 3) + height > (unsigned)layout->height || !((flags | d[10]) & 0x80))
        return damaged(blob, "its first frame is impossible", call);
    at += 10 + (flags & 0x80 ? 3 * (2u << (flags & 7)) : 0);
    return walk_codes(blob, at, (uint64_t)width * height, call);
}
