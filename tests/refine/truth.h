/* Pictures whose depth is known everywhere, and what a depth network would have made of them. */
#ifndef KB3D_TESTS_REFINE_TRUTH_H
#define KB3D_TESTS_REFINE_TRUTH_H

#include <stdint.h>

typedef struct truth {
    int width, height;
    uint8_t *rgb;
    float *disp; /* inverse depth, 0.05..1; NaN: unknown */
} truth;

/* What is shown. */
typedef enum truth_kind {
    TRUTH_CUTOUTS,  /* textured things before textured ground */
    TRUTH_POLES,    /* thin upright and leaning ones */
    TRUTH_FOLIAGE,  /* many small discs of much the same colour */
    TRUTH_FAINT,    /* things of nearly the ground's colour */
    TRUTH_PLANES,   /* steep planes with strong patterns and folds; hardly any depth edge */
    TRUTH_KINDS
} truth_kind;

extern const char *const truth_names[TRUTH_KINDS];

/* The same for the same seed everywhere, but for the rounding of libm. */
truth truth_draw(truth_kind kind, int width, int height, uint32_t seed);

/* A PPM and a little-endian PFM of inverse depth, of the same size; what is negative or not finite is unknown.
   The range is brought to 0.05..1. Ends the program when they cannot be read. */
truth truth_read(const char *picture, const char *depth);

void truth_free(truth *t);

/* A network's map of a truth. */
typedef struct estimate {
    int width, height;
    float *disp;      /* low resolution */
    float *wanted;    /* the truth's size: the truth with the map's smooth error, which no filter can know */
} estimate;

/* How bad it is, in pixels of the small map. */
typedef struct damage {
    int long_side;
    float blur;     /* sigma */
    float shift;    /* edges are displaced by up to this */
    float thin;     /* near things thinner than this are missing, here and there */
    float error;    /* smooth error of the values */
} damage;

estimate estimate_make(const truth *t, const damage *d, uint32_t seed);
void estimate_free(estimate *e);

#endif
