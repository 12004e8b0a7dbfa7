/* Pieces of masks without a step of depth in them, and which of them are one thing. Inside of
   adjusting. */
#ifndef KB3D_LIB_PARTS_H
#define KB3D_LIB_PARTS_H

#include "things.h"

enum { KB3D_PART_MAX = 600 };

typedef struct kb3d_part {
    int segment; /* its mask */
    int area, outline;
    double disp;         /* sum, then mean */
    double behind;       /* likewise, of what lies beyond its outline */
    int behind_count;
    int bottom, footing; /* its lowest pixels; those of them with the ground or the frame below */
    int x0, y0, x1, y1;
    int parent;          /* the part that it was joined to, or itself */
} kb3d_part;

/* How two parts touch. */
typedef struct kb3d_border {
    int length; /* neighbours, or pixels across a narrow gap */
    int smooth; /* of these without a step of depth */
    int below;  /* of these where the second lies under the first */
} kb3d_border;

typedef struct kb3d_parts {
    kb3d_things *t;
    const kb3d_segments *segments;
    int tiny;          /* smaller is nothing */
    uint8_t *ramp;     /* pixels where depth changes too fast for one surface */
    int32_t *parent;   /* of connected pixels */
    int32_t *queue;    /* and sizes */
    uint16_t *part_of; /* 0: none, else part + 1 */
    kb3d_part *items;
    int count;
    kb3d_border *borders; /* count * count */
} kb3d_parts;

/* Cuts the labelled masks into parts; fills small holes, drops specks. */
kb3d_status kb3d_parts_make(kb3d_ctx *ctx, const kb3d_segments *segments, kb3d_things *things, kb3d_parts *parts,
                            kb3d_call *call);
void kb3d_parts_free(kb3d_ctx *ctx, kb3d_parts *parts);

/* Finds which of them belong together; things->beyond and so on are known by now. */
kb3d_status kb3d_parts_join(kb3d_ctx *ctx, kb3d_parts *parts, kb3d_call *call);

/* The part that stands for all that were joined to it. */
int kb3d_part_root(const kb3d_parts *parts, int i);

#endif
