/* How near a refined map comes to the truth. */
#ifndef KB3D_TESTS_REFINE_SCORE_H
#define KB3D_TESTS_REFINE_SCORE_H

#include "truth.h"

/* A tear, as lib/scene.c has it for maps of range 0.95. */
#define SCORE_JUMP (0.015f * 0.95f)

typedef struct score {
    double missed;  /* pixels from a true edge to where the map passes the middle of its two sides */
    double stray;   /* pixels from where the map is torn to the nearest true edge */
    double between; /* share of pixels within four of a true edge that lie on neither of its sides */
    double near;    /* mean error up to twelve pixels from an edge */
    double far;     /* mean error beyond */
    double flat;    /* root mean square of the error's gradient beyond */
} score;

/* Pixels are those of the truth, but all distances that bound something are in 1/1024 of its longer side. */
score score_map(const truth *t, const float *wanted, const float *map);

#endif
