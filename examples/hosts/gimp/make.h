/* From a picture in GIMP to layers or a video. */
#ifndef KEN_MAKE_H
#define KEN_MAKE_H

#include "scene.h"

/* Makes the scene if it has not been made yet. On the main thread. False: job->error says why. */
bool ken_make_scene(ken_scene *scene, const ken_params *params, gint32 picture, ken_job *job);

/* Makes the result; *image is -1 for a video. Likewise. */
bool ken_make(ken_scene *scene, const ken_params *params, gint32 picture, ken_job *job, gint32 *image);

#endif
