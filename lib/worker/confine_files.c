#define _GNU_SOURCE /* dl_iterate_phdr, O_PATH */
#include "confine.h"

#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Landlock's own header may be missing or older than the kernel. */
typedef struct landlock_rules {
    uint64_t files, ports, scopes;
} landlock_rules;

typedef struct landlock_beneath {
    uint64_t allowed;
    int32_t file;
} __attribute__((packed)) landlock_beneath;

enum {
    CREATE_RULESET = 444, /* the numbers are the same everywhere */
    ADD_RULE = 445,
    RESTRICT_SELF = 446,
    VERSION = 1,          /* flag: answer the version */
    PATH_BENEATH = 1,     /* kind of rule */
    READ_FILE = 1 << 2,
    READ_FOLDER = 1 << 3,
    FILES = 0x1fff,       /* all rights of version 1 */
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    PORTS = 3,            /* bind and connect */
    SCOPES = 3            /* abstract sockets and signals outside */
};

static int make_rules(uint64_t files) {
    landlock_rules rules = {.files = files};
    long version = syscall(CREATE_RULESET, NULL, 0, VERSION);
    size_t size = sizeof rules.files;
    if (version < 1)
        return -1;
    if (version >= 2)
        rules.files |= REFER;
    if (version >= 3)
        rules.files |= TRUNCATE;
    if (version >= 4) {
        rules.ports = PORTS;
        size += sizeof rules.ports;
    }
    if (version >= 6) {
        rules.scopes = SCOPES;
        size += sizeof rules.scopes;
    }
    return (int)syscall(CREATE_RULESET, &rules, size, 0);
}

/* What is not there needs no rule. */
static void let_read(int rules, const char *path) {
    struct stat about;
    landlock_beneath rule = {READ_FILE, open(path, O_PATH | O_CLOEXEC)};
    if (rule.file < 0)
        return;
    if (!fstat(rule.file, &about) && S_ISDIR(about.st_mode))
        rule.allowed |= READ_FOLDER;
    syscall(ADD_RULE, rules, PATH_BENEATH, &rule, 0);
    close(rule.file);
}

/* The folder of a library that is open: it may open others from there when a network needs them. */
static int let_read_beside(struct dl_phdr_info *library, size_t size, void *rules) {
    char folder[PATH_MAX];
    const char *slash = strrchr(library->dlpi_name, '/');
    int length = slash ? (int)(slash - library->dlpi_name) : 0;
    if (length > 0 && snprintf(folder, sizeof folder, "%.*s", length, library->dlpi_name) < PATH_MAX)
        let_read(*(const int *)rules, folder);
    return 0;
}

int kb3d_confine_files(bool reads_files) {
    /* libraries, and what they ask about the machine */
    static const char *const system_places[] = {
        "/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/sys", "/proc/self",
        "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys", "/dev/null", "/dev/zero", "/dev/random",
        "/dev/urandom"};
    int rules = make_rules(reads_files ? FILES & ~(READ_FILE | READ_FOLDER) : FILES);
    if (rules < 0)
        return -1;
    if (!reads_files) {
        for (size_t i = 0; i < sizeof system_places / sizeof *system_places; i++)
            let_read(rules, system_places[i]);
        dl_iterate_phdr(let_read_beside, &rules);
    }
    int failed = (int)syscall(RESTRICT_SELF, rules, 0);
    close(rules);
    return failed;
}
