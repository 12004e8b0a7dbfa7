/* Which source pixels an output pixel covers along one axis, and how much of it each is. */
#ifndef KB3D_MATH_AREA_H
#define KB3D_MATH_AREA_H

#include "base.h"

/* Source pixels first .. last (inclusive) lie under output pixel `at` of `to`, of `from` in all. */
typedef struct kb3d_area_span {
    int first, last;
} kb3d_area_span;

KB3D_FN kb3d_area_span kb3d_area_span_at(int at, int to, int from) {
    int64_t begin = (int64_t)at * from, end = begin + from;
    kb3d_area_span span = {(int)(begin / to), (int)((end - 1) / to)};
    return span;
}

/* The share of output pixel `at` that source pixel x covers. In units of 1 / (from * to) of the
   axis, where both grids have whole numbers: only the division rounds. */
KB3D_FN float kb3d_area_weight(int x, int at, int to, int from) {
    int64_t begin = (int64_t)at * from, end = begin + from;
    int64_t left = (int64_t)x * to, right = left + to;
    int64_t covered = (right < end ? right : end) - (left > begin ? left : begin);
    return (float)((double)covered / from);
}

#endif
