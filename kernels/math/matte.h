/*
 * Mixed pixels. Beside a tear a picture's pixel shows both surfaces,
 *     C = a F + (1 - a) B
 * (Porter and Duff, Compositing Digital Images, 1984), and the depth map's tear lies some
 * pixels off. F and B are estimated from pixels of the near and of the far surface, the
 * more the farther they lie from the tear; a is C's place on the line from B to F (Ruzon
 * and Tomasi, Alpha Estimation in Natural Images, CVPR 2000), where the two can be told
 * apart. Where they cannot, a pixel stays with the surface that its depth gives it.
 */
#ifndef KB3D_MATH_MATTE_H
#define KB3D_MATH_MATTE_H

#include "base.h"

#include <math.h>

enum {
    KB3D_MATTE_BEYOND = 3,    /* pixels beyond the band that tell of the surfaces' colours */
    KB3D_MATTE_SAME = 3,      /* jumps of inverse depth beyond the tear's span that they may have */
    KB3D_MATTE_SLOPE = 4,     /* of two steps one that is as many times smaller is a surface's slope */
    KB3D_MATTE_LEAST = 8      /* of 255: less of a surface is none */
};

/* Of one surface around a pixel, colours 0..1. */
typedef struct kb3d_matte_side {
    float color[3]; /* mean */
    float spread;   /* variance of a channel */
} kb3d_matte_side;

/* Differences of colour below this are noise. */
#define KB3D_MATTE_NOISE 0.015f

/* Standard deviations within which a colour may be a surface's. */
#define KB3D_MATTE_LIKE 2.5f

/* How much a pixel tells of its surface's colour: `distance` pixels from the tear's own. */
KB3D_FN float kb3d_matte_purity(float distance, int reach) {
    float share = kb3d_min_f((distance + 0.5f) / (float)reach, 1.0f);
    return share * share * share;
}

/* How far colour may overrule depth: less from half of the band on, and sooner on the nearer side, where what looks like
   the wall is mostly the thing's own. */
KB3D_FN float kb3d_matte_trust(float distance, int reach, int is_near) {
    float share = distance * (is_near && reach > 2 ? 1.5f : 1.0f) / (float)reach;
    return kb3d_min_f(kb3d_max_f(2 * (1 - share), 0.0f), 1.0f);
}

/* Variance of a channel from the mean square of a colour's length and the mean colour. */
KB3D_FN float kb3d_matte_spread(float square, const float mean[3]) {
    return kb3d_max_f((square - mean[0] * mean[0] - mean[1] * mean[1] - mean[2] * mean[2]) * (1.0f / 3), 0.0f);
}

/* Standard deviation of a channel, noise included. */
KB3D_FN float kb3d_matte_deviation(const kb3d_matte_side *side) {
    return sqrtf(side->spread + KB3D_MATTE_NOISE * KB3D_MATTE_NOISE);
}

/* The least of F that a pixel must hold where its colour is none of the far surface's: what is left of it lies
   within 0 .. `most`. */
KB3D_FN float kb3d_matte_foreign(const kb3d_matte_side *far, const float color[3], float most) {
    float alpha = 0, off = KB3D_MATTE_LIKE * kb3d_matte_deviation(far);
    for (int c = 0; c < 3; c++) {
        float low = far->color[c] - off, high = far->color[c] + off;
        if (color[c] < low)
            alpha = kb3d_max_f(alpha, 1 - color[c] / low);
        else if (color[c] > high && high < most)
            alpha = kb3d_max_f(alpha, (color[c] - high) / (most - high));
    }
    return kb3d_min_f(alpha, 1.0f);
}

/* Colours within one standard deviation of a surface's are that surface's. */
KB3D_FN float kb3d_matte_alpha(const kb3d_matte_side *near, const kb3d_matte_side *far, const float color[3],
                               int is_near, float trust, float most) {
    float square = 0, along = 0;
    for (int c = 0; c < 3; c++) {
        float line = near->color[c] - far->color[c];
        square += line * line;
        along += line * (color[c] - far->color[c]);
    }
    float noise = KB3D_MATTE_NOISE * KB3D_MATTE_NOISE, length = kb3d_max_f(square, noise);
    float low = sqrtf((far->spread + noise) / length), high = 1 - sqrtf((near->spread + noise) / length);
    float room = high - low, prior = (float)is_near;
    float alpha = (along / length - low) / kb3d_max_f(room, 0.1f);
    alpha = kb3d_min_f(kb3d_max_f(alpha, kb3d_matte_foreign(far, color, most)), 1.0f);
    trust *= kb3d_min_f(kb3d_max_f((room - 0.2f) / 0.4f, 0.0f), 1.0f);
    return prior + (alpha - prior) * trust;
}

/* Channel c of B, such that a F is within 0 .. a `most` and a F + (1 - a) B is the pixel. What the means leave over goes
   to both, to B the less the less it is seen, and no more than is common there. */
KB3D_FN float kb3d_matte_far_color(const kb3d_matte_side *near, const kb3d_matte_side *far, int c, float color,
                                   float alpha, float most) {
    float rest = 1 - alpha, left = rest * (color - (alpha * near->color[c] + rest * far->color[c]));
    float deviation = kb3d_matte_deviation(far);
    if (!(rest > 0))
        return far->color[c];
    float b = far->color[c] + kb3d_min_f(kb3d_max_f(left, -deviation), deviation);
    float share = kb3d_min_f(kb3d_max_f(color - rest * b, 0.0f), alpha * most);
    return kb3d_max_f((color - share) / rest, 0.0f);
}

#endif
