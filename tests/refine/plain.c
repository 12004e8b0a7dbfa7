/*
 * The library's kernels; bilinear interpolation; joint bilateral upsampling: J. Kopf et al., "Joint Bilateral
 * Upsampling", SIGGRAPH 2007.
 */
#include "window.h"

#include <stdlib.h>

/* As lib/refine.c does it, with so many passes at the map's own size. */
static void run_kernels(const refine_input *in, int passes, float *to) {
    size_t count = (size_t)in->low_width * (size_t)in->low_height;
    float *disp = malloc(count * sizeof *disp);
    void *memory = malloc(in->kernels->map_bytes(in->low_width, in->low_height));
    kb3d_depth_map map = {.width = in->low_width, .height = in->low_height};
    kb3d_snap_params params = {.jump = in->jump, .color_sigma = 0.04f};
    in->kernels->map_prepare(&in->par, in->disp, in->guide, in->jump, memory, &map);
    for (int i = 0; i < passes; i++) {
        in->kernels->map_snap(&in->par, &map, &params, disp);
        in->kernels->map_prepare(&in->par, disp, in->guide, in->jump, memory, &map);
    }
    in->kernels->upsample(&in->par, &map, &params, &in->texture, to);
    free(memory);
    free(disp);
}

void candidate_kernel_alone(const refine_input *in, float *to) {
    run_kernels(in, 0, to);
}

void candidate_kernel_once(const refine_input *in, float *to) {
    run_kernels(in, 1, to);
}

void candidate_kernel(const refine_input *in, float *to) {
    run_kernels(in, 2, to);
}

void candidate_bilinear(const refine_input *in, float *to) {
    for (int y = 0; y < in->texture.height; y++)
        for (int x = 0; x < in->texture.width; x++)
            *to++ = interpolate(in->disp, in->low_width, in->low_height,
                                low_position(x, in->low_width, in->texture.width),
                                low_position(y, in->low_height, in->texture.height));
}

enum { RADIUS = 5 };

void candidate_bilateral(const refine_input *in, float *to) {
    const float space = -0.5f / (2.5f * 2.5f), likeness = -0.5f / (0.03f * 0.03f);
    for (int y = 0; y < in->texture.height; y++)
        for (int x = 0; x < in->texture.width; x++) {
            float lx = low_position(x, in->low_width, in->texture.width);
            float ly = low_position(y, in->low_height, in->texture.height), color[3], sum = 0, norm = 0;
            int cx = (int)floorf(lx + 0.5f), cy = (int)floorf(ly + 0.5f);
            pixel_color(in, x, y, color);
            for (int sy = cy - RADIUS; sy <= cy + RADIUS; sy++)
                for (int sx = cx - RADIUS; sx <= cx + RADIUS; sx++) {
                    int at = clamp_int(sy, 0, in->low_height - 1) * in->low_width +
                             clamp_int(sx, 0, in->low_width - 1);
                    float dx = (float)sx - lx, dy = (float)sy - ly;
                    float w = expf((dx * dx + dy * dy) * space) *
                              (expf(color_distance2(color, in->guide + 3 * at) * likeness) + 1e-6f);
                    sum += w * in->disp[at];
                    norm += w;
                }
            *to++ = sum / norm;
        }
}
