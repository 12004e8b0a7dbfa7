/* math/votes.h for one pixel. */
#ifndef KB3D_CUDA_SCALAR_H
#define KB3D_CUDA_SCALAR_H

typedef float vf;
typedef int vi;

#define KB3D_VF(value) ((float)(value))
#define KB3D_LOAD(to, from) ((to) = *(from))
#define KB3D_LESS(to, a, b) ((to) = (a) < (b))
#define KB3D_SELECT_F(mask, a, b) ((mask) ? (a) : (b))
#define KB3D_MASKED(v, mask) ((mask) ? (v) : 0.0f)

#endif
