/**
 * @file api.h
 * @brief Export and compiler markers shared by every public header.
 */
#ifndef KB3D_API_H
#define KB3D_API_H

#include <stddef.h>
#include <stdint.h>

/**
 * @def KB3D_BEGIN
 * Stands before declarations; opens extern "C" in C++.
 *
 * @def KB3D_END
 * Closes what KB3D_BEGIN opened.
 */
#ifdef __cplusplus
#define KB3D_BEGIN extern "C" {
#define KB3D_END }
#else
#define KB3D_BEGIN
#define KB3D_END
#endif

#if defined(__GNUC__)
/** Marks a symbol that the shared library exports. */
#define KB3D_API __attribute__((visibility("default")))
/** Marks a status that must not be ignored. */
#define KB3D_MUST_USE __attribute__((warn_unused_result))
#else
#define KB3D_API
#define KB3D_MUST_USE
#endif

KB3D_BEGIN

/**
 * Zeroes a parameter struct of this API and writes its size into the first
 * member. Zero means "default" for every other member, so a struct prepared
 * this way is ready to use. Prefer the KB3D_INIT macro.
 *
 * @param object  any struct of this API whose first member is `size_t size`
 * @param size    sizeof of that struct, as the caller was compiled
 *
 * Thread-safety: safe. Errors: none; a NULL object or a size too small to
 * hold the member `size` is ignored.
 */
KB3D_API void kb3d_struct_init(void *object, size_t size);

/** Prepares a struct variable: `kb3d_path_params p; KB3D_INIT(p);` */
#define KB3D_INIT(variable) kb3d_struct_init(&(variable), sizeof(variable))

KB3D_END

#endif
