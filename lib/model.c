#include "models.h"

#include "decode.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MANIFEST_LIMIT = 1 << 20 };

kb3d_status kb3d_models_create(kb3d_ctx *ctx, const kb3d_ctx_params *params, kb3d_call *call) {
    kb3d_status status = kb3d_mem_alloc_zero(&ctx->mem, &ctx->models, 1, sizeof *ctx->models, call);
    if (status)
        return status;
    struct kb3d_models *m = ctx->models;
    for (int i = 0; i < KB3D_ROLE_COUNT; i++)
        pthread_mutex_init(&m->of_role[i].lock, NULL);
    pthread_mutex_init(&m->worker_lock, NULL);
    m->networks = params->networks;
    m->worker_limits = (kb3d_worker_limits){params->worker_memory_limit, params->worker_time_limit_ms};
    m->allow_operators = params->allow_operators;
    if (!params->model_path)
        return KB3D_OK;
    size_t size = strlen(params->model_path) + 1;
    if (!(status = kb3d_mem_alloc(&ctx->mem, &m->model_path, size, 1, call)))
        memcpy(m->model_path, params->model_path, size);
    return status;
}

void kb3d_models_free(kb3d_ctx *ctx) {
    struct kb3d_models *m = ctx->models;
    if (!m)
        return;
    for (int i = 0; i < KB3D_ROLE_COUNT; i++) {
        kb3d_model *model = &m->of_role[i];
        if (model->network)
            model->api->unload(model->network);
        kb3d_mem_free(&ctx->mem, model->path);
        kb3d_mem_free(&ctx->mem, model->bytes);
        pthread_mutex_destroy(&model->lock);
    }
    kb3d_worker_destroy(&m->worker);
    pthread_mutex_destroy(&m->worker_lock);
    kb3d_mem_free(&ctx->mem, m->model_path);
    kb3d_mem_free(&ctx->mem, m);
}

static kb3d_status check_role(kb3d_model_role role, kb3d_call *call) {
    if ((int)role < 1 || (int)role > KB3D_ROLE_COUNT)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "there is no role %d for a network", (int)role);
    return KB3D_OK;
}

const kb3d_manifest *kb3d_model_manifest(const kb3d_model *model) {
    return &model->manifest;
}

const char *kb3d_model_label(const kb3d_model *model) {
    return model->path ? model->path : model->manifest.name;
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
static kb3d_status assume_manifest(kb3d_ctx *ctx, kb3d_model_role role, const char *name, int name_length,
                                   const char *missing, kb3d_manifest *m, kb3d_call *call) {
    if (role == KB3D_MODEL_SEGMENT)
        return kb3d_fail(call, KB3D_ERROR_MODEL, "%.*s has no manifest %s, which must say what its classes are",
                         name_length, name, missing);
    static const char *const outputs[] = {"disparity", "", "inverse depth", "colour", "inverse depth"};
    kb3d_manifest_init(m, role);
    snprintf(m->name, sizeof m->name, "%.*s", name_length, name);
    kb3d_log_line(&ctx->log, KB3D_LOG_WARNING,
                  "%s has no manifest %s: taken for rgb 0..1, long side %d, multiples of %d, %s", m->name, missing,
                  m->long_side, m->multiple, outputs[role - KB3D_MODEL_DEPTH]);
    return KB3D_OK;
}

static kb3d_status check_manifest_role(const kb3d_manifest *m, kb3d_model_role role, const char *file,
                                       kb3d_call *call) {
    if (m->role == role)
        return KB3D_OK;
    return kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the network's role is %s, not %s", file, kb3d_role_name(m->role),
                     kb3d_role_name(role));
}

/* NAME.json beside NAME.pt, or what is assumed without. */
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
        const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
        status = assume_manifest(ctx, role, base, (int)(extension(path) - base), file, m, call);
    } else {
        unsigned char *bytes = NULL;
        size_t byte_count;
        status = kb3d_read_file(&ctx->mem, file, MANIFEST_LIMIT, &bytes, &byte_count, call);
        if (!status)
            status = kb3d_manifest_parse(m, (const char *)bytes, byte_count, file, &ctx->log, call);
        kb3d_mem_free(&ctx->mem, bytes);
        if (!status)
            status = check_manifest_role(m, role, file, call);
    }
    kb3d_mem_free(&ctx->mem, file);
    return status;
}

static kb3d_status parse_manifest(kb3d_ctx *ctx, kb3d_model_role role, const char *json, kb3d_manifest *m,
                                  kb3d_call *call) {
    static const char file[] = "the manifest";
    kb3d_status status = kb3d_manifest_parse(m, json, strnlen(json, MANIFEST_LIMIT + 1), file, &ctx->log, call);
    return status ? status : check_manifest_role(m, role, file, call);
}

/* Puts a checked model into its place; takes over path and bytes on success. */
static kb3d_status place(kb3d_ctx *ctx, const kb3d_model *from, kb3d_call *call) {
    kb3d_model *to = kb3d_model_of(ctx, from->manifest.role);
    kb3d_status status = KB3D_OK;
    pthread_mutex_lock(&ctx->lock);
    if (to->present) {
        status = kb3d_fail(call, KB3D_ERROR_MODEL, "%s: the context has a %s network already, %s",
                           kb3d_model_label(from), kb3d_role_name(from->manifest.role), kb3d_model_label(to));
    } else {
        to->manifest = from->manifest;
        to->path = from->path;
        to->bytes = from->bytes;
        to->byte_count = from->byte_count;
        to->callback = from->callback;
        to->present = 1;
    }
    pthread_mutex_unlock(&ctx->lock);
    return status;
}

