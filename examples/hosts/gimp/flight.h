/* The frames of a flight, one after the other. */
#ifndef KEN_FLIGHT_H
#define KEN_FLIGHT_H

#include "scene.h"

typedef struct ken_flight {
    const ken_params *params;
    const kb3d_scene *scene; /* for a video of a picture in sRGB */
    ken_format format;       /* of the scene's picture */
    int width, height;       /* of the frames */
    int frame_count;
    GPtrArray *frames; /* GeglBuffers, those of ken_flight_to_buffers; NULL: none */
} ken_flight;

void ken_flight_init(ken_flight *flight, const ken_params *params, const kb3d_scene *scene, ken_format format);
void ken_flight_free(ken_flight *flight);

/* Works of a ken_job; the data is a ken_flight. Frames into memory that GEGL swaps to disk, or into the video. */
bool ken_flight_to_buffers(ken_job *job, void *flight);
bool ken_flight_to_video(ken_job *job, void *flight);

#endif
