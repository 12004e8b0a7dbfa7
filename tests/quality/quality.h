/*
 * What a new view is worth: two pictures of one scene, the first one's true depth, and for every pixel of the
 * second one whether the first shows it.
 */
#ifndef KB3D_TESTS_QUALITY_H
#define KB3D_TESTS_QUALITY_H

#include "../stage.h"

/* A pixel of the second picture. */
enum { VISIBLE, HIDDEN, OUTSIDE }; /* behind something in the first one; beyond its border, or too near it to count */

typedef struct pair {
    const char *name;
    int width, height;
    uint8_t *from, *to;     /* RGB */
    float *disp;            /* of the first one */
    uint8_t *kind;          /* of the second one's pixels */
    double focal, step[3];  /* from the first camera to the second one: x right, y down, z forward */
} pair;

/* A view, and what of it was filled. */
typedef struct view {
    uint8_t *rgb, *painted;
    float *disp;
} view;

typedef struct score {
    double visible, hidden, all; /* PSNR in dB */
    double ssim;                 /* of all */
    double energy;               /* gradients of what is hidden, as a share of the truth's */
} score;

/* Things before walls. The same for the same number everywhere, but for the rounding of libm. */
enum { DRAWN_PAIRS = 6 };
pair pair_draw(int number);
/* Two files of kb3d-demo, each with its exact depth. */
pair pair_read_demo(kb3d_ctx *ctx, const char *files[4]);
/* A rectified pair, and the first picture's disparity in pixels; what is unknown is not finite. */
pair pair_read_stereo(kb3d_ctx *ctx, const char *files[3]);
void pair_free(pair *p);

score score_view(const pair *p, const uint8_t *rgb);

/* The reference's fill (Niklaus et al., 2019): of sixteen directions the one with the shortest way through the
   hole, and of its two ends the farther. */
void fill_sixteen(const pair *p, view *v);
/* Any program: COMMAND WAY VIEW.ppm HOLES.pgm FILLED.ppm. Answers whether it did. */
int fill_by_program(const pair *p, view *v, const char *command, const char *way);

#endif
