#include "trace.h"

#include "noise.h"
#include "scene.h"
#include "sky.h"
#include "texture.h"

enum { SAMPLES = 9, ACROSS = 3 }; /* a grid of ACROSS x ACROSS in each pixel */

static const float horizon_far = 40000;

typedef struct chance {
    uint32_t pixel;
    int sample;
} chance;

/* A pair of numbers for a purpose: the R2 sequence over the samples, started elsewhere in each pixel. */
static void pair(const chance *c, uint32_t purpose, float *u, float *v) {
    uint32_t h = hash32(c->pixel * 9781u + purpose * 6271u);
    *u = fraction(unit_float(h) + (float)c->sample * 0.7548776662f);
    *v = fraction(unit_float(hash32(h + 1)) + (float)c->sample * 0.5698402910f);
}

static vec sun_point(float u, float v) {
    vec s, t;
    tangents(sun_direction, &s, &t);
    float r = 0.007f * sqrtf(u), round = 2 * pi * v;
    return unit(add(sun_direction, add(scale(s, r * cosf(round)), scale(t, r * sinf(round)))));
}

static float sun_share(const forest *f, vec at, vec normal, float through, float offset, float u, float v) {
    vec to = sun_point(u, v);
    float facing = dot(normal, to);
    float share = facing > 0 ? facing * (1 - through) : -facing * through;
    if (through > 0) /* leaves are not flat: soften */
        share = mixf(share, 0.35f, 0.35f);
    if (share <= 0)
        return 0;
    ray r = {at, to, offset, 12000};
    return forest_blocks(f, &r) ? 0 : share;
}

static float offset_at(float far) {
    return 3e-4f + far * 3e-5f;
}

/* A thing seen in the water or by the light from around: sunlit, and lit by the sky without looking. */
static vec light_back(const forest *f, const hit *h, vec at, vec to, const chance *c, float openness) {
    vec geometric, normal = hit_normal(h, &geometric);
    if (dot(normal, to) > 0)
        normal = scale(normal, -1);
    material m = h->instance->mesh->surfaces[h->triangle].material;
    if (m == FLAME || m == WINDOW)
        return m == FLAME ? v3(20, 11, 3.5f) : v3(4.2f, 2.3f, 0.85f);
    float u, v, through = m == GRASS || m == LEAF || m == NEEDLE ? 0.35f : 0;
    pair(c, 7, &u, &v);
    vec color = texture_color(h, at);
    float sun = sun_share(f, at, normal, through, offset_at(h->t) * 2, u, v);
    return mul(color, madd(scale(sky_ambient(normal), openness), sun_light, sun / pi));
}

static vec light_from(const forest *f, vec from, vec to, float offset, const chance *c, bool clouds,
                      float openness) {
    ray r = {from, to, offset, horizon_far};
    hit h;
    if (forest_nearest(f, &r, &h)) {
        vec at = madd(from, to, h.t), kept;
        return sky_through_air(light_back(f, &h, at, to, c, openness), to, h.t, from.y, at.y, &kept);
    }
    if (to.y < 0)
        return v3(0.20f, 0.21f, 0.22f); /* the lake, or ground behind the eye */
    return clouds ? sky_seen(to) : sky_clear(to);
}

/* Slopes of the ripples; those finer than the pixel's footprint fade out. */
static vec water_normal(vec at, float far, vec wobble) {
    static const float lengths[5] = {4.1f, 1.3f, 0.45f, 0.16f, 0.06f},
                       slopes[5] = {.010f, .013f, .020f, .018f, .010f};
    float wind = 0.30f + 1.1f * step(-0.15f, 0.55f, noise2(at.x / 50 + 3, at.z / 21));
    float footprint = far * far / (1200 * eye_height), lost = 0;
    vec n = v3(0, 1, 0);
    for (int i = 0; i < 5; i++) {
        float size = footprint / lengths[i], kept = expf(-size * size * 2);
        vec p = scale(at, 1 / lengths[i]);
        n.x += slopes[i] * wind * kept * noise2(p.x + 3.3f * (float)i, p.z * 1.5f);
        n.z += slopes[i] * wind * kept * noise2(p.x + 41 + (float)i, p.z * 1.5f + 17);
        lost += slopes[i] * slopes[i] * wind * wind * (1 - kept);
    }
    n.x += wobble.x * sqrtf(lost) * 0.25f;
    n.z += wobble.z * sqrtf(lost) * 0.5f;
    return unit(n);
}

