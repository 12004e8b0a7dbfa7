/* Splitting the pixels beside tears into two layers. */
#include "matte_band.h"

#include "../math/patch.h"
#include "sample.h"

#include <stdlib.h>

/* Inverse depth of the two surfaces that meet at a pixel of the band. Answers 0 where there is but one. */
static int find_surfaces(const matting *w, size_t at, float *near, float *far) {
    const kb3d_matte *m = w->m;
    int has_near = w->to_near[at] != NOWHERE, has_far = w->to_far[at] != NOWHERE;
    float here = w->disp[at];
    *near = *far = here;
    if (has_near & has_far && !m->params.is_blurred) { /* the closer one */
        has_near = w->to_near[at] < w->to_far[at];
        has_far = !has_near;
    } else if (has_near & has_far && w->ends[at] != (NEAR_END | FAR_END)) { /* else it is of none */
        has_near = m->before_disp[at] - here > KB3D_MATTE_SLOPE * (here - m->behind_disp[at]);
        has_far = !has_near;
    }
    if (has_near)
        *near = m->before_disp[at];
    if (has_far)
        *far = m->behind_disp[at];
    return has_near | has_far;
}

static float texel_scale(kb3d_texel texel) {
    return 1 / texel_one(texel);
}

/* The two surfaces' colours around a pixel, and the mean inverse depth of the farther one there. Answers 0 where one
   of them is nowhere. */
static int gather_sides(const matting *w, int x, int y, float near, float *far, kb3d_matte_side sides[2]) {
    const kb3d_matte *m = w->m;
    const kb3d_texture *t = m->texture;
    float weights[2] = {0, 0}, most_off = KB3D_MATTE_SAME * m->params.jump, disps = 0, scale = texel_scale(t->texel);
    vec4 sums[2] = {{0}};
    for (int i = 0; i < w->around_count; i++) {
        const offset *o = &w->around[i];
        int qx = x + o->x, qy = y + o->y;
        if (qx < 0 || qy < 0 || qx >= t->width || qy >= t->height)
            continue;
        size_t q = (size_t)qy * t->width + qx;
        float d = w->disp[q], off_near = kb3d_abs_f(d - near), off_far = kb3d_abs_f(d - *far);
        int side = off_near < off_far;
        if (m->params.is_blurred ? d < *far - most_off : kb3d_min_f(off_near, off_far) > most_off)
            continue;
        float weight = o->weight * w->purity[w->distance[q]];
        vec4 color = load_pixel(t->data, t->texel, qy * t->stride + qx) * scale;
        color[3] = color[0] * color[0] + color[1] * color[1] + color[2] * color[2];
        sums[side] += color * weight;
        weights[side] += weight;
        disps += side ? 0 : d * weight;
    }
    for (int side = 0; side < 2; side++) {
        if (!(weights[side] > 1e-6f))
            return 0;
        vec4 mean = sums[side] / weights[side];
        for (int c = 0; c < 3; c++)
            sides[side].color[c] = mean[c];
        sides[side].spread = kb3d_matte_spread(mean[3], sides[side].color);
    }
    *far = disps / weights[0];
    return 1;
}

