#define _GNU_SOURCE /* dladdr, secure_getenv */
#include "models.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Goes through the folders of the search path until `visit` answers non-zero. */
typedef int (*visit_fn)(void *user, const char *folder, int length);

/* Empty folders are skipped: they would mean whatever the current folder is. */
static int visit_list(const char *list, visit_fn visit, void *user) {
    int done = 0;
    while (list && *list && !done) {
        size_t length = strcspn(list, ":");
        if (length && length < PATH_MAX)
            done = visit(user, list, (int)length);
        list += length + (list[length] == ':');
    }
    return done;
}

/* share/kb3d of the prefix that the library lies in, wherever it was moved to since. */
static int find_beside(char *folder, size_t size) {
    Dl_info self;
    const char *rest = KB3D_MODELS_FROM_LIBRARY, *slash;
    char lies_in[PATH_MAX], whole[PATH_MAX], *end;
    if (!dladdr((void *)kb3d_model_search, &self) || !self.dli_fname || !(slash = strrchr(self.dli_fname, '/')) ||
        slash - self.dli_fname >= PATH_MAX)
        return 0;
    snprintf(lies_in, sizeof lies_in, "%.*s/", (int)(slash - self.dli_fname), self.dli_fname);
    if (!realpath(lies_in, whole))
        return 0;
    for (; !strncmp(rest, "/..", 3) && (end = strrchr(whole, '/')); rest += 3)
        *end = 0;
    int length = snprintf(folder, size, "%s%s", whole, rest);
    return length > 0 && (size_t)length < size;
}

/* An empty text instead of folders ends the search. */
static int visit_path(const kb3d_ctx *ctx, visit_fn visit, void *user) {
    const char *lists[] = {ctx->models->model_path, secure_getenv("KB3D_MODEL_PATH")};
    for (int i = 0; i < 2; i++) {
        if (lists[i] && !*lists[i])
            return 0;
        if (visit_list(lists[i], visit, user))
            return 1;
    }
    char beside[PATH_MAX];
    int found = find_beside(beside, sizeof beside);
    if (found && visit(user, beside, (int)strlen(beside)))
        return 1;
    static const char built_for[] = KB3D_MODEL_FOLDER;
    return (!found || strcmp(beside, built_for)) && visit(user, built_for, sizeof built_for - 1);
}

typedef struct search {
    const char *name;
    char path[PATH_MAX];
} search;

static int look_into(void *user, const char *folder, int length) {
    search *s = user;
    struct stat about;
    int size = snprintf(s->path, sizeof s->path, "%.*s/%s", length, folder, s->name);
    return size < PATH_MAX && !stat(s->path, &about) && S_ISREG(about.st_mode);
}

kb3d_status kb3d_model_search(kb3d_ctx *ctx, const char *name, char **path, kb3d_call *call) {
    search s = {.name = name};
    *path = NULL;
    if (!visit_path(ctx, look_into, &s))
        return KB3D_OK;
    size_t size = strlen(s.path) + 1;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, path, size, 1, call);
    if (!status)
        memcpy(*path, s.path, size);
    return status;
}

typedef struct places {
    char *text;
    size_t size;
} places;

static int note_place(void *user, const char *folder, int length) {
    places *p = user;
    size_t used = strlen(p->text);
    snprintf(p->text + used, p->size - used, "%s%.*s", used ? ", " : "in none of ", length, folder);
    return 0;
}

void kb3d_model_places(kb3d_ctx *ctx, char *text, size_t size) {
    places p = {text, size};
    *text = 0;
    visit_path(ctx, note_place, &p);
    if (!*text)
        snprintf(text, size, "not looked for, as the search path is empty");
}

kb3d_status kb3d_model_fail_none(kb3d_ctx *ctx, kb3d_model_role role, kb3d_call *call) {
    char places[300];
    kb3d_model_places(ctx, places, sizeof places);
    return kb3d_fail(call, KB3D_ERROR_MODEL,
                     "no %s network: none was added, and %s.pt is %s. Add a model%s", kb3d_role_name(role),
                     kb3d_role_name(role), places, role == KB3D_MODEL_DEPTH ? ", or give a depth map" : "");
}

kb3d_status kb3d_model_find(kb3d_ctx *ctx, kb3d_model_role role, kb3d_model **out, kb3d_call *call) {
    kb3d_model *model = kb3d_model_of(ctx, role);
    pthread_mutex_lock(&ctx->lock);
    int present = model->present;
    pthread_mutex_unlock(&ctx->lock);
    *out = present ? model : NULL;
    if (present)
        return KB3D_OK;
    char name[24], *path;
    snprintf(name, sizeof name, "%s.pt", kb3d_role_name(role));
    kb3d_status status = kb3d_model_search(ctx, name, &path, call);
    if (status || !path)
        return status;
    status = kb3d_model_add_file(ctx, role, path, NULL, call);
    kb3d_mem_free(&ctx->mem, path);
    pthread_mutex_lock(&ctx->lock);
    *out = model->present ? model : NULL;
    pthread_mutex_unlock(&ctx->lock);
    if (status && *out) { /* another thread was quicker */
        status = KB3D_OK;
        kb3d_call_begin(call);
    }
    return status;
}
