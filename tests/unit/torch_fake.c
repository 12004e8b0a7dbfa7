/* In the place of a torch module (FAKE_RUNTIME) or of a libtorch, which may tell its version (FAKE_VERSION). */
#include "infer.h"

int fake_torch_is_here(void);

#if defined FAKE_RUNTIME
const kb3d_infer_api *kb3d_infer_open(void);

__attribute__((visibility("default"))) const kb3d_infer_api *kb3d_infer_open(void) {
    static const kb3d_infer_api api = {.abi = FAKE_ABI, .runtime = FAKE_RUNTIME};
#ifdef FAKE_LINKED
    return fake_torch_is_here() ? &api : NULL;
#endif
    return &api;
}
#elif defined FAKE_VERSION
uint64_t aoti_torch_abi_version(void);

__attribute__((visibility("default"))) uint64_t aoti_torch_abi_version(void) {
    return (uint64_t)3 << 56 | (uint64_t)4 << 48 | (uint64_t)1 << 40;
}
#else
__attribute__((visibility("default"))) int fake_torch_is_here(void) {
    return 1;
}
#endif
