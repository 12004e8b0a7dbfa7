/* The decoder against files written by hand: every kind, every orientation, and what must be refused. */
#include "../check.h"
#include "../fuzz/seeds.h"
#include "decode.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static kb3d_mem mem;
static kb3d_raster raster;
static kb3d_file_info info;
static kb3d_call call;

static kb3d_status decode(const seed *s, size_t count) {
    kb3d_mem_free(&mem, raster.data);
    kb3d_call_begin(&call);
    return kb3d_decode_picture(&mem, 1000000, NULL, s->data, count, &raster, &info, &call);
}

static int sample(int x, int y, int channel) {
    size_t i = ((size_t)y * raster.width + x) * raster.channels + channel;
    return raster.sample == KB3D_SAMPLE_U8    ? ((unsigned char *)raster.data)[i]
           : raster.sample == KB3D_SAMPLE_U16 ? ((uint16_t *)raster.data)[i]
                                              : (int)lrintf(((float *)raster.data)[i]);
}

/* Decodes, gives the seed back, and compares what is known of the raster. */
static int gives(seed *s, int width, int height, int channels, kb3d_sample kind) {
    channels = channels == 2 ? 4 : channels; /* grey with alpha becomes RGBA */
    kb3d_status status = decode(s, s->count);
    seed_free(s);
    if (status)
        fprintf(stderr, "    %s\n", call.message);
    return CHECK_INT(status, KB3D_OK) && CHECK_INT(raster.width, width) && CHECK_INT(raster.height, height) &&
           CHECK_INT(raster.channels, channels) && CHECK_INT(raster.sample, kind);
}

/* Decodes, gives the seed back, and compares status and message. */
static void refused(seed *s, kb3d_status status, const char *message) {
    CHECK_INT(decode(s, s->count), status);
    CHECK_TEXT(call.message, message);
    CHECK(!raster.data);
    seed_free(s);
}

static void test_jpeg(void) {
    for (int progressive = 0; progressive < 2; progressive++)
        for (int interval = 0; interval < 3; interval += 2) {
            seed s = {0};
            seed_jpeg(&s, &(seed_jpeg_params){20, 13, 1, 1, progressive, interval, 0, 0, 0});
            if (gives(&s, 20, 13, 1, KB3D_SAMPLE_U8))
                for (int i = 0; i < 20 * 13; i++)
                    CHECK_NEAR(sample(i % 20, i / 20, 0), seed_value(i % 20 / 8, i / 20 / 8, 0), 1);
            seed_jpeg(&s, &(seed_jpeg_params){33, 17, 3, 2, progressive, interval, 0, 0, 0});
            gives(&s, 33, 17, 3, KB3D_SAMPLE_U8);
        }
    seed s = {0};
    seed_jpeg(&s, &(seed_jpeg_params){16, 8, 4, 1, 0, 0, 0, 0, 0});
    if (gives(&s, 16, 8, 3, KB3D_SAMPLE_U8)) /* Adobe's CMYK is inverted: the product with K */
        CHECK_NEAR(sample(0, 0, 0), seed_value(0, 0, 0) * seed_value(0, 0, 3) / 255.0, 2);
}

/* Where the upright pixel (x, y) of the 24 x 16 seed stands in its file. */
static void stored_at(int orientation, int *x, int *y) {
    int w = 23, h = 15, ux = *x, uy = *y;
    static const char swap[9] = {0, 0, 0, 0, 0, 1, 1, 1, 1};
    int a = swap[orientation] ? uy : ux, b = swap[orientation] ? ux : uy;
    *x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8 ? w - a : a;
    *y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7 ? h - b : b;
}

