#include "networks.h"

#include "values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kb3d_networks_set(kb3d_ctx_params *params, const kb3d_options *o) {
    params->networks = o->networks;
    params->model_path = o->model_path;
    params->worker_memory_limit = o->worker_memory;
    params->worker_time_limit_ms = o->worker_time_ms;
    params->allow_operators = o->allow_operators;
}

kb3d_exit kb3d_networks_add(kb3d_tool *tool) {
    for (int i = 0; i < tool->options->model_count; i++) {
        const kb3d_model_option *model = &tool->options->models[i];
        kb3d_model_source source;
        KB3D_INIT(source);
        source.role = model->role;
        source.path = model->path;
        kb3d_status status = kb3d_ctx_add_model(tool->ctx, &source, &tool->call);
        if (status)
            return kb3d_tool_fail(tool, model->path, status);
    }
    return KB3D_EXIT_OK;
}

bool kb3d_networks_have(const kb3d_tool *tool, kb3d_model_role role) {
    kb3d_model_info info;
    KB3D_INIT(info);
    return kb3d_ctx_get_model(tool->ctx, role, &info, NULL) == KB3D_OK;
}

static void note(const char *role, const kb3d_model_info *info) {
    kb3d_note("%s network: %s%s%s, %s, %.1f MB, loaded in %.0f ms, %d run%s, the last of %.0f ms", role, info->name,
              *info->version ? " " : "", info->version, info->runtime, (double)info->weight_bytes / 1e6, info->load_ms,
              info->run_count, info->run_count == 1 ? "" : "s", info->last_ms);
}

void kb3d_networks_note_scene(const kb3d_scene *scene) {
    for (int i = 0; kb3d_role_names[i]; i++) {
        kb3d_model_info info;
        KB3D_INIT(info);
        if (!kb3d_scene_get_model(scene, (kb3d_model_role)(i + KB3D_MODEL_DEPTH), &info, NULL))
            note(kb3d_role_names[i], &info);
    }
}

void kb3d_networks_note_painting(const kb3d_tool *tool) {
    for (int role = KB3D_MODEL_INPAINT; role <= KB3D_MODEL_INPAINT_DEPTH; role++) {
        kb3d_model_info info;
        KB3D_INIT(info);
        if (!kb3d_ctx_get_model(tool->ctx, (kb3d_model_role)role, &info, NULL) && info.run_count)
            note(kb3d_role_names[role - KB3D_MODEL_DEPTH], &info);
    }
}

/* Of a role that has none "no refine network": the sentence goes on with the folders, which stand above. */
static void print_none(const char *message) {
    printf("%.*s\n", strncmp(message, "no ", 3) ? (int)strlen(message) : (int)strcspn(message, ":"), message);
}

static void print_role(kb3d_tool *tool, int i) {
    kb3d_model_info info;
    KB3D_INIT(info);
    kb3d_status status = kb3d_ctx_get_model(tool->ctx, (kb3d_model_role)(i + KB3D_MODEL_DEPTH), &info, &tool->call);
    printf("%-16s ", kb3d_role_names[i]);
    if (status)
        print_none(tool->call.message);
    else
        printf("%s%s%s, licence %s, %s\n", info.name, *info.version ? " " : "", info.version,
               *info.licence ? info.licence : "not told", info.path);
}

void kb3d_networks_print(kb3d_tool *tool) {
    const char *lists[] = {tool->options->model_path, getenv("KB3D_MODEL_PATH"),
                           "share/kb3d beside libkb3d's folder, then its installed folder"};
    const char *before = "models           ";
    for (int i = 0; i < 3; i++) {
        if (!lists[i])
            continue;
        printf("%s%s", before, *lists[i] ? lists[i] : "nowhere else");
        before = ", then ";
        if (!*lists[i]) /* ends the search */
            break;
    }
    printf("\n");
    for (int i = 0; kb3d_role_names[i]; i++)
        print_role(tool, i);
}
