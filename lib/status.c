#include <kb3d/status.h>

const char *kb3d_status_text(kb3d_status status) {
    switch (status) {
    case KB3D_OK: return "ok";
    case KB3D_ERROR_ARGUMENT: return "invalid argument";
    case KB3D_ERROR_MEMORY: return "out of memory";
    case KB3D_ERROR_LIMIT: return "a limit of the context would be exceeded";
    case KB3D_ERROR_IO: return "a file could not be read or written";
    case KB3D_ERROR_FORMAT: return "damaged or of the wrong kind";
    case KB3D_ERROR_UNSUPPORTED: return "not supported";
    case KB3D_ERROR_UNAVAILABLE: return "not available here";
    case KB3D_ERROR_MODEL: return "a model is missing or failed";
    case KB3D_ERROR_CANCELLED: return "cancelled";
    case KB3D_ERROR_INTERNAL: return "internal error";
    }
    return "unknown status";
}
