/* From light to the pixels of a file. */
#ifndef KB3D_TESTS_REFINE_PHOTOGRAPH_H
#define KB3D_TESTS_REFINE_PHOTOGRAPH_H

#include <stdint.h>

/* Blurs a little, adds a sensor's noise and a JPEG's losses. Changes rgb (0..1, interleaved). */
void photograph(float *rgb, int width, int height, uint32_t *state, uint8_t *to);

#endif
