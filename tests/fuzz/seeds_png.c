/* PNG, with its data in stored deflate blocks. */
#include "seeds.h"

#include <stdlib.h>
#include <string.h>

static uint32_t crc_of(const unsigned char *p, size_t count) {
    uint32_t v = 0xffffffffu;
    while (count--) {
        v ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            v = v & 1 ? 0xedb88320u ^ v >> 1 : v >> 1;
    }
    return ~v;
}

static void store32(unsigned char *p, uint32_t v) {
    p[0] = v >> 24;
    p[1] = v >> 16 & 255;
    p[2] = v >> 8 & 255;
    p[3] = v & 255;
}

void seed_png_chunk(seed *s, const char *type, const void *bytes, size_t count) {
    unsigned char length[4], sum[4];
    store32(length, (uint32_t)count);
    seed_bytes(s, length, 4);
    size_t at = s->count;
    seed_bytes(s, type, 4);
    seed_bytes(s, bytes, count);
    store32(sum, crc_of(s->data + at, count + 4));
    seed_bytes(s, sum, 4);
}

void seed_png_repair(unsigned char *data, size_t count) {
    if (count < 8 || memcmp(data, "\x89PNG\r\n\x1a\n", 8))
        return;
    for (size_t at = 8; count - at >= 12;) {
        size_t length = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];
        if (length > count - at - 12)
            return;
        store32(data + at + 8 + length, crc_of(data + at + 4, length + 4));
        at += length + 12;
    }
}

/* One pass of rows, a filter byte before each; filters take turns. */
static void put_rows(seed *raw, const seed_png_params *p, int x0, int y0, int dx, int dy) {
    static const unsigned char channel_counts[7] = {1, 0, 3, 1, 2, 0, 4};
    int channels = channel_counts[p->colour], colours = p->palette ? p->palette : 1 << (p->depth < 8 ? p->depth : 8);
    if (x0 >= p->width)
        return;
    for (int y = y0; y < p->height; y += dy) {
        unsigned byte = 0;
        int bits = 0;
        seed_bytes(raw, "", 1);
        for (int x = x0; x < p->width; x += dx)
            for (int c = 0; c < channels; c++) {
                int v = seed_value(x, y, c);
                if (p->colour == 3)
                    v %= colours;
                else if (p->depth < 8)
                    v >>= 8 - p->depth;
                unsigned char pair[2] = {(unsigned char)v, (unsigned char)v};
                if (p->depth >= 8) {
                    seed_bytes(raw, pair, p->depth / 8);
                    continue;
                }
                byte = byte << p->depth | v;
                bits += p->depth;
                if (bits == 8) {
                    pair[0] = (unsigned char)byte;
                    seed_bytes(raw, pair, 1);
                    byte = bits = 0;
                }
            }
        if (bits) {
            unsigned char last = (unsigned char)(byte << (8 - bits));
            seed_bytes(raw, &last, 1);
        }
    }
}

static void put_data(seed *s, const seed *raw) {
    seed z = {0};
    uint32_t a = 1, b = 0;
    unsigned char sum[4];
    seed_bytes(&z, "\x78\x01", 2);
    for (size_t at = 0; at < raw->count; at += 65535) {
        size_t n = raw->count - at < 65535 ? raw->count - at : 65535;
        unsigned char head[5] = {at + n == raw->count, n & 255, n >> 8, ~n & 255, ~n >> 8 & 255};
        seed_bytes(&z, head, 5);
        seed_bytes(&z, raw->data + at, n);
    }
    for (size_t i = 0; i < raw->count; i++) {
        a = (a + raw->data[i]) % 65521;
        b = (b + a) % 65521;
    }
    store32(sum, b << 16 | a);
    seed_bytes(&z, sum, 4);
    seed_png_chunk(s, "IDAT", z.data, z.count / 2);
    seed_png_chunk(s, "IDAT", z.data + z.count / 2, z.count - z.count / 2);
    seed_free(&z);
}

void seed_png(seed *s, const seed_png_params *p) {
    unsigned char header[13] = {0}, palette[768];
    seed raw = {0};
    seed_bytes(s, "\x89PNG\r\n\x1a\n", 8);
    store32(header, (uint32_t)p->width);
    store32(header + 4, (uint32_t)p->height);
    header[8] = (unsigned char)p->depth;
    header[9] = (unsigned char)p->colour;
    header[12] = (unsigned char)p->interlaced;
    seed_png_chunk(s, "IHDR", header, 13);
    if (p->orientation) {
        unsigned char exif[26] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01";
        exif[19] = (unsigned char)p->orientation;
        seed_png_chunk(s, "eXIf", exif, sizeof exif);
    }
    if (p->colour == 3) {
        int colours = p->palette ? p->palette : 1 << p->depth;
        for (int i = 0; i < 3 * colours; i++)
            palette[i] = (unsigned char)seed_value(i / 3, 0, i % 3);
        seed_png_chunk(s, "PLTE", palette, 3 * (size_t)colours);
    }
    if (p->transparent) {
        int same = seed_value(0, 0, 0) >> (p->depth < 8 ? 8 - p->depth : 0);
        unsigned char key[6] = {p->depth == 16 ? (unsigned char)same : 0, (unsigned char)same};
        seed_png_chunk(s, "tRNS", key, p->colour == 3 ? 2 : p->colour == 2 ? 6 : 2);
    }
    if (p->interlaced) {
        static const int x0[7] = {0, 4, 0, 2, 0, 1, 0}, y0[7] = {0, 0, 4, 0, 2, 0, 1};
        static const int dx[7] = {8, 8, 4, 4, 2, 2, 1}, dy[7] = {8, 8, 8, 4, 4, 2, 2};
        for (int i = 0; i < 7; i++)
            put_rows(&raw, p, x0[i], y0[i], dx[i], dy[i]);
    } else {
        put_rows(&raw, p, 0, 0, 1, 1);
    }
    put_data(s, &raw);
    seed_png_chunk(s, "IEND", NULL, 0);
    seed_free(&raw);
}
