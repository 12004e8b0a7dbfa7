/* Manifests of networks. */
#include "fuzz.h"
#include "model.h"

#include <string.h>

int fuzz_seed(seed *s, int n) {
    return seed_manifest(s, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count) {
    kb3d_manifest manifest;
    kb3d_log log = {0};
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_status status = kb3d_manifest_parse(&manifest, (const char *)data, count, "fuzz.json", &log, &call);
    if (status) {
        FUZZ_MUST(call.message[0]);
        return 0;
    }
    FUZZ_MUST(manifest.role >= KB3D_MODEL_DEPTH && manifest.role < KB3D_MODEL_DEPTH + KB3D_ROLE_COUNT);
    FUZZ_MUST(!strchr(manifest.operators, '/') && manifest.name[0] && memchr(manifest.source, 0, sizeof manifest.source));
    for (int c = 0; c < KB3D_CLASS_COUNT; c++) {
        FUZZ_MUST(manifest.classes[c].count >= 0 && manifest.classes[c].count <= KB3D_CLASS_ID_MAX);
        for (int i = 0; i < manifest.classes[c].count; i++)
            FUZZ_MUST(manifest.classes[c].ids[i] >= 0 && manifest.classes[c].ids[i] <= 65535);
    }
    static const int sizes[][2] = {{1, 1}, {1, 5000}, {1024, 768}, {30000, 3000}};
    for (int i = 0; i < 4; i++) {
        int width = 0, height = 0;
        kb3d_manifest_input_size(&manifest, sizes[i][0], sizes[i][1], &width, &height);
        FUZZ_MUST(width > 0 && height > 0 && width <= 4096 && height <= 4096);
    }
    return 0;
}
