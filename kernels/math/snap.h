/*
 * Snapping a small inverse depth map to a picture's edges.
 *
 * Every value of the map is taken for a piece of a surface: inverse depth, its slope,
 * and how far it can be trusted. On the slope of a blurred edge it belongs to neither
 * side and is not to be trusted. A pixel asks the values around it what the surface
 * would be at its own place, and takes the weighted median of the answers (Ma et al.,
 * Constant Time Weighted Median Filtering, ICCV 2013). Those like it in colour count
 * most. A slope as steep as this may be a surface, a steeper one is an edge: a jump a
 * pixel of the map.
 */
#ifndef KB3D_MATH_SNAP_H
#define KB3D_MATH_SNAP_H

#include "texture.h"

/* An inverse depth map, all known, with the picture's colours at its size: planes that map_prepare
   lays out in the caller's memory. */
typedef struct kb3d_depth_map {
    int width, height;
    ptrdiff_t stride;
    float *disp;
    float *slope_x, *slope_y; /* of the surface that the value lies on, a pixel */
    float *spread;            /* of the 3x3 values around; above a jump it is at an edge */
    float *trust;             /* 1 amid a surface, near 0 on the slope of an edge, 0 outside the map */
    float *guide[3];
} kb3d_depth_map;

typedef struct kb3d_snap_params {
    float jump;        /* spread of inverse depth that makes an edge */
    float color_sigma; /* difference of colour, 0..1, that tells two things apart */
} kb3d_snap_params;

/* Values that are asked: as far to each side on the map itself, and from the picture. */
enum { KB3D_SNAP_RADIUS = 6, KB3D_UPSAMPLE_RADIUS = 2 };

/* Where a value on the map would count nothing: far enough for the window's corners to have a say. */
#define KB3D_SNAP_REACH (KB3D_SNAP_RADIUS + 3.0f)

/* Halvings of the range that the answers span, before those near the median are averaged. */
enum { KB3D_SNAP_HALVINGS = 6 };

/* The share of the weight that must lie farther for the pixel to be far: a little more than half, as
   pixels that show both sides look better with the nearer one. */
#define KB3D_SNAP_HALF 0.55f

/* What a pixel of the map counts for itself, of all others together, if it is to be trusted: a map that is sharp
   already is left alone. */
#define KB3D_SNAP_OWN 0.5f

/* What a value counts for that has another colour: where there are none of the pixel's, the nearest decide.
   From the picture it is more, as the map's edges are in place by then, and a pixel that
   looks like what lies two values away is a detail of what is here. */
#define KB3D_SNAP_UNLIKE 1e-4f
#define KB3D_UPSAMPLE_UNLIKE 0.03f

/* The smaller of two slopes of one sign, else none (van Leer's minmod). */
KB3D_FN float kb3d_minmod(float a, float b) {
    return a * b <= 0 ? 0 : kb3d_abs_f(a) < kb3d_abs_f(b) ? a : b;
}

/* Slope along a line of `count` values at `at`: the least of those over three stretches of
   four pixels, before, about and behind it, as far as they lie within the line. A blurred edge is steep
   in one or two of them, a surface in all. */
KB3D_FN float kb3d_snap_slope(const float *line, int count, ptrdiff_t step, int at) {
    float slope = 0;
    int found = 0;
    for (int begin = at - 6; begin <= at + 2; begin += 4) {
        if (begin < 0 || begin + 4 >= count)
            continue;
        float s = (line[(begin + 4) * step] - line[begin * step]) * 0.25f;
        slope = found ? kb3d_minmod(slope, s) : s;
        found = 1;
    }
    return slope;
}

/* 1 for what may be a surface, falling to 0 from one to two jumps a pixel. */
KB3D_FN float kb3d_snap_is_surface(float slope_x, float slope_y, float jump) {
    float steep = kb3d_max_f(kb3d_abs_f(slope_x), kb3d_abs_f(slope_y)) / jump;
    return steep <= 1 ? 1 : steep >= 2 ? 0 : 2 - steep;
}

