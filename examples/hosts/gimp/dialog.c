#include "dialog.h"

#include "controls.h"
#include "preview.h"

#include <libgimp/gimpui.h>
#include <math.h>

typedef struct dialog {
    ken_scene *scene;
    ken_params *params;
    gint32 picture;
    ken_job job;
    ken_preview preview;
    ken_controls controls;
    GtkWidget *window, *progress;
    bool is_stale;  /* the scene has to be built */
    bool is_wanted; /* the result has to be made */
    bool is_making; /* the result is being made */
    bool is_over;
} dialog;

static void show_status(dialog *d, const char *text, double fraction) {
    gtk_progress_bar_set_text(GTK_PROGRESS_BAR(d->progress), text);
    gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(d->progress), CLAMP(fraction, 0, 1));
}

static void show_progress(void *user, const char *text, double fraction) {
    dialog *d = user;
    show_status(d, text, fraction);
    if (d->is_making) {
        gimp_progress_set_text(text);
        gimp_progress_update(fraction);
    }
}

static void change(void *user, ken_change what) {
    dialog *d = user;
    if (what == KEN_CHANGE_SCENE) {
        d->is_stale = true;
        ken_job_cancel(&d->job); /* of the scene that is being built, if one is */
    }
    if (what == KEN_CHANGE_TARGET) /* while it is dragged, the end of the flight shows where it leads */
        ken_preview_go(&d->preview, d->params->reverse ? 0 : d->params->loop == KB3D_LOOP_BOUNCE ? 0.5 : 1);
    if (what == KEN_CHANGE_FLIGHT || what == KEN_CHANGE_TARGET)
        ken_preview_change(&d->preview);
}

static void respond(GtkDialog *window, int response, gpointer user) {
    dialog *d = user;
    (void)window;
    if (response == GTK_RESPONSE_OK) {
        d->is_wanted = true;
        return;
    }
    d->is_over = !d->is_making; /* a result is stopped, and the dialog stays */
    ken_job_cancel(&d->job);
}

static void set_ready(dialog *d, bool ready) {
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, ready);
}

static void build_scene(dialog *d) {
    d->is_stale = false;
    set_ready(d, false);
    kb3d_scene_destroy(&d->scene->scene);
    ken_preview_change(&d->preview);
    if (ken_make_scene(d->scene, d->params, d->picture, &d->job)) {
        show_status(d, "", 0);
        ken_preview_change(&d->preview);
        set_ready(d, true);
    } else {
        show_status(d, d->job.error, 0);
    }
}

static bool make(dialog *d, gint32 *image) {
    d->is_wanted = false;
    char *wrong =
        d->controls.is_video && !*d->params->file
            ? g_strdup("file: a video needs a name")
            : ken_params_check(d->params, gimp_drawable_width(d->picture), gimp_drawable_height(d->picture));
    if (wrong) {
        g_message("%s", wrong);
        g_free(wrong);
        return false;
    }
    set_ready(d, false);
    gtk_widget_set_sensitive(d->controls.box, FALSE);
    d->is_making = true;
    bool good = ken_make(d->scene, d->params, d->picture, &d->job, image);
    d->is_making = false;
    gimp_progress_end();
    gtk_widget_set_sensitive(d->controls.box, TRUE);
    set_ready(d, true);
    show_status(d, "", 0);
    if (!good && *d->job.error)
        g_message("%s", d->job.error);
    return good;
}

/* What the values say by themselves becomes something to see and change. */
static void fill_in(ken_params *p, gint32 picture) {
    int width = gimp_drawable_width(picture), height = gimp_drawable_height(picture);
    if (p->zoom == 0)
        p->zoom = 1.25;
    if (p->x >= width || p->y >= height)
        p->x = p->y = -1; /* of another picture, the last time */
    if (p->width == 0 || fabs((double)p->width / p->height - (double)width / height) > 0.01)
        p->width = p->height = 0;
    ken_params_size(p, width, height, &p->width, &p->height);
}

static void open_window(dialog *d) {
    gimp_ui_init("kb3d", TRUE);
    d->window = gimp_dialog_new("3D Ken Burns", "kb3d", NULL, 0, NULL, NULL, "_Cancel", GTK_RESPONSE_CANCEL, "_OK",
                                GTK_RESPONSE_OK, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(d->window), GTK_RESPONSE_OK);
    gtk_window_set_resizable(GTK_WINDOW(d->window), FALSE);
    gimp_window_set_transient(GTK_WINDOW(d->window));
    ken_preview_init(&d->preview, d->scene, d->params, d->picture);
    ken_controls_init(&d->controls, d->params, d->picture, change, d);
    d->progress = gtk_progress_bar_new();
    gtk_progress_bar_set_ellipsize(GTK_PROGRESS_BAR(d->progress), PANGO_ELLIPSIZE_END);
    GtkWidget *row = gtk_hbox_new(FALSE, 12), *left = gtk_vbox_new(FALSE, 6);
    GtkWidget *middle = gtk_alignment_new(0.5, 0.5, 0, 0);
    gtk_container_add(GTK_CONTAINER(middle), d->controls.target.area);
    gtk_box_pack_start(GTK_BOX(left), d->preview.box, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(left), middle, TRUE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(left), d->progress, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), left, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), d->controls.box, TRUE, TRUE, 0);
    gtk_container_set_border_width(GTK_CONTAINER(row), 12);
    gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(d->window))), row, TRUE, TRUE, 0);
    g_signal_connect(d->window, "response", G_CALLBACK(respond), d);
    g_signal_connect(d->window, "delete-event", G_CALLBACK(gtk_true), NULL); /* its response says it already */
    gtk_widget_show_all(d->window);
}

bool ken_dialog_run(ken_scene *scene, ken_params *params, gint32 picture, const char *name, gint32 *image) {
    dialog d = {.scene = scene, .params = params, .picture = picture, .is_stale = true};
    d.job = (ken_job){.name = name, .tick = show_progress, .user = &d};
    fill_in(params, picture);
    open_window(&d);
    bool good = false;
    while (!d.is_over && !good) {
        if (d.is_stale)
            build_scene(&d);
        else if (d.is_wanted)
            good = make(&d, image);
        else
            gtk_main_iteration();
    }
    ken_preview_free(&d.preview);
    ken_controls_free(&d.controls);
    gtk_widget_destroy(d.window);
    return good;
}
