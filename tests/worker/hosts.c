/* Hosts of every kind, each a fork of this program, and installations that lack something. */
#define _GNU_SOURCE /* syscall */
#include "stage.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* Runs `host` in a fork; what it checks counts there, and its exit status here. */
static void in_fork(void (*host)(void)) {
    fflush(stdout);
    fflush(stderr);
    pid_t child = fork();
    if (!child) {
        check_failures = 0;
        host();
        fflush(stderr);
        _exit(check_failures ? 1 : 0);
    }
    int status;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 0);
}

static void ignores_its_children(void) {
    signal(SIGCHLD, SIG_IGN); /* the system reaps them */
    signal(SIGPIPE, SIG_DFL);
    worker_make((kb3d_worker_limits){.time_ms = 300});
    kb3d_infer_model *good = network("echo");
    CHECK_INT(run_once("crash").status, KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "the worker process ended while it ran the network");
    CHECK_INT(run_once("hang").status, KB3D_ERROR_LIMIT);
    CHECK_INT(network_run(good, NULL, NULL).status, KB3D_OK);
    network_free(good);
    kb3d_worker_destroy(&worker);
    CHECK(!has_children());
}

static volatile sig_atomic_t reaped;

static void reap_all(int number) {
    int kept = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped++;
    errno = kept;
}

static void reaps_all_children(void) {
    signal(SIGCHLD, reap_all);
    ignores_its_children(); /* ends with the same expectations */
    signal(SIGCHLD, reap_all);
    worker_make((kb3d_worker_limits){0});
    CHECK_INT(run_once("crash").status, KB3D_ERROR_MODEL);
    CHECK_INT(run_once("echo").status, KB3D_OK);
    kb3d_worker_destroy(&worker);
    CHECK(reaped > 0 || !has_children());
}

static void test_hosts_that_reap(void) {
    in_fork(ignores_its_children);
    in_fork(reaps_all_children);
}

/* Killed and stopped while it runs. */
static void *interfere(void *process) {
    nap_ms(100);
    kill(*(pid_t *)process, SIGTERM);
    return NULL;
}

/* Signals that interrupt every wait, and blocked and ignored ones, which the worker does not inherit. */
static void do_nothing(int number) {
}

static void has_busy_signals(void) {
    struct sigaction action = {.sa_handler = do_nothing}; /* no SA_RESTART */
    sigset_t term;
    struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &action, NULL);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    worker_make((kb3d_worker_limits){0});
    kb3d_infer_model *hang = network("hang"), *slow = network("slow 100");
    for (int i = 0; i < 5; i++)
        CHECK_INT(network_run(slow, NULL, NULL).status, KB3D_OK);
    setitimer(ITIMER_REAL, &never, NULL);
    pid_t process = (pid_t)run_once("process").values[0];
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, interfere, &process);
    CHECK(!failed);
    CHECK_INT(network_run(hang, NULL, NULL).status, KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "(signal 15: terminated)");
    pthread_join(thread, NULL);
    network_free(hang);
    network_free(slow);
    kb3d_worker_destroy(&worker);
}

/* Services close their standard files, so that the next ones get their numbers. */
static void has_no_standard_files(void) {
    int errors = fcntl(2, F_DUPFD_CLOEXEC, 50);
    for (int file = 0; file < 10; file++)
        close(file);
    worker_make((kb3d_worker_limits){0});
    int fine = run_once("echo").status == KB3D_OK && run_once("print").status == KB3D_OK;
    int files = (int)run_once("files").values[0];
    fine &= files == 5 || files == 6; /* with and without an eye on the host */
    kb3d_worker_destroy(&worker);
    dup2(errors, 2);
    CHECK(fine);
}

static void may_write_little(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 4096;
    CHECK(!setrlimit(RLIMIT_FSIZE, &limit)); /* more would be a SIGXFSZ */
    worker_make((kb3d_worker_limits){0});
    kb3d_infer_model *model = network("echo");
    CHECK_INT(network_run(model, NULL, NULL).status, KB3D_ERROR_MEMORY);
    CHECK_TEXT(message, "File too large");
    network_free(model);
    kb3d_worker_destroy(&worker);
}


