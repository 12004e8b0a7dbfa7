/* 3D Ken Burns for GIMP 2.10: Filters > Animation > 3D Ken Burns. */
#include "dialog.h"
#include "writer.h"

#include <kb3d/version.h>
#include <libgimp/gimp.h>
#include <string.h>

static void query(void) {
    ken_params_install();
}

/* GIMP's Cancel ends the plug-in moments after it has called this. */
static void quit(void) {
    ken_writer_abandon();
}

static void show_progress(void *user, const char *text, double fraction) {
    (void)user;
    gimp_progress_set_text(text);
    gimp_progress_update(fraction);
}

/* NULL, or that the library is none that this was compiled for. To be freed. */
static char *check_library(void) {
    uint32_t has = kb3d_api_version();
    if (has >> 16 == KB3D_API_MAJOR && (has & 0xffff) >= KB3D_API_MINOR)
        return NULL;
    return g_strdup_printf("libkb3d has API %u.%u, the plug-in was compiled for %d.%d", has >> 16, has & 0xffff,
                           KB3D_API_MAJOR, KB3D_API_MINOR);
}

/* NULL, or why it failed; "": it was cancelled. To be freed. */
static char *fly(GimpRunMode mode, ken_params *params, gint32 picture, gint32 *image) {
    char *wrong = check_library();
    if (wrong)
        return wrong;
    if (mode != GIMP_RUN_INTERACTIVE &&
        (wrong = ken_params_check(params, gimp_drawable_width(picture), gimp_drawable_height(picture))))
        return wrong;
    ken_scene scene = {0};
    char *name = gimp_image_get_name(gimp_item_get_image(picture));
    ken_job job = {.name = name, .tick = show_progress};
    kb3d_ctx_params ctx;
    KB3D_INIT(ctx);
    KB3D_INIT(job.call);
    ctx.networks = KB3D_NETWORKS_IN_WORKER; /* there a cancel is obeyed at once */
    kb3d_status status = kb3d_ctx_create(&scene.ctx, &ctx, &job.call);
    bool good = status                         ? ken_job_fail(&job, status)
                : mode == GIMP_RUN_INTERACTIVE ? ken_dialog_run(&scene, params, picture, name, image)
                                               : ken_make(&scene, params, picture, &job, image);
    kb3d_scene_destroy(&scene.scene);
    kb3d_ctx_destroy(&scene.ctx);
    g_free(name);
    return good ? NULL : g_strdup(job.error);
}

static char *find_params(GimpRunMode mode, ken_params *params, const GimpParam *arguments, int count) {
    if (mode == GIMP_RUN_NONINTERACTIVE)
        return ken_params_read(params, arguments, count);
    ken_params_init(params);
    ken_params last;
    if (gimp_get_data_size(KEN_PROCEDURE) == sizeof last && gimp_get_data(KEN_PROCEDURE, &last))
        *params = last;
    if (!ken_params_has_depth(params))
        params->depth = -1;
    return NULL;
}

static void run(const gchar *name, gint count, const GimpParam *arguments, gint *result_count,
                GimpParam **results) {
    static GimpParam values[2];
    static char *message;
    (void)name;
    *results = values;
    *result_count = 1;
    values[0].type = GIMP_PDB_STATUS;
    gegl_init(NULL, NULL);
    gimp_extension_enable(); /* so that GIMP's Cancel is heard during the work */
    GimpRunMode mode = (GimpRunMode)arguments[0].data.d_int32;
    gint32 picture = arguments[2].data.d_drawable, image = -1;
    ken_params params;
    GimpPDBStatusType failure = GIMP_PDB_CALLING_ERROR;
    message = find_params(mode, &params, arguments, count);
    if (!message) {
        failure = GIMP_PDB_EXECUTION_ERROR;
        message = fly(mode, &params, picture, &image);
    }
    if (message) {
        values[0].data.d_status = *message ? failure : GIMP_PDB_CANCEL;
        values[1].type = GIMP_PDB_STRING;
        values[1].data.d_string = message;
        *result_count = *message ? 2 : 1;
        return;
    }
    if (mode == GIMP_RUN_INTERACTIVE)
        gimp_set_data(KEN_PROCEDURE, &params, sizeof params);
    if (mode != GIMP_RUN_NONINTERACTIVE && image != -1)
        gimp_display_new(image);
    values[0].data.d_status = GIMP_PDB_SUCCESS;
    values[1].type = GIMP_PDB_IMAGE;
    values[1].data.d_image = image;
    *result_count = 2;
}

const GimpPlugInInfo PLUG_IN_INFO = {NULL, quit, query, run};

MAIN()