static void test_orientations(void) {
    for (int o = 1; o <= 8; o++)
        for (int big = 0; big < 2; big++) {
            seed s = {0};
            seed_jpeg(&s, &(seed_jpeg_params){24, 16, 1, 1, 0, 0, o, 28 + o, big});
            if (!gives(&s, o < 5 ? 24 : 16, o < 5 ? 16 : 24, 1, KB3D_SAMPLE_U8))
                continue;
            CHECK_NEAR(info.focal_35mm, 28 + o, 0);
            for (int i = 0; i < 24 * 16; i++) {
                int x = i % raster.width, y = i / raster.width, u = x, v = y;
                stored_at(o, &u, &v);
                CHECK_NEAR(sample(x, y, 0), seed_value(u / 8, v / 8, 0), 1);
            }
            seed_png(&s, &(seed_png_params){24, 16, 16, 6, 0, 0, 0, o});
            if (!gives(&s, o < 5 ? 24 : 16, o < 5 ? 16 : 24, 4, KB3D_SAMPLE_U16))
                continue;
            for (int i = 0; i < 24 * 16 * 4; i++) {
                int x = i / 4 % raster.width, y = i / 4 / raster.width, u = x, v = y;
                stored_at(o, &u, &v);
                CHECK_INT(sample(x, y, i % 4), 257 * seed_value(u, v, i % 4));
            }
        }
}

