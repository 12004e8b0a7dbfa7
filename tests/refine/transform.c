/*
 * Domain transform, the recursive filter: E. Gastal and M. Oliveira, "Domain Transform for Edge-Aware Image and
 * Video Processing", SIGGRAPH 2011, sections 4 and 5.3.
 */
#include "window.h"

#include <stdlib.h>

enum { ITERATIONS = 3 };
static const float space_sigma = 3, color_sigma = 0.1f; /* pixels of the small map; 0..1 */

/* Along one axis forth and back, with feedback a^distance. */
static void filter_line(float *v, const float *distance, int count, int step, float log_a) {
    for (int i = 1; i < count; i++)
        v[i * step] += expf(log_a * distance[i]) * (v[(i - 1) * step] - v[i * step]);
    for (int i = count - 2; i >= 0; i--)
        v[i * step] += expf(log_a * distance[i + 1]) * (v[(i + 1) * step] - v[i * step]);
}

void candidate_transform(const refine_input *in, float *to) {
    int width = in->texture.width, height = in->texture.height;
    float sigma = space_sigma * (float)width / (float)in->low_width, ratio = sigma / color_sigma;
    float *distance = malloc(sizeof *distance * (size_t)(width > height ? width : height));
    candidate_bilinear(in, to);
    for (int i = 0; i < ITERATIONS; i++) {
        float share = sigma * sqrtf(3) * powf(2, (float)(ITERATIONS - i - 1)) / sqrtf(powf(4, ITERATIONS) - 1);
        for (int axis = 0; axis < 2; axis++) {
            int count = axis ? height : width, lines = axis ? width : height;
            for (int l = 0; l < lines; l++) {
                for (int k = 1; k < count; k++) {
                    float a[3], b[3];
                    pixel_color(in, axis ? l : k - 1, axis ? k - 1 : l, a);
                    pixel_color(in, axis ? l : k, axis ? k : l, b);
                    distance[k] = 1 + ratio * (fabsf(a[0] - b[0]) + fabsf(a[1] - b[1]) + fabsf(a[2] - b[2]));
                }
                filter_line(to + (axis ? l : l * width), distance, count, axis ? width : 1, -sqrtf(2) / share);
            }
        }
    }
    free(distance);
}
