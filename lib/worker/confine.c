#define _GNU_SOURCE /* syscall */
#include "confine.h"

#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void limit(int what, rlim_t most) {
    struct rlimit now;
    if (getrlimit(what, &now))
        return;
    if (now.rlim_max == RLIM_INFINITY || now.rlim_max > most)
        now.rlim_max = most;
    now.rlim_cur = now.rlim_max;
    setrlimit(what, &now);
}

/* RLIMIT_DATA counts private memory that can be written: what is allocated. RLIMIT_AS would count
   libraries, files that are mapped and address space that the allocator and CUDA reserve without
   using it, many times what is held, and RLIMIT_RSS does nothing. */
void kb3d_confine_memory(uint64_t byte_count) {
    if (byte_count)
        limit(RLIMIT_DATA, (rlim_t)byte_count);
}

/* A host that is root shares no more of that than its files. */
static int drop_capabilities(void) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
    return (int)syscall(SYS_capset, &head, none);
}

static void note(int failed, const char *name, char *missing, size_t size) {
    if (!failed)
        return;
    if (*missing)
        strncat(missing, ", ", size - strlen(missing) - 1);
    strncat(missing, name, size - strlen(missing) - 1);
}

void kb3d_confine(bool reads_files, char *missing, size_t size) {
    missing[0] = 0;
    limit(RLIMIT_CORE, 0); /* a photograph does not belong into a core file */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    limit(RLIMIT_FSIZE, 0);
    signal(SIGXFSZ, SIG_IGN); /* writing fails then, and is no crash */
    note(drop_capabilities(), "dropped capabilities", missing, size);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
        note(1, "no new privileges, Landlock, a filter of system calls", missing, size);
        return;
    }
    note(kb3d_confine_files(reads_files), "Landlock", missing, size);
    note(chdir("/"), "another folder", missing, size); /* the host may want to unmount its own */
    note(kb3d_confine_calls(), "a filter of system calls", missing, size);
}
