/**
 * @file version.h
 * @brief Release and API versions.
 *
 * The API has a number of its own, apart from the release: an addition raises
 * its minor, a break raises its major and the soname.
 */
#ifndef KB3D_VERSION_H
#define KB3D_VERSION_H

#include <kb3d/api.h>

/** Major number of the API this header describes. */
#define KB3D_API_MAJOR 0
/** Minor number of the API this header describes. */
#define KB3D_API_MINOR 4

KB3D_BEGIN

/** Release of the library, such as "0.1.0". Static text. Thread-safety: safe. */
KB3D_API const char *kb3d_version(void);

/**
 * API version of the library that was loaded: major << 16 | minor. A host may
 * compare it with KB3D_API_MAJOR and KB3D_API_MINOR of its own build.
 * Thread-safety: safe.
 */
KB3D_API uint32_t kb3d_api_version(void);

KB3D_END

#endif
