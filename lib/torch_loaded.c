#define _GNU_SOURCE /* dl_iterate_phdr */
#include "torch_loaded.h"

#include "plugin.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool starts_with(const char *text, const char *start) {
    return !strncmp(text, start, strlen(start));
}

/* libtorch_cpu.so has the code; where libtorch was linked into one piece, libtorch.so. */
static int look_at(struct dl_phdr_info *object, size_t size, void *user) {
    kb3d_torch_loaded *loaded = user;
    const char *name = object->dlpi_name ? base_name(object->dlpi_name) : "";
    bool is_code = starts_with(name, "libtorch_cpu.so");
    if (is_code || starts_with(name, "libtorch.so"))
        snprintf(loaded->path, sizeof loaded->path, "%s", object->dlpi_name);
    return is_code;
}

/* Debian has it in the name: libtorch_cpu.so.1.13 */
static void read_name(kb3d_torch_loaded *loaded) {
    const char *suffix = strstr(base_name(loaded->path), ".so");
    sscanf(suffix, ".so.%d.%d", &loaded->version.major, &loaded->version.minor);
}

/* From 2.9 on libtorch answers itself: major, minor, patch in the upper bytes. */
static void ask_function(kb3d_torch_loaded *loaded) {
    void *address = kb3d_plugin_symbol(loaded->path, "aoti_torch_abi_version");
    if (!address)
        return;
    uint64_t (*function)(void);
    memcpy(&function, &address, sizeof function);
    uint64_t version = function();
    loaded->version = (kb3d_torch_version){(int)(version >> 56), (int)(version >> 48 & 255)};
}

/* Wheels and archives say it in a file beside their lib/. */
static void read_file(kb3d_torch_loaded *loaded, const char *name, const char *before) {
    char path[PATH_MAX], text[1024];
    int folder = (int)(base_name(loaded->path) - loaded->path);
    if (snprintf(path, sizeof path, "%.*s../%s", folder, loaded->path, name) >= (int)sizeof path)
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = 0;
    const char *at = strstr(text, before);
    if (at)
        sscanf(at + strlen(before), "%d.%d", &loaded->version.major, &loaded->version.minor);
}

bool kb3d_torch_find_loaded(kb3d_torch_loaded *loaded) {
    *loaded = (kb3d_torch_loaded){0};
    dl_iterate_phdr(look_at, loaded);
    if (!*loaded->path)
        return false;
    read_name(loaded);
    if (!loaded->version.major)
        ask_function(loaded);
    if (!loaded->version.major)
        read_file(loaded, "version.py", "__version__ = '");
    if (!loaded->version.major)
        read_file(loaded, "build-version", "");
    return true;
}
