/**
 * @file status.h
 * @brief What a call answers.
 */
#ifndef KB3D_STATUS_H
#define KB3D_STATUS_H

#include <kb3d/api.h>

KB3D_BEGIN

/** Result of every call that can fail. The numbers never change. */
typedef enum kb3d_status {
    KB3D_OK = 0,
    /** A NULL, a struct of a wrong size, or a value outside its range. */
    KB3D_ERROR_ARGUMENT = -1,
    /** The allocator returned NULL. */
    KB3D_ERROR_MEMORY = -2,
    /** A limit of the context (memory, pixels) would be exceeded. */
    KB3D_ERROR_LIMIT = -3,
    /** A file could not be opened, read or written. */
    KB3D_ERROR_IO = -4,
    /** A picture, depth map or manifest is damaged or not what it should be. */
    KB3D_ERROR_FORMAT = -5,
    /** Well-formed, but nothing this library handles. */
    KB3D_ERROR_UNSUPPORTED = -6,
    /** The backend or module was not built, is not installed or cannot start. */
    KB3D_ERROR_UNAVAILABLE = -7,
    /** A model is missing, cannot be loaded or gave a wrong answer. */
    KB3D_ERROR_MODEL = -8,
    /** The host cancelled the call. */
    KB3D_ERROR_CANCELLED = -9,
    /** A fault of the library itself; please report it. */
    KB3D_ERROR_INTERNAL = -10
} kb3d_status;

/**
 * A short text for a status, such as "out of memory". Static, never NULL, also
 * for numbers this release does not know. Thread-safety: safe.
 */
KB3D_API const char *kb3d_status_text(kb3d_status status);

KB3D_END

#endif
