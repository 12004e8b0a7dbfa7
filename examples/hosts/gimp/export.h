/* The frames of a flight, one after the other. */
#ifndef KEN_EXPORT_H
#define KEN_EXPORT_H

#include "scene.h"

typedef struct ken_export {
    const ken_params *params;
    const kb3d_scene *scene; /* for a video of a picture in sRGB */
    ken_format format;       /* of the scene's picture */
    int width, height;       /* of the frames */
    int frame_count;
    GPtrArray *frames; /* GeglBuffers, those of ken_export_to_buffers; NULL: none */
} ken_export;

void ken_export_init(ken_export *export, const ken_params *params, const kb3d_scene *scene, ken_format format);
void ken_export_free(ken_export *export);

/* Works of a ken_job; the data is a ken_export. Frames into memory that GEGL swaps to disk, or into the video. */
bool ken_export_to_buffers(ken_job *job, void *export);
bool ken_export_to_video(ken_job *job, void *export);

#endif