static vec water_light(const forest *f, vec at, vec to, float far, const chance *c) {
    float u, v;
    pair(c, 11, &u, &v);
    vec n = water_normal(at, far, v3(u - 0.5f, 0, v - 0.5f));
    vec back = madd(to, n, -2 * dot(to, n));
    back.y = maxf(back.y, 0.004f);
    back = unit(back);
    float facing = clampf(-dot(to, n), 0, 1), mirror = 0.02f + 0.98f * powf(1 - facing, 5);
    vec mirrored = light_from(f, at, back, offset_at(far), c, true, 0.55f);
    vec body = v3(0.010f, 0.036f, 0.040f);
    if (far < 60) { /* the bed shows through where the lake is shallow */
        float bend = 1 / 1.33f, deep = -terrain_height(at.x, at.z);
        vec down = unit(v3(to.x * bend, -sqrtf(1 - bend * bend * (1 - to.y * to.y)), to.z * bend));
        vec p = madd(at, down, maxf(deep, 0) / -down.y);
        deep = maxf(-terrain_height(p.x, p.z), 0.0f);
        float pebbles = fbm2(p.x * 6, p.z * 6, 4);
        vec bed = scale(v3(0.30f, 0.25f, 0.16f), 0.75f + 1.1f * pebbles);
        float way = deep * (1 + 1 / -down.y);
        vec kept = v3(expf(-way * 1.5f), expf(-way * 0.75f), expf(-way * 0.85f));
        body = add(mul(bed, kept), mul(v3(0.010f, 0.036f, 0.040f), sub(v3(1, 1, 1), kept)));
    }
    return mix(body, mirrored, mirror);
}

static vec candle_light(const forest *f, vec at, vec normal, float through, float offset) {
    vec way = sub(candle, at);
    float far = length(way);
    if (far > 3.5f || far < 0.03f)
        return v3(0, 0, 0);
    vec to = scale(way, 1 / far);
    float facing = dot(normal, to), share = facing > 0 ? facing * (1 - through) : -facing * through;
    ray r = {at, to, offset, far - 0.035f};
    if (share <= 0 || r.t_max <= offset || forest_blocks(f, &r))
        return v3(0, 0, 0);
    return scale(v3(0.30f, 0.155f, 0.055f), share / (far * far + 0.01f));
}

/* Light from all sides on a surface, by one ray; the filter takes its noise away. */
static vec light_around(const forest *f, vec at, const look *l, float far, float offset, const chance *c) {
    if (far > 500)
        return scale(sky_ambient(l->normal), 0.9f);
    float u, v;
    pair(c, 5, &u, &v);
    vec s, t, side = l->through > 0 && fraction(u * 7.3f + v) < 0.4f ? scale(l->normal, -1) : l->normal;
    tangents(side, &s, &t);
    float r = sqrtf(u), up = sqrtf(1 - u);
    vec to = add(add(scale(s, r * cosf(2 * pi * v)), scale(t, r * sinf(2 * pi * v))), scale(side, up));
    vec gathered = light_from(f, madd(at, side, offset), to, offset, c, false, l->through > 0 ? 0.7f : 0.45f);
    return v3(minf(gathered.x, 3), minf(gathered.y, 3), minf(gathered.z, 3)); /* no fireflies */
}

