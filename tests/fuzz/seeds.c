#include "seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void seed_free(seed *s) {
    free(s->data);
    *s = (seed){0};
}

void seed_bytes(seed *s, const void *bytes, size_t count) {
    if (!count)
        return;
    unsigned char *data = realloc(s->data, s->count + count);
    if (!data)
        abort();
    memcpy(data + s->count, bytes, count);
    s->data = data;
    s->count += count;
}

void seed_text(seed *s, const char *text) {
    seed_bytes(s, text, strlen(text));
}

static void put(seed *s, int byte) {
    unsigned char b = (unsigned char)byte;
    seed_bytes(s, &b, 1);
}

static void put_le16(seed *s, unsigned v) {
    put(s, v & 255);
    put(s, v >> 8 & 255);
}

static void put_le32(seed *s, uint32_t v) {
    put_le16(s, v & 65535);
    put_le16(s, v >> 16);
}

static void put_be16(seed *s, unsigned v) {
    put(s, v >> 8 & 255);
    put(s, v & 255);
}

static void put_be32(seed *s, uint32_t v) {
    put_be16(s, v >> 16);
    put_be16(s, v & 65535);
}

int seed_value(int x, int y, int channel) {
    return (x * 37 + y * 91 + channel * 53 + 16) & 255;
}

void seed_gif(seed *s, int width, int height) {
    uint32_t bits = 0;
    int valid = 0, first = 1;
    seed block = {0};
    seed_text(s, "GIF89a");
    put_le16(s, width);
    put_le16(s, height);
    seed_bytes(s, "\xf7\0\0", 3); /* 256 colours */
    for (int i = 0; i < 256; i++)
        for (int c = 0; c < 3; c++)
            put(s, i);
    seed_bytes(s, "!\xf9\x04\x01\0\0\xff\0", 8);
    put(s, ',');
    put_le32(s, 0);
    put_le16(s, width);
    put_le16(s, height);
    seed_bytes(s, "\0\x08", 2);
    for (int i = 0; i < width * height + 1; i++) {
        int last = i == width * height, value = last ? 257 : seed_value(i % width, i / width, 0);
        for (int clear = first || (!last && i % 200 == 0); clear >= 0; clear--) { /* keeps the codes at 9 bits */
            bits |= (uint32_t)(clear ? 256 : value) << valid;
            for (valid += 9; valid >= 8; valid -= 8, bits >>= 8)
                put(&block, bits & 255);
        }
        first = 0;
    }
    put(&block, bits & 255);
    for (size_t at = 0; at < block.count; at += 255) {
        size_t count = block.count - at < 255 ? block.count - at : 255;
        put(s, (int)count);
        seed_bytes(s, block.data + at, count);
    }
    seed_bytes(s, "\0;", 2);
    seed_free(&block);
}

void seed_bmp(seed *s, int width, int height, int bits) {
    int colours = bits <= 8 ? 1 << bits : 0, stride = (width * bits + 31) / 32 * 4;
    seed_text(s, "BM");
    put_le32(s, 54 + 4 * colours + stride * height);
    put_le32(s, 0);
    put_le32(s, 54 + 4 * colours);
    put_le32(s, 40);
    put_le32(s, width);
    put_le32(s, height);
    put_le16(s, 1);
    put_le16(s, bits);
    for (int i = 0; i < 6; i++)
        put_le32(s, 0);
    for (int i = 0; i < colours; i++)
        for (int c = 0; c < 4; c++)
            put(s, i * 255 / (colours - 1));
    for (int y = height - 1; y >= 0; y--)
        for (int i = 0; i < stride; i++) {
            int n = bits / 8;
            put(s, n < 2 ? seed_value(i, y, 0) : seed_value(i / n, y, n > 2 ? 2 - i % n : 0));
        }
}

