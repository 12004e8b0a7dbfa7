#define _GNU_SOURCE /* syscall */
#include "confine.h"

#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Landlock's own header may be missing or older than the kernel. */
typedef struct landlock_rules {
    uint64_t files, ports, scopes;
} landlock_rules;

enum {
    LANDLOCK_FILES = 0x1ff3, /* all of version 1 but reading files and folders */
    LANDLOCK_REFER = 1 << 13,
    LANDLOCK_TRUNCATE = 1 << 14,
    LANDLOCK_PORTS = 3,   /* bind and connect */
    LANDLOCK_SCOPES = 3,  /* abstract sockets and signals outside */
    LANDLOCK_VERSION = 1, /* flag: answer the version */
    CREATE_RULESET = 444, /* the numbers are the same everywhere */
    RESTRICT_SELF = 446
};

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

/* All rights but reading are handled and none is given. */
static int confine_files(void) {
    landlock_rules rules = {.files = LANDLOCK_FILES};
    long version = syscall(CREATE_RULESET, NULL, 0, LANDLOCK_VERSION);
    if (version < 1)
        return -1;
    size_t size = sizeof rules.files;
    if (version >= 2)
        rules.files |= LANDLOCK_REFER;
    if (version >= 3)
        rules.files |= LANDLOCK_TRUNCATE;
    if (version >= 4) {
        rules.ports = LANDLOCK_PORTS;
        size += sizeof rules.ports;
    }
    if (version >= 6) {
        rules.scopes = LANDLOCK_SCOPES;
        size += sizeof rules.scopes;
    }
    int file = (int)syscall(CREATE_RULESET, &rules, size, 0);
    if (file < 0)
        return -1;
    int failed = (int)syscall(RESTRICT_SELF, file, 0);
    close(file);
    return failed;
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

void kb3d_confine(char *missing, size_t size) {
    missing[0] = 0;
    limit(RLIMIT_CORE, 0); /* a photograph does not belong into a core file */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    limit(RLIMIT_FSIZE, 0);
    signal(SIGXFSZ, SIG_IGN); /* writing fails then, and is no crash */
    note(chdir("/"), "another folder", missing, size); /* the host's may be unmounted */
    note(drop_capabilities(), "dropped capabilities", missing, size);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
        note(1, "no new privileges, Landlock, a filter of system calls", missing, size);
        return;
    }
    note(confine_files(), "Landlock", missing, size);
    note(kb3d_confine_calls(), "a filter of system calls", missing, size);
}
