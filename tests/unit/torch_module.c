/* Which torch module a process gets, with fakes in the place of all libraries: torch_module FOLDER_OF_FAKES.
   Each case is a process of its own, for what is open stays open. */
#define _GNU_SOURCE
#include "torch_module.h"

#include "../check.h"
#include "needed.h"
#include "plugin.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *fakes;
static char folder[64]; /* of the case: modules in it, a libtorch in lib/ below */
static const kb3d_infer_api *api;
static int clash;
static kb3d_call call;

static const char *in_folder(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const void *bytes, size_t count) {
    FILE *file = fopen(in_folder(name), "wb");
    if (CHECK(file)) {
        CHECK(fwrite(bytes, 1, count, file) == count);
        fclose(file);
    }
}

static size_t read_fake(const char *fake, char *bytes, size_t size) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", fakes, fake);
    FILE *file = fopen(path, "rb");
    size_t count = file ? fread(bytes, 1, size, file) : 0;
    if (file)
        fclose(file);
    CHECK(count);
    return count;
}

static void install(const char *fake, const char *name) {
    static char bytes[1 << 18];
    write_file(name, bytes, read_fake(fake, bytes, sizeof bytes));
}

/* The host's libtorch. */
static void load(const char *fake, const char *name) {
    install(fake, name);
    if (!CHECK(dlopen(in_folder(name), RTLD_NOW)))
        fprintf(stderr, "    %s\n", dlerror());
}

static kb3d_status open_module(void) {
    KB3D_INIT(call);
    kb3d_status status = kb3d_torch_module_open(&api, &clash, &call);
    CHECK(!status == !!api);
    return status;
}

static void opens(const char *runtime) {
    if (CHECK_INT(open_module(), KB3D_OK))
        CHECK_TEXT(api->runtime, runtime);
    else
        fprintf(stderr, "    %s\n", call.message);
}

static void refuses(int wanted_clash, const char *text) {
    CHECK_INT(open_module(), KB3D_ERROR_UNAVAILABLE);
    CHECK_INT(clash, wanted_clash);
    CHECK_TEXT(call.message, text);
}

static void none_installed(void) {
    refuses(0, "no kb3d-torch module is installed; looked into ");
    CHECK_TEXT(call.message, folder);
    load("kb3d-fake-libtorch.so", "lib/libtorch_cpu.so.3.4");
    refuses(0, "no kb3d-torch module is installed");
}

static void newest_first(void) {
    install("kb3d-fake-one.so", "kb3d-torch-0.9.so");
    install("kb3d-fake-two.so", "kb3d-torch-0.10.so");
    install("kb3d-fake-one.so", "kb3d-torch-0.11.so.bak");
    write_file("kb3d-torch-2.13.so", "no library", 10); /* cannot be opened */
    opens("two");
    install("kb3d-fake-one.so", "kb3d-torch-1.0.so"); /* too late */
    opens("two");
}

static void none_opens(void) {
    write_file("kb3d-torch-2.13.so", "no library", 10);
    write_file("kb3d-torch-1.13.so", "no library", 10);
    refuses(0, "kb3d-torch-2.13.so cannot be opened: ");
}

static void environment_picks(void) {
    install("kb3d-fake-one.so", "kb3d-torch-0.1.so");
    install("kb3d-fake-two.so", "kb3d-torch-0.2.so");
    setenv("KB3D_TORCH", "newest", 1);
    refuses(0, "KB3D_TORCH is \"newest\", not a version such as");
    setenv("KB3D_TORCH", "2.13", 1);
    refuses(0, "KB3D_TORCH asks for libtorch 2.13, and only modules for libtorch 0.2 and 0.1 are installed");
    setenv("KB3D_TORCH", "0.1", 1);
    opens("one");
    setenv("KB3D_TORCH", "0.2", 1);
    refuses(1, "has libtorch 0.1 already, and KB3D_TORCH asks for 0.2");
    setenv("KB3D_TORCH", "", 1);
    opens("one");
}

static void other_release(void) {
    install("kb3d-fake-old.so", "kb3d-torch-0.1.so");
    refuses(0, "kb3d-torch-0.1.so belongs to another release of this library");
}

static void matches_name(void) {
    load("kb3d-fake-libtorch.so", "lib/libtorch_cpu.so.3.4");
    install("kb3d-fake-one.so", "kb3d-torch-3.5.so");
    install("kb3d-fake-one.so", "kb3d-torch-0.1.so");
    refuses(1, "the process has libtorch 3.4 already, and only modules for libtorch 3.5 and 0.1 are installed");
    install("kb3d-fake-two.so", "kb3d-torch-3.4.so");
    opens("two");
}

static void matches_answer(void) {
    load("kb3d-fake-libtorch-new.so", "lib/libtorch_cpu.so");
    install("kb3d-fake-one.so", "kb3d-torch-0.1.so");
    refuses(1, "the process has libtorch 3.4 already, and only a module for libtorch 0.1 is installed");
    install("kb3d-fake-two.so", "kb3d-torch-3.4.so");
    setenv("KB3D_TORCH", "0.1", 1);
    refuses(1, "the process has libtorch 3.4 already, and KB3D_TORCH asks for 0.1");
    setenv("KB3D_TORCH", "3.4", 1);
    opens("two");
}

static void matches_wheel(void) {
    static const char text[] = "from typing import Optional\n\n__version__ = '2.5.1+cpu'\ndebug = False\n";
    load("kb3d-fake-libtorch-plain.so", "lib/libtorch_cpu.so");
    install("kb3d-fake-one.so", "kb3d-torch-0.1.so");
    refuses(1, "the process has a libtorch of unknown version already, ");
    write_file("version.py", text, sizeof text - 1);
    refuses(1, "the process has libtorch 2.5 already, and");
}

