/* What a layer's point and a silhouette give to a frame's pixel. */
#ifndef KB3D_MATH_SHADE_H
#define KB3D_MATH_SHADE_H

#include "layer.h"

/* Whether a pixel of the texture is opaque. */
KB3D_FN int kb3d_is_opaque(const kb3d_texture *t, ptrdiff_t pixel) {
    return load_texel(t->data, t->texel, 4 * pixel + 3) >= kb3d_texel_one(t->texel);
}

/* Whether a patch's colours are whole, though its layer is seen through elsewhere. */
KB3D_FN int kb3d_is_whole(const kb3d_surface *s, const kb3d_patch *p) {
    return s->soft && p->soft < KB3D_SOFT;
}

/* Whether a pixel may be a tap of an edge pixel's sample: it is of its surface, and no less whole. */
KB3D_FN int kb3d_is_own(const kb3d_layer *l, const kb3d_patch *p, int x, int y) {
    const kb3d_surface *s = l->surface;
    size_t at = (size_t)y * s->width + x;
    float plane = p->disp + p->disp_y * (float)(y - p->y);
    return (!s->mask || s->mask[at]) && !(kb3d_is_whole(s, p) && !kb3d_is_opaque(l->texture, y * l->texture->stride + x)) &&
           !kb3d_is_torn(s->disp[at], plane + p->disp_x * (float)(x - p->x), s->jump);
}

/* Position in the texture of half the size. */
KB3D_FN int kb3d_halved(int fixed) {
    return ((fixed + 128) >> 1) - 128;
}

/* How much of what lies behind a silhouette's pixel it hides, of 255; `alpha` is its colour's, in texels. */
KB3D_FN int kb3d_hidden_share(const kb3d_patch *p, float alpha, kb3d_texel texel, int cover) {
    if (p->soft < KB3D_SOFT)
        return cover;
    return (int)(kb3d_min_f(kb3d_max_f(alpha / kb3d_texel_one(texel), 0), 1) * (float)cover + 0.5f);
}

/* A channel of 16 bits or float of a silhouette over what is there, of which it hides a share. */
KB3D_FN float kb3d_lay_over(float over, float color, int cover, int share) {
    return (over * (float)cover + color * (float)(255 - share)) * (1.0f / 255);
}

/* What makes a colour whole that silhouettes cover but for a little. */
KB3D_FN float kb3d_completed(float color, int cover) {
    return color * (255.0f / (float)cover);
}

#endif
