/* What GIMP has of a picture, and the scene that comes of it. */
#ifndef KEN_SCENE_H
#define KEN_SCENE_H

#include "job.h"
#include "pixels.h"

#include <kb3d/scene.h>

typedef struct ken_inputs {
    ken_format format;
    kb3d_image picture;
    kb3d_image depth; /* data[0] NULL: none, likewise below */
    kb3d_image selection;
    kb3d_depth_kind depth_kind;
    kb3d_class selection_kind;
} ken_inputs;

/* From GIMP, so on the main thread. False: out of memory. */
bool ken_inputs_read(ken_inputs *inputs, const ken_params *params, gint32 picture);

/* The picture in sRGB, with the depth of a scene of it. Likewise. */
bool ken_inputs_read_in_srgb(ken_inputs *inputs, gint32 picture, const kb3d_scene *scene, ken_format format);

void ken_inputs_free(ken_inputs *inputs);

typedef struct ken_scene {
    kb3d_ctx *ctx;
    ken_inputs inputs;
    kb3d_scene *scene; /* NULL: not built yet */
} ken_scene;

/* Work of a ken_job; the data is a ken_scene, whose inputs are freed. */
bool ken_scene_build(ken_job *job, void *scene);

#endif
