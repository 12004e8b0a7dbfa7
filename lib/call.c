#include "call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void kb3d_struct_init(void *object, size_t size) {
    if (!object || size < sizeof(size_t))
        return;
    memset(object, 0, size);
    memcpy(object, &size, sizeof size);
}

kb3d_status kb3d_fail(kb3d_call *call, kb3d_status status, const char *format, ...) {
    if (!call)
        return status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(call->message, sizeof call->message, format, arguments);
    va_end(arguments);
    for (unsigned char *c = (unsigned char *)call->message; *c; c++)
        if (*c < 32 || *c == 127)
            *c = ' ';
    return status;
}

kb3d_status kb3d_call_begin(kb3d_call *call) {
    if (!call)
        return KB3D_OK;
    if (call->size < sizeof(kb3d_call))
        return KB3D_ERROR_ARGUMENT;
    call->message[0] = 0;
    return KB3D_OK;
}

void kb3d_call_cancel(kb3d_call *call) {
    if (call)
        __atomic_store_n(&call->cancel, 1, __ATOMIC_RELAXED);
}

bool kb3d_call_is_cancelled(const kb3d_call *call) {
    return call && __atomic_load_n(&call->cancel, __ATOMIC_RELAXED);
}

kb3d_status kb3d_call_check(kb3d_call *call) {
    if (kb3d_call_is_cancelled(call))
        return kb3d_fail(call, KB3D_ERROR_CANCELLED, "cancelled by the host");
    return KB3D_OK;
}

kb3d_status kb3d_call_progress(kb3d_call *call, const char *stage, double fraction) {
    if (call && call->progress && call->progress(call->user, stage, fraction))
        kb3d_call_cancel(call);
    return kb3d_call_check(call);
}

kb3d_status kb3d_struct_read(void *to, size_t full, const void *from, size_t least, const char *what,
                             kb3d_call *call) {
    memset(to, 0, full);
    if (!from)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s is NULL", what);
    size_t size;
    memcpy(&size, from, sizeof size);
    if (size < least || size > 65536)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s has the size %zu, not %zu: was it prepared with KB3D_INIT?",
                         what, size, full);
    for (size_t i = full; i < size; i++)
        if (((const unsigned char *)from)[i])
            return kb3d_fail(call, KB3D_ERROR_ARGUMENT,
                             "%s has a member that this release does not know", what);
    memcpy(to, from, size < full ? size : full);
    return KB3D_OK;
}

kb3d_status kb3d_struct_write(void *to, size_t least, const void *from, size_t full, const char *what,
                              kb3d_call *call) {
    if (!to)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s is NULL", what);
    size_t size;
    memcpy(&size, to, sizeof size);
    if (size < least || size > 65536)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s has the size %zu, not %zu: was it prepared with KB3D_INIT?",
                         what, size, full);
    size_t common = size < full ? size : full;
    memcpy((char *)to + sizeof size, (const char *)from + sizeof size, common - sizeof size);
    return KB3D_OK;
}
