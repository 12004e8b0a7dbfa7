/* A Gaussian's weights, by distance in pixels. */
#ifndef KB3D_MATH_GAUSS_H
#define KB3D_MATH_GAUSS_H

#include "base.h"

#include <math.h>

/* Fills weight[0..radius] and answers the radius, 2 sigma, from 1 to `most`. */
KB3D_FN int kb3d_gauss(float sigma, int most, float *weight) {
    int radius = kb3d_clamp_i((int)(2 * sigma + 0.5f), 1, most);
    for (int i = 0; i <= radius; i++)
        weight[i] = expf(-0.5f * (float)(i * i) / (sigma * sigma));
    return radius;
}

/* Of a pixel so far away in both directions. */
KB3D_FN float kb3d_gauss_at(const float *weight, int dx, int dy) {
    return weight[dy < 0 ? -dy : dy] * weight[dx < 0 ? -dx : dx];
}

#endif
