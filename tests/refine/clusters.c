/*
 * Joint bilateral upsampling with the better of two clusters in the mean's place where the map has an edge: what
 * the library did before.
 */
#include "window.h"

static float nearness(float e) {
    float rest = 1 - e * e / (2.5f * 2.5f);
    return rest > 0 ? rest * rest : 0;
}

static float spread_around(const refine_input *in, float lx, float ly) {
    int x0 = (int)floorf(lx), y0 = (int)floorf(ly);
    float low = 3e38f, high = -3e38f;
    for (int y = y0 - 1; y <= y0 + 2; y++)
        for (int x = x0 - 1; x <= x0 + 2; x++) {
            int cx = clamp_int(x, 0, in->low_width - 1), cy = clamp_int(y, 0, in->low_height - 1);
            float d = in->disp[cy * in->low_width + cx];
            low = d < low ? d : low;
            high = d > high ? d : high;
        }
    return high - low;
}

static void mean_color(const refine_input *in, int x, int y, float mean[3]) {
    mean[0] = mean[1] = mean[2] = 0;
    for (int i = 0; i < 9; i++) {
        float color[3];
        pixel_color(in, x + i % 3 - 1, y + i / 3 - 1, color);
        for (int c = 0; c < 3; c++)
            mean[c] += color[c] / 9;
    }
}

static float choose(const refine_input *in, float lx, float ly, const float color[3]) {
    int cx = (int)floorf(lx + 0.5f), cy = (int)floorf(ly + 0.5f), count = 0;
    float disp[25], space[25], like[25], mean = 0, norm = 0, low = 3e38f, high = -3e38f;
    for (int dy = -2; dy <= 2; dy++)
        for (int dx = -2; dx <= 2; dx++, count++) {
            int x = clamp_int(cx + dx, 0, in->low_width - 1), y = clamp_int(cy + dy, 0, in->low_height - 1);
            int at = y * in->low_width + x;
            disp[count] = in->disp[at];
            space[count] = nearness(lx - (float)(cx + dx)) * nearness(ly - (float)(cy + dy));
            like[count] = expf(color_distance2(color, in->guide + 3 * at) * (-0.5f / (0.06f * 0.06f))) + 1e-6f;
            low = disp[count] < low ? disp[count] : low;
            high = disp[count] > high ? disp[count] : high;
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
    float share = (weight[1] / (weight[0] + weight[1]) - 0.2f) / 0.6f, far = sum[0] / weight[0];
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return far + (sum[1] / weight[1] - far) * share * share * (3 - 2 * share);
}

void candidate_clusters(const refine_input *in, float *to) {
    for (int y = 0; y < in->texture.height; y++)
        for (int x = 0; x < in->texture.width; x++) {
            float lx = low_position(x, in->low_width, in->texture.width);
            float ly = low_position(y, in->low_height, in->texture.height), color[3];
            if (spread_around(in, lx, ly) <= in->jump) {
                *to++ = interpolate(in->disp, in->low_width, in->low_height, lx, ly);
                continue;
            }
            mean_color(in, x, y, color);
            *to++ = choose(in, lx, ly, color);
        }
}