static void matches_archive(void) {
    load("kb3d-fake-libtorch-plain.so", "lib/libtorch.so");
    install("kb3d-fake-one.so", "kb3d-torch-2.0.so");
    write_file("build-version", "2.0.1+cpu\n", 10);
    opens("one");
}

/* The same version with another name would come in as a second one. */
static void other_build(void) {
    load("kb3d-fake-libtorch-new.so", "lib/libtorch_cpu.so");
    install("kb3d-fake-linked.so", "kb3d-torch-3.4.so");
    refuses(1, "the process has another build of libtorch 3.4 already, ");
    CHECK_TEXT(call.message, "needs libtorch_cpu.so.3.4");
    CHECK_INT(kb3d_plugin_open_operators(in_folder("kb3d-torch-3.4.so"), &call), KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "belongs to another libtorch, for it needs libtorch_cpu.so.3.4");
}

static void own_stays(void) {
    load("kb3d-fake-libtorch.so", "lib/libtorch_cpu.so.3.4");
    install("kb3d-fake-linked.so", "kb3d-torch-3.4.so");
    opens("linked");
    opens("linked");
}

static void libtorch_gone(void) {
    install("kb3d-fake-linked.so", "kb3d-torch-3.4.so");
    install("kb3d-fake-one.so", "kb3d-torch-0.1.so");
    opens("one");
}

static void libtorch_renewed(void) {
    install("kb3d-fake-libtorch.so", "lib/libtorch_cpu.so.3.4");
    install("kb3d-fake-linked.so", "kb3d-torch-3.3.so");
    install("kb3d-fake-one.so", "kb3d-torch-0.1.so");
    refuses(0, "kb3d-torch-3.3.so found libtorch 3.4, ");
    CHECK_TEXT(call.message, "must be built anew");
    refuses(1, "the process has libtorch 3.4 already, and only modules for libtorch 3.3 and 0.1 are installed");
}

static void *open_at_once(void *unused) {
    const kb3d_infer_api *mine;
    int mine_clash;
    return kb3d_torch_module_open(&mine, &mine_clash, NULL) ? NULL : (void *)mine;
}

static void several_threads(void) {
    enum { COUNT = 8 };
    pthread_t threads[COUNT];
    void *opened[COUNT];
    install("kb3d-fake-one.so", "kb3d-torch-0.1.so");
    for (int i = 0; i < COUNT; i++)
        CHECK(!pthread_create(&threads[i], NULL, open_at_once, NULL));
    for (int i = 0; i < COUNT; i++) {
        pthread_join(threads[i], &opened[i]);
        CHECK(opened[i] && opened[i] == opened[0]);
    }
}

static bool count_name(const char *name, void *count) {
    ++*(int *)count;
    return strlen(name) > 100000; /* reads all of it */
}

/* Files are read with distrust. */
static void damaged_files(void) {
    static char bytes[1 << 18], changed[1 << 18];
    size_t size = read_fake("kb3d-fake-linked.so", bytes, sizeof bytes);
    int count = 0;
    unsigned seed = 1;
    write_file("whole", bytes, size);
    kb3d_needed_find(in_folder("whole"), count_name, &count);
    CHECK(count >= 1);
    for (int i = 0; i < 500; i++) {
        memcpy(changed, bytes, size);
        for (int k = 0; k < 4; k++) {
            seed = seed * 1664525u + 1013904223u;
            changed[(seed >> 8) % (k < 2 ? 1024 : size)] = (char)(seed >> 16);
        }
        if (size > sizeof(uint64_t))
            memcpy(changed + 64 + i % 512, &seed, sizeof seed); /* in the segments' table */
        write_file("changed", changed, i % 3 ? size : size * (i % 97) / 97 + 1);
        kb3d_needed_find(in_folder("changed"), count_name, &count);
    }
    CHECK(!kb3d_needed_find(folder, count_name, &count));
    CHECK(!kb3d_needed_find(in_folder("missing"), count_name, &count));
}

static void in_own_process(const char *name, void (*test)(void)) {
    int status = -1;
    strcpy(folder, "/tmp/kb3d-module-XXXXXX");
    CHECK(mkdtemp(folder));
    CHECK(!mkdir(in_folder("lib"), 0700));
    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        check_failures = 0;
        setenv("KB3D_PLUGIN_PATH", folder, 1);
        unsetenv("KB3D_TORCH");
        test();
        fflush(NULL);
        _exit(check_failures ? 1 : 0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_INT(status, 0);
    printf("%s %s\n", status ? "FAILED" : "ok", name);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK(!system(command));
}

int main(int count, char **arguments) {
    fakes = count > 1 ? arguments[1] : ".";
#define IN_OWN_PROCESS(test) in_own_process(#test, test)
    IN_OWN_PROCESS(none_installed);
    IN_OWN_PROCESS(newest_first);
    IN_OWN_PROCESS(none_opens);
    IN_OWN_PROCESS(environment_picks);
    IN_OWN_PROCESS(other_release);
    IN_OWN_PROCESS(matches_name);
    IN_OWN_PROCESS(matches_answer);
    IN_OWN_PROCESS(matches_wheel);
    IN_OWN_PROCESS(matches_archive);
    IN_OWN_PROCESS(other_build);
    IN_OWN_PROCESS(own_stays);
    IN_OWN_PROCESS(libtorch_gone);
    IN_OWN_PROCESS(libtorch_renewed);
    IN_OWN_PROCESS(several_threads);
    IN_OWN_PROCESS(damaged_files);
    return check_end();
}
