/* Which libtorch the process has: the host's, or that of our module. */
#ifndef KB3D_LIB_TORCH_LOADED_H
#define KB3D_LIB_TORCH_LOADED_H

#include <limits.h>
#include <stdbool.h>

typedef struct kb3d_torch_version {
    int major, minor; /* 0.0: unknown */
} kb3d_torch_version;

typedef struct kb3d_torch_loaded {
    char path[PATH_MAX]; /* of libtorch_cpu.so */
    kb3d_torch_version version;
} kb3d_torch_loaded;

/* False when the process has none. */
bool kb3d_torch_find_loaded(kb3d_torch_loaded *loaded);

#endif
