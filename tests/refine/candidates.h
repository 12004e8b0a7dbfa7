/* Ways to bring a small inverse depth map to a picture's size: what is measured against each other. */
#ifndef KB3D_TESTS_REFINE_CANDIDATES_H
#define KB3D_TESTS_REFINE_CANDIDATES_H

#include <kernels.h>

typedef struct refine_input {
    const kb3d_kernels *kernels;
    kb3d_parallel par;  /* one thread */
    kb3d_texture texture; /* 8 bit */
    const uint8_t *rgb;   /* the picture that it was made of */
    int low_width, low_height;
    const float *disp;
    const float *guide; /* the picture's area average, of disp's size */
    float jump;
} refine_input;

typedef void (*candidate_fn)(const refine_input *in, float *to);

/* The library's kernels, as lib/refine.c runs them. */
void candidate_kernel(const refine_input *in, float *to);
/* The same with one pass at the map's size in two's place, and with none. */
void candidate_kernel_once(const refine_input *in, float *to);
void candidate_kernel_alone(const refine_input *in, float *to);
/* Without regard to the picture. */
void candidate_bilinear(const refine_input *in, float *to);
void candidate_bilateral(const refine_input *in, float *to);
void candidate_clusters(const refine_input *in, float *to);
void candidate_guided(const refine_input *in, float *to);
void candidate_transform(const refine_input *in, float *to);
void candidate_median(const refine_input *in, float *to);

/* The library with a refinement network, between open and close. Ends the program when it cannot be run. */
void candidate_network_open(const char *path);
void candidate_network(const refine_input *in, float *to);
void candidate_network_close(void);

#endif
