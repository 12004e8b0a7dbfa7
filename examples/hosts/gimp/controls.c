#include "controls.h"

#include "widgets.h"

#include <libgimp/gimpui.h>
#include <math.h>
#include <string.h>

static ken_value integer(ken_controls *c, gint32 *at, ken_change change) {
    return (ken_value){c, change, at, NULL};
}

static ken_value number(ken_controls *c, double *at, ken_change change) {
    return (ken_value){c, change, NULL, at};
}

static gboolean is_other(gint32 image, gint32 drawable, gpointer user) {
    (void)image;
    return drawable != ((ken_controls *)user)->picture;
}

static void change_depth(GtkWidget *combo, gpointer user) {
    ken_controls *c = user;
    if (gimp_int_combo_box_get_active(GIMP_INT_COMBO_BOX(combo), &c->params->depth))
        ken_controls_note(c, KEN_CHANGE_SCENE);
}

static void add_depth(ken_controls *c) {
    static const char *const kinds[] = {"Light is near", "Light is far", NULL};
    static const char *const selections[] = {"Nothing special", "A thing that stays whole", "The sky", NULL};
    GtkWidget *table = ken_widgets_table(c, "Depth"), *combo = gimp_drawable_combo_box_new(is_other, c);
    gimp_int_combo_box_prepend(GIMP_INT_COMBO_BOX(combo), GIMP_INT_STORE_VALUE, -1, GIMP_INT_STORE_LABEL,
                               "Found by itself", -1);
    gimp_int_combo_box_set_active(GIMP_INT_COMBO_BOX(combo), c->params->depth);
    g_signal_connect(combo, "changed", G_CALLBACK(change_depth), c);
    ken_widgets_row(table, 0, "_From:", combo);
    ken_widgets_choice(table, 1, "_Its values:", kinds, integer(c, &c->params->depth_kind, KEN_CHANGE_SCENE));
    GtkWidget *selection = ken_widgets_choice(table, 2, "_Selection is:", selections,
                                              integer(c, &c->params->selection, KEN_CHANGE_SCENE));
    gtk_widget_set_sensitive(selection, !gimp_selection_is_empty(gimp_item_get_image(c->picture)));
}

static void change_target(void *user) {
    ken_controls_note(user, KEN_CHANGE_TARGET);
}

static void add_flight(ken_controls *c) {
    static const char *const motions[] = {"Automatic", "To a window", "Dolly zoom", "Circle", NULL};
    static const char *const eases[] = {"Smooth", "Even", "Slow at the start", "Slow at the end", NULL};
    ken_params *p = c->params;
    GtkWidget *table = ken_widgets_table(c, "Flight");
    ken_widgets_choice(table, 0, "_Motion:", motions, integer(c, &p->motion, KEN_CHANGE_FLIGHT));
    ken_target_init(&c->target, p, c->picture, change_target, c);
    ken_widgets_slider(table, 1, "_Zoom:", (ken_range){1, 4, 0.05, 2}, number(c, &p->zoom, KEN_CHANGE_FLIGHT));
    c->automatic[0] = ken_widgets_slider(table, 2, "_Travel:", (ken_range){0, 0.5, 0.01, 2},
                                         number(c, &p->shift, KEN_CHANGE_FLIGHT));
    c->automatic[1] = ken_widgets_spin(table, 3, "_Variant:", (ken_range){0, 9999, 1, 0},
                                       integer(c, &p->seed, KEN_CHANGE_FLIGHT));
    ken_widgets_choice(table, 4, "_Pace:", eases, integer(c, &p->ease, KEN_CHANGE_FLIGHT));
    ken_widgets_switch(table, 5, "_Backwards", integer(c, &p->reverse, KEN_CHANGE_FLIGHT));
    ken_widgets_switch(table, 6, "There and bac_k", integer(c, &p->loop, KEN_CHANGE_FLIGHT));
}

/* Keeps the shape while the chain is closed. */
static void change_side(GtkAdjustment *side, gpointer user) {
    ken_controls *c = user;
    GtkAdjustment *other = side == c->width ? c->height : c->width;
    if (c->is_linking || !gimp_chain_button_get_active(GIMP_CHAIN_BUTTON(c->chain)))
        return;
    double shape = (double)gimp_drawable_width(c->picture) / gimp_drawable_height(c->picture);
    double value = gtk_adjustment_get_value(side);
    c->is_linking = true;
    gtk_adjustment_set_value(other, fmax(1, round(other == c->width ? value * shape : value / shape)));
    c->is_linking = false;
}

static GtkAdjustment *add_side(ken_controls *c, GtkWidget *table, int row, const char *label, gint32 *at) {
    GtkWidget *spin =
        ken_widgets_spin(table, row, label, (ken_range){1, 32768, 1, 0}, integer(c, at, KEN_CHANGE_FLIGHT));
    GtkAdjustment *side = gtk_spin_button_get_adjustment(GTK_SPIN_BUTTON(spin));
    g_signal_connect(side, "value-changed", G_CALLBACK(change_side), c);
    return side;
}

