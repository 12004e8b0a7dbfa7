/* Splitting the pixels beside tears into two layers: what each does in each pass, see matte.h for the maths. */
#ifndef KB3D_MATH_MATTE_SPLIT_H
#define KB3D_MATH_MATTE_SPLIT_H

#include "matte_band.h"
#include "sample.h"

KB3D_FN float kb3d_matte_scale(kb3d_texel texel) {
    return 1 / kb3d_texel_one(texel);
}

/* The surroundings that an estimate looks at: twenty to forty pixels. */
KB3D_FN void kb3d_matting_spread_out(kb3d_matting *w) {
    int radius = w->m.params.reach + KB3D_MATTE_BEYOND, step = (radius + 2) / 3;
    float sigma = 0.5f * (float)radius;
    w->around_count = 0;
    for (int y = -radius / step * step; y <= radius; y += step)
        for (int x = -radius / step * step; x <= radius; x += step)
            if (x * x + y * y <= radius * radius) {
                kb3d_matte_offset o = {x, y, expf(-0.5f * (float)(x * x + y * y) / (sigma * sigma))};
                w->around[w->around_count++] = o;
            }
    for (int i = 0; i < 256; i++) {
        w->purity[i] = i == KB3D_MATTE_NOWHERE ? 1 : kb3d_matte_purity(sqrtf((float)i), w->m.params.reach);
        for (int side = 0; side < 2; side++)
            w->trust[side][i] = kb3d_matte_trust(sqrtf((float)i), w->m.params.reach, side);
    }
}

/* Inverse depth of the two surfaces that meet at a pixel of the band. Answers 0 where there is but one. */
KB3D_FN int kb3d_matting_surfaces(const kb3d_matting *w, size_t at, float *near, float *far) {
    const kb3d_matte *m = &w->m;
    int has_near = w->to_near[at] != KB3D_MATTE_NOWHERE, has_far = w->to_far[at] != KB3D_MATTE_NOWHERE;
    float here = w->disp[at];
    *near = *far = here;
    if (has_near & has_far && !m->params.is_blurred) { /* the closer one */
        has_near = w->to_near[at] < w->to_far[at];
        has_far = !has_near;
    } else if (has_near & has_far && w->ends[at] != (KB3D_MATTE_NEAR_END | KB3D_MATTE_FAR_END)) { /* else it is of none */
        has_near = m->before_disp[at] - here > KB3D_MATTE_SLOPE * (here - m->behind_disp[at]);
        has_far = !has_near;
    }
    if (has_near)
        *near = m->before_disp[at];
    if (has_far)
        *far = m->behind_disp[at];
    return has_near | has_far;
}

/* The two surfaces' colours around a pixel, and the mean inverse depth of the farther one there. Answers 0 where one
   of them is nowhere. */
KB3D_FN int kb3d_matting_sides(const kb3d_matting *w, int x, int y, float near, float *far, kb3d_matte_side sides[2]) {
    const kb3d_matte *m = &w->m;
    const kb3d_texture *t = m->texture;
    float weights[2] = {0, 0}, sums[2][4] = {{0, 0, 0, 0}, {0, 0, 0, 0}};
    float most_off = KB3D_MATTE_SAME * m->params.jump, disps = 0, scale = kb3d_matte_scale(t->texel);
    for (int i = 0; i < w->around_count; i++) {
        const kb3d_matte_offset *o = &w->around[i];
        int qx = x + o->x, qy = y + o->y;
        if (qx < 0 || qy < 0 || qx >= t->width || qy >= t->height)
            continue;
        size_t q = (size_t)qy * t->width + qx;
        float d = w->disp[q], off_near = kb3d_abs_f(d - near), off_far = kb3d_abs_f(d - *far);
        int side = off_near < off_far;
        if (m->params.is_blurred ? d < *far - most_off : kb3d_min_f(off_near, off_far) > most_off)
            continue;
        float weight = o->weight * w->purity[w->distance[q]], color[4];
        for (int c = 0; c < 3; c++)
            color[c] = load_texel(t->data, t->texel, 4 * (qy * t->stride + qx) + c) * scale;
        color[3] = color[0] * color[0] + color[1] * color[1] + color[2] * color[2];
        for (int c = 0; c < 4; c++)
            sums[side][c] += color[c] * weight;
        weights[side] += weight;
        disps += side ? 0 : d * weight;
    }
    for (int side = 0; side < 2; side++) {
        if (!(weights[side] > 1e-6f))
            return 0;
        for (int c = 0; c < 3; c++)
            sides[side].color[c] = sums[side][c] / weights[side];
        sides[side].spread = kb3d_matte_spread(sums[side][3] / weights[side], sides[side].color);
    }
    *far = disps / weights[0];
    return 1;
}

