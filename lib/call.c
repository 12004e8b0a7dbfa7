#include "backend.h"
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

/* Bytes of the character at `at`, 0 when it is no printable UTF-8. */
static int character_length(const unsigned char *at) {
    static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
    if (at[0] < 0x80)
        return at[0] >= 32 && at[0] != 127;
    int length = at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf8 ? 4 : 0;
    uint32_t code = at[0] & (0x7fu >> length);
    for (int i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) /* the end mark is none either */
            return 0;
        code = code << 6 | (at[i] & 0x3f);
    }
    return length && code >= least[length] && code <= 0x10ffff && code >> 11 != 0x1b ? length : 0;
}

void kb3d_text_clean(char *text, size_t size) {
    unsigned char *at = (unsigned char *)text;
    at[size - 1] = 0;
    while (*at) {
        int length = character_length(at);
        if (!length)
            *at = *at < 0x80 ? ' ' : '?';
        at += length ? length : 1;
    }
}

kb3d_status kb3d_fail(kb3d_call *call, kb3d_status status, const char *format, ...) {
    if (!call)
        return status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(call->message, sizeof call->message, format, arguments);
    va_end(arguments);
    kb3d_text_clean(call->message, sizeof call->message);
    return status;
}

kb3d_status kb3d_call_begin(kb3d_call *call) {
    if (!call)
        return kb3d_backend_check(NULL), KB3D_OK;
    if (call->size < sizeof(kb3d_call))
        return KB3D_ERROR_ARGUMENT;
    (void)kb3d_backend_check(call); /* what another call has left is none of this one's */
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
    return kb3d_backend_check(call);
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
