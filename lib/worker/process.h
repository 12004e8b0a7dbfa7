/* The worker's process as the library sees it: start it, talk to it, end it. */
#ifndef KB3D_LIB_WORKER_PROCESS_H
#define KB3D_LIB_WORKER_PROCESS_H

#include "call.h"
#include "mem.h"
#include "protocol.h"

#include <sys/types.h>

/* How long whoever asked is ready to wait. */
typedef struct kb3d_wait {
    int (*stop)(void *user); /* NULL: never; see kb3d_infer_request */
    void *user;
    int64_t deadline; /* kb3d_wait_now's milliseconds; 0: none */
    int limit_ms;     /* what the deadline was made of, for the message */
} kb3d_wait;

int64_t kb3d_wait_now(void); /* monotonic, milliseconds */

/* OK, CANCELLED when the caller wants to stop, LIMIT past the deadline. */
kb3d_status kb3d_wait_check(const kb3d_wait *wait, kb3d_call *call);

enum { KB3D_WAIT_STEP_MS = 5 }; /* between two checks */

typedef struct kb3d_process {
    int socket;  /* -1: none runs */
    pid_t pid;   /* 0: none to be waited for */
    int pidfd;   /* -1 where the kernel has none; names the process even when its number was given away */
    pid_t owner; /* who started it; a fork of the host must leave it alone */
} kb3d_process;

void kb3d_process_init(kb3d_process *process);

/* Starts the program at `path`. It finds its modules in its own folder too. UNAVAILABLE
   with the reason. Nothing may be running. */
kb3d_status kb3d_process_start(kb3d_process *process, const char *path, kb3d_mem *mem, kb3d_call *call);

/* Whether it lives and has not spoken unasked. */
bool kb3d_process_is_idle(const kb3d_process *process);

/* Sends a packet with descriptors, or waits for one. IO when the process has ended, MODEL when
   what it sent is no reply; then, and when the wait ends them, the process is to be killed. */
kb3d_status kb3d_process_send(kb3d_process *process, const kb3d_worker_request *request, const int *files,
                              int count, const kb3d_wait *wait, kb3d_call *call);
kb3d_status kb3d_process_receive(kb3d_process *process, kb3d_worker_reply *reply, const kb3d_wait *wait,
                                 kb3d_call *call);

/* Waits until it has ended, or a moment has passed; true with how it ended, such as "signal 11:
   segmentation fault", "" when the host has reaped it. */
bool kb3d_process_has_ended(kb3d_process *process, int moment_ms, char *how, size_t size);

/* Kills it and returns soon, whether or not the system is done with it. */
void kb3d_process_kill(kb3d_process *process);

/* Waits for what was killed. No process and no zombie is left. */
void kb3d_process_reap(kb3d_process *process);

#endif