/* What is seen of the nearer surface at a pixel of the band, and the farther one's colour and inverse depth. */
KB3D_FN void kb3d_matting_estimate(const kb3d_matting *w, int x, int y) {
    const kb3d_matte *m = &w->m;
    const kb3d_texture *t = m->texture;
    size_t at = (size_t)y * t->width + x;
    ptrdiff_t to = 4 * (y * m->behind->stride + x);
    float here = w->disp[at], near, far, mean, c[4], scale = kb3d_matte_scale(t->texel);
    float most = m->params.most;
    kb3d_matte_side sides[2];
    for (int i = 0; i < 3; i++)
        c[i] = load_texel(t->data, t->texel, 4 * (y * t->stride + x) + i) * scale;
    int both = kb3d_matting_surfaces(w, at, &near, &far), is_near = here > 0.5f * (near + far);
    float trust = w->trust[is_near][w->distance[at]];
    mean = far;
    w->alpha[at] = KB3D_MATTE_WHOLE;
    m->before_disp[at] = here;
    if (both && !is_near && !(trust > 0)) { /* depth alone says that it is the farther surface's */
        w->alpha[at] = 0;
        m->before_disp[at] = near;
        here = far;
    } else if (both && kb3d_matting_sides(w, x, y, near, &mean, sides)) {
        float alpha = kb3d_matte_alpha(&sides[1], &sides[0], c, is_near, trust, most);
        int rounded = (int)(255 * alpha + 0.5f);
        rounded = rounded < KB3D_MATTE_LEAST ? 0 : rounded > 255 - KB3D_MATTE_LEAST ? 255 : rounded;
        for (int i = 0; i < 3; i++)
            c[i] = kb3d_matte_far_color(&sides[1], &sides[0], i, c[i], (float)rounded * (1.0f / 255), most);
        w->alpha[at] = (uint8_t)rounded;
        m->before_disp[at] = near;
        here = is_near ? mean : far;
    }
    m->behind_disp[at] = here;
    c[3] = 1;
    for (int i = 0; i < 4; i++)
        store_texel(m->behind->data, t->texel, to + i, c[i] / scale);
}

/* Whether something of the near surface is seen at a pixel of the band or beside it. */
KB3D_FN int kb3d_matting_is_before(const kb3d_matting *w, int x, int y) {
    const kb3d_texture *t = w->m.texture;
    if (w->alpha[(size_t)y * t->width + x] == KB3D_MATTE_WHOLE)
        return 0;
    for (int qy = kb3d_max_i(y - 1, 0); qy <= kb3d_min_i(y + 1, t->height - 1); qy++)
        for (int qx = kb3d_max_i(x - 1, 0); qx <= kb3d_min_i(x + 1, t->width - 1); qx++) {
            size_t q = (size_t)qy * t->width + qx;
            if (kb3d_matting_is_in_band(w, q) && w->alpha[q] > KB3D_MATTE_WHOLE)
                return 1;
        }
    return 0;
}

