#include "decode.h"
#include "picture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static kb3d_status system_error(const char *path, kb3d_call *call) {
    char text[128];
    if (strerror_r(errno, text, sizeof text))
        text[0] = 0;
    return kb3d_fail(call, KB3D_ERROR_IO, "%s: cannot be read: %s", path, text);
}

static kb3d_status read_all(kb3d_mem *mem, const char *path, int fd, size_t limit, unsigned char **bytes,
                            size_t *byte_count, kb3d_call *call) {
    struct stat stat;
    if (fstat(fd, &stat))
        return system_error(path, call);
    if (!S_ISREG(stat.st_mode))
        return kb3d_fail(call, KB3D_ERROR_IO, "%s: %s", path,
                         S_ISDIR(stat.st_mode) ? "is a folder" : "is not a regular file");
    if (stat.st_size == 0)
        return kb3d_fail(call, KB3D_ERROR_IO, "%s: the file is empty", path);
    if ((uint64_t)stat.st_size > limit)
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "%s: the file is larger than %zu bytes", path, limit);
    size_t count = (size_t)stat.st_size, done = 0;
    unsigned char *data;
    kb3d_status status = kb3d_mem_alloc(mem, &data, count, 1, NULL);
    if (status)
        return kb3d_no_memory(path, mem, status, call);
    while (done < count) {
        ssize_t n = read(fd, data + done, count - done);
        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR) {
            status = n ? system_error(path, call)
                       : kb3d_fail(call, KB3D_ERROR_IO, "%s: the file became shorter while it was read", path);
            kb3d_mem_free(mem, data);
            return status;
        }
    }
    *bytes = data;
    *byte_count = count;
    return KB3D_OK;
}

kb3d_status kb3d_read_file(kb3d_mem *mem, const char *path, size_t limit, unsigned char **bytes,
                           size_t *byte_count, kb3d_call *call) {
    *bytes = NULL;
    *byte_count = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold the call */
    if (fd < 0)
        return system_error(path, call);
    kb3d_status status = read_all(mem, path, fd, limit, bytes, byte_count, call);
    close(fd);
    return status;
}
