/* The only dlopen: modules that are opened on first use. */
#ifndef KB3D_LIB_PLUGIN_H
#define KB3D_LIB_PLUGIN_H

#include "call.h"

/* Opens NAME.so from KB3D_PLUGIN_PATH, then kb3d/ beside this library, then the
   installed folder, and answers one symbol of it. The module stays open for the
   life of the process (libtorch does not survive being closed). UNAVAILABLE with
   the places searched, or with the loader's reason. */
kb3d_status kb3d_plugin_open(const char *name, const char *symbol, void **address, kb3d_call *call);

#endif
