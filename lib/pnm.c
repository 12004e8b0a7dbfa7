/* Netpbm's binary formats: PGM and PPM as pictures, PFM as depth. */
#include "picture.h"

#include <string.h>

typedef struct header {
    uint64_t width, height;
    char last[32]; /* the greatest value, or PFM's scale */
    size_t at;     /* the first sample */
} header;

/* Copies the next word, with white space and comments before it skipped. */
static bool next_word(const kb3d_blob *blob, size_t *at, char word[32]) {
    const unsigned char *d = blob->data;
    size_t n = 0;
    while (*at < blob->count && (d[*at] == ' ' || (d[*at] >= '\t' && d[*at] <= '\r') || d[*at] == '#'))
        if (d[(*at)++] == '#')
            while (*at < blob->count && d[*at] != '\n')
                ++*at;
    for (; *at < blob->count && d[*at] > ' ' && d[*at] < 127 && n < 31; ++*at)
        word[n++] = (char)d[*at];
    word[n] = 0;
    return n && n < 31;
}

/* Up to nine digits; 0 for anything else. */
static uint64_t number(const char *word) {
    uint64_t value = 0;
    size_t digits = strspn(word, "0123456789");
    if (word[digits] || digits > 9)
        return 0;
    while (*word)
        value = 10 * value + (uint64_t)(*word++ - '0');
    return value;
}

/* Behind the two magic letters: width, height, one more word, one white space. */
static bool read_header(const kb3d_blob *blob, header *h) {
    char word[32];
    h->at = 2;
    if (!next_word(blob, &h->at, word))
        return false;
    h->width = number(word);
    if (!next_word(blob, &h->at, word))
        return false;
    h->height = number(word);
    return next_word(blob, &h->at, h->last) && h->at++ < blob->count;
}

static kb3d_status allocate(kb3d_mem *mem, const kb3d_blob *blob, kb3d_raster *raster, kb3d_call *call) {
    kb3d_status status = kb3d_mem_alloc(mem, &raster->data, (size_t)raster->width * raster->height,
                                        (size_t)raster->channels * raster->sample, NULL);
    return status ? kb3d_no_memory(blob->name, mem, status, call) : KB3D_OK;
}

kb3d_status kb3d_pnm_load(kb3d_mem *mem, const kb3d_blob *blob, kb3d_raster *raster, kb3d_call *call) {
    header h;
    if (!read_header(blob, &h))
        return kb3d_damaged(blob, "PNM", "its header is impossible", call);
    uint64_t greatest = number(h.last);
    if (greatest < 1 || greatest > 65535)
        return kb3d_damaged(blob, "PNM", "its greatest value is not 1..65535", call);
    kb3d_sample sample = greatest > 255 ? KB3D_SAMPLE_U16 : KB3D_SAMPLE_U8;
    int channels = blob->data[1] == '6' ? 3 : 1;
    kb3d_layout layout = {0};
    kb3d_status status = kb3d_check_size(blob, h.width, h.height, channels * (int)sample, &layout, call);
    if (status)
        return status;
    size_t samples = (size_t)layout.width * layout.height * channels;
    if (samples * sample > blob->count - h.at)
        return kb3d_damaged(blob, "PNM", "it is truncated", call);
    kb3d_raster made = {.width = layout.width, .height = layout.height, .channels = channels, .sample = sample};
    if ((status = allocate(mem, blob, &made, call)))
        return status;
    const unsigned char *from = blob->data + h.at;
    uint32_t full = sample == KB3D_SAMPLE_U16 ? 65535 : 255;
    for (size_t i = 0; i < samples; i++) {
        uint32_t v = sample == KB3D_SAMPLE_U16 ? kb3d_be16(from + 2 * i) : from[i];
        if (greatest != full)
            v = v >= greatest ? full : (uint32_t)((v * full + greatest / 2) / greatest);
        if (sample == KB3D_SAMPLE_U16)
            ((uint16_t *)made.data)[i] = (uint16_t)v;
        else
            ((unsigned char *)made.data)[i] = (unsigned char)v;
    }
    *raster = made;
    return KB3D_OK;
}

/* Rows from bottom to top; the sign of the scale tells the byte order, its
   amount has no agreed meaning and is left alone. */
kb3d_status kb3d_pfm_load(kb3d_mem *mem, const kb3d_blob *blob, kb3d_raster *raster, kb3d_call *call) {
    header h;
    if (!read_header(blob, &h))
        return kb3d_damaged(blob, "PFM", "its header is impossible", call);
    if (strspn(h.last, "+-.0123456789eE") != strlen(h.last) || !strpbrk(h.last, "123456789"))
        return kb3d_damaged(blob, "PFM", "its scale is not a number other than 0", call);
    int channels = blob->data[1] == 'F' ? 3 : 1;
    bool little_endian = h.last[0] == '-';
    kb3d_layout layout = {0};
    kb3d_status status = kb3d_check_size(blob, h.width, h.height, 4 * channels, &layout, call);
    if (status)
        return status;
    size_t width = layout.width, height = layout.height;
    if (4 * width * height * channels > blob->count - h.at)
        return kb3d_damaged(blob, "PFM", "it is truncated", call);
    kb3d_raster made = {.width = layout.width, .height = layout.height, .channels = 1, .sample = KB3D_SAMPLE_F32,
                        .linear = 1};
    if ((status = allocate(mem, blob, &made, call)))
        return status;
    for (size_t y = 0; y < height; y++) {
        const unsigned char *row = blob->data + h.at + 4 * width * channels * (height - 1 - y);
        for (size_t x = 0; x < width; x++) {
            const unsigned char *p = row + 4 * channels * x;
            uint32_t bits = little_endian ? kb3d_le32(p) : kb3d_be32(p);
            memcpy((float *)made.data + y * width + x, &bits, sizeof bits);
        }
    }
    *raster = made;
    return KB3D_OK;
}