/* Makes what newer kernels bring fail as an older one would, here and in the worker. */
static int go_back_in_time(void) {
#define OLDER(number) \
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (number)}, {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS}
    struct sock_filter steps[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
        OLDER(424), OLDER(434), /* descriptors of processes */
        OLDER(436),             /* close_range */
        OLDER(444), OLDER(445), OLDER(446), /* Landlock */
        OLDER(SYS_seccomp),
        /* F_ADD_SEALS knows no F_SEAL_FUTURE_WRITE, memfd_create no MFD_NOEXEC_SEAL */
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 5, SYS_fcntl},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args[1])},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 1033},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args[2])},
        {BPF_JMP | BPF_JSET | BPF_K, 4, 0, 0x10},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_memfd_create},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args[1])},
        {BPF_JMP | BPF_JSET | BPF_K, 0, 1, 8},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EINVAL},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    struct sock_fprog program = {sizeof steps / sizeof *steps, steps};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void has_an_old_kernel(void) {
    if (go_back_in_time())
        return; /* where nothing can be filtered, the kernel is old enough */
    int leaked = open("/dev/null", O_RDONLY);
    worker_make((kb3d_worker_limits){.time_ms = 400});
    kb3d_infer_model *good = network("echo");
    CHECK_TEXT(log_text, "the system lacks Landlock, a filter of system calls");
    CHECK_INT(run_once("crash").status, KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "(signal 11: segmentation fault)");
    CHECK_INT(run_once("hang").status, KB3D_ERROR_LIMIT);
    CHECK_INT((int)run_once("files").values[0], 5);
    CHECK_INT(network_run(good, NULL, NULL).status, KB3D_OK);
    network_free(good);
    kb3d_worker_destroy(&worker);
    CHECK(!has_children());
    close(leaked);
}

static void test_poor_hosts(void) {
    in_fork(has_an_old_kernel);
    in_fork(has_busy_signals);
    in_fork(has_no_standard_files);
    in_fork(may_write_little);
}

static void fails_to_start(const char *folders, const char *text) {
    kb3d_infer_model *model;
    char before[1024];
    snprintf(before, sizeof before, "%s", getenv("KB3D_PLUGIN_PATH"));
    setenv("KB3D_PLUGIN_PATH", folders, 1);
    worker_begin((kb3d_worker_limits){0});
    CHECK_INT(network_load(&model, "echo"), KB3D_ERROR_UNAVAILABLE);
    CHECK_TEXT(message, text);
    CHECK(!model);
    setenv("KB3D_PLUGIN_PATH", before, 1);
    CHECK_INT(run_once("echo").status, KB3D_OK); /* once it is there */
    worker_end();
}

static void write_file(const char *path, const char *text, mode_t mode) {
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    chmod(path, mode);
}

static void test_installations(void) {
    char folder[] = "/tmp/kb3d-test-XXXXXX", file[64], places[1100];
    if (!CHECK(mkdtemp(folder)))
        return;
    snprintf(file, sizeof file, "%s/kb3d-worker", folder);
    fails_to_start(folder, "kb3d-worker is not installed; looked into /tmp/kb3d-test-");
    write_file(file, "not a program", 0600);
    fails_to_start(folder, "kb3d-worker cannot be started: Permission denied");
    write_file(file, "not a program", 0700);
    fails_to_start(folder, "kb3d-worker cannot be started: Exec format error");
    write_file(file, "#!/bin/sh\nexit 3\n", 0700);
    fails_to_start(folder, "the worker process ended while it started (exit status 3)");
    write_file(file, "#!/bin/sh\necho nonsense >&3\n", 0700);
    fails_to_start(folder, "kb3d-worker cannot be used: the worker process ");
    CHECK(!unlink(file));
    /* the worker is there, but no module for it */
    snprintf(places, sizeof places, "%s", getenv("KB3D_PLUGIN_PATH"));
    fails_to_start(strchr(places, ':') + 1, "kb3d-torch");
    CHECK(!rmdir(folder));
}

int main(void) {
    RUN(test_hosts_that_reap);
    RUN(test_poor_hosts);
    RUN(test_installations);
    return check_end();
}
