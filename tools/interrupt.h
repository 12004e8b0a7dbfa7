/* Ctrl-C and its kin: the first stops the running call, the second the process; neither leaves a half file. */
#ifndef KB3D_TOOLS_INTERRUPT_H
#define KB3D_TOOLS_INTERRUPT_H

#include <kb3d/call.h>

/* Catches SIGINT, SIGTERM and SIGHUP from now on; the first one cancels this call. */
void kb3d_interrupt_watch(kb3d_call *call);

/* The signal that was caught, or 0. */
int kb3d_interrupt_signal(void);

/* A file that is removed when a second signal ends the process at once. The text must stay until released. */
void kb3d_interrupt_protect(const char *temporary);
void kb3d_interrupt_release(const char *temporary);

#endif