/* Trust in a value by the least and the largest of its 3x3 neighbours. What lies between them is on the slope of a
   blurred edge; the ends of such a slope, both sides of a step and the crest of a thin thing are not. */
KB3D_FN float kb3d_snap_trust(float disp, float low, float high, float jump) {
    float jumps = 2 * kb3d_min_f(high - disp, disp - low) / jump;
    return 1 / (1 + jumps * jumps) + 1e-3f;
}

/* Weight of a value `e` pixels of the map away, along one axis; none from `reach` on. */
KB3D_FN float kb3d_snap_nearness(float e, float reach) {
    float rest = 1 - e * e / (reach * reach);
    return rest > 0 ? rest * rest : 0;
}

enum {
    KB3D_MAP_BORDER = 16, /* around a plane: what a vector beside its end reads, and more than any window reaches */
    KB3D_MAP_PLANES = 8
};

KB3D_FN size_t kb3d_map_size(int width, int height) {
    return KB3D_MAP_PLANES * sizeof(float) * (size_t)(width + 2 * KB3D_MAP_BORDER) *
           (size_t)(height + 2 * KB3D_MAP_BORDER);
}

/* Lays the planes of a map whose size is set out in memory. */
KB3D_FN void kb3d_map_lay_out(kb3d_depth_map *map, void *memory) {
    map->stride = map->width + 2 * KB3D_MAP_BORDER;
    size_t plane = (size_t)map->stride * (size_t)(map->height + 2 * KB3D_MAP_BORDER);
    float *first = (float *)memory + KB3D_MAP_BORDER * map->stride + KB3D_MAP_BORDER;
    map->disp = first;
    map->slope_x = first + plane;
    map->slope_y = first + 2 * plane;
    map->spread = first + 3 * plane;
    map->trust = first + 4 * plane;
    for (int c = 0; c < 3; c++)
        map->guide[c] = first + (5 + c) * plane;
}

/* What a map is made of, both of its size. */
typedef struct kb3d_map_source {
    const float *disp, *guide;
    float jump;
} kb3d_map_source;

/* Fills a pixel of all planes, of the border too. */
KB3D_FN void kb3d_map_fill(const kb3d_depth_map *m, const kb3d_map_source *p, int x, int y) {
    int width = m->width, height = m->height, is_inside = x >= 0 && x < width && y >= 0 && y < height;
    float slope_x = 0, slope_y = 0, spread = 0, trust = 0; /* nothing outside is asked */
    size_t from = (size_t)kb3d_clamp_i(y, 0, height - 1) * width + kb3d_clamp_i(x, 0, width - 1);
    ptrdiff_t at = y * m->stride + x;
    if (is_inside) {
        float low = p->disp[from], high = low;
        for (int ny = kb3d_max_i(y - 1, 0); ny <= kb3d_min_i(y + 1, height - 1); ny++)
            for (int nx = kb3d_max_i(x - 1, 0); nx <= kb3d_min_i(x + 1, width - 1); nx++) {
                float d = p->disp[(size_t)ny * width + nx];
                low = kb3d_min_f(low, d);
                high = kb3d_max_f(high, d);
            }
        spread = high - low;
        trust = kb3d_snap_trust(p->disp[from], low, high, p->jump);
        slope_x = kb3d_snap_slope(p->disp + (size_t)y * width, width, 1, x);
        slope_y = kb3d_snap_slope(p->disp + x, height, width, y);
        float keep = kb3d_snap_is_surface(slope_x, slope_y, p->jump);
        slope_x *= keep;
        slope_y *= keep;
    }
    m->disp[at] = p->disp[from];
    m->slope_x[at] = slope_x;
    m->slope_y[at] = slope_y;
    m->spread[at] = spread;
    m->trust[at] = trust;
    for (int c = 0; c < 3; c++)
        m->guide[c][at] = p->guide[3 * from + c];
}

#endif
