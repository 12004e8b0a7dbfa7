/*
 * Points as planar patches.
 *
 * Every pixel of a layer is a point of the cloud with a footprint of one pixel
 * that follows the surface to its neighbours. Where inverse depth is planar over
 * a square of pixels, these points are kept as one patch: a plane in inverse
 * depth maps from one camera to another by a homography, exactly (Hartley and
 * Zisserman, Multiple View Geometry, eq. 13.2), so nothing is lost by it but
 * work. A pixel beside a tear is always a patch of its own and knows which of
 * its eight neighbours its surface covers.
 */
#ifndef KB3D_MATH_PATCH_H
#define KB3D_MATH_PATCH_H

#include "base.h"

enum {
    KB3D_PATCH_MAX_LOG2 = 5, /* squares of up to 32 x 32 pixels */
    KB3D_GROUP_WIDTH = 64,   /* patches are kept in groups of this many pixels */
    KB3D_GROUP_HEIGHT = 32
};

/* Neighbours of a pixel, clockwise from the top: bits of kb3d_patch::covers. */
enum {
    KB3D_NORTH = 1,
    KB3D_NORTH_EAST = 2,
    KB3D_EAST = 4,
    KB3D_SOUTH_EAST = 8,
    KB3D_SOUTH = 16,
    KB3D_SOUTH_WEST = 32,
    KB3D_WEST = 64,
    KB3D_NORTH_WEST = 128
};

/* Bits of kb3d_patch::reach: on these sides the footprint goes on for a whole
   pixel from the centre, not half of one. */
enum { KB3D_REACH_NORTH = 1, KB3D_REACH_EAST = 2, KB3D_REACH_SOUTH = 4, KB3D_REACH_WEST = 8 };

/* What a pixel's filter may meet: points that are seen through, the last of these, of which nothing is
   seen at its centre, or another surface alone. */
typedef enum kb3d_soft { KB3D_SOFT_NONE, KB3D_SOFT_GUARD, KB3D_SOFT, KB3D_SOFT_END } kb3d_soft;

/* Coverage, of 255, from which a silhouette over nothing counts as all there: where
   three surfaces meet a corner of one may have no other behind it. */
enum { KB3D_NEARLY_COVERED = 248 };

/* Half a pixel and a little more, so that joined neighbours leave no crack. */
#define KB3D_JOINED_REACH 0.75f

typedef struct kb3d_patch {
    int32_t x, y;       /* top left pixel */
    float disp;         /* inverse depth at the square's centre */
    float disp_x, disp_y; /* its slope, per pixel */
    uint8_t size;       /* pixels a side */
    uint8_t is_edge;    /* beside a tear, the end of the layer, or soft */
    uint8_t covers;     /* edge: neighbours that are joined, nearer or none; bits as above */
    uint8_t reach;
    uint8_t soft;       /* kb3d_soft */
} kb3d_patch;

/* Whether a patch may show what lies behind it: a silhouette, or seen through. */
KB3D_FN int kb3d_is_fringe(const kb3d_patch *p) {
    return p->covers != 255 || p->soft >= KB3D_SOFT;
}

/* The patches of KB3D_GROUP_WIDTH x KB3D_GROUP_HEIGHT pixels. */
typedef struct kb3d_group {
    uint32_t first, count;
    uint32_t fringes; /* how many of them show what lies behind */
    float disp_min, disp_max; /* of its patches' corners, to know where they can be seen */
} kb3d_group;

/* Whether the surface is torn between two neighbouring pixels. */
KB3D_FN int kb3d_is_torn(float disp_a, float disp_b, float jump) {
    return kb3d_abs_f(disp_a - disp_b) > jump;
}

/* A pixel joined to none or one of its neighbours is mixed of two surfaces; by
   itself it would hang between them in the air. It goes to the likest one. */
KB3D_FN float kb3d_settled_disp(const float *disp, const uint8_t *mask, int width, int height, int x, int y,
                                float jump) {
    float here = disp[(size_t)y * width + x], likest = here, least = 3.0e38f;
    int joined = 0;
    for (int i = 0; i < 9; i++) {
        int nx = x + i % 3 - 1, ny = y + i / 3 - 1;
        size_t at = (size_t)ny * width + nx;
        if (i == 4 || nx < 0 || ny < 0 || nx >= width || ny >= height || (mask && !mask[at]))
            continue;
        float difference = kb3d_abs_f(disp[at] - here);
        joined += !kb3d_is_torn(here, disp[at], jump);
        if (difference < least) {
            least = difference;
            likest = disp[at];
        }
    }
    return joined > 1 ? here : likest;
}

enum { KB3D_PURE_REACH = 10 };

/* Leads from a mixed pixel to the closest one that shows a surface of inverse depth `there` alone, if one is in reach.
   `disp` is what the picture shows foremost, `soft` of kb3d_soft or NULL. */
KB3D_FN void kb3d_find_pure(const float *disp, const uint8_t *soft, int width, int height, float jump, float there,
                            int *x, int *y) {
    int from_x = *x, from_y = *y, least = KB3D_PURE_REACH * KB3D_PURE_REACH + 1;
    for (int dy = -KB3D_PURE_REACH; dy <= KB3D_PURE_REACH; dy++)
        for (int dx = -KB3D_PURE_REACH; dx <= KB3D_PURE_REACH; dx++) {
            int qx = from_x + dx, qy = from_y + dy;
            if (dx * dx + dy * dy >= least || qx < 0 || qy < 0 || qx >= width || qy >= height)
                continue;
            size_t at = (size_t)qy * width + qx;
            if (kb3d_is_torn(disp[at], there, jump) || (soft && soft[at] >= KB3D_SOFT))
                continue;
            least = dx * dx + dy * dy;
            *x = qx;
            *y = qy;
        }
}

/*
 * Coverage of an edge pixel's surface at (du, dv) pixels from its centre: the
 * bilinear interpolation of "covered or not" between the four nearest pixels,
 * so that a silhouette runs smoothly between its pixels' centres.
 */
KB3D_FN float kb3d_edge_coverage(int covers, float du, float dv) {
    float fx = kb3d_min_f(kb3d_abs_f(du), 1.0f), fy = kb3d_min_f(kb3d_abs_f(dv), 1.0f);
    int side = covers & (du < 0 ? KB3D_WEST : KB3D_EAST);
    int above = covers & (dv < 0 ? KB3D_NORTH : KB3D_SOUTH);
    int corner = covers & (du < 0 ? (dv < 0 ? KB3D_NORTH_WEST : KB3D_SOUTH_WEST)
                                  : (dv < 0 ? KB3D_NORTH_EAST : KB3D_SOUTH_EAST));
    float coverage = (1.0f - fx) * (1.0f - fy);
    if (side)
        coverage += fx * (1.0f - fy);
    if (above)
        coverage += (1.0f - fx) * fy;
    if (corner)
        coverage += fx * fy;
    return coverage;
}

#endif
