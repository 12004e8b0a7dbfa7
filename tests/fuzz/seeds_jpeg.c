/* JPEG whose blocks have one value each: quantised by 8, so that the DC
   coefficient is the value less 128. */
#include "seeds.h"

#include <stdlib.h>
#include <string.h>

typedef struct bits {
    seed *to;
    uint32_t buffer;
    int count;
} bits;

static void put_bits(bits *b, unsigned value, int count) {
    for (int i = count - 1; i >= 0; i--) {
        b->buffer = b->buffer << 1 | (value >> i & 1);
        if (++b->count == 8) {
            unsigned char byte = b->buffer & 255;
            seed_bytes(b->to, &byte, 1);
            if (byte == 255)
                seed_bytes(b->to, "", 1);
            b->count = 0;
        }
    }
}

static void flush(bits *b) {
    while (b->count)
        put_bits(b, 1, 1);
}

static void segment(seed *s, int marker, const void *bytes, size_t count) {
    unsigned char head[4] = {255, (unsigned char)marker, (unsigned char)((count + 2) >> 8),
                             (unsigned char)((count + 2) & 255)};
    seed_bytes(s, head, 4);
    seed_bytes(s, bytes, count);
}

static void put_exif(seed *s, const seed_jpeg_params *p) {
    unsigned char e[6 + 8 + 2 + 24 + 4 + 2 + 12 + 4] = "Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\0\0\0"
                                                       "\x87\x69\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0"
                                                       "\0\x01\xa4\x05\0\x03\0\0\0\x01";
    e[25] = (unsigned char)p->orientation;
    e[55] = (unsigned char)p->focal_35mm;
    if (!p->big_endian) { /* turn every number round */
        static const unsigned char sizes[] = {2, 2, 4, 2, 2, 2, 4, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 4, 2, 2};
        unsigned char *q = e + 6;
        memcpy(q, "II", 2);
        for (size_t i = 0; i < sizeof sizes; q += sizes[i++])
            for (int k = 0; i && k < sizes[i] / 2; k++) {
                unsigned char t = q[k];
                q[k] = q[sizes[i] - 1 - k];
                q[sizes[i] - 1 - k] = t;
            }
    }
    segment(s, 0xe1, e, sizeof e);
}

/* DC category and value; the 12 categories have the 4-bit codes 0..11. */
static void put_dc(bits *b, int difference) {
    int size = 0, amount = difference < 0 ? -difference : difference;
    while (amount >> size)
        size++;
    put_bits(b, size, 4);
    put_bits(b, difference < 0 ? difference + (1 << size) - 1 : difference, size);
}

static void put_scan_header(seed *s, const int *ids, int count, int start, int stop, int low) {
    unsigned char head[12] = {(unsigned char)count};
    for (int i = 0; i < count; i++)
        head[1 + 2 * i] = (unsigned char)ids[i];
    head[1 + 2 * count] = (unsigned char)start;
    head[2 + 2 * count] = (unsigned char)stop;
    head[3 + 2 * count] = (unsigned char)low;
    segment(s, 0xda, head, 4 + 2 * (size_t)count);
}

/* All components in one scan; a progressive file's DC scan has no AC codes. */
static void put_blocks(seed *s, const seed_jpeg_params *p, int sampling) {
    bits b = {s, 0, 0};
    int last[4] = {0}, across = (p->width + 8 * sampling - 1) / (8 * sampling),
        down = (p->height + 8 * sampling - 1) / (8 * sampling);
    for (int mcu = 0; mcu < across * down; mcu++) {
        if (p->interval && mcu && mcu % p->interval == 0) {
            unsigned char restart[2] = {255, (unsigned char)(0xd0 + (mcu / p->interval - 1) % 8)};
            flush(&b);
            seed_bytes(s, restart, 2);
            memset(last, 0, sizeof last);
        }
        for (int c = 0; c < p->components; c++) {
            int side = c ? 1 : sampling;
            for (int k = 0; k < side * side; k++) {
                int value = seed_value(mcu % across * side + k % side, mcu / across * side + k / side, c) - 128;
                put_dc(&b, value - last[c]);
                last[c] = value;
                if (!p->progressive)
                    put_bits(&b, 0, 2); /* end of block */
            }
        }
    }
    flush(&b);
}

void seed_jpeg(seed *s, const seed_jpeg_params *p) {
    static const int ids[4] = {1, 2, 3, 4};
    /* DC: 12 codes of 4 bits. AC: end of block, one value, a zero run of 16; 2 bits. */
    static const unsigned char dc[1 + 16 + 12] = {0, 0, 0, 0, 12, [17] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const unsigned char ac[1 + 16 + 3] = {0x10, 0, 3, [17] = 0x00, 0x01, 0xf0};
    unsigned char quant[65] = {0}, frame[6 + 12] = {8};
    int sampling = p->components > 1 ? p->sampling : 1;
    memset(quant + 1, 8, 64);
    seed_bytes(s, "\xff\xd8", 2);
    if (p->orientation)
        put_exif(s, p);
    if (p->components == 4)
        segment(s, 0xee, "Adobe\0\x64\0\0\0\0", 12); /* plain, inverted CMYK */
    segment(s, 0xdb, quant, 65);
    frame[1] = (unsigned char)(p->height >> 8);
    frame[2] = (unsigned char)p->height;
    frame[3] = (unsigned char)(p->width >> 8);
    frame[4] = (unsigned char)p->width;
    frame[5] = (unsigned char)p->components;
    for (int c = 0; c < p->components; c++) {
        frame[6 + 3 * c] = (unsigned char)ids[c];
        frame[7 + 3 * c] = c ? 0x11 : (unsigned char)(sampling * 17);
    }
    segment(s, p->progressive ? 0xc2 : 0xc0, frame, 6 + 3 * (size_t)p->components);
    segment(s, 0xc4, dc, sizeof dc);
    segment(s, 0xc4, ac, sizeof ac);
    if (p->interval) {
        unsigned char interval[2] = {(unsigned char)(p->interval >> 8), (unsigned char)p->interval};
        segment(s, 0xdd, interval, 2);
    }
    put_scan_header(s, ids, p->components, 0, p->progressive ? 0 : 63, 0);
    put_blocks(s, p, sampling);
    for (int c = 0; p->progressive && !p->interval && c < p->components; c++) { /* empty AC scans, a bit pair a block */
        bits b = {s, 0, 0};
        int side = c ? sampling : 1;
        int across = ((p->width + side - 1) / side + 7) / 8, down = ((p->height + side - 1) / side + 7) / 8;
        put_scan_header(s, ids + c, 1, 1, 63, 0);
        for (int i = 0; i < across * down; i++)
            put_bits(&b, 0, 2);
        flush(&b);
    }
    seed_bytes(s, "\xff\xd9", 2);
}