/* What is seen of the nearer surface at a pixel, and the farther one's colour and inverse depth. */
static void estimate_pixel(const matting *w, int x, int y) {
    const kb3d_matte *m = w->m;
    const kb3d_texture *t = m->texture;
    size_t at = (size_t)y * t->width + x;
    ptrdiff_t to = 4 * (y * m->behind->stride + x);
    float here = w->disp[at], near, far, mean, c[4], scale = texel_scale(t->texel);
    float most = t->texel == KB3D_TEXEL_F32 ? 1e30f : 1;
    kb3d_matte_side sides[2];
    vec4 color = load_pixel(t->data, t->texel, y * t->stride + x) * scale;
    KB3D_STORE(c, color);
    int both = find_surfaces(w, at, &near, &far), is_near = here > 0.5f * (near + far);
    float trust = w->trust[is_near][w->distance[at]];
    mean = far;
    w->alpha[at] = WHOLE;
    m->before_disp[at] = here;
    if (both && !is_near && !(trust > 0)) { /* depth alone says that it is the farther surface's */
        w->alpha[at] = 0;
        m->before_disp[at] = near;
        here = far;
    } else if (both && gather_sides(w, x, y, near, &mean, sides)) {
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

static void estimate_row(void *arg, int y) {
    const matting *w = arg;
    int width = w->m->texture->width;
    const uint8_t *distance = w->distance + (size_t)y * width;
    for (int x = next_beside(distance, 0, width); x < width; x = next_beside(distance, x + 1, width))
        if (distance[x] <= w->band)
            estimate_pixel(w, x, y);
}

/* Whether something of the near surface is seen at a pixel of the band or beside it. */
static int is_before(const matting *w, int x, int y) {
    const kb3d_texture *t = w->m->texture;
    if (w->alpha[(size_t)y * t->width + x] == WHOLE)
        return 0;
    for (int qy = kb3d_max_i(y - 1, 0); qy <= kb3d_min_i(y + 1, t->height - 1); qy++)
        for (int qx = kb3d_max_i(x - 1, 0); qx <= kb3d_min_i(x + 1, t->width - 1); qx++) {
            size_t q = (size_t)qy * t->width + qx;
            if (is_in_band(w, q) && w->alpha[q] > WHOLE)
                return 1;
        }
    return 0;
}

/* The nearer layer of the band: what is left of the picture over what lies behind. */
static void lay_before(const matting *w, int x, int y) {
    const kb3d_matte *m = w->m;
    const kb3d_texture *t = m->texture;
    size_t at = (size_t)y * t->width + x;
    if (!(w->ends[at] = (uint8_t)is_before(w, x, y))) {
        m->before_disp[at] = m->behind_disp[at];
        return;
    }
    ptrdiff_t i = 4 * (y * t->stride + x), from = 4 * (y * m->behind->stride + x);
    int alpha = w->alpha[at];
    for (int c = 0; c < 4; c++) {
        float one = c == 3 ? (float)alpha * (1.0f / 255) / texel_scale(t->texel) : 0;
        if (t->texel == KB3D_TEXEL_U8) { /* so that blending gives the picture's byte again */
            const uint8_t *b = (const uint8_t *)m->behind->data + from;
            uint8_t *out = (uint8_t *)t->data + i;
            out[c] = (uint8_t)(c == 3 ? alpha : kb3d_clamp_i(out[c] - kb3d_blend_u8(0, b[c], 0, alpha), 0, alpha));
        } else if (c == 3) {
            store_texel(t->data, t->texel, i + c, one);
        } else {
            float b = load_texel(m->behind->data, t->texel, from + c);
            float left = load_texel(t->data, t->texel, i + c) - b * ((float)(255 - alpha) * (1.0f / 255));
            store_texel(t->data, t->texel, i + c, kb3d_max_f(left, 0));
        }
    }
}

static void lay_before_row(void *arg, int y) {
    const matting *w = arg;
    int width = w->m->texture->width;
    const uint8_t *distance = w->distance + (size_t)y * width;
    memset(w->ends + (size_t)y * width, 0, (size_t)width);
    for (int x = next_beside(distance, 0, width); x < width; x = next_beside(distance, x + 1, width))
        if (distance[x] <= w->band)
            lay_before(w, x, y);
}

/* Whether a pixel's point is one of the nearer layer that is seen through. */
static int is_through(const matting *w, size_t at) {
    return w->ends[at] && w->alpha[at] < 255;
}

/* What a filter at this pixel may meet: beside it points that are seen through; further off, where its weights are
   small, these or another surface. */
static kb3d_soft softness(const matting *w, int x, int y) {
    const kb3d_matte *m = w->m;
    int width = m->texture->width, height = m->texture->height, is_guarded = 0;
    size_t at = (size_t)y * width + x;
    for (int qy = kb3d_max_i(y - 2, 0); qy <= kb3d_min_i(y + 2, height - 1); qy++)
        for (int qx = kb3d_max_i(x - 2, 0); qx <= kb3d_min_i(x + 2, width - 1); qx++) {
            size_t q = (size_t)qy * width + qx;
            if (kb3d_is_torn(m->before_disp[at], m->before_disp[q], m->params.jump))
                is_guarded = 1;
            else if (!is_through(w, q))
                continue;
            else if (abs(qx - x) < 2 && abs(qy - y) < 2)
                return w->ends[at] && !w->alpha[at] ? KB3D_SOFT_END : KB3D_SOFT;
            is_guarded = 1;
        }
    return is_guarded ? KB3D_SOFT_GUARD : KB3D_SOFT_NONE;
}

/* The farther layer goes on for a pixel around what is seen through. */
static int goes_behind(const matting *w, int x, int y) {
    const kb3d_matte *m = w->m;
    const kb3d_texture *t = m->texture;
    size_t at = (size_t)y * t->width + x;
    int is_band = is_in_band(w, at);
    for (int qy = kb3d_max_i(y - 1, 0); qy <= kb3d_min_i(y + 1, t->height - 1); qy++)
        for (int qx = kb3d_max_i(x - 1, 0); qx <= kb3d_min_i(x + 1, t->width - 1); qx++) {
            size_t q = (size_t)qy * t->width + qx;
            float there = m->behind_disp[q];
            float here = is_band ? m->behind_disp[at] : m->before_disp[at];
            if (!is_through(w, q) || kb3d_is_torn(here, there, m->params.jump))
                continue;
            if (!is_band) { /* the picture's own */
                size_t pixel = 4 * (size_t)t->texel;
                memcpy((char *)m->behind->data + (y * m->behind->stride + x) * (ptrdiff_t)pixel,
                       (const char *)t->data + (y * t->stride + x) * (ptrdiff_t)pixel, pixel);
                m->behind_disp[at] = m->before_disp[at];
            }
            return 1;
        }
    return 0;
}

static void finish_row(void *arg, int y) {
    const matting *w = arg;
    int width = w->m->texture->width;
    size_t row = (size_t)y * width;
    for (int x = next_beside(w->distance + row, 0, width); x < width; x = next_beside(w->distance + row, x + 1, width)) {
        w->m->soft[row + x] = (uint8_t)softness(w, x, y);
        w->m->behind_mask[row + x] = (uint8_t)goes_behind(w, x, y);
    }
}

/* The surroundings that an estimate looks at: twenty to forty pixels. */
static void spread_out(matting *w) {
    int radius = w->m->params.reach + KB3D_MATTE_BEYOND, step = (radius + 2) / 3;
    float sigma = 0.5f * (float)radius;
    for (int y = -radius / step * step; y <= radius; y += step)
        for (int x = -radius / step * step; x <= radius; x += step)
            if (x * x + y * y <= radius * radius)
                w->around[w->around_count++] = (offset){x, y, expf(-0.5f * (float)(x * x + y * y) / (sigma * sigma))};
    for (int i = 0; i < 256; i++) {
        w->purity[i] = i == NOWHERE ? 1 : kb3d_matte_purity(sqrtf((float)i), w->m->params.reach);
        for (int side = 0; side < 2; side++)
            w->trust[side][i] = kb3d_matte_trust(sqrtf((float)i), w->m->params.reach, side);
    }
}

void kb3d_matte_split(const kb3d_parallel *par, const kb3d_matte *m, void *memory) {
    matting w = {0};
    int height = m->texture->height;
    kb3d_matting_bind(&w, m, memory);
    spread_out(&w);
    par->run(par->impl, height, kb3d_matting_find_band, &w);
    par->run(par->impl, height, estimate_row, &w);
    par->run(par->impl, height, lay_before_row, &w);
    par->run(par->impl, height, finish_row, &w);
    kb3d_fill_apron(m->texture);
    kb3d_fill_apron(m->behind);
}
