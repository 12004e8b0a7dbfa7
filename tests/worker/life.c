/* How the process begins and ends: idle, running, and with its host. */
#define _GNU_SOURCE /* pipe2 */
#include "stage.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static int exists(pid_t process) {
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (fscanf(file, "%*d %*s %c", &state) != 1)
        state = 0;
    fclose(file);
    return state && state != 'Z';
}

static int write_to; /* a pipe to the test */

/* The worker's number goes to the test; then a network runs until somebody ends it. */
static void *run_hanging(void *unused) {
    worker_make((kb3d_worker_limits){0});
    kb3d_infer_model *hang = network("hang");
    pid_t process = (pid_t)run_once("process").values[0];
    if (write(write_to, &process, sizeof process) != sizeof process)
        _exit(1);
    network_run(hang, NULL, NULL);
    return NULL;
}

/* A host is killed while a network runs. `with_fork`: a child of its own lives on, and has the
   connection open. */
static void host_is_killed(int with_fork) {
    int ends[2], worst_ms = 0;
    if (!CHECK(!pipe2(ends, O_CLOEXEC)))
        return;
    write_to = ends[1];
    pid_t host = fork(), process = 0, grandchild = 0;
    if (!host) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run_hanging, NULL))
            _exit(1);
        nap_ms(with_fork ? (int)(1000 * slack()) : 0);
        if (with_fork && !(grandchild = fork())) {
            for (;;)
                pause();
        }
        if (write(ends[1], &grandchild, sizeof grandchild) != sizeof grandchild)
            _exit(1);
        for (;;)
            pause();
    }
    pid_t told[2] = {0, 0};
    for (size_t got = 0; got < sizeof told;) {
        ssize_t more = read(ends[0], (char *)told + got, sizeof told - got);
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    process = with_fork || told[0] ? told[0] : told[1];
    grandchild = with_fork ? told[1] : 0;
    nap_ms(100);
    if (CHECK(process > 0)) {
        CHECK(exists(process));
        CHECK(!kill(host, SIGKILL));
        double begin = now_ms();
        while (exists(process) && now_ms() - begin < 5000)
            nap_ms(5);
        worst_ms = (int)(now_ms() - begin);
        CHECK(!exists(process));
        CHECK(worst_ms < 1000 * slack());
        printf("    the worker ended %d ms after its host\n", worst_ms);
    }
    if (grandchild > 0)
        kill(grandchild, SIGKILL);
    kill(host, SIGKILL);
    waitpid(host, NULL, 0);
    close(ends[0]);
    close(ends[1]);
}

static void test_host_is_killed(void) {
    host_is_killed(0);
}

static void test_host_is_killed_and_its_fork_lives(void) {
    host_is_killed(1);
}

/* The thread that started the worker ends: the worker does not. */
static void *load_there(void *model) {
    network_load(model, "process"); /* checks are not for two threads */
    return NULL;
}

static void test_starting_thread_ends(void) {
    kb3d_infer_model *model = NULL;
    pthread_t thread;
    worker_begin((kb3d_worker_limits){0});
    int failed = pthread_create(&thread, NULL, load_there, &model);
    if (!failed)
        pthread_join(thread, NULL);
    if (!CHECK(model))
        return;
    nap_ms(600); /* longer than the worker's look at its host */
    pid_t process = (pid_t)network_run(model, NULL, NULL).values[0];
    nap_ms(600);
    CHECK(exists(process));
    CHECK_INT((pid_t)network_run(model, NULL, NULL).values[0], process);
    network_free(model);
    worker_end();
    CHECK(!exists(process));
}

/* The process is killed between two calls: nobody notices. */
static void test_killed_while_idle(void) {
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *model = network("process");
    for (int i = 0; i < 3; i++) {
        pid_t process = (pid_t)network_run(model, NULL, NULL).values[0];
        CHECK(!kill(process, SIGKILL));
        while (exists(process))
            nap_ms(1);
        nap_ms(30); /* its first thread has ended; the others may hold the connection a moment longer */
        result r = network_run(model, NULL, NULL);
        CHECK_INT(r.status, KB3D_OK);
        CHECK((pid_t)r.values[0] != process);
    }
    network_free(model);
    worker_end();
}

/* Killed and stopped while it runs. */
static void *interfere(void *process) {
    nap_ms(100);
    kill(*(pid_t *)process, SIGTERM);
    return NULL;
}

static void test_killed_while_running(void) {
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *model = network("process"), *hang = network("hang");
    pid_t process = (pid_t)network_run(model, NULL, NULL).values[0];
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, interfere, &process);
    CHECK(!failed);
    CHECK_INT(network_run(hang, NULL, NULL).status, KB3D_ERROR_MODEL);
    CHECK_TEXT(message, "(signal 15: terminated)");
    pthread_join(thread, NULL);
    network_free(hang);
    network_free(model);
    worker_end();
}

/* A fork of the host gets a worker of its own, and leaves the other alone. */
static void test_host_forks(void) {
    worker_begin((kb3d_worker_limits){0});
    kb3d_infer_model *model = network("process"), *echo = network("echo");
    pid_t process = (pid_t)network_run(model, NULL, NULL).values[0];
    CHECK_INT(network_run(echo, NULL, NULL).status, KB3D_OK);
    fflush(stdout);
    fflush(stderr);
    pid_t child = fork();
    if (!child) {
        check_failures = 0;
        result r = network_run(model, NULL, NULL);
        CHECK_INT(r.status, KB3D_OK);
        CHECK((pid_t)r.values[0] != process);
        CHECK_INT(network_run(echo, NULL, NULL).status, KB3D_OK);
        network_free(model);
        network_free(echo);
        kb3d_worker_destroy(&worker);
        CHECK(exists(process));
        CHECK(!has_children());
        _exit(check_failures ? 1 : 0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status));
    CHECK_INT((pid_t)network_run(model, NULL, NULL).values[0], process);
    result r = network_run(echo, NULL, NULL);
    CHECK_INT(r.status, KB3D_OK);
    CHECK_NEAR(r.values[5], 5, 0);
    network_free(model);
    network_free(echo);
    worker_end();
}

int main(void) {
    RUN(test_starting_thread_ends);
    RUN(test_killed_while_idle);
    RUN(test_killed_while_running);
    RUN(test_host_forks);
    RUN(test_host_is_killed);
    RUN(test_host_is_killed_and_its_fork_lives);
    return check_end();
}
