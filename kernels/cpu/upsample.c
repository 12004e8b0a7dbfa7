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

/* Weight of a neighbour `e` small pixels away; none from where the window moves on. */
static float nearness(float e) {
    float rest = 1 - e * e * (1.0f / (2.5f * 2.5f));
    return rest > 0 ? rest * rest : 0;
}

/* A pixel beside an edge: the low resolution neighbours, weighted by distance and by
   likeness of colour, are summed apart in those nearer and those farther than their
   mean. Where the colours are on one side the result is that side's mean, so that the
   edge is a step; where they are on neither, it is between, so that a slope stays one. */
static float choose(const upsampling *u, float lx, float ly, const float color[3]) {
    const kb3d_upsample_params *p = u->p;
    int cx = kb3d_floor_i(lx + 0.5f), cy = kb3d_floor_i(ly + 0.5f), count = 0;
    float disp[25], space[25], like[25], mean = 0, norm = 0, low = 3.0e38f, high = -3.0e38f;
    for (int dy = -2; dy <= 2; dy++)
        for (int dx = -2; dx <= 2; dx++, count++) {
            int x = kb3d_clamp_i(cx + dx, 0, p->low_width - 1), y = kb3d_clamp_i(cy + dy, 0, p->low_height - 1);
            size_t at = (size_t)y * p->low_width + x;
            float difference = 0;
            for (int c = 0; c < 3; c++) {
                float e = color[c] - p->guide[3 * at + c];
                difference += e * e;
            }
            disp[count] = p->disp[at];
            space[count] = nearness(lx - (float)(cx + dx)) * nearness(ly - (float)(cy + dy));
            like[count] = expf(difference * u->color_scale) + 1e-6f;
            low = kb3d_min_f(low, disp[count]);
            high = kb3d_max_f(high, disp[count]);
            mean += space[count] * disp[count];
            norm += space[count];
        }
    mean /= norm;
    float weight[2] = {0}, sum[2] = {0}, steep = high > low ? 3 / (high - low) : 0;
    for (int i = 0; i < count; i++) {
        float near = 0.5f + (disp[i] - mean) * steep;
        near = near < 0 ? 0 : near > 1 ? 1 : near;
        float w = space[i] * like[i];
        weight[0] += w * (1 - near);
        weight[1] += w * near;
        sum[0] += w * (1 - near) * disp[i];
        sum[1] += w * near * disp[i];
    }
    if (!(weight[0] > 0 && weight[1] > 0))
        return (sum[0] + sum[1]) / (weight[0] + weight[1]);
    float share = weight[1] / (weight[0] + weight[1]);
    share = share < 0.2f ? 0 : share > 0.8f ? 1 : (share - 0.2f) * (1 / 0.6f);
    share = share * share * (3 - 2 * share);
    float far = sum[0] / weight[0];
    return far + (sum[1] / weight[1] - far) * share;
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
            disp = choose(u, lx, ly, color);
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
