/* The whole picture, small, on which the flight's target is dragged. */
#ifndef KEN_TARGET_H
#define KEN_TARGET_H

#include "pixels.h"

#include <gtk/gtk.h>

typedef struct ken_target {
    GtkWidget *area;
    /* the rest is its own */
    ken_params *params;
    int picture_width, picture_height;
    double scale;
    GdkPixbuf *thumbnail;
    void (*changed)(void *user);
    void *user;
} ken_target;

/* Writes params->x and y, and calls changed, as the target is dragged. */
void ken_target_init(ken_target *target, ken_params *params, gint32 picture, void (*changed)(void *user),
                     void *user);
/* Whether the motion has a target. */
bool ken_target_is_used(const ken_target *target);

void ken_target_free(ken_target *target);

#endif
