/* What a library needs, read from its file without opening it. */
#ifndef KB3D_LIB_NEEDED_H
#define KB3D_LIB_NEEDED_H

#include <stdbool.h>

/* Hands over the names of the libraries that it is linked to (DT_NEEDED) until one is
   accepted. False when none is, or the file is no library of this machine. */
bool kb3d_needed_find(const char *path, bool (*accept)(const char *name, void *user), void *user);

#endif