void seed_tga(seed *s, int width, int height, int kind, int bits) {
    int palette = (kind & 7) == 1, n = (bits + 7) / 8;
    put(s, 0);
    put(s, palette);
    put(s, kind);
    put_le16(s, 0);
    put_le16(s, palette ? 256 : 0);
    put(s, palette ? 24 : 0);
    put_le32(s, 0);
    put_le16(s, width);
    put_le16(s, height);
    put(s, bits);
    put(s, 0x20); /* top-down */
    for (int i = 0; palette && i < 768; i++)
        put(s, i / 3);
    for (int i = 0; i < width * height; i++) {
        if (kind & 8)
            put(s, i % 3 ? 0 : 0x80); /* packets of one pixel, raw and repeated */
        for (int c = 0; c < n; c++)
            put(s, seed_value(i % width, i / width, n > 2 ? c == 3 ? 3 : 2 - c : c));
    }
}

void seed_psd(seed *s, int width, int height, int depth, int runs) {
    seed_text(s, "8BPS");
    put_be16(s, 1);
    seed_bytes(s, "\0\0\0\0\0", 6);
    put_be16(s, 3);
    put_be32(s, height);
    put_be32(s, width);
    put_be16(s, depth);
    put_be16(s, 3);
    for (int i = 0; i < 3; i++)
        put_be32(s, 0);
    put_be16(s, runs);
    for (int i = 0; runs && i < 3 * height; i++)
        put_be16(s, 2 * width);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                if (runs)
                    put(s, 0);
                put(s, seed_value(x, y, c));
                if (depth == 16)
                    put(s, seed_value(x, y, c));
            }
}

void seed_hdr(seed *s, int width, int height, int runs) {
    char text[64];
    seed_text(s, "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n");
    snprintf(text, sizeof text, "-Y %d +X %d\n", height, width);
    seed_text(s, text);
    for (int y = 0; y < height; y++) {
        if (runs) {
            put_be16(s, 0x0202);
            put_be16(s, width);
        }
        for (int i = 0; i < 4 * width; i++) { /* by planes, or by pixels */
            int x = runs ? i % width : i / 4, c = runs ? i / width : i % 4;
            if (runs)
                put(s, i % 2 ? 1 : 129);
            put(s, c == 3 ? 128 : seed_value(x, y, c) | 128);
        }
    }
}

void seed_pnm(seed *s, int width, int height, int channels, int greatest) {
    char text[64];
    snprintf(text, sizeof text, "P%d # made by hand\n%d %d\n%d\n", channels == 3 ? 6 : 5, width, height, greatest);
    seed_text(s, text);
    for (int i = 0; i < width * height * channels; i++) {
        int v = seed_value(i / channels % width, i / channels / width, i % channels);
        v = v * greatest / 255;
        if (greatest > 255)
            put(s, v >> 8);
        put(s, v & 255);
    }
}

void seed_pfm(seed *s, int width, int height, int channels, int little_endian) {
    char text[64];
    snprintf(text, sizeof text, "P%c\n%d %d\n%s1.0\n", channels == 3 ? 'F' : 'f', width, height,
             little_endian ? "-" : "");
    seed_text(s, text);
    for (int y = height - 1; y >= 0; y--)
        for (int i = 0; i < width * channels; i++) {
            float value = (float)seed_value(i / channels, y, i % channels) * 0.25f;
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            if (little_endian)
                put_le32(s, bits);
            else
                put_be32(s, bits);
        }
}

