/* Frames as the layers of a new image, as GIMP keeps animations. */
#ifndef KEN_LAYERS_H
#define KEN_LAYERS_H

#include "export.h"

/* Takes the frames out of the export. Of the source it has precision, colour profile and resolution. On the main
 * thread; answers the image, not shown yet. */
gint32 ken_layers_make(ken_export *export, gint32 picture);

#endif