static void surface_light(const forest *f, const hit *h, vec at, vec to, const chance *c, pixel *out) {
    vec geometric, normal = hit_normal(h, &geometric);
    if (dot(geometric, to) > 0)
        geometric = scale(geometric, -1);
    if (dot(normal, geometric) < 0)
        normal = scale(normal, -1);
    look l = texture_look(h, at, normal, h->t);
    float u, v, offset = offset_at(h->t);
    vec from = madd(at, geometric, offset);
    pair(c, 1, &u, &v);
    float sun = sun_share(f, from, l.normal, l.through, offset, u, v);
    vec lit = scale(sun_light, sun / pi);
    lit = add(lit, candle_light(f, from, l.normal, l.through, offset));
    vec light = madd(mul(l.albedo, lit), l.glow, 1);
    if (l.shine > 0) {
        pair(c, 3, &u, &v);
        vec back = madd(to, l.normal, -2 * dot(to, l.normal)), s, t;
        tangents(back, &s, &t);
        float spread = l.rough * sqrtf(u),
              mirror = l.shine + (1 - l.shine) * powf(1 - clampf(-dot(to, l.normal), 0, 1), 5) * 0.15f;
        back = unit(add(back, add(scale(s, spread * cosf(2 * pi * v)), scale(t, spread * sinf(2 * pi * v)))));
        if (dot(back, geometric) > 0)
            light = madd(light, light_from(f, from, back, offset, c, false, 0.5f), mirror);
    }
    out->direct = light;
    if (c->sample % 2 == 0) /* half the rays do: this part is smoothed over many pixels */
        out->around = mul(l.albedo, light_around(f, at, &l, h->t, offset, c));
    out->color = l.albedo;
    out->normal = l.through > 0 ? unit(add(scale(l.normal, 0.3f), v3(0, 1, 0))) : l.normal;
}

/* Where a ray from the eye meets the scene; the lake counts. Returns false for the sky. */
static bool first_hit(const forest *f, vec eye, vec to, hit *h, bool *water) {
    ray r = {eye, to, 0.05f, horizon_far};
    float lake = to.y < -1e-6f ? -eye_height / to.y : 1e30f;
    if (lake < r.t_max)
        r.t_max = lake;
    *water = !forest_nearest(f, &r, h) && lake < horizon_far;
    if (*water)
        h->t = lake;
    return *water || h->t < r.t_max;
}

/* Through a picture point, centres at + 0.5. One metre along the optical axis. */
static vec through(float x, float y, int width, int height) {
    float focal_px = focal_of_width * (float)width;
    float right = (x - 0.5f * (float)width) / focal_px, up = (0.5f * (float)height - y) / focal_px;
    return v3(right, up * cosf(pitch) + sinf(pitch), cosf(pitch) - up * sinf(pitch));
}

void trace_row(const forest *f, pixel *row, int y, int width, int height, uint32_t seed, float aside) {
    vec eye = v3(aside, eye_height, 0);
    for (int x = 0; x < width; x++) {
        pixel sum = {0};
        vec divisor = v3(1e-6f, 1e-6f, 1e-6f); /* the colours of the samples that looked around */
        chance c = {hash32((uint32_t)(y * width + x) ^ hash32(seed)), 0};
        hit h;
        bool water;
        /* The direction is one metre long along the axis, so that t is z itself. */
        sum.inverse_depth =
            first_hit(f, eye, through((float)x + 0.5f, (float)y + 0.5f, width, height), &h, &water) ? 1 / h.t : 0;
        for (; c.sample < SAMPLES; c.sample++) {
            float u, v;
            pair(&c, 2, &u, &v);
            float px = (float)x + ((float)(c.sample % ACROSS) + u) / ACROSS,
                  py = (float)y + ((float)(c.sample / ACROSS) + v) / ACROSS;
            vec to = unit(through(px, py, width, height)), kept;
            if (!first_hit(f, eye, to, &h, &water)) {
                sum.direct = add(sum.direct, sky_seen(to));
                continue;
            }
            vec at = madd(eye, to, h.t);
            pixel one = {.normal = v3(0, 1, 0)};
            if (water)
                one.direct = water_light(f, at, to, h.t, &c);
            else
                surface_light(f, &h, at, to, &c, &one);
            sum.direct = add(sum.direct, sky_through_air(one.direct, to, h.t, eye_height, at.y, &kept));
            sum.color = add(sum.color, mul(one.color, kept));
            sum.around = add(sum.around, mul(one.around, kept));
            if (c.sample % 2 == 0)
                divisor = add(divisor, mul(one.color, kept));
            sum.normal = add(sum.normal, one.normal);
        }
        float share = 1.0f / SAMPLES;
        row[x] = (pixel){scale(sum.direct, share), scale(sum.color, share), v3(0, 0, 0), unit(sum.normal),
                         sum.inverse_depth};
        row[x].around = v3(sum.around.x / divisor.x, sum.around.y / divisor.y, sum.around.z / divisor.z);
    }
}
