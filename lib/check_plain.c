/* BMP, PSD and TGA: headers whose sizes must agree with the file's. stb_image
   reads zeros behind a file's end, and palettes past theirs. */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

static kb3d_status unsupported(const kb3d_blob *blob, const char *what, kb3d_call *call) {
    return kb3d_fail(call, KB3D_ERROR_UNSUPPORTED, "%s: %s is not supported: save it as PNG", blob->name, what);
}

/* The greatest index in rows of 1, 4 or 8 bit indices. */
static int greatest_index(const unsigned char *rows, size_t stride, int width, int height, int bits) {
    int greatest = 0, each = 8 / bits, mask = (1 << bits) - 1;
    for (int y = 0; y < height; y++, rows += stride)
        for (int x = 0; x < width; x++) {
            int index = rows[x / each] >> (8 - bits - x % each * bits) & mask;
            greatest = index > greatest ? index : greatest;
        }
    return greatest;
}

kb3d_status kb3d_check_bmp(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call) {
    const unsigned char *d = blob->data;
    layout->sample = KB3D_SAMPLE_U8;
    if (blob->count < 30)
        return kb3d_damaged(blob, "BMP", "it is truncated", call);
    uint64_t offset = kb3d_le32(d + 10), head = kb3d_le32(d + 14);
    if (head == 12)
        return unsupported(blob, "BMP of OS/2", call);
    if (blob->count < 54 || offset > blob->count)
        return kb3d_damaged(blob, "BMP", "it is truncated", call);
    int64_t height = (int32_t)kb3d_le32(d + 22);
    kb3d_status status = kb3d_check_size(blob, kb3d_le32(d + 18), llabs(height), 4, layout, call);
    if (status)
        return status;
    unsigned bits = kb3d_le16(d + 28), compression = kb3d_le32(d + 30);
    if (compression && compression != 3)
        return unsupported(blob, "compressed BMP", call);
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
        return kb3d_damaged(blob, "BMP", "its header is impossible", call);
    uint64_t row = ((uint64_t)layout->width * bits + 7) / 8, stride = (row + 3) & ~(uint64_t)3;
    if (stride * (layout->height - 1) + row > blob->count - offset) /* some writers do not fill up the last row */
        return kb3d_damaged(blob, "BMP", "it is truncated", call);
    uint64_t colours = offset < 14 + head ? 0 : (offset - 14 - head) / 4;
    if (bits <= 8 && (colours < 1 || colours > 256 ||
                      greatest_index(d + offset, stride, layout->width, layout->height, bits) >= (int)colours))
        return kb3d_damaged(blob, "BMP", "it uses colours that its palette lacks", call);
    return KB3D_OK;
}

kb3d_status kb3d_check_psd(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call) {
    const unsigned char *d = blob->data;
    if (blob->count < 26)
        return kb3d_damaged(blob, "PSD", "it is truncated", call);
    unsigned channels = kb3d_be16(d + 12), depth = kb3d_be16(d + 22);
    if (kb3d_be16(d + 4) != 1 || kb3d_be16(d + 24) != 3 || (depth != 8 && depth != 16))
        return unsupported(blob, "PSD other than RGB with 8 or 16 bit", call);
    if (channels < 3 || channels > 16)
        return kb3d_damaged(blob, "PSD", "its number of channels is impossible", call);
    layout->sample = depth == 16 ? KB3D_SAMPLE_U16 : KB3D_SAMPLE_U8;
    kb3d_status status = kb3d_check_size(blob, kb3d_be32(d + 18), kb3d_be32(d + 14), depth / 2, layout, call);
    if (status)
        return status;
    uint64_t at = 26;
    for (int section = 0; section < 3 && at + 4 <= blob->count; section++)
        at += 4 + (uint64_t)kb3d_be32(d + at);
    if (at + 2 > blob->count)
        return kb3d_damaged(blob, "PSD", "it is truncated", call);
    unsigned compression = kb3d_be16(d + at), planes = channels < 4 ? channels : 4;
    uint64_t need = (uint64_t)layout->width * layout->height * planes * (depth / 8);
    at += 2;
    if (compression > 1 || (compression == 1 && depth == 16))
        return unsupported(blob, "PSD compressed in this way", call);
    if (compression == 1) { /* a table of row lengths, then the rows */
        uint64_t rows = (uint64_t)layout->height * channels, used = (uint64_t)layout->height * planes;
        if (2 * rows > blob->count - at)
            return kb3d_damaged(blob, "PSD", "it is truncated", call);
        need = 2 * rows;
        for (uint64_t row = 0; row < used; row++)
            need += kb3d_be16(d + at + 2 * row);
    }
    return need > blob->count - at ? kb3d_damaged(blob, "PSD", "it is truncated", call) : KB3D_OK;
}

bool kb3d_is_tga(const kb3d_blob *blob) {
    static const unsigned char none[5];
    const unsigned char *d = blob->data;
    if (blob->count < 18 || d[17] & 0xc0 || (d[17] & 15) > 8 || !kb3d_le16(d + 12) || !kb3d_le16(d + 14))
        return false;
    int kind = d[2] & 7, bits = d[16];
    if (d[2] & ~11)
        return false;
    if (d[1] == 1) /* with a palette of any but no colours */
        return kind == 1 && !kb3d_le16(d + 3) && kb3d_le16(d + 5) && (bits == 8 || bits == 16) &&
               (d[7] == 15 || d[7] == 16 || d[7] == 24 || d[7] == 32);
    if (d[1] || memcmp(d + 3, none, 5))
        return false;
    return kind == 3 ? bits == 8 || bits == 16
                     : kind == 2 && (bits == 15 || bits == 16 || bits == 24 || bits == 32);
}

kb3d_status kb3d_check_tga(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call) {
    const unsigned char *d = blob->data;
    layout->sample = KB3D_SAMPLE_U8;
    kb3d_status status = kb3d_check_size(blob, kb3d_le16(d + 12), kb3d_le16(d + 14), 4, layout, call);
    if (status)
        return status;
    size_t at = 18 + d[0] + (d[1] ? (size_t)kb3d_le16(d + 5) * ((d[7] + 7) / 8) : 0), unit = (d[16] + 7) / 8;
    uint64_t pixels = (uint64_t)layout->width * layout->height;
    if (d[2] < 8)
        at += pixels * unit;
    while (d[2] >= 8 && pixels && at < blob->count) { /* packets of 1..128 pixels */
        unsigned count = 1 + (d[at] & 127);
        at += 1 + (d[at] & 128 ? unit : unit * count);
        pixels -= count < pixels ? count : pixels;
    }
    return at > blob->count || (d[2] >= 8 && pixels) ? kb3d_damaged(blob, "TGA", "it is truncated", call) : KB3D_OK;
}
