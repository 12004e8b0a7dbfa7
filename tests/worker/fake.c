/* A module in the torch module's place, for use in the worker. The first word of the "network's"
   file says what it does, a number after it how much. */
#define _GNU_SOURCE /* syscall, pipe2 */
#include "infer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct kb3d_infer_model {
    char kind[32];
    long amount;
    char path[200];
};

static kb3d_status say(char *message, kb3d_status status, const char *text) {
    snprintf(message, KB3D_INFER_MESSAGE_SIZE, "%s", text);
    return status;
}

static void nap(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void die_of(int number) {
    signal(number, SIG_DFL); /* a sanitizer has its own idea */
    raise(number);
}

static void loop(void) {
    for (volatile long i = 0;; i++) {
    }
}

static int is(const kb3d_infer_model *model, const char *kind) {
    return !strcmp(model->kind, kind);
}

static kb3d_status fake_load(void *self, const kb3d_infer_file *file, kb3d_infer_model **model,
                             uint64_t *weight_bytes, char *message) {
    kb3d_infer_model *made = calloc(1, sizeof *made);
    char text[256] = "";
    memcpy(text, file->bytes, file->byte_count < 255 ? file->byte_count : 255);
    sscanf(text, "%31s %ld %199s", made->kind, &made->amount, made->path);
    *weight_bytes = file->byte_count;
    *model = made;
    if (is(made, "load-crash"))
        die_of(SIGSEGV);
    if (is(made, "load-hang"))
        loop();
    if (is(made, "operators") && (!file->operators || strcmp(file->operators, made->path)))
        made->kind[0] = 0;
    if (is(made, "unloadable") || !made->kind[0]) {
        free(made);
        return say(message, KB3D_ERROR_MODEL, "not a fake network");
    }
    return KB3D_OK;
}

static void fake_unload(kb3d_infer_model *model) {
    free(model);
}

/* Memory as long as it is given, at most `mb`. */
static kb3d_status eat(long mb, int then_hang, char *message) {
    enum { MB = 1 << 20 };
    char *held[4096];
    kb3d_status status = KB3D_OK;
    long count = 0;
    for (; count < mb && count < 4096 && !status; count++) {
        if ((held[count] = malloc(MB)))
            memset(held[count], 1, MB);
        else
            status = say(message, KB3D_ERROR_MEMORY, "out of memory in the network");
    }
    if (then_hang)
        loop();
    while (count--)
        free(held[count]);
    return status;
}

static void *do_nothing(void *number) {
    return number;
}

/* What it may not do: 0 where it could, else the error's number. */
static int attempt(int which, const char *path) {
    char other[256];
    int file = -1, result = -1, pair[2];
    pid_t child;
    errno = 0;
    switch (which) {
    case 0: result = open(path, O_WRONLY); break;
    case 1: result = open(path, O_RDWR | O_CREAT, 0600); break;
    case 2: snprintf(other, sizeof other, "%s.new", path); result = creat(other, 0600); break;
    case 3: result = truncate(path, 0); break;
    case 4: result = unlink(path); break;
    case 5: snprintf(other, sizeof other, "%s.moved", path); result = rename(path, other); break;
    case 6: result = chmod(path, 0); break;
    case 7: snprintf(other, sizeof other, "%s.folder", path); result = mkdir(other, 0700); break;
    case 8: snprintf(other, sizeof other, "%s.link", path); result = symlink(path, other); break;
    case 9: result = socket(AF_INET, SOCK_STREAM, 0); break;
    case 10: result = socket(AF_UNIX, SOCK_STREAM, 0); break;
    case 11: result = socketpair(AF_UNIX, SOCK_STREAM, 0, pair); break;
    case 12: result = execl("/bin/true", "true", (char *)NULL); break;
    case 13:
        if (!(child = fork()))
            _exit(0);
        result = child;
        break;
    case 14: result = (int)syscall(SYS_clone3, NULL, 0); break;
    case 15: result = kill(getppid(), 0); break;
    case 16: result = (int)syscall(SYS_tgkill, getppid(), getppid(), 0); break;
    case 17: result = (int)syscall(SYS_ptrace, 16 /* attach */, getppid(), 0, 0); break;
    case 18: result = (int)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0); break;
    case 19: result = (int)syscall(425 /* io_uring_setup */, 1, NULL); break;
    case 20: result = (int)syscall(434 /* pidfd_open */, getppid(), 0); break;
    case 21: {
        struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
        result = setrlimit(RLIMIT_FSIZE, &more);
        break;
    }
    case 22: result = (int)syscall(437 /* openat2 */, AT_FDCWD, path, NULL, 0); break;
    case 24: result = file = open(path, O_RDONLY); break;
    case 25: result = file = open("/etc", O_RDONLY | O_DIRECTORY); break;
    case 26: result = file = open("/proc/self/status", O_RDONLY); break;
    case 27: result = file = open("/usr/lib", O_RDONLY | O_DIRECTORY); break;
    case 23:
        file = memfd_create("big", 0);
        result = ftruncate(file, 1 << 20);
        break;
    }
    int error = result < 0 ? errno : 0;
    if (file >= 0)
        close(file);
    return error;
}

static int open_files(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        count++;
    closedir(folder);
    return count - 3; /* the two dots and the folder */
}

