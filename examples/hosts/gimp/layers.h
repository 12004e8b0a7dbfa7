/* Frames as the layers of a new image, as GIMP keeps animations. */
#ifndef KEN_LAYERS_H
#define KEN_LAYERS_H

#include "flight.h"

/* Takes the frames out of the flight. Of the source it has precision, colour profile and resolution. On the main
 * thread; answers the image, not shown yet. */
gint32 ken_layers_make(ken_flight *flight, gint32 picture);

#endif
