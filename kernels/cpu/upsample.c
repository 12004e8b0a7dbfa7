/* A small inverse depth map at a picture's size. */
#include "level.h"

#include "sample.h"

#include <math.h>

typedef struct upsampling {
    const kb3d_upsample_params *p;
    const kb3d_texture *texture;
    float *to;
    float color_scale; /* -1 / (2 sigma^2), for colours in the texture's units */
    float unit;        /* texture value of 1.0 */
} upsampling;

/* A pixel beside an edge: of the low resolution neighbours, weighted by distance
   and by likeness of colour, the better of the near and the far cluster. */
static float choose(const upsampling *u, float lx, float ly, const float color[3], float low, float high) {
    const kb3d_upsample_params *p = u->p;
    float split = 0.5f * (low + high), weight[2] = {0}, sum[2] = {0};
    int cx = kb3d_floor_i(lx + 0.5f), cy = kb3d_floor_i(ly + 0.5f);
    for (int dy = -2; dy <= 2; dy++)
        for (int dx = -2; dx <= 2; dx++) {
            int x = kb3d_clamp_i(cx + dx, 0, p->low_width - 1), y = kb3d_clamp_i(cy + dy, 0, p->low_height - 1);
            size_t at = (size_t)y * p->low_width + x;
            float ex = lx - (float)(cx + dx), ey = ly - (float)(cy + dy), difference = 0;
            for (int c = 0; c < 3; c++) {
                float e = color[c] - p->guide[3 * at + c];
                difference += e * e;
            }
            float w = expf((ex * ex + ey * ey) * -0.5f + difference * u->color_scale) + 1e-12f;
            int near = p->disp[at] > split;
            weight[near] += w;
            sum[near] += w * p->disp[at];
        }
    int near = weight[1] > weight[0];
    return weight[near] > 0 ? sum[near] / weight[near] : split;
}

/* Mean colour of a pixel and its neighbours, so that noise makes no speckles. */
static void around(const upsampling *u, int x, int y, float color[3]) {
    const kb3d_texture *t = u->texture;
    for (int c = 0; c < 3; c++) {
        float sum = 0;
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++)
                sum += load_texel(t->data, t->texel, 4 * ((y + dy) * t->stride + x + dx) + c);
        color[c] = sum / (9 * u->unit);
    }
}

static void upsample_row(void *arg, int y) {
    const upsampling *u = arg;
    const kb3d_upsample_params *p = u->p;
    const kb3d_texture *t = u->texture;
    float sx = (float)p->low_width / (float)t->width, sy = (float)p->low_height / (float)t->height;
    float ly = ((float)y + 0.5f) * sy - 0.5f;
    int y0 = kb3d_floor_i(ly);
    float fy = ly - (float)y0;
    const float *rows[4]; /* around the pixel, to see an edge before it is reached */
    for (int i = 0; i < 4; i++)
        rows[i] = p->disp + (size_t)kb3d_clamp_i(y0 - 1 + i, 0, p->low_height - 1) * p->low_width;
    int last = INT32_MIN;
    float low = 0, high = 0, corner[4] = {0};
    for (int x = 0; x < t->width; x++) {
        float lx = ((float)x + 0.5f) * sx - 0.5f;
        int x0 = kb3d_floor_i(lx);
        if (x0 != last) { /* the next column of the small map */
            last = x0;
            low = 3.0e38f;
            high = -3.0e38f;
            for (int i = 0; i < 4; i++) {
                int cx = kb3d_clamp_i(x0 - 1 + i, 0, p->low_width - 1);
                for (int r = 0; r < 4; r++) {
                    low = kb3d_min_f(low, rows[r][cx]);
                    high = kb3d_max_f(high, rows[r][cx]);
                }
            }
            int c0 = kb3d_clamp_i(x0, 0, p->low_width - 1), c1 = kb3d_clamp_i(x0 + 1, 0, p->low_width - 1);
            corner[0] = rows[1][c0];
            corner[1] = rows[1][c1];
            corner[2] = rows[2][c0];
            corner[3] = rows[2][c1];
        }
        float disp;
        if (high - low <= p->jump) {
            float fx = lx - (float)x0;
            float top = corner[0] + (corner[1] - corner[0]) * fx, bottom = corner[2] + (corner[3] - corner[2]) * fx;
            disp = top + (bottom - top) * fy;
        } else {
            float color[3];
            around(u, x, y, color);
            disp = choose(u, lx, ly, color, low, high);
        }
        u->to[(size_t)y * t->width + x] = disp;
    }
}

void kb3d_upsample(const kb3d_parallel *par, const kb3d_upsample_params *params, const kb3d_texture *texture,
                   float *to) {
    upsampling u = {.p = params,
                    .texture = texture,
                    .to = to,
                    .color_scale = -0.5f / (params->color_sigma * params->color_sigma),
                    .unit = texture->texel == KB3D_TEXEL_U8    ? 255.0f
                            : texture->texel == KB3D_TEXEL_U16 ? 65535.0f
                                                               : 1.0f};
    par->run(par->impl, texture->height, upsample_row, &u);
}
