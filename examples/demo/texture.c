#include "texture.h"

#include "noise.h"
#include "scene.h"

/* Leans a normal by the slope of a height field given as a function of the local point. */
typedef float (*relief)(vec p);

static vec bumped(vec n, vec p, relief height, float span, float strength) {
    float h = height(p);
    vec slope = v3(height(add(p, v3(span, 0, 0))) - h, height(add(p, v3(0, span, 0))) - h,
                   height(add(p, v3(0, 0, span))) - h);
    slope = scale(slope, strength / span);
    slope = madd(slope, n, -dot(slope, n));
    return unit(sub(n, slope));
}

static float grain(vec p) {
    return fbm3(v3(p.x * 2.2f, p.y * 55, p.z * 55), 3) + 0.3f * noise3(v3(p.x * 9, p.y * 190, p.z * 190));
}
static float upright_grain(vec p) {
    return grain(v3(p.y, p.x, p.z));
}
static float stony(vec p) {
    return 0.05f * fbm3(scale(p, 9), 5);
}
static float clods(vec p) {
    return 0.05f * fbm3(scale(p, 6), 5);
}
static float crags(vec p) {
    return 34 * fbm3(v3(p.x / 120, p.y / 60, p.z / 120), 5);
}
static float canopy(vec p) {
    return 5 * noise3(scale(p, 1.0f / 14));
}
static float twist(vec p) {
    return 0.004f * sinf(dot(p, v3(230, 260, 230)));
}
static float shingle(vec p) {
    return 0.02f * noise3(v3(p.x * 4, p.y * 8, p.z * 8));
}

static vec wood_color(vec p, float seed, bool upright) {
    if (upright)
        p = v3(p.y, p.x, p.z);
    p.x += seed * 7.3f, p.z += seed * 3.1f;
    float ring = fbm3(v3(p.x * 0.9f, p.y * 14, p.z * 14), 3);
    float line = 0.5f + 0.5f * sinf(ring * 34 + noise3(v3(p.x * 5, p.y * 60, p.z * 60)) * 2);
    float fibre = grain(p), stain = fbm3(v3(p.x * 2.5f, p.y * 3, p.z * 5), 3);
    vec c = mix(v3(0.13f, 0.105f, 0.085f), v3(0.31f, 0.27f, 0.23f),
                clampf(0.55f + 0.5f * fibre + 0.25f * (line - 0.5f), 0, 1));
    c = mix(c, v3(0.22f, 0.145f, 0.09f), clampf(fraction(seed * 5.7f) * 0.55f + 0.6f * stain, 0, 0.8f));
    return scale(c, (0.72f + 0.5f * fraction(seed * 9.1f)) * (1 - 0.55f * step(0.30f, 0.62f, -fibre)));
}

static vec boat_color(vec p, float tint) {
    float worn = fbm3(scale(p, 6), 5);
    if (tint >= 0.5f) {
        vec c = wood_color(p, tint, false);
        return mul(c, tint > 0.88f ? v3(1.5f, 1.2f, 0.85f) : v3(1.35f, 0.92f, 0.60f));
    }
    vec paint = p.y > 0.335f ? v3(0.62f, 0.58f, 0.50f) : v3(0.035f, 0.155f, 0.165f);
    paint = mix(paint, v3(0.20f, 0.16f, 0.12f), step(0.22f, 0.42f, worn));
    return mix(scale(paint, 0.9f + 0.5f * worn), v3(0.05f, 0.055f, 0.03f),
               0.8f * step(0.10f, 0.0f, p.y + 0.06f * worn));
}

static vec stone_color(vec p, float seed, float wet) {
    float coarse = fbm3(add(scale(p, 2.2f), v3(seed, seed, 0)), 5),
          fine = noise3(scale(p, 60)) * 0.5f + noise3(scale(p, 140)) * 0.4f;
    vec c = mix(v3(0.20f, 0.185f, 0.17f), v3(0.42f, 0.39f, 0.35f), clampf(0.5f + coarse + 0.22f * fine, 0, 1));
    c = mix(c, v3(0.30f, 0.29f, 0.13f),
            0.7f * step(0.18f, 0.42f, fbm3(add(scale(p, 3.1f), v3(9, seed, 4)), 5))); /* lichen */
    return scale(c, mixf(1, 0.35f, wet));
}

