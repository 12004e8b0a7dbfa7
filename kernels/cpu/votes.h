/* The weighted median of what eight pixels are told, each by the same number of values. */
#ifndef KB3D_CPU_VOTES_H
#define KB3D_CPU_VOTES_H

#include "vector.h"

#include <math/snap.h>

enum { VOTES_MAX = 176 };

typedef struct votes {
    int count;
    vf value[VOTES_MAX], weight[VOTES_MAX];
    vf low, high, total;
} votes;

static inline void votes_begin(votes *v) {
    v->count = 0;
    v->low = (vf){0} + 3.0e38f;
    v->high = (vf){0} - 3.0e38f;
    v->total = (vf){0};
}

/* Weight of a colour that differs by d2, squared, from the pixel's: 1 / (1 + d2 / 2 sigma^2)^2, with the constant
   handed in, and at least `least`. A bell would make noise of 3 sigma a stranger. */
static inline void votes_likeness(const vf *d2, float half_inverse_variance, float least, vf *to) {
    vf t = 1 / (1 + *d2 * half_inverse_variance);
    *to = t * t + least;
}

static inline void votes_add(votes *v, const vf *value, const vf *weight) {
    vi is_less, is_more;
    v->value[v->count] = *value;
    v->weight[v->count++] = *weight;
    KB3D_LESS(is_less, *value, v->low);
    KB3D_LESS(is_more, v->high, *value);
    v->low = KB3D_SELECT_F(is_less, *value, v->low);
    v->high = KB3D_SELECT_F(is_more, *value, v->high);
    v->total += *weight;
}

/* The mean of the values that lie within `grain` of the median. */
static inline void votes_median(const votes *v, float grain, vf *to) {
    vf low = v->low, high = v->high, half = v->total * KB3D_SNAP_HALF;
    vi mask;
    for (int i = 0; i < KB3D_SNAP_HALVINGS; i++) {
        vf middle = 0.5f * (low + high), below = {0};
        for (int k = 0; k < v->count; k++) {
            KB3D_LESS(mask, v->value[k], middle);
            below += (vf)((vi)v->weight[k] & mask);
        }
        KB3D_LESS(mask, below, half);
        low = KB3D_SELECT_F(mask, middle, low);
        high = KB3D_SELECT_F(mask, high, middle);
    }
    vf from = low - grain, until = high + grain, sum = {0}, norm = {0};
    for (int k = 0; k < v->count; k++) {
        vi is_more;
        KB3D_LESS(mask, from, v->value[k]);
        KB3D_LESS(is_more, v->value[k], until);
        vf w = (vf)((vi)v->weight[k] & mask & is_more);
        sum += w * v->value[k];
        norm += w;
    }
    vf none = {0}, middle = 0.5f * (low + high);
    KB3D_LESS(mask, none, norm);
    *to = KB3D_SELECT_F(mask, sum / norm, middle);
}

#endif
