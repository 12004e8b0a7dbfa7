#define _GNU_SOURCE
#include "output.h"

#include "../interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static kb3d_exit check_target(const char *path) {
    struct stat there;
    if (stat(path, &there))
        return KB3D_EXIT_OK;
    if (!S_ISREG(there.st_mode))
        return kb3d_report(path, "is %s, not a file that could be replaced",
                           S_ISDIR(there.st_mode) ? "a folder" : "a device or pipe");
    if (access(path, W_OK))
        return kb3d_report(path, "cannot be written: %s", strerror(errno));
    return KB3D_EXIT_OK;
}

/* "folder/.kb3d-XXXXXX" for "folder/name"; short, as the name may be as long as names can be. */
static char *temporary_name(const char *target) {
    const char *slash = strrchr(target, '/');
    char *name;
    int folder = slash ? (int)(slash - target + 1) : 0;
    return asprintf(&name, "%.*s.kb3d-XXXXXX", folder, target) < 0 ? NULL : name;
}

kb3d_exit kb3d_output_open(kb3d_output *output, const char *path) {
    *output = (kb3d_output){.path = path, .file = -1};
    kb3d_exit status = check_target(path);
    if (status)
        return status;
    output->target = realpath(path, NULL);
    if (!output->target)
        output->target = strdup(path);
    output->temporary = output->target ? temporary_name(output->target) : NULL;
    if (!output->temporary) {
        kb3d_output_close(output);
        return kb3d_report_memory();
    }
    output->file = mkostemp(output->temporary, O_CLOEXEC);
    if (output->file < 0) {
        int cause = errno;
        free(output->temporary); /* names nothing of ours: close must not remove it */
        output->temporary = NULL;
        kb3d_output_close(output);
        return kb3d_report(path, "cannot be written: %s", strerror(cause));
    }
    kb3d_interrupt_protect(output->temporary);
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(output->file, 0666 & ~mask))
        kb3d_note("%s: keeps its private mode: %s", path, strerror(errno));
    return KB3D_EXIT_OK;
}

kb3d_exit kb3d_output_write(kb3d_output *output, const void *bytes, size_t byte_count) {
    const char *at = bytes;
    while (byte_count) {
        ssize_t written = write(output->file, at, byte_count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return kb3d_report(output->path, "cannot be written: %s", strerror(errno));
        at += written;
        byte_count -= (size_t)written;
    }
    return KB3D_EXIT_OK;
}

kb3d_exit kb3d_output_commit(kb3d_output *output) {
    /* Some file systems find out that the disk is full no earlier than here; some cannot sync, and say EINVAL. */
    bool failed = fsync(output->file) && errno != EINVAL && errno != ENOTSUP;
    int cause = failed ? errno : 0;
    if (close(output->file) && !cause)
        cause = errno;
    output->file = -1;
    if (!cause && rename(output->temporary, output->target))
        cause = errno;
    if (cause)
        return kb3d_report(output->path, "cannot be written: %s", strerror(cause));
    kb3d_interrupt_release(output->temporary);
    free(output->temporary);
    output->temporary = NULL;
    return KB3D_EXIT_OK;
}

void kb3d_output_close(kb3d_output *output) {
    if (output->temporary) {
        if (output->file >= 0)
            close(output->file);
        unlink(output->temporary);
        kb3d_interrupt_release(output->temporary);
    }
    free(output->temporary);
    free(output->target);
    *output = (kb3d_output){.file = -1};
}