static void add_frames(ken_controls *c) {
    ken_params *p = c->params;
    GtkWidget *table = ken_widgets_table(c, "Frames");
    ken_widgets_spin(table, 0, "_Duration in seconds:", (ken_range){0.1, 86400, 0.5, 2},
                     number(c, &p->duration, KEN_CHANGE_RESULT));
    ken_widgets_spin(table, 1, "F_rames a second:", (ken_range){0.01, 1000, 1, 2},
                     number(c, &p->frame_rate, KEN_CHANGE_RESULT));
    c->width = add_side(c, table, 2, "_Width:", &p->width);
    c->height = add_side(c, table, 3, "_Height:", &p->height);
    c->chain = gimp_chain_button_new(GIMP_CHAIN_RIGHT);
    gimp_chain_button_set_active(GIMP_CHAIN_BUTTON(c->chain), TRUE);
    gtk_table_attach(GTK_TABLE(table), c->chain, 2, 3, 2, 4, GTK_SHRINK, GTK_FILL, 0, 0);
    gtk_widget_show(c->chain);
}

static void change_file(GtkWidget *entry, gpointer user) {
    (void)entry;
    ken_controls_note(user, KEN_CHANGE_RESULT);
}

static void browse(GtkWidget *button, gpointer user) {
    ken_controls *c = user;
    GtkWidget *chooser = gtk_file_chooser_dialog_new("Video file", GTK_WINDOW(gtk_widget_get_toplevel(button)),
                                                     GTK_FILE_CHOOSER_ACTION_SAVE, "_Cancel", GTK_RESPONSE_CANCEL,
                                                     "_OK", GTK_RESPONSE_OK, NULL);
    gtk_file_chooser_set_do_overwrite_confirmation(GTK_FILE_CHOOSER(chooser), TRUE);
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(chooser), "flight.mp4");
    if (gtk_dialog_run(GTK_DIALOG(chooser)) == GTK_RESPONSE_OK) {
        char *name = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(chooser));
        gtk_entry_set_text(GTK_ENTRY(c->file), name ? name : "");
        g_free(name);
    }
    gtk_widget_destroy(chooser);
}

static void add_result(ken_controls *c) {
    static const char *const results[] = {"Layers of a new image", "A video file", NULL};
    GtkWidget *table = ken_widgets_table(c, "Result"), *row = gtk_hbox_new(FALSE, 6);
    c->is_video = *c->params->file != 0;
    ken_widgets_choice(table, 0, "R_esult:", results, integer(c, &c->is_video, KEN_CHANGE_RESULT));
    c->file = gtk_entry_new();
    gtk_entry_set_text(GTK_ENTRY(c->file), c->params->file);
    gtk_entry_set_max_length(GTK_ENTRY(c->file), KEN_FILE_SIZE / 4 - 1); /* characters, of up to 4 bytes */
    c->browse = gtk_button_new_with_label("Browse...");
    gtk_box_pack_start(GTK_BOX(row), c->file, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(row), c->browse, FALSE, FALSE, 0);
    gtk_widget_show_all(row);
    ken_widgets_row(table, 1, "File _name:", row);
    c->summary = ken_widgets_row(table, 2, NULL, gtk_label_new(NULL));
    g_signal_connect(c->file, "changed", G_CALLBACK(change_file), c);
    g_signal_connect(c->browse, "clicked", G_CALLBACK(browse), c);
}

static void show_summary(const ken_controls *c) {
    const ken_params *p = c->params;
    int width, height, count = ken_params_frame_count(p);
    ken_params_size(p, gimp_drawable_width(c->picture), gimp_drawable_height(c->picture), &width, &height);
    char *size = c->is_video ? NULL
                             : g_format_size((guint64)count * (guint64)width * (guint64)height *
                                             (guint64)kb3d_format_bytes(ken_format_of(c->picture).kb3d));
    char *text =
        g_strdup_printf("%d frames of %d x %d%s%s", count, width, height, size ? ", " : "", size ? size : "");
    gtk_label_set_text(GTK_LABEL(c->summary), text);
    g_free(text);
    g_free(size);
}

/* What has a meaning depends on the motion and on the kind of result. */
static void show(ken_controls *c) {
    bool is_auto = c->params->motion == KEN_MOTION_AUTO;
    for (size_t i = 0; i < G_N_ELEMENTS(c->automatic); i++)
        gtk_widget_set_sensitive(c->automatic[i], is_auto);
    gtk_widget_set_sensitive(c->target.area, ken_target_is_used(&c->target));
    gtk_widget_queue_draw(c->target.area);
    gtk_widget_set_sensitive(c->file, c->is_video);
    gtk_widget_set_sensitive(c->browse, c->is_video);
    show_summary(c);
}

void ken_controls_note(ken_controls *c, ken_change change) {
    if (!c->is_ready)
        return;
    g_strlcpy(c->params->file, c->is_video ? gtk_entry_get_text(GTK_ENTRY(c->file)) : "", sizeof c->params->file);
    show(c);
    c->changed(c->user, change);
}

void ken_controls_init(ken_controls *c, ken_params *params, gint32 picture,
                       void (*changed)(void *user, ken_change change), void *user) {
    *c = (ken_controls){.params = params, .picture = picture, .changed = changed, .user = user};
    c->box = gtk_vbox_new(FALSE, 12);
    add_depth(c);
    add_flight(c);
    add_frames(c);
    add_result(c);
    gtk_widget_show_all(c->box);
    c->is_ready = true;
    show(c);
}

void ken_controls_free(ken_controls *c) {
    ken_target_free(&c->target);
}
