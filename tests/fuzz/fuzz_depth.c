/* Depth maps: PFM beside what fuzz_picture covers. */
#include "decode.h"
#include "fuzz.h"

#include <string.h>

int fuzz_seed(seed *s, int n) {
    return seed_depth(s, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count) {
    kb3d_mem mem;
    kb3d_call call;
    kb3d_raster raster;
    kb3d_mem_init(&mem, NULL, 300u << 20);
    KB3D_INIT(call);
    kb3d_status status = kb3d_decode_depth(&mem, 1 << 22, NULL, data, count, &raster, &call);
    if (status) {
        FUZZ_MUST(call.message[0] && !raster.data);
    } else {
        FUZZ_MUST(raster.channels == 1 && raster.sample == KB3D_SAMPLE_F32);
        size_t pixels = (size_t)raster.width * raster.height, unknown = 0;
        for (size_t i = 0; i < pixels; i++)
            unknown += !(((float *)raster.data)[i] >= 0);
        FUZZ_MUST(unknown <= pixels);
    }
    kb3d_mem_free(&mem, raster.data);
    FUZZ_MUST(mem.used == 0);
    return 0;
}
