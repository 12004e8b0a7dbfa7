#define _GNU_SOURCE
#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

enum { PROTECTED_MAX = 4 }; /* a video and a frame at a time */

static kb3d_call *volatile watched;
static volatile sig_atomic_t caught;
static const char *volatile protected_files[PROTECTED_MAX];

static void handle(int number) {
    if (caught) {
        for (int i = 0; i < PROTECTED_MAX; i++)
            if (protected_files[i])
                unlink(protected_files[i]);
        _exit(128 + number);
    }
    caught = number;
    kb3d_call_cancel(watched);
}

void kb3d_interrupt_watch(kb3d_call *call) {
    watched = call;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++) {
        struct sigaction before;
        sigaction(numbers[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) /* nohup and shells' background jobs ignore some of them */
            sigaction(numbers[i], &action, NULL);
    }
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a write error like a full disk */
}

int kb3d_interrupt_signal(void) {
    return caught;
}

void kb3d_interrupt_protect(const char *temporary) {
    for (int i = 0; i < PROTECTED_MAX; i++)
        if (!protected_files[i]) {
            protected_files[i] = temporary;
            return;
        }
}

void kb3d_interrupt_release(const char *temporary) {
    for (int i = 0; i < PROTECTED_MAX; i++)
        if (protected_files[i] == temporary)
            protected_files[i] = NULL;
}
