#include "torch_module.h"

#include "plugin.h"

#include <string.h>

kb3d_status kb3d_torch_module_open(const kb3d_infer_api **api, int *clash, kb3d_call *call) {
    void *address;
    *clash = 0;
    kb3d_status status = kb3d_plugin_open("kb3d-torch", KB3D_INFER_SYMBOL, &address, call);
    if (status)
        return status;
    kb3d_infer_open_fn open;
    memcpy(&open, &address, sizeof open);
    *api = open();
    if (!*api || (*api)->abi != KB3D_INFER_ABI)
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "kb3d-torch.so belongs to another release of this library");
    return KB3D_OK;
}