static float *answer(const kb3d_infer_request *r, void **owner, int rank, const int64_t *shape) {
    size_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= (size_t)shape[i];
    float *data = calloc(count ? count : 1, sizeof *data);
    r->outputs[0] = (kb3d_tensor){.data = data, .rank = rank};
    if (rank)
        memcpy(r->outputs[0].shape, shape, (size_t)rank * sizeof *shape);
    *owner = data;
    return data;
}

/* Answers whose shapes no network can have. */
static void answer_absurdly(long which, const kb3d_infer_request *r, void **owner) {
    static const kb3d_tensor shapes[] = {
        {NULL, 9, {1, 1, 1, 1}},
        {NULL, -1, {1, 1, 1, 1}},
        {NULL, 4, {1, -1, 5, 5}},
        {NULL, 4, {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}},
        {NULL, 4, {INT64_MIN, 1, 1, 1}},
        {NULL, 2, {INT64_MAX / 2, 1, 1, 1}},
        {NULL, 4, {1, 1, 40000, 40000}},
    };
    answer(r, owner, 0, NULL);
    float *data = r->outputs[0].data;
    r->outputs[0] = shapes[which];
    r->outputs[0].data = data;
}

static kb3d_status fake_run(kb3d_infer_model *model, const kb3d_infer_request *r, void **owner, char *message) {
    const kb3d_tensor *input = r->inputs;
    float *to;
    *owner = NULL;
    if (is(model, "crash"))
        die_of(SIGSEGV);
    if (is(model, "abort"))
        die_of(SIGABRT);
    if (is(model, "kill"))
        raise(SIGKILL);
    if (is(model, "exit"))
        _exit((int)model->amount);
    if (is(model, "hang"))
        loop();
    if (is(model, "fails"))
        return say(message, KB3D_ERROR_MODEL, "it \033[31mhurts\n\xff\xc3\xa9\xc2\x85");
    if (is(model, "silent"))
        return KB3D_ERROR_MODEL;
    if (is(model, "odd-status"))
        return say(message, (kb3d_status)model->amount, "odd");
    if (is(model, "eat") || is(model, "eat-hang")) {
        kb3d_status status = eat(model->amount, is(model, "eat-hang"), message);
        if (status)
            return status;
    }
    if (is(model, "slow"))
        nap(model->amount);
    if (is(model, "hang-up")) {
        close(3);
        nap(model->amount);
    }
    if (is(model, "print")) {
        printf("from a network\n");
        fflush(stdout);
        fprintf(stderr, "from a network\n");
    }
    if (is(model, "attempt")) {
        to = answer(r, owner, 1, &(int64_t){28});
        for (int i = 0; i < 28; i++)
            to[i] = (float)attempt(i, model->path);
        return KB3D_OK;
    }
    if (is(model, "files")) {
        answer(r, owner, 1, &(int64_t){1})[0] = (float)open_files();
        return KB3D_OK;
    }
    if (is(model, "process")) {
        answer(r, owner, 1, &(int64_t){1})[0] = (float)getpid();
        return KB3D_OK;
    }
    if (is(model, "threads")) {
        int started = 0;
        for (int i = 0; i < 8; i++) {
            pthread_t thread;
            if (!pthread_create(&thread, NULL, do_nothing, NULL)) {
                pthread_join(thread, NULL);
                started++;
            }
        }
        answer(r, owner, 1, &(int64_t){1})[0] = (float)started;
        return KB3D_OK;
    }
    if (is(model, "request")) {
        to = answer(r, owner, 1, &(int64_t){5});
        to[0] = (float)r->threads;
        to[1] = (float)r->input_count;
        to[2] = (float)r->output_count;
        to[3] = (float)strlen(r->entry);
        to[4] = (float)strlen(r->output_key);
        return KB3D_OK;
    }
    if (is(model, "absurd")) {
        answer_absurdly(model->amount, r, owner);
        return KB3D_OK;
    }
    if (is(model, "scalar")) {
        answer(r, owner, 0, NULL)[0] = 42;
        return KB3D_OK;
    }
    if (is(model, "empty")) {
        answer(r, owner, 2, (int64_t[]){0, 5});
        return KB3D_OK;
    }
    if (is(model, "double")) /* in place, as some networks prepare their input */
        for (int64_t i = 0; i < input->shape[3] * input->shape[2]; i++)
            input->data[i] *= 2;
    if (is(model, "sum")) {
        to = answer(r, owner, 4, input->shape);
        for (int i = 0; i < r->input_count; i++)
            for (int64_t j = 0; j < input->shape[0] * input->shape[1] * input->shape[2] * input->shape[3]; j++)
                to[j] += r->inputs[i].data[j];
        return KB3D_OK;
    }
    if (is(model, "twice")) { /* two answers of different sizes, the second in the input itself */
        to = answer(r, owner, 4, (int64_t[]){1, 1, 1, 3});
        to[2] = 3;
        r->outputs[1] = *input;
        return KB3D_OK;
    }
    r->outputs[0] = *input; /* the rest: the input's own memory */
    if (is(model, "first"))
        r->outputs[0].shape[1] = 1;
    return KB3D_OK;
}

static const kb3d_infer_api api = {KB3D_INFER_ABI, "fake 1.0", fake_load, fake_unload, fake_run, free, NULL, NULL};

const kb3d_infer_api *kb3d_infer_open(void);

__attribute__((visibility("default"))) const kb3d_infer_api *kb3d_infer_open(void) {
    return &api;
}