/* The nearer layer of the band: what is left of the picture over what lies behind. `ends` now says where it has points. */
KB3D_FN void kb3d_matting_lay_before(const kb3d_matting *w, int x, int y) {
    const kb3d_matte *m = &w->m;
    const kb3d_texture *t = m->texture;
    size_t at = (size_t)y * t->width + x;
    if (!(w->ends[at] = (uint8_t)kb3d_matting_is_before(w, x, y))) {
        m->before_disp[at] = m->behind_disp[at];
        return;
    }
    ptrdiff_t i = 4 * (y * t->stride + x), from = 4 * (y * m->behind->stride + x);
    int alpha = w->alpha[at];
    for (int c = 0; c < 4; c++) {
        if (t->texel == KB3D_TEXEL_U8) { /* so that blending gives the picture's byte again */
            const uint8_t *b = (const uint8_t *)m->behind->data + from;
            uint8_t *out = (uint8_t *)t->data + i;
            out[c] = (uint8_t)(c == 3 ? alpha : kb3d_clamp_i(out[c] - kb3d_blend_u8(0, b[c], 0, alpha), 0, alpha));
        } else if (c == 3) {
            store_texel(t->data, t->texel, i + c, (float)alpha * (1.0f / 255) / kb3d_matte_scale(t->texel));
        } else {
            float b = load_texel(m->behind->data, t->texel, from + c);
            float left = load_texel(t->data, t->texel, i + c) - b * ((float)(255 - alpha) * (1.0f / 255));
            store_texel(t->data, t->texel, i + c, kb3d_max_f(left, 0));
        }
    }
}

/* Whether a pixel's point is one of the nearer layer that is seen through. */
KB3D_FN int kb3d_matting_is_through(const kb3d_matting *w, size_t at) {
    return w->ends[at] && w->alpha[at] < 255;
}

/* What a filter at this pixel may meet: beside it points that are seen through; further off, where its weights are
   small, these or another surface. */
KB3D_FN kb3d_soft kb3d_matting_softness(const kb3d_matting *w, int x, int y) {
    const kb3d_matte *m = &w->m;
    int width = m->texture->width, height = m->texture->height, is_guarded = 0;
    size_t at = (size_t)y * width + x;
    for (int qy = kb3d_max_i(y - 2, 0); qy <= kb3d_min_i(y + 2, height - 1); qy++)
        for (int qx = kb3d_max_i(x - 2, 0); qx <= kb3d_min_i(x + 2, width - 1); qx++) {
            size_t q = (size_t)qy * width + qx;
            int is_beside = qx - x > -2 && qx - x < 2 && qy - y > -2 && qy - y < 2;
            if (kb3d_is_torn(m->before_disp[at], m->before_disp[q], m->params.jump))
                is_guarded = 1;
            else if (!kb3d_matting_is_through(w, q))
                continue;
            else if (is_beside)
                return w->ends[at] && !w->alpha[at] ? KB3D_SOFT_END : KB3D_SOFT;
            is_guarded = 1;
        }
    return is_guarded ? KB3D_SOFT_GUARD : KB3D_SOFT_NONE;
}

/* The farther layer goes on for a pixel around what is seen through. */
KB3D_FN int kb3d_matting_goes_behind(const kb3d_matting *w, int x, int y) {
    const kb3d_matte *m = &w->m;
    const kb3d_texture *t = m->texture;
    size_t at = (size_t)y * t->width + x;
    int is_band = kb3d_matting_is_in_band(w, at);
    for (int qy = kb3d_max_i(y - 1, 0); qy <= kb3d_min_i(y + 1, t->height - 1); qy++)
        for (int qx = kb3d_max_i(x - 1, 0); qx <= kb3d_min_i(x + 1, t->width - 1); qx++) {
            size_t q = (size_t)qy * t->width + qx;
            if (!kb3d_matting_is_through(w, q))
                continue;
            float here = is_band ? m->behind_disp[at] : m->before_disp[at];
            if (kb3d_is_torn(here, m->behind_disp[q], m->params.jump))
                continue;
            if (!is_band) { /* the picture's own */
                kb3d_copy_pixel(m->behind->data, y * m->behind->stride + x, t->data, y * t->stride + x, t->texel);
                m->behind_disp[at] = m->before_disp[at];
            }
            return 1;
        }
    return 0;
}

KB3D_FN void kb3d_matting_finish(const kb3d_matting *w, int x, int y) {
    size_t at = (size_t)y * w->m.texture->width + x;
    w->m.soft[at] = (uint8_t)kb3d_matting_softness(w, x, y);
    w->m.behind_mask[at] = (uint8_t)kb3d_matting_goes_behind(w, x, y);
}

#endif
