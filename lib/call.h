/* A call's message, progress and cancel flag, and reading the host's structs. */
#ifndef KB3D_LIB_CALL_H
#define KB3D_LIB_CALL_H

#include <kb3d/call.h>
#include <stdbool.h>

/* Makes a text of anybody's fit to be shown: ended, control characters blanked, and what is
   no UTF-8 replaced. */
void kb3d_text_clean(char *text, size_t size);

/* Writes the message (printf style, cut at KB3D_MESSAGE_SIZE, cleaned) and returns the status, so that it can be the last expression. */
kb3d_status kb3d_fail(kb3d_call *call, kb3d_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* To be called first by every public entry: checks the struct's size and clears
   the message. Every member lies within the first release's size. */
kb3d_status kb3d_call_begin(kb3d_call *call);

/* Reports progress on the calling thread. CANCELLED when the host wants to stop. */
kb3d_status kb3d_call_progress(kb3d_call *call, const char *stage, double fraction);

bool kb3d_call_is_cancelled(const kb3d_call *call);
kb3d_status kb3d_call_check(kb3d_call *call); /* OK, or CANCELLED with its message */

/* Copies a host's struct into ours (`full` bytes, zeroed first). The host's may be
   older (down to `least` bytes) or newer (when what we do not know is zero).
   `what` names the struct in the message. */
kb3d_status kb3d_struct_read(void *to, size_t full, const void *from, size_t least, const char *what,
                             kb3d_call *call);

/* Copies our filled struct back into the host's, as much as the host's size holds. */
kb3d_status kb3d_struct_write(void *to, size_t least, const void *from, size_t full, const char *what,
                              kb3d_call *call);

#endif