static vec ground_color(vec at, vec n, bool *rocky) {
    float y = at.y, far = fabsf(at.z) + fabsf(at.x);
    float broad = fbm2(at.x / 9, at.z / 9, 5);
    *rocky = false;
    if (far < 400) {
        float fine = fbm2(at.x * 7, at.z * 7, 4);
        vec grass =
            mix(v3(0.055f, 0.075f, 0.018f), v3(0.17f, 0.15f, 0.05f), clampf(0.5f + broad + 0.5f * fine, 0, 1));
        vec sand = scale(v3(0.30f, 0.25f, 0.19f), 0.75f + 0.8f * fine);
        vec c = mix(sand, grass, step(0.10f, 0.38f, y + 0.15f * broad));
        return scale(c, mixf(0.35f, 1, step(-0.02f, 0.10f, y)));
    }
    float high = y + 260 * fbm2(at.x / 420, at.z / 420, 5), flat = n.y;
    vec forest = mix(v3(0.018f, 0.032f, 0.014f), v3(0.045f, 0.058f, 0.022f),
                     clampf(0.5f + 1.5f * fbm2(at.x / 31, at.z / 31, 4), 0, 1));
    vec meadow = mix(v3(0.12f, 0.115f, 0.04f), v3(0.20f, 0.16f, 0.075f), clampf(0.5f + broad, 0, 1));
    float strata = fbm2(high / 45, (at.x + at.z) / 900, 4);
    vec rock = mix(v3(0.16f, 0.145f, 0.14f), v3(0.34f, 0.30f, 0.27f), clampf(0.5f + strata + 0.6f * broad, 0, 1));
    vec c = mix(meadow, forest, step(-0.22f, 0.02f, fbm2(at.x / 230, at.z / 230, 4)));
    c = mix(c, meadow, step(520, 800, high));
    float bare = maxf(step(800, 1250, high), step(0.78f, 0.60f, flat) * step(250, 500, y));
    c = mix(c, rock, bare);
    *rocky = bare > 0.5f;
    float snow = step(980, 1500, high) * step(0.50f, 0.74f, flat + 0.25f * fbm2(at.x / 70, at.z / 70, 4));
    return mix(c, v3(0.86f, 0.88f, 0.92f), snow);
}

static vec bark_color(vec p) {
    float bands = fbm3(v3(p.x * 60, p.y * 20, p.z * 60), 3);
    return mix(v3(0.10f, 0.075f, 0.055f), v3(0.19f, 0.15f, 0.12f), clampf(0.5f + bands, 0, 1));
}

