/**
 * @file call.h
 * @brief What belongs to one call: progress, cancel, and its last message.
 *
 * Every call that can fail takes a `kb3d_call *` as its last argument. NULL is
 * allowed: no progress, no cancel, no message. The struct is the host's; the
 * library keeps no pointer to it after the call returns. Because it belongs to
 * the call, a preview can be cancelled while an export goes on in another
 * thread.
 */
#ifndef KB3D_CALL_H
#define KB3D_CALL_H

#include <kb3d/status.h>

/** Bytes of kb3d_call::message, with its end mark. */
#define KB3D_MESSAGE_SIZE 512

KB3D_BEGIN

/**
 * Reports progress; runs on the thread that made the call, at the start of
 * each stage and between the pieces of long ones.
 *
 * @param user      kb3d_call::user
 * @param stage     name of the stage, static text: "decode", "depth",
 *                  "adjust", "refine", "surface", "search", "extend", "render"
 * @param fraction  0..1 of that stage
 * @return 0 to go on, anything else to cancel the call
 */
typedef int (*kb3d_progress_fn)(void *user, const char *stage, double fraction);

/** One call's own matters. Prepare with KB3D_INIT. */
typedef struct kb3d_call {
    size_t size;               /**< sizeof(kb3d_call) */
    kb3d_progress_fn progress; /**< NULL: none */
    void *user;                /**< handed to progress */
    int cancel;                /**< set by kb3d_call_cancel; non-zero stops the call */
    char message[KB3D_MESSAGE_SIZE]; /**< out: empty after success, else one sentence without a line end, UTF-8 */
} kb3d_call;

/**
 * Asks a running call to stop; it answers KB3D_ERROR_CANCELLED soon after
 * (inside a running network: within 50 ms in the worker, else when that
 * network returns). The request stays
 * until the host writes 0 into kb3d_call::cancel, so a request made before the
 * call starts counts too. NULL is ignored.
 *
 * Thread-safety: safe, from any thread and from a signal handler.
 */
KB3D_API void kb3d_call_cancel(kb3d_call *call);

KB3D_END

#endif
