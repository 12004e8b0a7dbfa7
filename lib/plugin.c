#define _GNU_SOURCE /* dladdr, secure_getenv */
#include "plugin.h"

#include "needed.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Hands over a folder, given as `length` bytes and a suffix. Empty ones are
   skipped: they would mean whatever the current folder is. */
static void hand_over(const char *folder, size_t length, const char *suffix,
                      void (*visit)(const char *folder, void *user), void *user) {
    char path[PATH_MAX];
    if (length && length < PATH_MAX &&
        snprintf(path, sizeof path, "%.*s%s", (int)length, folder, suffix) < PATH_MAX)
        visit(path, user);
}

void kb3d_plugin_folders(void (*visit)(const char *folder, void *user), void *user) {
    const char *folders = secure_getenv("KB3D_PLUGIN_PATH");
    while (folders && *folders) {
        size_t length = strcspn(folders, ":");
        hand_over(folders, length, "", visit, user);
        folders += length + (folders[length] == ':');
    }
    Dl_info self;
    if (dladdr((void *)kb3d_plugin_folders, &self) && self.dli_fname) {
        const char *slash = strrchr(self.dli_fname, '/');
        if (slash)
            hand_over(self.dli_fname, (size_t)(slash - self.dli_fname), "/kb3d", visit, user);
    }
    hand_over(KB3D_MODULE_FOLDER, strlen(KB3D_MODULE_FOLDER), "", visit, user);
}

typedef struct search {
    const char *file;
    char *path;
    size_t size;
    bool found;
    char places[256]; /* folders where it was not */
} search;

static void look_into(const char *folder, void *user) {
    search *s = user;
    size_t used = strlen(s->places);
    if (s->found)
        return;
    snprintf(s->places + used, sizeof s->places - used, "%s%s", used ? ", " : "", folder);
    s->found = (size_t)snprintf(s->path, s->size, "%s/%s", folder, s->file) < s->size && !access(s->path, F_OK);
}

kb3d_status kb3d_plugin_find(const char *file, char *path, size_t size, kb3d_call *call) {
    search s = {.file = file, .path = path, .size = size};
    kb3d_plugin_folders(look_into, &s);
    if (!s.found)
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s is not installed; looked into %s", file, s.places);
    return KB3D_OK;
}

/* NODELETE: threads and exit handlers of libtorch outlive every context. */
static void *open_for_good(const char *path) {
    return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

static const char *reason(void) {
    const char *text = dlerror();
    return text ? text : "no such symbol";
}

kb3d_status kb3d_plugin_open(const char *path, const char *symbol, void **address, kb3d_call *call) {
    void *module = open_for_good(path);
    *address = module ? dlsym(module, symbol) : NULL;
    if (!*address)
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s cannot be opened: %s", path, reason());
    return KB3D_OK;
}

kb3d_status kb3d_plugin_open_operators(const char *path, kb3d_call *call) {
    char needed[128];
    if (kb3d_plugin_needs_torch(path, needed, sizeof needed))
        return kb3d_fail(call, KB3D_ERROR_MODEL, "%s: belongs to another libtorch, for it needs %s", path, needed);
    if (!open_for_good(path))
        return kb3d_fail(call, KB3D_ERROR_MODEL, "the custom operators cannot be opened: %s", reason());
    return KB3D_OK;
}

static void *opened(const char *library) {
    return dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
}

bool kb3d_plugin_is_open(const char *library) {
    void *handle = opened(library);
    if (handle)
        dlclose(handle); /* gives back what NOLOAD has counted */
    return handle;
}

void *kb3d_plugin_symbol(const char *library, const char *symbol) {
    void *handle = opened(library), *address = handle ? dlsym(handle, symbol) : NULL;
    if (handle)
        dlclose(handle);
    return address;
}

typedef struct need {
    char *name;
    size_t name_size;
} need;

static bool is_lacking_torch(const char *name, void *user) {
    const need *n = user;
    if ((strncmp(name, "libtorch", 8) && strncmp(name, "libc10", 6)) || kb3d_plugin_is_open(name))
        return false;
    snprintf(n->name, n->name_size, "%s", name);
    return true;
}

bool kb3d_plugin_needs_torch(const char *path, char *name, size_t name_size) {
    need n = {name, name_size};
    return kb3d_needed_find(path, is_lacking_torch, &n);
}
