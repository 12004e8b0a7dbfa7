/* Backends with a memory of their own: a module, opened on first use. */
#ifndef KB3D_LIB_BACKEND_H
#define KB3D_LIB_BACKEND_H

#include "call.h"

#include <module.h>
#include <kb3d/context.h>

/* Opens the module of CUDA, once for the process. UNAVAILABLE with the reason. */
kb3d_status kb3d_backend_load(const kb3d_backend_api **api, kb3d_call *call);

/* The index of a device, numbered from 1; of 0 the first one that can be used. UNAVAILABLE, or ARGUMENT when there
   is none of this number. */
kb3d_status kb3d_backend_choose(const kb3d_backend_api *api, int number, int *index, kb3d_call *call);

/* What the device has met with since the thread was last asked; its status, and its text in the call's message. */
kb3d_status kb3d_backend_check(kb3d_call *call);

#endif