static void test_png(void) {
    static const int kinds[][2] = {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1},
                                   {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (int options = 0; options < 4; options++) {
            int colour = kinds[k][0], depth = kinds[k][1], transparent = options & 1 && colour < 4;
            int channels = (colour == 0 ? 1 : colour == 4 ? 2 : colour == 6 ? 4 : 3) + transparent;
            seed s = {0};
            seed_png(&s, &(seed_png_params){13, 11, depth, colour, options >> 1, 0, transparent, 0});
            if (!gives(&s, 13, 11, channels, depth == 16 ? KB3D_SAMPLE_U16 : KB3D_SAMPLE_U8) || depth < 8)
                continue;
            int x = 7, y = 5, v = seed_value(x, y, 0);
            CHECK_INT(sample(x, y, 0), colour == 3 ? seed_value(v, 0, 0) : depth == 16 ? 257 * v : v);
        }
    seed s = {0}; /* colours behind the palette's end are black, not what lies in memory */
    seed_png(&s, &(seed_png_params){13, 11, 8, 3, 0, 5, 0, 0});
    s.data[33 + 3] = 3; /* PLTE of one entry */
    memmove(s.data + 33 + 8 + 3, s.data + 33 + 8 + 15, s.count - (33 + 8 + 15));
    s.count -= 12;
    seed_png_repair(s.data, s.count);
    if (gives(&s, 13, 11, 3, KB3D_SAMPLE_U8))
        for (int i = 0; i < 13 * 11; i++)
            CHECK_INT(sample(i % 13, i / 13, 1), seed_value(i % 13, i / 13, 0) % 5 ? 0 : seed_value(0, 0, 1));
}

static void test_others(void) {
    static const int bmp_bits[] = {1, 4, 8, 16, 24, 32}, tga[][2] = {{2, 24}, {10, 32}, {1, 8}, {3, 8}, {11, 16}};
    seed s = {0};
    for (int i = 0; i < 6; i++) {
        seed_bmp(&s, 9, 7, bmp_bits[i]);
        if (gives(&s, 9, 7, bmp_bits[i] == 32 ? 4 : 3, KB3D_SAMPLE_U8) && bmp_bits[i] >= 8 && bmp_bits[i] != 16)
            CHECK_INT(sample(2, 1, 0), seed_value(2, 1, 0));
    }
    for (int i = 0; i < 5; i++) {
        seed_tga(&s, 9, 7, tga[i][0], tga[i][1]);
        if (gives(&s, 9, 7, tga[i][0] == 1 ? 3 : tga[i][1] / 8, KB3D_SAMPLE_U8))
            CHECK_INT(sample(2, 1, 0), seed_value(2, 1, 0));
    }
    for (int i = 0; i < 3; i++) {
        seed_psd(&s, 9, 7, i == 2 ? 16 : 8, i == 1);
        if (gives(&s, 9, 7, 4, i == 2 ? KB3D_SAMPLE_U16 : KB3D_SAMPLE_U8))
            CHECK_INT(sample(2, 1, 1), seed_value(2, 1, 1) * (i == 2 ? 257 : 1));
    }
    for (int runs = 0; runs < 2; runs++) {
        seed_hdr(&s, 9, 7, runs);
        if (gives(&s, 9, 7, 3, KB3D_SAMPLE_F32) && CHECK(raster.linear))
            CHECK_NEAR(((float *)raster.data)[(9 + 2) * 3], (seed_value(2, 1, 0) | 128) / 256.0, 1e-6);
    }
    seed_gif(&s, 9, 7);
    if (gives(&s, 9, 7, 4, KB3D_SAMPLE_U8))
        CHECK_INT(sample(2, 1, 0), seed_value(2, 1, 0));
    seed_pnm(&s, 9, 7, 3, 255);
    if (gives(&s, 9, 7, 3, KB3D_SAMPLE_U8))
        CHECK_INT(sample(2, 1, 2), seed_value(2, 1, 2));
    seed_pnm(&s, 9, 7, 1, 65535);
    if (gives(&s, 9, 7, 1, KB3D_SAMPLE_U16))
        CHECK_INT(sample(2, 1, 0), 257 * seed_value(2, 1, 0));
    seed_pnm(&s, 9, 7, 1, 51);
    if (gives(&s, 9, 7, 1, KB3D_SAMPLE_U8))
        CHECK_NEAR(sample(2, 1, 0), seed_value(2, 1, 0), 5);
}

static void test_depth(void) {
    for (int i = 0; i < 4; i++) {
        seed s = {0};
        seed_pfm(&s, 9, 7, i & 1 ? 3 : 1, i >> 1);
        kb3d_status status = kb3d_decode_depth(&mem, 1000000, NULL, s.data, s.count, &raster, &call);
        seed_free(&s);
        if (!CHECK_INT(status, KB3D_OK) || !CHECK_INT(raster.channels, 1) || !CHECK_INT(raster.width, 9))
            continue;
        for (int k = 0; k < 63; k++)
            CHECK_NEAR(((float *)raster.data)[k], seed_value(k % 9, k / 9, 0) * 0.25, 0);
        kb3d_mem_free(&mem, raster.data);
    }
    seed s = {0};
    seed_png(&s, &(seed_png_params){9, 7, 16, 6, 0, 0, 0, 6});
    CHECK_INT(kb3d_decode_depth(&mem, 1000000, NULL, s.data, s.count, &raster, &call), KB3D_OK);
    CHECK_INT(raster.width, 7); /* upright */
    CHECK_NEAR(((float *)raster.data)[0], seed_value(0, 6, 0) / 255.0, 1e-6);
    seed_free(&s);
}

/* Every file cut short is refused, never half a picture. */
static void test_truncated(void) {
    for (int n = 0;; n++) {
        seed s = {0};
        if (!seed_picture(&s, n))
            break;
        int accepted = 0, spare = !memcmp(s.data, "GIF", 3)  ? 4 /* the ends of its data and of its list */
                                  : !memcmp(s.data, "BM", 2) ? 3 /* what fills up the last row */
                                                             : 0;
        for (size_t count = 1; count + spare < s.count; count++) {
            unsigned char *exact = malloc(count); /* so that a sanitizer sees a read behind it */
            memcpy(exact, s.data, count);
            accepted += decode(&(seed){exact, count}, count) == KB3D_OK;
            free(exact);
        }
        if (!CHECK_INT(accepted, 0))
            fprintf(stderr, "    seed %d\n", n);
        seed_free(&s);
    }
}

static void test_limits(void) {
    seed s = {0};
    seed_jpeg(&s, &(seed_jpeg_params){65535, 65535 & 7, 1, 1, 0, 0, 0, 0, 0});
    for (size_t i = 0; i + 9 < s.count; i++)
        if (s.data[i] == 0xff && s.data[i + 1] == 0xc0) {
            s.data[i + 5] = s.data[i + 6] = 255;
            break;
        }
    refused(&s, KB3D_ERROR_LIMIT, "the memory block: 65535 x 65535 pixels exceed the limit of 1000000");
    seed_jpeg(&s, &(seed_jpeg_params){16, 8, 3, 1, 0, 0, 0, 0, 0});
    for (size_t i = 0; i + 9 < s.count; i++)
        if (s.data[i] == 0xff && s.data[i + 1] == 0xc0) {
            s.data[i + 5] = s.data[i + 7] = 3; /* 776 x 784 pixels out of a few bytes */
            break;
        }
    refused(&s, KB3D_ERROR_FORMAT, "truncated");
    seed_png(&s, &(seed_png_params){16, 16, 8, 2, 0, 0, 0, 0});
    memset(s.data + 16, 0x7f, 8);
    seed_png_repair(s.data, s.count);
    refused(&s, KB3D_ERROR_LIMIT, "exceed the limit");
    seed_bmp(&s, 9, 7, 24);
    memset(s.data + 18, 0, 4);
    refused(&s, KB3D_ERROR_FORMAT, "has no pixels");
    seed_png(&s, &(seed_png_params){300, 300, 8, 2, 0, 0, 0, 0});
    mem.limit = mem.used + 100000;
    refused(&s, KB3D_ERROR_LIMIT, "does not fit into the memory limit");
    mem.limit = 0;
    /* A megabyte of compressed data for a picture of 16 x 16. */
    static unsigned char bomb[1 << 20] = {0x78, 0x01};
    static const unsigned char header[13] = {0, 0, 0, 16, 0, 0, 0, 16, 8, 2};
    seed_bytes(&s, "\x89PNG\r\n\x1a\n", 8);
    seed_png_chunk(&s, "IHDR", header, 13);
    seed_png_chunk(&s, "IDAT", bomb, sizeof bomb);
    seed_png_chunk(&s, "IEND", NULL, 0);
    refused(&s, KB3D_ERROR_FORMAT, "cannot be those of its size");
}

static void test_damaged(void) {
    seed s = {0};
    seed_jpeg(&s, &(seed_jpeg_params){16, 8, 1, 1, 0, 0, 0, 0, 0});
    for (size_t i = 0; i + 21 < s.count; i++)
        if (s.data[i] == 0xff && s.data[i + 1] == 0xc4) {
            s.data[i + 8] = 17; /* codes of four bits */
            break;
        }
    refused(&s, KB3D_ERROR_FORMAT, "more codes than fit");
    seed_png(&s, &(seed_png_params){16, 16, 8, 2, 0, 0, 0, 0});
    s.data[80] ^= 1;
    refused(&s, KB3D_ERROR_FORMAT, "a checksum is wrong");
    seed_bmp(&s, 9, 7, 8);
    s.data[11]--; /* 64 colours fewer in the palette, for the same indices */
    refused(&s, KB3D_ERROR_FORMAT, "colours that its palette lacks");
    seed_bytes(&s, "\0\0\0\x18" "ftypheic\0\0\0\0", 16);
    refused(&s, KB3D_ERROR_UNSUPPORTED, "HEIC is not supported: convert it to JPEG or PNG");
    seed_text(&s, "RIFF....WEBPVP8 ");
    refused(&s, KB3D_ERROR_UNSUPPORTED, "WebP");
    uint32_t random = 1;
    for (int i = 0; i < 20000; i++) { /* noise is no TGA */
        for (int k = 0; k < 64; k++) {
            random = random * 1664525 + 1013904223;
            seed_bytes(&s, (unsigned char *)&random + 3, 1);
        }
        if (decode(&s, s.count) == KB3D_OK)
            CHECK(!"noise was taken for a picture");
        seed_free(&s);
    }
    CHECK_TEXT(call.message, "not a picture that this library can read");
}

static void test_files(void) {
    char folder[] = "/tmp/kb3d-decode-XXXXXX", path[64];
    if (!CHECK(mkdtemp(folder)))
        return;
    unsigned char *bytes;
    size_t count;
    CHECK_INT(kb3d_read_file(&mem, folder, 100, &bytes, &count, &call), KB3D_ERROR_IO);
    CHECK_TEXT(call.message, "is a folder");
    snprintf(path, sizeof path, "%s/a.pgm", folder);
    CHECK_INT(kb3d_read_file(&mem, path, 100, &bytes, &count, &call), KB3D_ERROR_IO);
    CHECK_TEXT(call.message, "a.pgm: cannot be read: No such file");
    FILE *file = fopen(path, "wb");
    fclose(file);
    CHECK_INT(kb3d_read_file(&mem, path, 100, &bytes, &count, &call), KB3D_ERROR_IO);
    CHECK_TEXT(call.message, "is empty");
    seed s = {0};
    seed_pnm(&s, 9, 7, 1, 255);
    file = fopen(path, "wb");
    fwrite(s.data, 1, s.count, file);
    fclose(file);
    CHECK_INT(kb3d_read_file(&mem, path, 10, &bytes, &count, &call), KB3D_ERROR_LIMIT);
    CHECK_INT(kb3d_read_file(&mem, path, s.count, &bytes, &count, &call), KB3D_OK);
    CHECK_INT(count, s.count);
    kb3d_mem_free(&mem, bytes);
    CHECK_INT(kb3d_decode_picture(&mem, 1000, path, NULL, 0, &raster, &info, &call), KB3D_OK);
    kb3d_mem_free(&mem, raster.data);
    CHECK_INT(kb3d_decode_picture(&mem, 10, path, NULL, 0, &raster, &info, &call), KB3D_ERROR_LIMIT);
    CHECK_TEXT(call.message, "a.pgm: 9 x 7 pixels exceed the limit of 10");
    unlink(path);
    if (CHECK(!mkfifo(path, 0600))) /* does not wait for a writer */
        CHECK_INT(kb3d_read_file(&mem, path, 100, &bytes, &count, &call), KB3D_ERROR_IO);
    unlink(path);
    rmdir(folder);
    seed_free(&s);
}

static void *alloc_until(void *user, size_t byte_count) {
    return (*(int *)user)-- > 0 ? malloc(byte_count) : NULL;
}

static void free_any(void *user, void *memory) {
    (void)user;
    free(memory);
}

/* The first, second, third ... allocation fails, until the decoding succeeds. */
static void test_out_of_memory(void) {
    for (int n = 0;; n++) {
        seed s = {0};
        if (!seed_picture(&s, n))
            break;
        kb3d_status status = KB3D_ERROR_MEMORY;
        for (int most = 0; status == KB3D_ERROR_MEMORY && most < 100; most++) {
            int left = most;
            kb3d_mem scarce;
            kb3d_raster made;
            kb3d_mem_init(&scarce, &(kb3d_allocator){alloc_until, free_any, &left}, 0);
            status = kb3d_decode_picture(&scarce, 1000000, NULL, s.data, s.count, &made, &info, &call);
            CHECK(status == KB3D_OK ? made.data != NULL : !made.data && strstr(call.message, "out of memory"));
            kb3d_mem_free(&scarce, made.data);
            CHECK_INT(scarce.used, 0);
        }
        CHECK_INT(status, KB3D_OK);
        seed_free(&s);
    }
}

int main(void) {
    KB3D_INIT(call);
    kb3d_mem_init(&mem, NULL, 0);
    RUN(test_jpeg);
    RUN(test_orientations);
    RUN(test_png);
    RUN(test_others);
    RUN(test_truncated);
    RUN(test_limits);
    RUN(test_damaged);
    RUN(test_files);
    RUN(test_out_of_memory);
    kb3d_mem_free(&mem, raster.data);
    raster.data = NULL;
    RUN(test_depth);
    kb3d_mem_free(&mem, raster.data);
    CHECK_INT(mem.used, 0);
    return check_end();
}
