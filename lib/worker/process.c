#define _GNU_SOURCE /* secure_getenv, environ, F_DUPFD_CLOEXEC */
#include "process.h"

#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int64_t kb3d_wait_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

kb3d_status kb3d_wait_check(const kb3d_wait *wait, kb3d_call *call) {
    if (wait->stop && wait->stop(wait->user))
        return kb3d_fail(call, KB3D_ERROR_CANCELLED, "cancelled by the host");
    if (wait->deadline && kb3d_wait_now() >= wait->deadline)
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "took longer than the worker's limit of %d ms", wait->limit_ms);
    return KB3D_OK;
}

void kb3d_process_init(kb3d_process *process) {
    *process = (kb3d_process){.socket = -1, .pidfd = -1};
}

static void close_files(kb3d_process *process) {
    if (process->socket >= 0)
        close(process->socket);
    if (process->pidfd >= 0)
        close(process->pidfd);
    kb3d_process_init(process);
}

/* What of the host's environment concerns libraries, threads and memory; the rest may hold
   secrets. */
static bool is_passed_on(const char *variable) {
    static const char *const starts[] = {"KB3D_", "LD_LIBRARY_PATH=", "LANG=", "LC_", "OMP_", "GOMP_", "OPENBLAS_", "MKL_",
                                         "DNNL_", "ONEDNN_", "MALLOC_", "ASAN_", "LSAN_", "UBSAN_", "TSAN_"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (!strncmp(variable, starts[i], strlen(starts[i])))
            return true;
    return false;
}

/* That, with the program's own folder at the end of the modules' search. */
static kb3d_status make_environment(const char *path, kb3d_mem *mem, char ***environment, char **variable,
                                    kb3d_call *call) {
    static const char name[] = "KB3D_PLUGIN_PATH=";
    const char *folders = secure_getenv("KB3D_PLUGIN_PATH"), *slash = strrchr(path, '/');
    int has_folders = folders && *folders;
    size_t count = 0, size = sizeof name + strlen(path) + (has_folders ? strlen(folders) : 0) + 1;
    while (environ && environ[count])
        count++;
    kb3d_status status = kb3d_mem_alloc(mem, environment, count + 2, sizeof **environment, call);
    if (!status)
        status = kb3d_mem_alloc(mem, variable, size, 1, call);
    if (status)
        return status;
    snprintf(*variable, size, "%s%s%s%.*s", name, has_folders ? folders : "", has_folders ? ":" : "",
             slash ? (int)(slash - path) : 1, slash ? path : ".");
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (is_passed_on(environ[i]) && strncmp(environ[i], name, sizeof name - 1))
            (*environment)[kept++] = environ[i];
    (*environment)[kept++] = *variable;
    (*environment)[kept] = NULL;
    return KB3D_OK;
}

/* No input, no output but the socket, no signal blocked or ignored. The worker closes whatever
   else the host lets it inherit. */
static int spawn(pid_t *pid, const char *path, int socket, char **environment) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    char name[] = "kb3d-worker", *arguments[] = {name, NULL};
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    if ((error = posix_spawnattr_init(&attributes))) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    for (int file = 0; file < 3 && !error; file++)
        error = posix_spawn_file_actions_addopen(&actions, file, "/dev/null", file ? O_WRONLY : O_RDONLY, 0);
    if (!error && !(error = posix_spawn_file_actions_adddup2(&actions, socket, KB3D_WORKER_SOCKET)) &&
        !(error = posix_spawnattr_setsigmask(&attributes, &none)) &&
        !(error = posix_spawnattr_setsigdefault(&attributes, &all)) &&
        !(error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)))
        error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* A pair that lies above the descriptors which the worker gets anew. */
static int make_pair(int pair[2]) {
    int low[2], error = 0;
    pair[0] = pair[1] = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, low))
        return errno;
    for (int i = 0; i < 2; i++)
        if ((pair[i] = fcntl(low[i], F_DUPFD_CLOEXEC, KB3D_WORKER_SOCKET + 1)) < 0)
            error = errno;
    for (int i = 0; i < 2; i++) {
        close(low[i]);
        if (error && pair[i] >= 0)
            close(pair[i]);
    }
    return error;
}

kb3d_status kb3d_process_start(kb3d_process *process, const char *path, kb3d_mem *mem, kb3d_call *call) {
    char **environment = NULL, *variable = NULL;
    int pair[2], error = make_pair(pair);
    if (error)
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "the worker process cannot be reached: %s", strerror(error));
    kb3d_status status = make_environment(path, mem, &environment, &variable, call);
    if (!status && (error = spawn(&process->pid, path, pair[1], environment))) {
        process->pid = 0;
        status = kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s cannot be started: %s", path, strerror(error));
    }
    kb3d_mem_free(mem, variable);
    kb3d_mem_free(mem, environment);
    close(pair[1]);
    if (status) {
        close(pair[0]);
        return status;
    }
    process->socket = pair[0];
    process->owner = getpid();
#ifdef SYS_pidfd_open
    process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0); /* close-on-exec by itself */
