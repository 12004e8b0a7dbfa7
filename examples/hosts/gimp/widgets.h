/* Rows of a table, each a widget that keeps a value: *integer or *number, whichever is not NULL. */
#ifndef KEN_WIDGETS_H
#define KEN_WIDGETS_H

#include "controls.h"

typedef struct ken_value {
    ken_controls *controls;
    ken_change change;
    gint32 *integer;
    double *number;
} ken_value;

typedef struct ken_range {
    double low, high, step;
    int digits;
} ken_range;

/* A frame with a title and a table in it, at the end of the controls' box. */
GtkWidget *ken_widgets_table(ken_controls *controls, const char *title);

/* They answer the widget in the table's right column; a label may be "". */
GtkWidget *ken_widgets_row(GtkWidget *table, int row, const char *label, GtkWidget *widget);
GtkWidget *ken_widgets_slider(GtkWidget *table, int row, const char *label, ken_range range, ken_value value);
GtkWidget *ken_widgets_spin(GtkWidget *table, int row, const char *label, ken_range range, ken_value value);
GtkWidget *ken_widgets_switch(GtkWidget *table, int row, const char *label, ken_value value);

/* The names of the values from 0, ended by NULL. */
GtkWidget *ken_widgets_choice(GtkWidget *table, int row, const char *label, const char *const *names,
                              ken_value value);

#endif
