/* Depth maps: PFM beside what fuzz_picture covers, and what is made of their values. */
#include "decode.h"
#include "depth.h"
#include "fuzz.h"

#include <math.h>

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
        kb3d_depth_interpret(&raster, count % 2 ? KB3D_DEPTH_Z : KB3D_DEPTH_INVERSE);
        float step = kb3d_depth_step(&raster);
        FUZZ_MUST(step == 0 || step == 1.0f / 255);
        if (!kb3d_depth_fill_unknown(&raster, &call)) {
            kb3d_depth_range r = kb3d_depth_measure(raster.data, (size_t)raster.width * (size_t)raster.height);
            FUZZ_MUST(r.min >= 0 && r.min <= r.far && r.far <= r.near && r.near <= r.max && isfinite(r.max));
        }
    }
    kb3d_mem_free(&mem, raster.data);
    FUZZ_MUST(mem.used == 0);
    return 0;
}
