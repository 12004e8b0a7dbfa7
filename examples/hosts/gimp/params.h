/* What the plug-in can be asked for: the same in the dialog, in the procedural database and when repeated. */
#ifndef KEN_PARAMS_H
#define KEN_PARAMS_H

#include <kb3d/path.h>
#include <libgimp/gimp.h>
#include <stdbool.h>

#define KEN_PROCEDURE "plug-in-kb3d"

enum { KEN_FILE_SIZE = 4096 };

/* What the selection shows. */
typedef enum ken_selection { KEN_SELECTION_UNUSED, KEN_SELECTION_THING, KEN_SELECTION_SKY } ken_selection;

/* WINDOW: from the whole picture to a window around a point. */
typedef enum ken_motion { KEN_MOTION_AUTO, KEN_MOTION_WINDOW, KEN_MOTION_DOLLY, KEN_MOTION_CIRCLE } ken_motion;

typedef struct ken_params {
    gint32 depth; /* a layer or channel; -1: found by the depth network */
    gint32 depth_kind;
    gint32 selection;
    gint32 motion;
    double zoom;  /* 0: the motion's default */
    double shift; /* AUTO: largest travel, part of the width */
    double x, y;  /* what WINDOW flies to and DOLLY holds, in pixels of the drawable; below 0: by itself */
    gint32 seed;
    gint32 reverse;
    gint32 ease;
    gint32 loop;
    double duration; /* seconds */
    double frame_rate;
    gint32 width, height;     /* of the frames; both 0: the drawable's, the long side at most 1920 */
    char file[KEN_FILE_SIZE]; /* a video; "": layers of a new image */
} ken_params;

/* Tells GIMP of the procedure and its arguments. */
void ken_params_install(void);

void ken_params_init(ken_params *params);

/* From the procedure's arguments. NULL, or what is wrong with them, to be freed. */
char *ken_params_read(ken_params *params, const GimpParam *arguments, int count);

/* Whether the depth's layer or channel is there. */
bool ken_params_has_depth(const ken_params *params);

/* NULL, or what is wrong with the values for a picture of this size, to be freed. */
char *ken_params_check(const ken_params *params, int picture_width, int picture_height);

/* The flight through a picture of this size. */
void ken_params_fill_path(const ken_params *params, int picture_width, int picture_height, kb3d_path_params *path);

/* The window that WINDOW flies to: around its point, moved into the picture. */
kb3d_window ken_params_window(const ken_params *params, int picture_width, int picture_height);

/* The frames' size, in the steps that the result wants. */
void ken_params_size(const ken_params *params, int picture_width, int picture_height, int *width, int *height);

int ken_params_frame_count(const ken_params *params);

/* Where frame i is in the video, 0..1. There and back ends a step before its start, for a seamless repeat. */
double ken_params_progress(const ken_params *params, int i);

#endif
