/* Pictures. Checksums of PNG are put right first, or nothing would get past them. */
#include "decode.h"
#include "fuzz.h"

#include <string.h>

int fuzz_seed(seed *s, int n) {
    return seed_picture(s, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count) {
    kb3d_mem mem;
    kb3d_call call;
    kb3d_raster raster;
    kb3d_file_info info;
    unsigned char *copy = malloc(count ? count : 1);
    if (count)
        memcpy(copy, data, count);
    seed_png_repair(copy, count);
    kb3d_mem_init(&mem, NULL, 300u << 20);
    KB3D_INIT(call);
    kb3d_status status = kb3d_decode_picture(&mem, 1 << 22, NULL, copy, count, &raster, &info, &call);
    free(copy);
    if (status) {
        FUZZ_MUST(call.message[0] && !raster.data);
    } else {
        size_t bytes = (size_t)raster.width * raster.height * raster.channels * raster.sample;
        const unsigned char *p = raster.data;
        uint64_t sum = 0;
        FUZZ_MUST(raster.width > 0 && raster.height > 0 && raster.channels >= 1 && raster.channels <= 4);
        for (size_t i = 0; i < bytes; i++)
            sum += p[i];
        FUZZ_MUST(sum <= (uint64_t)255 * bytes); /* so every byte was there to be read, and known */
    }
    kb3d_mem_free(&mem, raster.data);
    FUZZ_MUST(mem.used == 0);
    return 0;
}
