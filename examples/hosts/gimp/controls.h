/* The values of the dialog, as widgets. */
#ifndef KEN_CONTROLS_H
#define KEN_CONTROLS_H

#include "target.h"

#include <gtk/gtk.h>

/* What depends on a value that was changed. */
typedef enum ken_change {
    KEN_CHANGE_SCENE,  /* depth and selection: the scene is built anew */
    KEN_CHANGE_FLIGHT, /* the preview shows it */
    KEN_CHANGE_TARGET, /* likewise, and best at the flight's far end */
    KEN_CHANGE_RESULT  /* nothing that a preview shows */
} ken_change;

typedef struct ken_controls {
    GtkWidget *box;
    ken_target target; /* to be packed elsewhere */
    /* the rest is its own */
    ken_params *params;
    gint32 picture;
    void (*changed)(void *user, ken_change change);
    void *user;
    bool is_ready;           /* widgets tell of values while they are made, too */
    GtkWidget *automatic[2]; /* what only an automatic motion has */
    GtkAdjustment *width, *height;
    GtkWidget *chain;
    bool is_linking;
    gint32 is_video;
    GtkWidget *file, *browse, *summary;
} ken_controls;

/* Writes the values into params and calls changed. */
void ken_controls_init(ken_controls *controls, ken_params *params, gint32 picture,
                       void (*changed)(void *user, ken_change change), void *user);
/* A value has changed. */
void ken_controls_note(ken_controls *controls, ken_change change);

void ken_controls_free(ken_controls *controls);

#endif
