/* Painting a view's holes by the context's inpainting networks: on crops around holes, at the view's own scale. */
#ifndef KB3D_LIB_PAINT_H
#define KB3D_LIB_PAINT_H

#include "path.h"

/* What the crops' answers say about a view's holes, pixel after pixel. */
typedef struct kb3d_answers {
    size_t *rows; /* number of the first hole of each row, and of all */
    struct kb3d_answer {
        float sum[4];         /* red, green, blue as sRGB 0..1, inverse depth; each times its share */
        float share, weight;  /* of the networks, and of networks and classical way together */
    } *holes;
} kb3d_answers;

typedef struct kb3d_painting {
    kb3d_ctx *ctx;
    kb3d_model *model;         /* role inpaint */
    kb3d_model *depth_model;   /* role inpaint_depth, or NULL */
    const kb3d_path *path;     /* whose layers the view shows */
    const kb3d_camera *camera; /* of the view */
    const kb3d_camera *frames; /* of the flight: what none of them shows is not worth asking about */
    int frame_count;
    const kb3d_planes *planes; /* the view; its holes were filled by carrying their rim across, not blurred */
    double fraction;           /* of the stage "extend" that is done */
    kb3d_call *call;
    kb3d_answers answers;
} kb3d_painting;

/* Takes pixels that lie alone within holes for holes: they belong to neither side. */
kb3d_status kb3d_paint_clean(const kb3d_painting *p);

/* Asks the networks. `rest` answers how many of the pixels asked about are left to the classical way, the partly
   trusted ones in part: those far from anything known, and those without a number. */
kb3d_status kb3d_paint_ask(kb3d_painting *p, double *rest);

/* Lays the answers over what the view's holes are filled with now. */
void kb3d_paint_mix(const kb3d_painting *p);

void kb3d_paint_free(kb3d_painting *p);

#endif
