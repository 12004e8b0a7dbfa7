/* Further channels of a frame: what a layer carries beside its colour. */
#ifndef KB3D_MATH_CHANNELS_H
#define KB3D_MATH_CHANNELS_H

#include "layer.h"
#include "sample.h"

/* The sixteen pixels of a sample, as numbers within the layer's box of channels, and their weights, 0 outside it;
   beside a tear, the edge pixel in place of those of another surface. Where pixels are mixed, so are the picture's
   channels: the closest pixel of the surface alone is all sixteen. */
typedef struct kb3d_channel_taps {
    size_t pixel[16];
    float weight[16];
} kb3d_channel_taps;

/* (u, v): 24.8 fixed point, counted from the centre of the first pixel. */
KB3D_FN void kb3d_channels_find(const kb3d_layer *layer, const kb3d_patch *p, int u, int v,
                                const int16_t (*cubic)[4], kb3d_channel_taps *to) {
    const kb3d_surface *s = layer->surface;
    int is_mixed = p->is_edge && (s->before || p->soft >= KB3D_SOFT), own_x = p->x, own_y = p->y;
    if (is_mixed)
        kb3d_find_pure(s->before ? s->before : s->disp, s->soft, s->width, s->height, s->jump, p->disp, &own_x, &own_y);
    for (int i = 0; i < 16; i++) {
        int x = kb3d_clamp_i((u >> 8) - 1 + (i & 3), 0, s->width - 1);
        int y = kb3d_clamp_i((v >> 8) - 1 + (i >> 2), 0, s->height - 1);
        size_t at = (size_t)y * s->width + x;
        float plane = p->disp + p->disp_x * (float)(x - p->x) + p->disp_y * (float)(y - p->y);
        int own = is_mixed || (p->is_edge && ((s->mask && !s->mask[at]) || (s->soft && s->soft[at] >= KB3D_SOFT) ||
                                              kb3d_is_torn(s->disp[at], plane, s->jump)));
        int column = (own ? own_x : x) - layer->channels_x, row = (own ? own_y : y) - layer->channels_y;
        int is_inside = column >= 0 && column < layer->channels_width && row >= 0 && row < layer->channels_height;
        to->pixel[i] = is_inside ? (size_t)row * layer->channels_width + column : 0;
        to->weight[i] = !is_inside ? 0
                                   : (float)cubic[u & 255][i & 3] * (float)cubic[v & 255][i >> 2] *
                                         (1.0f / ((float)KB3D_WEIGHT_ONE * KB3D_WEIGHT_ONE));
    }
}

/* Mixes a layer's values into a pixel's. */
KB3D_FN void kb3d_channels_add(const kb3d_layer *layer, const kb3d_channel_taps *t, float kept, float share, int count,
                               float *to) {
    for (int c = 0; c < count; c++) {
        float sum = 0;
        for (int i = 0; layer->channels && i < 16; i++)
            sum += layer->channels[t->pixel[i] * (size_t)count + (size_t)c] * t->weight[i];
        to[c] = to[c] * kept + sum * share;
    }
}

#endif
