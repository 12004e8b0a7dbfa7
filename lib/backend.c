#include "backend.h"

#include "plugin.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

/* The module is one for all contexts of the process, like its libraries. */
static struct {
    pthread_mutex_t lock;
    _Atomic(const kb3d_backend_api *) api; /* NULL: not opened */
} process = {.lock = PTHREAD_MUTEX_INITIALIZER};

static kb3d_status open_module(const kb3d_backend_api **out, kb3d_call *call) {
    char path[PATH_MAX];
    void *address;
    kb3d_status status = kb3d_plugin_find("kb3d-cuda.so", path, sizeof path, call);
    if (status || (status = kb3d_plugin_open(path, KB3D_BACKEND_SYMBOL, &address, call)))
        return status;
    kb3d_backend_open_fn open;
    memcpy(&open, &address, sizeof open);
    const kb3d_backend_api *api = open();
    if (api->abi != KB3D_BACKEND_ABI)
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s belongs to another release of this library", path);
    *out = api;
    return KB3D_OK;
}

kb3d_status kb3d_backend_load(const kb3d_backend_api **api, kb3d_call *call) {
    pthread_mutex_lock(&process.lock);
    kb3d_status status = KB3D_OK;
    *api = process.api;
    if (!*api && !(status = open_module(api, call)))
        process.api = *api;
    pthread_mutex_unlock(&process.lock);
    return status;
}

kb3d_status kb3d_backend_choose(const kb3d_backend_api *api, int number, int *index, kb3d_call *call) {
    kb3d_fault fault;
    kb3d_backend_device device;
    int count = api->count(&fault);
    if (!count)
        return kb3d_fail(call, fault.status, "%s", fault.text);
    if (number < 0 || number > count)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no device %d, only 1 to %d", number, count);
    fault.status = KB3D_OK;
    for (*index = number ? number - 1 : 0; *index < (number ? number : count); ++*index) {
        api->describe(*index, &device);
        if (!device.fault.status)
            return KB3D_OK;
        if (!fault.status)
            fault = device.fault;
    }
    return kb3d_fail(call, fault.status, "%s", fault.text);
}

kb3d_status kb3d_backend_check(kb3d_call *call) {
    const kb3d_backend_api *api = process.api;
    if (!api)
        return KB3D_OK;
    kb3d_fault fault = api->take_fault();
    return fault.status ? kb3d_fail(call, fault.status, "%s", fault.text) : KB3D_OK;
}

kb3d_status kb3d_backend_probe(kb3d_backend backend, kb3d_call *call) {
    const kb3d_backend_api *api;
    int index;
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    switch (backend) {
    case KB3D_BACKEND_AUTO:
    case KB3D_BACKEND_CPU: return KB3D_OK;
    case KB3D_BACKEND_CUDA:
        status = kb3d_backend_load(&api, call);
        return status ? status : kb3d_backend_choose(api, 0, &index, call);
    }
    return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no backend %d", (int)backend);
}

kb3d_status kb3d_backend_device_count(kb3d_backend backend, int *count, kb3d_call *call) {
    const kb3d_backend_api *api;
    kb3d_fault fault;
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!count)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "count is NULL");
    *count = 0;
    if (backend != KB3D_BACKEND_CUDA) /* the processor is no device to choose */
        return KB3D_OK;
    if ((status = kb3d_backend_load(&api, call)))
        return status;
    *count = api->count(&fault);
    return *count ? KB3D_OK : kb3d_fail(call, fault.status, "%s", fault.text);
}

kb3d_status kb3d_backend_get_device(kb3d_backend backend, int number, kb3d_device_info *info, kb3d_call *call) {
    int count;
    kb3d_status status = kb3d_backend_device_count(backend, &count, call);
    if (status)
        return status;
    if (number < 1 || number > count)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no device %d", number);
    kb3d_backend_device device;
    const kb3d_backend_api *api = process.api;
    api->describe(number - 1, &device);
    kb3d_device_info filled = {.memory_bytes = device.memory_bytes,
                               .compute_major = device.major,
                               .compute_minor = device.minor,
                               .is_usable = !device.fault.status};
    memcpy(filled.name, device.name, sizeof filled.name);
    memcpy(filled.problem, device.fault.text, sizeof filled.problem);
    return kb3d_struct_write(info, sizeof filled, &filled, sizeof filled, "kb3d_device_info", call);
}
