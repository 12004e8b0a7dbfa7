/* Where one thing stands. Inside of adjusting. */
#ifndef KB3D_LIB_ADJUST_FIT_H
#define KB3D_LIB_ADJUST_FIT_H

#include "things.h"

/* Fits a plane of inverse depth, level + across * (x - cx) + down * (y - cy) with (cx, cy)
   the middle of its box, to the number-th thing. */
void kb3d_thing_fit(const kb3d_things *things, int number);

#endif
