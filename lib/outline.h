/* Where the picture and the depth bear a mask's outline out. Inside of adjusting. */
#ifndef KB3D_LIB_OUTLINE_H
#define KB3D_LIB_OUTLINE_H

#include "things.h"

/* Fills `hold` (of the map's size): distances, as kb3d_nearest_spread's, from pixels of things
   and their rims to those pixels of outlines where no step of depth may be made, because
   neither colour nor depth changes there, or because the thing stands on what it meets. Says
   of each thing how much of its outline is of the first kind. */
kb3d_status kb3d_outline_judge(kb3d_ctx *ctx, const kb3d_things *things, uint16_t *hold, kb3d_call *call);

#endif