int seed_picture(seed *s, int n) {
    static const seed_jpeg_params jpegs[] = {
        {17, 9, 1, 1, 0, 0, 0, 0, 0}, {33, 20, 3, 2, 0, 0, 6, 26, 0}, {20, 20, 3, 1, 0, 2, 8, 50, 1},
        {16, 16, 4, 1, 0, 0, 0, 0, 0}, {33, 17, 3, 2, 1, 0, 3, 35, 1}, {24, 24, 1, 1, 1, 3, 0, 0, 0}};
    static const seed_png_params pngs[] = {
        {9, 7, 8, 2, 0, 0, 0, 0}, {9, 7, 16, 6, 1, 0, 0, 6}, {9, 7, 8, 3, 0, 5, 1, 0}, {9, 7, 4, 3, 1, 0, 0, 0},
        {9, 7, 1, 0, 0, 0, 1, 0}, {9, 7, 2, 0, 1, 0, 0, 0},  {9, 7, 16, 0, 0, 0, 1, 0}, {9, 7, 8, 4, 0, 0, 0, 0}};
    enum { JPEGS = sizeof jpegs / sizeof jpegs[0], PNGS = sizeof pngs / sizeof pngs[0] };
    if (n < JPEGS)
        seed_jpeg(s, &jpegs[n]);
    else if (n < JPEGS + PNGS)
        seed_png(s, &pngs[n - JPEGS]);
    else
        switch (n - JPEGS - PNGS) {
        case 0: seed_gif(s, 9, 7); break;
        case 1: seed_bmp(s, 9, 7, 1); break;
        case 2: seed_bmp(s, 9, 7, 8); break;
        case 3: seed_bmp(s, 9, 7, 16); break;
        case 4: seed_bmp(s, 9, 7, 24); break;
        case 5: seed_bmp(s, 9, 7, 32); break;
        case 6: seed_tga(s, 9, 7, 2, 24); break;
        case 7: seed_tga(s, 9, 7, 10, 32); break;
        case 8: seed_tga(s, 9, 7, 1, 8); break;
        case 9: seed_tga(s, 9, 7, 11, 16); break;
        case 10: seed_psd(s, 9, 7, 8, 0); break;
        case 11: seed_psd(s, 9, 7, 8, 1); break;
        case 12: seed_psd(s, 9, 7, 16, 0); break;
        case 13: seed_hdr(s, 9, 7, 0); break;
        case 14: seed_hdr(s, 9, 7, 1); break;
        case 15: seed_pnm(s, 9, 7, 3, 255); break;
        case 16: seed_pnm(s, 9, 7, 1, 4095); break;
        default: return 0;
        }
    return 1;
}

int seed_depth(seed *s, int n) {
    if (n >= 4)
        return seed_picture(s, n - 4);
    seed_pfm(s, 9, 7, n & 1 ? 3 : 1, n >> 1);
    return 1;
}

int seed_manifest(seed *s, int n) {
    static const char whole[] =
        "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"a\", \"version\": \"1\", \"licence\": \"MIT\", "
        "\"entry\": \"forward\", \"output\": \"disparity\", \"input\": {\"order\": \"rgb\", \"mean\": [0, 0.5, 1], "
        "\"std\": [1, 1, 0.25], \"size\": {\"long_side\": 384, \"multiple\": 16, \"offset\": 1}}}";
    static const char exact[] = "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"b\", \"output\": \"depth\", "
                                "\"input\": {\"order\": \"bgr\", \"size\": {\"exact\": [384, 256]}}}";
    static const char segment[] =
        "{\"kb3d_manifest\": 1, \"role\": \"segment\", \"name\": \"c\", \"output\": \"class_scores\", "
        "\"output_key\": \"out\", \"classes\": {\"person\": [15], \"animal\": [3, 8], \"vehicle\": [], \"sky\": [9]}}";
    static const char refine[] =
        "{\"kb3d_manifest\": 1, \"role\": \"refine\", \"name\": \"d\", \"output\": \"inverse_depth\", \"source\": \"e\", "
        "\"sha256\": \"00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\", "
        "\"input\": {\"depth_size\": \"picture\"}}";
    static const char inpaint[] =
        "{\"kb3d_manifest\": 1, \"role\": \"inpaint\", \"name\": \"f\", \"output\": \"color_and_inverse_depth\", "
        "\"operators\": \"ops.so\", \"input\": {\"size\": {\"long_side\": 512, \"multiple\": 64}}}";
    static const char *const texts[] = {whole, exact, segment, refine, inpaint, "{}", "[1, 2.5e-3, \"\\u00e4\", true, null]"};
    if (n >= (int)(sizeof texts / sizeof texts[0]))
        return 0;
    seed_text(s, texts[n]);
    return 1;
}
