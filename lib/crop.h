/* Inside of painting: crops of a view, which networks are asked about. */
#ifndef KB3D_LIB_CROP_H
#define KB3D_LIB_CROP_H

#include "paint.h"

/* Pixels around holes that their crop shows, for the network to continue. */
enum { KB3D_CROP_MARGIN = 32 };

/* A crop. Where it is larger than the view, the view's border is repeated. */
typedef struct kb3d_crop {
    kb3d_box box;        /* of the view's pixels, the size being the network's */
    int width, height;   /* the box's */
    float *given;        /* planes: red, green, blue as sRGB 0..1, inverse depth in the view's units */
    float *answer;       /* likewise; not finite where there is none */
    uint8_t *known;      /* 1, else 0 */
    uint16_t *distance;  /* from the nearest known pixel, as kb3d_nearest_spread's */
} kb3d_crop;

/* Boxes that hold a view's holes without KB3D_CROP_MARGIN, none larger than most_width x most_height with it; single
   pixels are left out, and what no frame shows. The memory is kb3d_mem_free's. */
kb3d_status kb3d_crop_cover(const kb3d_painting *p, int most_width, int most_height, kb3d_box **boxes, int *count);

/* Makes the crop about a box of kb3d_crop_cover, without answers; to be freed also on failure. */
kb3d_status kb3d_crop_make(const kb3d_painting *p, const kb3d_box *box, kb3d_crop *crop);
void kb3d_crop_free(const kb3d_painting *p, kb3d_crop *crop);

/* A box of a picture and its inverse depth, as kb3d_crop::given has it; outside the picture its border is repeated.
   `behind`: what is seen through the texture, or NULL. */
void kb3d_crop_load(const kb3d_texture *texture, const kb3d_texture *behind, const float *disp, int linear, kb3d_box box,
                    float *planes);

/* One sample of such pixels, 0..1. */
float kb3d_crop_sample(const void *data, kb3d_texel texel, size_t index);

/* Asks the networks about a crop. */
kb3d_status kb3d_crop_ask(const kb3d_painting *p, kb3d_crop *crop);

/* The picture's context channels as the crop's view shows them, an input for the network: 1xCxHxW. */
kb3d_status kb3d_crop_context(const kb3d_painting *p, const kb3d_crop *crop, kb3d_tensor *context);

/* Brings the answers' colours to those of the holes' rims. */
kb3d_status kb3d_crop_match(const kb3d_painting *p, kb3d_crop *crop);

#endif
