/* Colours of a frame's pixels, one by one: what cpu/render.c and cpu/sample.h do in vectors. */
#ifndef KB3D_CUDA_SHADE_H
#define KB3D_CUDA_SHADE_H

#include "work.h"

#include "../math/sample.h"
#include "../math/shade.h"

/* What is seen at a pixel. */
struct kb3d_seen {
    const kb3d_layer *layer;
    const kb3d_patch *patch; /* NULL: nothing */
    float disp;
    int u, v; /* texture position, 24.8, from the first pixel's centre */
    int cover;
};

/* The sixteen pixels of a sample; beside a tear, the edge pixel in place of what belongs to another surface. */
struct kb3d_taps {
    const kb3d_texture *texture;
    ptrdiff_t pixel[16];
    const int16_t *wx, *wy;
};

KB3D_DEVICE void kb3d_find_taps(const kb3d_texture *t, const int16_t (*table)[4], int u, int v, kb3d_taps *to) {
    to->texture = t;
    to->wx = table[u & 255];
    to->wy = table[v & 255];
    for (int i = 0; i < 16; i++)
        to->pixel[i] = ((v >> 8) - 1 + (i >> 2)) * t->stride + (u >> 8) - 1 + (i & 3);
}

KB3D_DEVICE void kb3d_find_edge_taps(const kb3d_seen *seen, const int16_t (*table)[4], kb3d_taps *to) {
    const kb3d_surface *s = seen->layer->surface;
    const kb3d_texture *t = seen->layer->texture;
    const kb3d_patch *p = seen->patch;
    kb3d_find_taps(t, table, seen->u, seen->v, to);
    for (int i = 0; i < 16; i++) {
        int x = kb3d_clamp_i((seen->u >> 8) - 1 + (i & 3), 0, s->width - 1);
        int y = kb3d_clamp_i((seen->v >> 8) - 1 + (i >> 2), 0, s->height - 1);
        bool is_own = kb3d_is_own(seen->layer, p, x, y);
        to->pixel[i] = is_own ? y * t->stride + x : p->y * t->stride + p->x;
    }
}

/* The filtered channel; 8 bit values are whole numbers, not yet clamped. */
KB3D_DEVICE float kb3d_filter(const kb3d_taps *taps, int c) {
    const kb3d_texture *t = taps->texture;
    if (t->texel == KB3D_TEXEL_U8) {
        int values[4][4];
        for (int i = 0; i < 16; i++)
            values[i >> 2][i & 3] = ((const uint8_t *)t->data)[4 * taps->pixel[i] + c];
        return (float)kb3d_cubic_u8(values, taps->wx, taps->wy);
    }
    float sum = 0;
    for (int r = 0; r < 4; r++) {
        float h = load_texel(t->data, t->texel, 4 * taps->pixel[4 * r] + c) * (float)taps->wx[0];
        for (int i = 1; i < 4; i++)
            h += load_texel(t->data, t->texel, 4 * taps->pixel[4 * r + i] + c) * (float)taps->wx[i];
        sum += h * (float)taps->wy[r];
    }
    return sum * (1.0f / ((float)KB3D_WEIGHT_ONE * KB3D_WEIGHT_ONE));
}

/* The four channels, clamped where they may not be more than their share or are of 8 bits. */
KB3D_DEVICE void kb3d_filter_all(const kb3d_taps *taps, bool is_soft, float color[4]) {
    kb3d_texel texel = taps->texture->texel;
    for (int c = 0; c < 4; c++)
        color[c] = kb3d_filter(taps, c);
    if (texel == KB3D_TEXEL_U8) {
        int sums[4];
        for (int c = 0; c < 4; c++)
            sums[c] = is_soft ? (int)color[c] : kb3d_clamp_i((int)color[c], 0, 255);
        if (is_soft)
            kb3d_clamp_soft_u8(sums);
        for (int c = 0; c < 4; c++)
            color[c] = (float)sums[c];
    } else if (is_soft) {
        kb3d_clamp_soft(color, kb3d_texel_one(texel), texel == KB3D_TEXEL_F32);
    }
}

/* A colour in units of texels as they are kept. */
KB3D_DEVICE float kb3d_kept(kb3d_texel texel, float v) {
    float most = kb3d_texel_one(texel);
    return texel == KB3D_TEXEL_F32 ? v : v <= 0 ? 0 : v >= most ? most : (float)(int)(v + 0.5f);
}

/* A layer's colour in units of its texels, as they are kept. */
KB3D_DEVICE void kb3d_shade(const kb3d_seen *seen, const int16_t (*table)[4], float color[4]) {
    const kb3d_layer *l = seen->layer;
    const kb3d_texture *t = l->texture;
    kb3d_taps taps, coarse = kb3d_taps();
    if (seen->patch->is_edge)
        kb3d_find_edge_taps(seen, table, &taps);
    else
        kb3d_find_taps(t, table, seen->u, seen->v, &taps);
    int is_mixed = l->half_share && !seen->patch->is_edge;
    if (is_mixed)
        kb3d_find_taps(l->half, table, kb3d_halved(seen->u), kb3d_halved(seen->v), &coarse);
    kb3d_filter_all(&taps, seen->patch->soft >= KB3D_SOFT, color);
    if (is_mixed) {
        float other[4], whole = t->texel == KB3D_TEXEL_U8 ? 255 : color[3];
        kb3d_filter_all(&coarse, false, other);
        for (int c = 0; c < 4 && !(l->surface->soft && other[3] < whole); c++)
            if (t->texel == KB3D_TEXEL_U8)
                color[c] = (float)(((int)color[c] * (256 - l->half_share) + (int)other[c] * l->half_share + 128) >> 8);
            else
                color[c] += (other[c] - color[c]) * ((float)l->half_share * (1.0f / 256));
    }
    for (int c = 0; c < 4; c++)
        color[c] = kb3d_kept(t->texel, color[c]);
}

/* Lays a silhouette's colour over what is there, of which it hides a share. */
KB3D_DEVICE void kb3d_blend(kb3d_texel texel, const float over[4], int cover, int share, float color[4]) {
    for (int c = 0; c < 4; c++)
        if (texel == KB3D_TEXEL_U8)
            color[c] = (float)kb3d_min_i(kb3d_blend_u8((int)over[c], (int)color[c], cover, share), 255);
        else
            color[c] = kb3d_kept(texel, kb3d_lay_over(over[c], color[c], cover, share));
}

/* Makes a colour whole that silhouettes cover but for a little. */
KB3D_DEVICE void kb3d_complete(kb3d_texel texel, int cover, float color[4]) {
    for (int c = 0; c < 4; c++)
        color[c] = kb3d_kept(texel, kb3d_completed(color[c], cover));
}

#endif
