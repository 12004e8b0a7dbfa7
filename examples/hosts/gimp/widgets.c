#include "widgets.h"

#include <libgimp/gimpui.h>

static void keep(const ken_value *value, double number) {
    if (value->integer)
        *value->integer = (gint32)number;
    else
        *value->number = number;
    ken_controls_note(value->controls, value->change);
}

static void adjusted(GtkAdjustment *adjustment, gpointer value) {
    keep(value, gtk_adjustment_get_value(adjustment));
}

static void chosen(GtkWidget *combo, gpointer value) {
    int number;
    if (gimp_int_combo_box_get_active(GIMP_INT_COMBO_BOX(combo), &number))
        keep(value, number);
}

static void toggled(GtkToggleButton *button, gpointer value) {
    keep(value, gtk_toggle_button_get_active(button));
}

static void forget(gpointer value, GClosure *closure) {
    (void)closure;
    g_free(value);
}

static void connect(gpointer object, const char *signal, GCallback callback, ken_value value) {
    g_signal_connect_data(object, signal, callback, g_memdup2(&value, sizeof value), forget, 0);
}

GtkWidget *ken_widgets_table(ken_controls *controls, const char *title) {
    GtkWidget *frame = gimp_frame_new(title), *table = gtk_table_new(1, 2, FALSE);
    gtk_table_set_col_spacings(GTK_TABLE(table), 6);
    gtk_table_set_row_spacings(GTK_TABLE(table), 4);
    gtk_container_add(GTK_CONTAINER(frame), table);
    gtk_box_pack_start(GTK_BOX(controls->box), frame, FALSE, FALSE, 0);
    return table;
}

GtkWidget *ken_widgets_row(GtkWidget *table, int row, const char *label, GtkWidget *widget) {
    gimp_table_attach_aligned(GTK_TABLE(table), 0, row, label, 0, 0.5, widget, 1, FALSE);
    return widget;
}

static GtkAdjustment *make_adjustment(ken_range range, ken_value value) {
    double start = value.integer ? *value.integer : *value.number;
    GtkAdjustment *adjustment =
        GTK_ADJUSTMENT(gtk_adjustment_new(start, range.low, range.high, range.step, 10 * range.step, 0));
    connect(adjustment, "value-changed", G_CALLBACK(adjusted), value);
    return adjustment;
}

GtkWidget *ken_widgets_slider(GtkWidget *table, int row, const char *label, ken_range range, ken_value value) {
    GtkAdjustment *adjustment = make_adjustment(range, value);
    GtkWidget *box = gtk_hbox_new(FALSE, 6), *scale = gtk_hscale_new(adjustment);
    GtkWidget *spin = gtk_spin_button_new(adjustment, range.step, (guint)range.digits);
    gtk_scale_set_draw_value(GTK_SCALE(scale), FALSE);
    gtk_widget_set_size_request(scale, 140, -1);
    gtk_box_pack_start(GTK_BOX(box), scale, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), spin, FALSE, FALSE, 0);
    gtk_widget_show_all(box);
    return ken_widgets_row(table, row, label, box);
}

GtkWidget *ken_widgets_spin(GtkWidget *table, int row, const char *label, ken_range range, ken_value value) {
    GtkWidget *spin = gtk_spin_button_new(make_adjustment(range, value), range.step, (guint)range.digits);
    gtk_spin_button_set_numeric(GTK_SPIN_BUTTON(spin), TRUE);
    return ken_widgets_row(table, row, label, spin);
}

GtkWidget *ken_widgets_switch(GtkWidget *table, int row, const char *label, ken_value value) {
    GtkWidget *button = gtk_check_button_new_with_mnemonic(label);
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(button), *value.integer);
    connect(button, "toggled", G_CALLBACK(toggled), value);
    return ken_widgets_row(table, row, NULL, button);
}

GtkWidget *ken_widgets_choice(GtkWidget *table, int row, const char *label, const char *const *names,
                              ken_value value) {
    GtkWidget *combo = gimp_int_combo_box_new_array((int)g_strv_length((char **)names), (const char **)names);
    gimp_int_combo_box_set_active(GIMP_INT_COMBO_BOX(combo), *value.integer);
    connect(combo, "changed", G_CALLBACK(chosen), value);
    return ken_widgets_row(table, row, label, combo);
}
