/* What a network in the worker can do and what it cannot. */
#define _GNU_SOURCE /* syscall */
#include "stage.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a network may do, and where it runs. */
static void test_allowed(void) {
    worker_begin((kb3d_worker_limits){0});
    int watcher = (int)syscall(434 /* pidfd_open */, getpid(), 0), can_watch = watcher >= 0;
    if (can_watch)
        close(watcher);
    char path[64], text[16] = "";
    snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)run_once("process").values[0]);
    FILE *file = fopen(path, "r");
    if (CHECK(file && fgets(text, sizeof text, file)))
        CHECK_TEXT(text, "500"); /* rather than the host */
    if (file)
        fclose(file);
    CHECK_INT(run_once("print").status, KB3D_OK);
    CHECK_NEAR(run_once("threads").values[0], 8, 0);
    CHECK_INT(run_once("eat 50").status, KB3D_OK);
    /* input, output, errors, the connection, its eye on the host, and while it runs its input */
    int leaked = open("/dev/null", O_RDONLY); /* without close-on-exec, as hosts do */
    kb3d_worker_destroy(&worker);
    worker_make((kb3d_worker_limits){0});
    CHECK_NEAR(run_once("files").values[0], 5 + can_watch, 0);
    close(leaked);
    worker_end();
}

/* What it may not. */
static void test_forbidden(void) {
    char folder[] = "/tmp/kb3d-test-XXXXXX", file[64], text[128];
    if (!CHECK(mkdtemp(folder)))
        return;
    snprintf(file, sizeof file, "%s/file", folder);
    FILE *made = fopen(file, "w");
    fputs("as it was", made);
    fclose(made);
    snprintf(text, sizeof text, "attempt 0 %s", file);
    worker_begin((kb3d_worker_limits){0});
    result r = run_once(text);
    int filtered = !strstr(log_text, "a filter of system calls");
    CHECK_INT(r.status, KB3D_OK);
    for (int i = 0; i < 24 && filtered; i++)
        if (!CHECK_INT((int)r.values[i], i == 14 || i == 22 ? ENOSYS : i == 23 ? EFBIG : EPERM))
            fprintf(stderr, "    attempt %d\n", i);
    int landlocked = !strstr(log_text, "Landlock");
    for (int i = 24; i < 28 && landlocked; i++) /* the last two are the system's */
        if (!CHECK_INT((int)r.values[i], i < 26 ? EACCES : 0))
            fprintf(stderr, "    attempt %d\n", i);
    if (!filtered || !landlocked)
        printf("    not all of it can be tested here\n");
    worker_end();
    char now[32] = "";
    if (CHECK((made = fopen(file, "r")))) {
        CHECK(fgets(now, sizeof now, made));
        fclose(made);
    }
    CHECK_TEXT(now, "as it was");
    CHECK(!unlink(file));
    CHECK(!rmdir(folder)); /* nothing else is in it */
}

int main(void) {
    RUN(test_allowed);
    RUN(test_forbidden);
    return check_end();
}
