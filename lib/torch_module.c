#define _GNU_SOURCE /* secure_getenv */
#include "torch_module.h"

#include "plugin.h"
#include "torch_loaded.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef kb3d_torch_version version;

static int compare(version a, version b) {
    return a.major != b.major ? a.major - b.major : a.minor - b.minor;
}

static bool is_known(version v) {
    return v.major || v.minor;
}

/* The newest module below a version; of two of one version that of the first folder. */
typedef struct search {
    version below;
    version found; /* 0.0: none */
    char path[PATH_MAX];
} search;

static void look_into(const char *folder, void *user) {
    search *s = user;
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    while (listing && (entry = readdir(listing))) {
        version v = {0, 0};
        char path[PATH_MAX];
        int end = 0;
        if (sscanf(entry->d_name, "kb3d-torch-%d.%d.so%n", &v.major, &v.minor, &end) != 2 || !end ||
            entry->d_name[end] || compare(v, s->below) >= 0 || compare(v, s->found) <= 0)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path)
            continue;
        s->found = v;
        memcpy(s->path, path, sizeof path);
    }
    if (listing)
        closedir(listing);
}

static bool find_newest_below(version below, search *s) {
    *s = (search){.below = below};
    kb3d_plugin_folders(look_into, s);
    return is_known(s->found);
}

static const version beyond_all = {1 << 30, 0};

static bool find_exactly(version wanted, search *s) {
    return find_newest_below((version){wanted.major, wanted.minor + 1}, s) && !compare(s->found, wanted);
}

typedef struct text {
    char bytes[256];
} text;

static void append(text *t, const char *separator, const char *part) {
    size_t used = strlen(t->bytes);
    snprintf(t->bytes + used, sizeof t->bytes - used, "%s%s", used ? separator : "", part);
}

static void append_folder(const char *folder, void *user) {
    append(user, ", ", folder);
}

static kb3d_status fail_none(kb3d_call *call) {
    text places = {""};
    kb3d_plugin_folders(append_folder, &places);
    return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "no kb3d-torch module is installed; looked into %s",
                     places.bytes);
}

/* Such as "only modules for libtorch 2.13 and 1.13 are installed" */
static text what_is_installed(void) {
    text versions = {""}, all;
    search s;
    int count = 0;
    for (version below = beyond_all; find_newest_below(below, &s); below = s.found, count++) {
        char name[32];
        snprintf(name, sizeof name, "%d.%d", s.found.major, s.found.minor);
        append(&versions, " and ", name);
    }
    snprintf(all.bytes, sizeof all.bytes, "only %s for libtorch %.160s %s installed",
             count == 1 ? "a module" : "modules", versions.bytes, count == 1 ? "is" : "are");
    return all;
}

/* The libraries of a process are one state for all contexts, which only this file adds to. */
static struct {
    pthread_mutex_t lock;      /* between looking and opening no other thread of ours may open one */
    const kb3d_infer_api *api; /* of the module that was opened, or NULL */
    version version;
} process = {.lock = PTHREAD_MUTEX_INITIALIZER};

static kb3d_status open_module(const search *s, kb3d_call *call) {
    void *address;
    kb3d_torch_loaded loaded;
    kb3d_status status = kb3d_plugin_open(s->path, KB3D_INFER_SYMBOL, &address, call);
    if (status)
        return status;
    kb3d_infer_open_fn open;
    memcpy(&open, &address, sizeof open);
    const kb3d_infer_api *api = open();
    if (api->abi != KB3D_INFER_ABI)
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s belongs to another release of this library", s->path);
    /* in the folder that it was built for may lie a newer one by now */
    if (kb3d_torch_find_loaded(&loaded) && is_known(loaded.version) && compare(loaded.version, s->found))
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "%s found libtorch %d.%d, %s, and must be built anew",
                         s->path, loaded.version.major, loaded.version.minor, loaded.path);
    process.api = api;
    process.version = s->found;
    return KB3D_OK;
}

/* Whatever goes wrong here is between the process's libtorch and the modules: in another
   process it need not. */
static kb3d_status open_matching(const kb3d_torch_loaded *loaded, kb3d_call *call) {
    search s;
    char needed[128];
    version has = loaded->version;
    if (!is_known(has))
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "the process has a libtorch of unknown version already, %s",
                         loaded->path);
    if (!find_exactly(has, &s))
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "the process has libtorch %d.%d already, and %s", has.major,
                         has.minor, what_is_installed().bytes);
    if (kb3d_plugin_needs_torch(s.path, needed, sizeof needed))
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE,
                         "the process has another build of libtorch %d.%d already, %s, than %s, which needs %s",
                         has.major, has.minor, loaded->path, s.path, needed);
    return open_module(&s, call);
}

/* The newest that can be opened: the libtorch of another may be gone. */
static kb3d_status open_newest(kb3d_call *call) {
    search s;
    kb3d_torch_loaded loaded;
    kb3d_status status = KB3D_OK;
    kb3d_call first;
    KB3D_INIT(first);
    for (version below = beyond_all; find_newest_below(below, &s); below = s.found) {
        kb3d_call attempt;
        KB3D_INIT(attempt);
        if (!(status = open_module(&s, &attempt)))
            return KB3D_OK;
        if (!*first.message)
            first = attempt;
        if (kb3d_torch_find_loaded(&loaded)) /* then no other can be */
            break;
    }
    return status ? kb3d_fail(call, status, "%s", first.message) : fail_none(call);
}

static kb3d_status open_wanted(version wanted, kb3d_call *call) {
    search s;
    if (find_exactly(wanted, &s))
        return open_module(&s, call);
    return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "KB3D_TORCH asks for libtorch %d.%d, and %s", wanted.major,
                     wanted.minor, what_is_installed().bytes);
}

static kb3d_status open_one(int *clash, kb3d_call *call) {
    const char *asked = secure_getenv("KB3D_TORCH");
    version wanted = {0, 0};
    kb3d_torch_loaded loaded;
    search s;
    int end = 0;
    if (asked && *asked && (sscanf(asked, "%d.%d%n", &wanted.major, &wanted.minor, &end) != 2 || asked[end]))
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "KB3D_TORCH is \"%s\", not a version such as 2.13", asked);
    bool is_loaded = process.api || kb3d_torch_find_loaded(&loaded);
    if (process.api)
        loaded.version = process.version;
    else if (!find_newest_below(beyond_all, &s))
        return fail_none(call);
    if (!is_loaded)
        return end ? open_wanted(wanted, call) : open_newest(call);
    if (end && is_known(loaded.version) && compare(wanted, loaded.version)) {
        *clash = 1;
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE,
                         "the process has libtorch %d.%d already, and KB3D_TORCH asks for %d.%d",
                         loaded.version.major, loaded.version.minor, wanted.major, wanted.minor);
    }
    kb3d_status status = process.api ? KB3D_OK : open_matching(&loaded, call);
    *clash = status != KB3D_OK;
    return status;
}

kb3d_status kb3d_torch_module_open(const kb3d_infer_api **api, int *clash, kb3d_call *call) {
    *clash = 0;
    pthread_mutex_lock(&process.lock);
    kb3d_status status = open_one(clash, call);
    *api = status ? NULL : process.api;
    pthread_mutex_unlock(&process.lock);
    return status;
}
