#define _GNU_SOURCE /* dladdr, secure_getenv */
#include "plugin.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct search {
    const char *name, *symbol;
    void *address;
    bool found;           /* the file was there, whether or not it could be used */
    char reason[256];     /* why it could not */
    char places[256];     /* folders where it was not */
} search;

static void open_module(search *s, const char *path) {
    /* NODELETE: threads and exit handlers of libtorch outlive every context. */
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (module)
        s->address = dlsym(module, s->symbol);
    if (!s->address) {
        const char *reason = dlerror();
        snprintf(s->reason, sizeof s->reason, "%s", reason ? reason : "no such symbol");
    }
}

/* Looks into one folder, given as `length` bytes and a suffix. Empty ones are
   skipped: they would mean whatever the current folder is. */
static void look_into(search *s, const char *folder, size_t length, const char *suffix) {
    char path[PATH_MAX];
    if (s->found || !length || length >= PATH_MAX)
        return;
    int size = snprintf(path, sizeof path, "%.*s%s", (int)length, folder, suffix);
    size_t used = strlen(s->places);
    snprintf(s->places + used, sizeof s->places - used, "%s%.*s%s", used ? ", " : "", (int)length, folder, suffix);
    if (size < PATH_MAX)
        size += snprintf(path + size, sizeof path - size, "/%s.so", s->name);
    if (size >= PATH_MAX || access(path, F_OK))
        return;
    s->found = true;
    open_module(s, path);
}

kb3d_status kb3d_plugin_open(const char *name, const char *symbol, void **address, kb3d_call *call) {
    search s = {.name = name, .symbol = symbol};
    *address = NULL;
    const char *folders = secure_getenv("KB3D_PLUGIN_PATH");
    while (folders && *folders) {
        size_t length = strcspn(folders, ":");
        look_into(&s, folders, length, "");
        folders += length + (folders[length] == ':');
    }
    Dl_info self;
    if (dladdr((void *)kb3d_plugin_open, &self) && self.dli_fname) {
        const char *slash = strrchr(self.dli_fname, '/');
        if (slash)
            look_into(&s, self.dli_fname, (size_t)(slash - self.dli_fname), "/kb3d");
    }
    look_into(&s, KB3D_MODULE_FOLDER, strlen(KB3D_MODULE_FOLDER), "");
    if (!s.found)
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s.so is not installed; looked into %s", name, s.places);
    if (!s.address)
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s.so cannot be opened: %s", name, s.reason);
    *address = s.address;
    return KB3D_OK;
}