kb3d_status kb3d_model_add_file(kb3d_ctx *ctx, kb3d_model_role role, const char *path, const char *manifest,
                                kb3d_call *call) {
    kb3d_model model = {0};
    kb3d_status status = check_file(path, call);
    if (status || (status = manifest ? parse_manifest(ctx, role, manifest, &model.manifest, call)
                                     : read_manifest(ctx, role, path, &model.manifest, call)))
        return status;
    size_t size = strlen(path) + 1;
    if ((status = kb3d_mem_alloc(&ctx->mem, &model.path, size, 1, call)))
        return status;
    memcpy(model.path, path, size);
    if ((status = place(ctx, &model, call)))
        kb3d_mem_free(&ctx->mem, model.path);
    return status;
}

/* A path, or a name of the search path. */
static kb3d_status add_path(kb3d_ctx *ctx, const kb3d_model_source *s, kb3d_call *call) {
    char name[256], *found = NULL;
    struct stat about;
    if (strchr(s->path, '/') || strlen(s->path) > 250 || !stat(s->path, &about))
        return kb3d_model_add_file(ctx, s->role, s->path, s->manifest, call);
    snprintf(name, sizeof name, "%s%s", s->path, strchr(s->path, '.') ? "" : ".pt");
    kb3d_status status = kb3d_model_search(ctx, name, &found, call);
    if (!status && !found) {
        char places[256];
        kb3d_model_places(ctx, places, sizeof places);
        status = kb3d_fail(call, KB3D_ERROR_MODEL, "%s: no such file, and %s is %s", s->path, name, places);
    }
    if (!status)
        status = kb3d_model_add_file(ctx, s->role, found, s->manifest, call);
    kb3d_mem_free(&ctx->mem, found);
    return status;
}

/* From memory, or the host's function. */
static kb3d_status add_other(kb3d_ctx *ctx, const kb3d_model_source *s, kb3d_call *call) {
    kb3d_model model = {.callback = {s->run, s->user, &ctx->mem}, .byte_count = s->byte_count};
    const char *name = s->run ? "the host's network" : "the network in memory";
    kb3d_status status =
        s->manifest ? parse_manifest(ctx, s->role, s->manifest, &model.manifest, call)
                    : assume_manifest(ctx, s->role, name, (int)strlen(name), "given", &model.manifest, call);
    if (status)
        return status;
    if (s->bytes) {
        if ((status = kb3d_mem_alloc(&ctx->mem, &model.bytes, s->byte_count, 1, call)))
            return status;
        memcpy(model.bytes, s->bytes, s->byte_count);
    }
    if ((status = place(ctx, &model, call)))
        kb3d_mem_free(&ctx->mem, model.bytes);
    return status;
}

kb3d_status kb3d_ctx_add_model(kb3d_ctx *ctx, const kb3d_model_source *source, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!ctx)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "ctx is NULL");
    kb3d_model_source s;
    if ((status = kb3d_struct_read(&s, sizeof s, source, sizeof s, "kb3d_model_source", call)) ||
        (status = check_role(s.role, call)))
        return status;
    if (!!s.path + !!s.bytes + !!s.run != 1)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "the kb3d_model_source needs exactly one of path, bytes and run");
    if (s.path && !*s.path)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "path is empty");
    if (s.bytes && !s.byte_count)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "byte_count is 0");
    return s.path ? add_path(ctx, &s, call) : add_other(ctx, &s, call);
}

void kb3d_model_get_info(kb3d_ctx *ctx, const kb3d_model *model, kb3d_model_info *info) {
    pthread_mutex_lock(&ctx->lock);
    *info = (kb3d_model_info){.name = model->manifest.name,
                              .version = model->manifest.version,
                              .licence = model->manifest.licence,
                              .path = model->path ? model->path : "",
                              .source = model->manifest.source,
                              .runtime = model->runtime,
                              .weight_bytes = model->weight_bytes,
                              .load_ms = model->load_ms,
                              .run_count = model->run_count,
                              .last_ms = model->last_ms,
                              .total_ms = model->total_ms};
    pthread_mutex_unlock(&ctx->lock);
}

kb3d_status kb3d_ctx_get_model(const kb3d_ctx *ctx, kb3d_model_role role, kb3d_model_info *info, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!ctx)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "ctx is NULL");
    if ((status = check_role(role, call)))
        return status;
    kb3d_ctx *inside = (kb3d_ctx *)ctx; /* finding one that was never asked for is no change to the host */
    kb3d_model *model;
    if ((status = kb3d_model_find(inside, role, &model, call)))
        return status;
    if (!model)
        return kb3d_model_fail_none(inside, role, call);
    kb3d_model_info filled;
    kb3d_model_get_info(inside, model, &filled);
    return kb3d_struct_write(info, sizeof filled, &filled, sizeof filled, "kb3d_model_info", call);
}
