#include "model.h"

#include "decode.h"
#include "plugin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { ROLES = 1, MANIFEST_LIMIT = 1 << 20 };

struct kb3d_models {
    kb3d_model of_role[ROLES];
};

static const char *const role_names[ROLES] = {"depth"};

static kb3d_status check_role(kb3d_model_role role, kb3d_call *call) {
    if ((int)role < 1 || (int)role > ROLES)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no role %d for a network", (int)role);
    return KB3D_OK;
}

/* The extension of the last part of a path, or its end. */
static const char *extension(const char *path) {
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    return dot ? dot : path + strlen(path);
}

static kb3d_status check_file(const char *path, kb3d_call *call) {
    struct stat about;
    if (stat(path, &about))
        return kb3d_fail(call, KB3D_ERROR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return kb3d_fail(call, KB3D_ERROR_IO, "%s: not a file", path);
    return KB3D_OK;
}

/* Without a manifest the network is taken for the usual kind, and the log says which. */
static void assume_manifest(kb3d_ctx *ctx, kb3d_model_role role, const char *path, const char *file,
                            kb3d_manifest *m) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    kb3d_manifest_init(m, role);
    snprintf(m->name, sizeof m->name, "%.*s", (int)(extension(path) - base), base);
    kb3d_log_line(&ctx->log, KB3D_LOG_WARNING,
                  "%s has no manifest %s: taken for rgb 0..1, long side %d, multiples of %d, disparity", path, file,
                  m->long_side, m->multiple);
}

static kb3d_status read_manifest(kb3d_ctx *ctx, kb3d_model_role role, const char *path, kb3d_manifest *m,
                                 kb3d_call *call) {
    size_t stem = (size_t)(extension(path) - path);
    char *file;
    kb3d_status status = kb3d_mem_alloc(&ctx->mem, &file, stem + sizeof ".json", 1, call);
    if (status)
        return status;
    memcpy(file, path, stem);
    memcpy(file + stem, ".json", sizeof ".json");
    struct stat about;
    if (stat(file, &about) && errno == ENOENT) {
        assume_manifest(ctx, role, path, file, m);
    } else {
        unsigned char *bytes = NULL;
        size_t byte_count;
        status = kb3d_read_file(&ctx->mem, file, MANIFEST_LIMIT, &bytes, &byte_count, call);
        if (!status)
            status = kb3d_manifest_parse(m, (const char *)bytes, byte_count, file, &ctx->log, call);
        kb3d_mem_free(&ctx->mem, bytes);
        if (!status && m->role != role)
            status = kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the network's role is not %s", file,
                               role_names[role - 1]);
    }
    kb3d_mem_free(&ctx->mem, file);
    return status;
}

/* Puts a checked model into its place. The context is locked. */
static kb3d_status place(kb3d_ctx *ctx, const kb3d_manifest *manifest, const char *path, kb3d_call *call) {
    kb3d_status status;
    if (!ctx->models && (status = kb3d_mem_alloc_zero(&ctx->mem, &ctx->models, 1, sizeof *ctx->models, call)))
        return status;
    kb3d_model *model = &ctx->models->of_role[manifest->role - 1];
    if (model->path)
        return kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the context has a %s network already, %s", path,
                         role_names[manifest->role - 1], model->path);
    size_t size = strlen(path) + 1;
    char *copy;
    if ((status = kb3d_mem_alloc(&ctx->mem, &copy, size, 1, call)))
        return status;
    memcpy(copy, path, size);
    *model = (kb3d_model){.path = copy, .manifest = *manifest};
    return KB3D_OK;
}

kb3d_status kb3d_ctx_add_model(kb3d_ctx *ctx, kb3d_model_role role, const char *path, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!ctx || !path || !*path)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s", ctx ? "path is NULL or empty" : "ctx is NULL");
    kb3d_manifest manifest;
    if ((status = check_role(role, call)) || (status = check_file(path, call)) ||
        (status = read_manifest(ctx, role, path, &manifest, call)))
        return status;
    pthread_mutex_lock(&ctx->lock);
    status = place(ctx, &manifest, path, call);
    pthread_mutex_unlock(&ctx->lock);
    return status;
}

/* NULL when there is none. The context is locked. */
static kb3d_model *find(const kb3d_ctx *ctx, kb3d_model_role role) {
    kb3d_model *model = ctx->models ? &ctx->models->of_role[role - 1] : NULL;
    return model && model->path ? model : NULL;
}

static kb3d_status fail_none(kb3d_model_role role, kb3d_call *call) {
    return kb3d_fail(call, KB3D_ERROR_MODEL, "the context has no %s network", role_names[role - 1]);
}

kb3d_status kb3d_ctx_get_model(const kb3d_ctx *ctx, kb3d_model_role role, kb3d_model_info *info, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!ctx)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "ctx is NULL");
    if ((status = check_role(role, call)))
        return status;
    pthread_mutex_t *lock = (pthread_mutex_t *)&ctx->lock; /* no part of what const promises */
    pthread_mutex_lock(lock);
    const kb3d_model *model = find(ctx, role);
    pthread_mutex_unlock(lock);
    if (!model)
        return fail_none(role, call);
    kb3d_model_info filled = {.name = model->manifest.name,
                              .version = model->manifest.version,
                              .licence = model->manifest.licence,
                              .path = model->path};
    return kb3d_struct_write(info, sizeof filled, &filled, sizeof filled, "kb3d_model_info", call);
}

/* Opens the module and loads the network. The context is locked, so that two scenes
   built at once load it once. */
static kb3d_status load(kb3d_ctx *ctx, kb3d_model *model, kb3d_call *call) {
    void *address;
    kb3d_status status = kb3d_plugin_open("kb3d-torch", KB3D_INFER_SYMBOL, &address, call);
    if (status)
        return status;
    kb3d_infer_open_fn open;
    memcpy(&open, &address, sizeof open);
    const kb3d_infer_api *api = open();
    if (!api || api->abi != KB3D_INFER_ABI)
        return kb3d_fail(call, KB3D_ERROR_UNAVAILABLE, "kb3d-torch.so belongs to another release of this library");
    char message[KB3D_INFER_MESSAGE_SIZE] = "";
    if (api->load(model->path, &model->network, message)) {
        model->network = NULL;
        return kb3d_fail(call, KB3D_ERROR_MODEL, "%s: %s", model->path, message);
    }
    model->api = api;
    kb3d_log_line(&ctx->log, KB3D_LOG_DEBUG, "%s loaded by %s", model->path, api->runtime);
    return KB3D_OK;
}

kb3d_status kb3d_model_acquire(kb3d_ctx *ctx, kb3d_model_role role, const kb3d_model **out, kb3d_call *call) {
    kb3d_status status = KB3D_OK;
    pthread_mutex_lock(&ctx->lock);
    kb3d_model *model = find(ctx, role);
    if (model && !model->network)
        status = load(ctx, model, call);
    pthread_mutex_unlock(&ctx->lock);
    *out = model;
    return model ? status : fail_none(role, call);
}

void kb3d_models_free(kb3d_ctx *ctx) {
    if (!ctx->models)
        return;
    for (int i = 0; i < ROLES; i++) {
        kb3d_model *model = &ctx->models->of_role[i];
        if (model->network)
            model->api->unload(model->network);
        kb3d_mem_free(&ctx->mem, model->path);
    }
    kb3d_mem_free(&ctx->mem, ctx->models);
}
