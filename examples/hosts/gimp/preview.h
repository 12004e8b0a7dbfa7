/* The flight, small: rendered anew whenever something about it changes. */
#ifndef KEN_PREVIEW_H
#define KEN_PREVIEW_H

#include "scene.h"

#include <gtk/gtk.h>

typedef struct ken_preview {
    GtkWidget *box; /* picture, time and play */
    /* the rest is its own */
    const ken_params *params;
    const ken_scene *scene;
    int picture_width, picture_height;
    kb3d_path *path; /* NULL: to be made */
    GtkWidget *area;
    GtkAdjustment *time; /* 0..1 of the video */
    cairo_surface_t *surface;
    guint idle, player;
    gint64 last_tick;
} ken_preview;

/* Shows the scene, once it has been built, as the params say. Both must stay. */
void ken_preview_init(ken_preview *preview, const ken_scene *scene, const ken_params *params, gint32 picture);
void ken_preview_free(ken_preview *preview);

/* The scene or the params have changed; before a scene is destroyed, too. */
void ken_preview_change(ken_preview *preview);

/* Moves to a time of the video, 0..1. */
void ken_preview_go(ken_preview *preview, double time);

#endif
