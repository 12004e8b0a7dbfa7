/* kb3d-worker: runs networks for libkb3d, which starts it; see protocol.h. */
#define _GNU_SOURCE /* syscall */
#include "confine.h"
#include "serve.h"

#include "channel.h"
#include "torch_module.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HOST_CHECK_MS = 250, WATCHER_STACK = 256 << 10 };

/* What the host let us inherit is none of a network's business. */
static void close_inherited(void) {
#ifdef SYS_close_range
    if (!syscall(SYS_close_range, KB3D_WORKER_SOCKET + 1, ~0u, 0))
        return;
#endif
    DIR *folder = opendir("/proc/self/fd"); /* Linux before 5.9 */
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        int file = atoi(entry->d_name);
        if (file > KB3D_WORKER_SOCKET && file != dirfd(folder))
            close(file);
    }
    closedir(folder);
}

typedef struct host {
    pid_t process;
    int pidfd; /* -1 where the kernel has none */
} host;

/* Ends the process when the host is gone, whatever a network is doing. The connection alone does
   not tell: a fork of the host's may hold it open. */
static void *watch(void *arg) {
    const host *h = arg;
    struct pollfd ends[2] = {{KB3D_WORKER_SOCKET, 0, 0}, {h->pidfd, POLLIN, 0}}; /* hanging up is always told */
    while (getppid() == h->process && !ends[0].revents && !ends[1].revents)
        poll(ends, 2, h->pidfd < 0 ? HOST_CHECK_MS : -1);
    _exit(0);
}

static void start_watching(host *h) {
    pthread_t thread;
    pthread_attr_t attributes;
    h->pidfd = -1;
#ifdef SYS_pidfd_open
    h->pidfd = (int)syscall(SYS_pidfd_open, h->process, 0); /* Linux 5.3 */
#endif
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, WATCHER_STACK);
    if (pthread_create(&thread, &attributes, watch, h))
        _exit(1);
    pthread_attr_destroy(&attributes);
}

/* When the system runs out of memory it ends this process rather than the host. */
static void offer_to_be_killed(void) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        dprintf(file, "500");
        close(file);
    }
}

/* The first request. What fails here is told like a network that fails. */
static bool start(kb3d_serve *serve, host *h) {
    kb3d_worker_request request;
    kb3d_worker_reply reply = {.protocol = KB3D_WORKER_PROTOCOL, .kind = KB3D_WORKER_START};
    kb3d_call call;
    int count = 0, clash;
    KB3D_INIT(call);
    if (kb3d_channel_receive(KB3D_WORKER_SOCKET, &request, sizeof request, NULL, &count) ||
        request.protocol != KB3D_WORKER_PROTOCOL || request.kind != KB3D_WORKER_START)
        return false; /* a library of another release */
    h->process = (pid_t)request.host;
    start_watching(h);
    reply.serial = request.serial;
    kb3d_confine_memory(request.memory_limit);
    reply.status = kb3d_torch_module_open(&serve->api, &clash, &call);
    if (reply.status) {
        snprintf(reply.message, sizeof reply.message, "%.*s", (int)sizeof reply.message - 1, call.message);
    } else {
        snprintf(reply.runtime, sizeof reply.runtime, "%s", serve->api->runtime);
        kb3d_confine(request.reads_files, reply.unconfined, sizeof reply.unconfined);
    }
    return kb3d_serve_reply(serve, &reply) && !reply.status;
}

int main(void) {
    static const char text[] = "kb3d-worker is started by libkb3d to run networks in; it is no command.\n";
    static kb3d_mem mem;
    static kb3d_serve serve = {.mem = &mem, .socket = KB3D_WORKER_SOCKET};
    static host h;
    int kind = 0;
    socklen_t size = sizeof kind;
    if (getsockopt(KB3D_WORKER_SOCKET, SOL_SOCKET, SO_TYPE, &kind, &size) || kind != SOCK_SEQPACKET)
        return write(STDERR_FILENO, text, sizeof text - 1) < 0 ? 1 : 2;
    close_inherited();
    offer_to_be_killed();
    setsid(); /* the terminal's signals are the host's, and so is the terminal */
    kb3d_mem_init(&mem, NULL, 0);
    if (start(&serve, &h))
        while (kb3d_serve_next(&serve)) {
        }
    _exit(0); /* libtorch's exit handlers have nothing to do, and may hang */
}