#endif
    return KB3D_OK;
}

bool kb3d_process_is_idle(const kb3d_process *process) {
    struct pollfd socket = {process->socket, POLLIN, 0};
    return !poll(&socket, 1, 0);
}

static kb3d_status fail_ended(kb3d_call *call) {
    return kb3d_fail(call, KB3D_ERROR_IO, "the worker process ended");
}

static kb3d_status fail_to_send(int error, kb3d_call *call) {
    return kb3d_fail(call, KB3D_ERROR_MODEL, "the worker process cannot be asked: %s", strerror(error));
}

/* Waits for the socket, asking between. */
static kb3d_status wait_for(kb3d_process *process, short events, const kb3d_wait *wait, kb3d_call *call) {
    for (;;) {
        struct pollfd socket = {process->socket, events, 0};
        int ready = poll(&socket, 1, KB3D_WAIT_STEP_MS);
        kb3d_status status = kb3d_wait_check(wait, call);
        if (status || ready > 0)
            return status;
    }
}

kb3d_status kb3d_process_send(kb3d_process *process, const kb3d_worker_request *request, const int *files,
                              int count, const kb3d_wait *wait, kb3d_call *call) {
    for (;;) {
        int error = kb3d_channel_send(process->socket, request, sizeof *request, files, count);
        if (!error)
            return KB3D_OK;
        if (error != EAGAIN)
            return error == EPIPE || error == ECONNRESET ? fail_ended(call) : fail_to_send(error, call);
        kb3d_status status = wait_for(process, POLLOUT, wait, call);
        if (status)
            return status;
    }
}

kb3d_status kb3d_process_receive(kb3d_process *process, kb3d_worker_reply *reply, const kb3d_wait *wait,
                                 kb3d_call *call) {
    ssize_t got;
    do {
        kb3d_status status = wait_for(process, POLLIN, wait, call);
        if (status)
            return status;
        /* Without room for descriptors: the system drops what should come with it. */
        got = recv(process->socket, reply, sizeof *reply, MSG_DONTWAIT | MSG_TRUNC);
    } while (got < 0 && (errno == EAGAIN || errno == EINTR));
    if (got <= 0)
        return fail_ended(call);
    if (got != sizeof *reply)
        return kb3d_fail(call, KB3D_ERROR_MODEL, "the worker process sent what is no answer");
    return KB3D_OK;
}

static const char *signal_text(int number) {
    switch (number) {
    case SIGSEGV: return "segmentation fault";
    case SIGBUS: return "bus error";
    case SIGABRT: return "aborted";
    case SIGFPE: return "arithmetic error";
    case SIGILL: return "illegal instruction";
    case SIGTRAP: return "trap";
    case SIGSYS: return "forbidden system call";
    case SIGKILL: return "killed, perhaps because memory ran out";
    case SIGTERM: return "terminated";
    case SIGXCPU: return "processor time used up";
    }
    return "";
}

/* Asks once; a host that reaps all children may have been faster. */
static bool ended(const kb3d_process *process, char *how, size_t size) {
    siginfo_t about = {0};
    int failed = process->pidfd < 0 || waitid((idtype_t)P_PIDFD, (id_t)process->pidfd, &about, WEXITED | WNOHANG);
    if (failed && (process->pidfd < 0 || errno == EINVAL)) /* Linux before 5.4 */
        failed = waitid(P_PID, (id_t)process->pid, &about, WEXITED | WNOHANG);
    how[0] = 0;
    if (failed)
        return errno != EINTR;
    if (!about.si_pid)
        return false;
    const char *text = signal_text(about.si_status);
    if (about.si_code == CLD_EXITED)
        snprintf(how, size, "exit status %d", about.si_status);
    else
        snprintf(how, size, "signal %d%s%s", about.si_status, *text ? ": " : "", text);
    return true;
}

bool kb3d_process_has_ended(kb3d_process *process, int moment_ms, char *how, size_t size) {
    how[0] = 0;
    if (!process->pid)
        return true;
    int64_t until = kb3d_wait_now() + moment_ms;
    while (!ended(process, how, size)) {
        if (kb3d_wait_now() >= until)
            return false;
        nanosleep(&(struct timespec){0, 500000}, NULL);
    }
    close_files(process);
    return true;
}

void kb3d_process_kill(kb3d_process *process) {
    enum { MOMENT_MS = 10 };
    char how[64];
    if (process->owner != getpid()) {
        close_files(process);
        return;
    }
    if (kb3d_process_has_ended(process, 0, how, sizeof how))
        return;
#ifdef SYS_pidfd_send_signal
    if (process->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
    else
#endif
        kill(process->pid, SIGKILL); /* it was there a moment ago, and nobody else waits for it */
    if (process->socket >= 0)
        close(process->socket); /* a worker that cannot be killed sees that too */
    process->socket = -1;
    kb3d_process_has_ended(process, MOMENT_MS, how, sizeof how);
}

void kb3d_process_reap(kb3d_process *process) {
    char how[64];
    while (!kb3d_process_has_ended(process, 1000, how, sizeof how)) {
    }
}
