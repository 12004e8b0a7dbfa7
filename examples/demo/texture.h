/* What a surface is made of at a point: colour, bumps, and how it takes light. */
#ifndef DEMO_TEXTURE_H
#define DEMO_TEXTURE_H

#include "mesh.h"

typedef struct look {
    vec albedo, normal, glow;
    float through;      /* share of light that comes through a leaf */
    float shine, rough; /* share that mirrors straight on, and how blurred */
} look;

/* `far` is the distance to the eye: detail finer than a pixel there is left out. */
look texture_look(const hit *h, vec at, vec normal, float far);
/* Colour alone, for light's second bounce and for mirrored things. */
vec texture_color(const hit *h, vec at);

#endif
