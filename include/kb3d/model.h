/**
 * @file model.h
 * @brief Networks: TorchScript files with a manifest beside them.
 *
 * A model is `NAME.pt` with a manifest `NAME.json`; docs/models.md describes
 * the manifest. The library opens its torch module (and with it libtorch) only
 * when the first network runs.
 */
#ifndef KB3D_MODEL_H
#define KB3D_MODEL_H

#include <kb3d/context.h>

KB3D_BEGIN

/** What a network is for. */
typedef enum kb3d_model_role {
    KB3D_MODEL_DEPTH = 1 /**< picture to inverse depth */
} kb3d_model_role;

/** What kb3d_ctx_get_model fills. Prepare with KB3D_INIT. Texts live as long as the context. */
typedef struct kb3d_model_info {
    size_t size;         /**< sizeof(kb3d_model_info) */
    const char *name;    /**< from the manifest */
    const char *version; /**< from the manifest, else "" */
    const char *licence; /**< from the manifest, else "" */
    const char *path;    /**< the TorchScript file */
} kb3d_model_info;

/**
 * Gives the context a network for a role, before the first scene that needs
 * it. The manifest is read and checked now; the network itself is loaded when
 * it first runs, once, and shared by all scenes of the context.
 *
 * A TorchScript file is code: load only files you trust.
 *
 * @param ctx   the context
 * @param role  what the network is for
 * @param path  the TorchScript file; its manifest is the same name with .json
 * @param call  may be NULL
 * @return KB3D_OK; ARGUMENT; IO; FORMAT (manifest); MODEL (of another role, or
 *         the role has a model already); MEMORY
 *
 * Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_ctx_add_model(kb3d_ctx *ctx, kb3d_model_role role, const char *path,
                                                      kb3d_call *call);

/**
 * Answers which network the context has for a role.
 * @return KB3D_OK; ARGUMENT; MODEL when it has none. Thread-safety: safe.
 */
KB3D_API KB3D_MUST_USE kb3d_status kb3d_ctx_get_model(const kb3d_ctx *ctx, kb3d_model_role role,
                                                      kb3d_model_info *info, kb3d_call *call);

KB3D_END

#endif
