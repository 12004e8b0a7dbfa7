/* Which of the installed torch modules belongs into this process. */
#ifndef KB3D_LIB_TORCH_MODULE_H
#define KB3D_LIB_TORCH_MODULE_H

#include "infer.h"

#include "call.h"

/* Opens the module (kb3d-torch-MAJOR.MINOR.so) for the libtorch that the process has
   already, else the newest that can be opened; the environment's KB3D_TORCH=MAJOR.MINOR
   names another. It stays open for the life of the process. UNAVAILABLE with the reason;
   then *clash tells whether it is that the process has a libtorch which no module
   matches (the message names both versions). */
kb3d_status kb3d_torch_module_open(const kb3d_infer_api **api, int *clash, kb3d_call *call);

#endif
