/* A host that has a libtorch of its own, opened before or after ours:
       orders host|ours process|auto|worker works|refused HOST MODULE OTHER_FOLDERS MODELS
   HOST is the host's library (host.cc), MODULE the only torch module that is installed. */
#include "ours.h"

#include "../check.h"

#include <kb3d/kb3d.h>

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static int (*host_use)(void), (*host_get_threads)(void);
static void (*host_set_threads)(int count);

static void *named(void *library, const char *name) {
    void *address = library ? dlsym(library, name) : NULL;
    if (!address) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return address;
}

static void open_host(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL); /* as if the host were linked to it */
    void *use = named(library, "host_use"), *get = named(library, "host_get_threads"),
         *set = named(library, "host_set_threads");
    memcpy(&host_use, &use, sizeof use);
    memcpy(&host_get_threads, &get, sizeof get);
    memcpy(&host_set_threads, &set, sizeof set);
    host_set_threads(3);
}

static void host_works(void) {
    CHECK_INT(host_use(), 0);
    CHECK_INT(host_get_threads(), 3);
}

static void ours_works(kb3d_networks networks, const char *model) {
    char text[OURS_TEXT_SIZE];
    const char *begin = networks == KB3D_NETWORKS_IN_PROCESS ? "libtorch " : "worker, libtorch ";
    CHECK_INT(ours_run(networks, model, text), KB3D_OK);
    CHECK_TEXT(text, begin);
    CHECK(!strncmp(text, begin, strlen(begin)));
    printf("run by %s\n", text);
}

/* The sentence has both versions: that of the host's library and of the module, from their names. */
static void ours_is_refused(const char *host, const char *module, const char *model) {
    char text[OURS_TEXT_SIZE], wanted[OURS_TEXT_SIZE];
    snprintf(wanted, sizeof wanted,
             "the process has libtorch %.*s already, and only a module for libtorch %.*s is installed",
             (int)(strlen(strrchr(host, '-') + 1) - 3), strrchr(host, '-') + 1,
             (int)(strlen(strrchr(module, '-') + 1) - 3), strrchr(module, '-') + 1);
    CHECK_INT(ours_run(KB3D_NETWORKS_IN_PROCESS, model, text), KB3D_ERROR_UNAVAILABLE);
    CHECK_TEXT(text, wanted);
    printf("%s\n", text);
}

/* A folder with this module alone. */
static void install(const char *module, const char *other_folders, char *folder, char *link) {
    char folders[PATH_MAX], whole[PATH_MAX];
    CHECK(mkdtemp(folder));
    snprintf(link, PATH_MAX, "%s/%s", folder, strrchr(module, '/') + 1);
    CHECK(realpath(module, whole) && !symlink(whole, link));
    snprintf(folders, sizeof folders, "%s:%s", folder, other_folders);
    setenv("KB3D_PLUGIN_PATH", folders, 1);
    unsetenv("KB3D_TORCH");
}

int main(int count, char **arguments) {
    char folder[] = "/tmp/kb3d-orders-XXXXXX", link[PATH_MAX];
    if (count != 8)
        return 2;
    int host_first = !strcmp(arguments[1], "host"), refused = !strcmp(arguments[3], "refused");
    const char *host = arguments[4], *module = arguments[5];
    char model[PATH_MAX];
    snprintf(model, sizeof model, "%s/bright.pt", arguments[7]);
    kb3d_networks networks = !strcmp(arguments[2], "worker")    ? KB3D_NETWORKS_IN_WORKER
                             : !strcmp(arguments[2], "process") ? KB3D_NETWORKS_IN_PROCESS
                                                                : KB3D_NETWORKS_AUTO;
    install(module, arguments[6], folder, link);
    if (!host_first)
        ours_works(networks, model);
    open_host(host);
    for (int i = 0; i < 2; i++) { /* in turn, whoever came first */
        host_works();
        if (refused)
            ours_is_refused(host, module, model);
        else
            ours_works(networks, model);
    }
    host_works();
    unlink(link);
    rmdir(folder);
    return check_end();
}
