/* Scenes of people, animals and cars with true inverse depth and true masks; and what
   networks make of them. */
#ifndef KB3D_TESTS_ADJUST_SCENES_H
#define KB3D_TESTS_ADJUST_SCENES_H

#include <kb3d/scene.h>

#include <stdint.h>

enum { THING_MAX = 12 };

typedef struct scene_thing {
    kb3d_class kind;
    int area; /* pixels that are seen */
} scene_thing;

typedef struct scene {
    int width, height;
    float *picture;    /* RGB */
    float *disp;       /* true inverse depth; percentiles 0.5 and 99.5 are 0.05 and 1 */
    float *empty;      /* likewise without the things */
    uint8_t *id;       /* 0: none, else thing + 1; 255: the sky */
    int thing_count;
    scene_thing things[THING_MAX];
} scene;

scene *scene_make(int width, int height, uint32_t seed);
void scene_free(scene *s);

/* What a depth network would answer: silhouettes blurred, all of it bent; and a poor one:
   heads and more melted into what lies behind, thin parts missed. `to`: width * height. */
void scene_estimate(const scene *s, int is_poor, uint32_t seed, float *to);

typedef enum mask_fault {
    MASK_GOOD,
    MASK_ERODED,
    MASK_DILATED,
    MASK_HOLES,
    MASK_SHIFTED,
    MASK_HALF,    /* of every thing */
    MASK_SPILLED, /* over what lies beside */
    MASK_UNSURE,  /* little confidence, a ragged outline */
    MASK_WRONG,   /* somewhere else altogether */
    MASK_FAULT_COUNT
} mask_fault;

extern const char *const mask_fault_names[MASK_FAULT_COUNT];

/* A thing's mask as a segmentation network would answer it. `to`: width * height, 0..1. */
void scene_mask(const scene *s, int thing, mask_fault fault, uint32_t seed, float *to);

#endif