static vec color_of(const hit *h, vec at, vec normal, bool *rocky) {
    const instance *n = h->instance;
    const surface *s = &n->mesh->surfaces[h->triangle];
    float seed = unit_float(hash32(n->seed)), tint = s->tint;
    vec p = hit_local(h, at);
    switch (s->material) {
    case GROUND: return ground_color(at, normal, rocky);
    case WOOD: {
        vec c = wood_color(p, seed, tint == 1);
        vec post = mul(c, v3(0.74f, 0.70f, 0.64f)); /* wet and green where the lake reaches it */
        return tint == 0 ? mul(c, v3(0.98f, 0.96f, 0.90f))
                         : mix(post, v3(0.04f, 0.05f, 0.025f), 0.85f * step(0.24f, 0.03f, at.y));
    }
    case BOAT: return boat_color(p, tint);
    case LOG:
        return scale(mul(wood_color(scale(p, 0.5f), tint, false), v3(1.0f, 0.72f, 0.48f)),
                     tint > 0.85f ? 1.6f : 0.9f);
    case ROOF: return scale(v3(0.15f, 0.125f, 0.11f), 0.8f + 0.9f * noise3(v3(p.x * 3, p.y * 6, tint * 40)));
    case IRON:
        return mix(v3(0.022f, 0.021f, 0.021f), v3(0.11f, 0.05f, 0.025f),
                   0.7f * step(0.05f, 0.40f, fbm3(scale(p, 40), 4)));
    case WAX: return v3(0.80f, 0.70f, 0.52f);
    case ROPE: return scale(v3(0.42f, 0.33f, 0.21f), 0.75f + 0.35f * sinf(dot(p, v3(230, 260, 230))));
    case ROCK: return stone_color(scale(p, n->size), seed * 20, at.z < 150 ? step(0.10f, 0.02f, at.y) : 0);
    case BARK: return bark_color(scale(p, n->size));
    case NEEDLE: {
        vec c = mix(v3(0.040f, 0.064f, 0.024f), v3(0.16f, 0.18f, 0.050f), tint);
        return mix(c, v3(0.30f, 0.19f, 0.035f), seed > 0.86f ? 0.85f : 0.25f * seed);
    }
    case GRASS: {
        vec c = mix(v3(0.095f, 0.145f, 0.030f), v3(0.34f, 0.32f, 0.095f), fraction(tint * 0.8f + seed * 0.2f));
        return mix(c, v3(0.42f, 0.33f, 0.17f), step(0.75f, 0.95f, tint));
    }
    case LEAF: {
        vec c = mix(v3(0.14f, 0.19f, 0.025f), v3(0.46f, 0.30f, 0.03f), step(0.25f, 0.85f, tint));
        return mix(c, v3(0.42f, 0.15f, 0.02f), step(0.88f, 1.0f, tint));
    }
    case PETAL: return v3(0.80f, 0.79f, 0.76f);
    case HEART: return v3(0.72f, 0.40f, 0.02f);
    default: return v3(0.5f, 0.35f, 0.2f);
    }
}

vec texture_color(const hit *h, vec at) {
    bool rocky;
    vec geometric, normal = hit_normal(h, &geometric);
    return color_of(h, at, normal, &rocky);
}

look texture_look(const hit *h, vec at, vec normal, float far) {
    const instance *n = h->instance;
    const surface *s = &n->mesh->surfaces[h->triangle];
    bool rocky = false;
    look l = {color_of(h, at, normal, &rocky), normal, v3(0, 0, 0), 0, 0, 0.3f};
    vec p = hit_local(h, at);
    switch (s->material) {
    case GROUND:
        if (far < 40)
            l.normal = bumped(normal, at, clods, 0.01f, 1);
        else if (far > 400)
            l.normal = bumped(normal, at, rocky ? crags : canopy, rocky ? 5 : 3, rocky ? 1 : 0.55f);
        break;
    case WOOD:
        if (far < 9 && s->tint < 1) /* the grain runs along the local x, which only turns about y here */
            l.normal = bumped(normal, s->tint > 0 ? at : p, s->tint > 0 ? upright_grain : grain, 0.001f,
                              0.0022f * step(9, 3, far));
        l.shine = 0.02f, l.rough = 0.4f;
        break;
    case BOAT: l.shine = s->tint < 0.5f ? 0.04f : 0.03f, l.rough = 0.22f; break;
    case IRON: l.shine = 0.09f, l.rough = 0.30f; break;
    case ROCK: l.normal = bumped(normal, scale(p, n->size), stony, 0.01f, 0.9f); break;
    case ROPE: l.normal = bumped(normal, p, twist, 0.001f, 0.9f); break;
    case ROOF: l.normal = bumped(normal, p, shingle, 0.05f, 1); break;
    case NEEDLE: l.through = 0.32f; break;
    case GRASS: l.through = 0.42f; break;
    case LEAF: l.through = 0.55f; break;
    case PETAL: l.through = 0.35f; break;
    case WAX: {
        float lit = step(-0.16f, 0.0f, at.y - candle.y);
        l.glow = scale(v3(2.6f, 1.25f, 0.42f), 0.15f + 1.0f * lit);
        break;
    }
    case FLAME: l.glow = mix(v3(22, 13, 4.5f), v3(18, 9, 2.4f), s->tint); break;
    case WINDOW: l.glow = v3(4.2f, 2.3f, 0.85f); break;
    default: break;
    }
    return l;
}
