#include <kb3d/version.h>

const char *kb3d_version(void) {
    return KB3D_VERSION;
}

uint32_t kb3d_api_version(void) {
    return (uint32_t)KB3D_API_MAJOR << 16 | KB3D_API_MINOR;
}
