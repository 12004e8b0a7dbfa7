#include "sky.h"

#include "noise.h"

#include <stdlib.h>

/* About 14 degrees high, to the left of the view; light in arbitrary units. */
const vec sun_direction = {-0.9370f, 0.2420f, -0.2520f};
const vec sun_light = {13.5f, 8.3f, 4.3f};

static const float span_azimuth = 0.72f, span_height = 0.55f; /* the panorama, radians */
static vec *panorama;
static int panorama_width, panorama_height;

vec sky_clear(vec d) {
    float up = clampf(d.y, 0, 1), toward = dot(d, sun_direction);
    vec zenith = v3(0.13f, 0.30f, 0.70f), middle = v3(0.36f, 0.54f, 0.86f), horizon = v3(1.22f, 0.93f, 0.74f);
    vec away = v3(0.86f, 0.76f, 0.80f); /* rosy, opposite the sun */
    horizon = mix(away, horizon, step(-0.6f, 0.8f, toward));
    vec c = mix(middle, zenith, step(0.05f, 0.75f, up));
    c = mix(c, horizon, expf(-up * 7.5f));
    float near = clampf(toward, 0, 1);
    c = madd(c, v3(1.5f, 0.80f, 0.32f), 0.55f * powf(near, 5) * expf(-up * 2.5f));
    return madd(c, v3(6, 4, 2.2f), powf(near, 90));
}

/* Water drops gathered in heaps between two heights; the lower side flat. */
static float cloud_density(vec p, int octaves) {
    float up = (p.y - 2300) / 1500;
    if (up < 0 || up > 1)
        return 0;
    vec q = v3(p.x / 3300 + 3.7f, p.y / 2100, p.z / 3300 + 1.1f);
    float cover = noise2(p.x / 9500 + 0.3f, p.z / 9500 + 7.7f);
    float heap = fbm3(q, octaves) * 1.5f + 0.42f * cover - 0.06f - 0.55f * up * up - 0.35f * step(0.25f, 0, up);
    return clampf(heap * 3.0f, 0, 1);
}

/* Marches through the cloud layer; the sun's light through it by Beer's law with a powdery edge. */
static vec cloud_color(vec d, vec behind, float jitter) {
    if (d.y < 0.03f)
        return behind;
    enum { STEPS = 30 };
    float t = 2300 / d.y, stride = minf(1500 / d.y, 14000) / STEPS, kept = 1;
    float far_fade = expf(-t * 3.2e-5f), toward = clampf(dot(d, sun_direction), 0, 1);
    vec light = v3(0, 0, 0);
    t += stride * jitter;
    for (int i = 0; i < STEPS && kept > 0.02f; i++, t += stride) {
        vec p = scale(d, t);
        float density = cloud_density(p, 5);
        if (density <= 0)
            continue;
        float depth = 0;
        for (int k = 1; k <= 4; k++)
            depth += cloud_density(madd(p, sun_direction, 110.0f * (float)(k * k)), 3) * (float)(2 * k - 1);
        float sun = expf(-depth * 0.20f) * (1 - 0.6f * expf(-density * 4)) + 0.10f * expf(-depth * 0.04f);
        vec c = scale(sun_light, 0.19f * sun * (1 + 2.0f * powf(toward, 6)));
        float up = clampf((p.y - 2300) / 1500, 0, 1);
        c = add(c, mix(v3(0.33f, 0.34f, 0.44f), v3(0.44f, 0.50f, 0.66f), up));
        float alpha = 1 - expf(-density * stride * 0.0042f);
        light = madd(light, c, kept * alpha);
        kept *= 1 - alpha;
    }
    return mix(behind, madd(light, behind, kept), far_fade);
}

int sky_panorama_begin(int width) {
    panorama_width = width;
    panorama_height = (int)((float)width * span_height / (2 * span_azimuth));
    panorama = malloc(sizeof *panorama * (size_t)panorama_width * (size_t)panorama_height);
    if (!panorama)
        abort();
    return panorama_height;
}

void sky_paint_row(int row) {
    float height = span_height * ((float)row + 0.5f) / (float)panorama_height;
    for (int i = 0; i < panorama_width; i++) {
        float azimuth = span_azimuth * (2 * ((float)i + 0.5f) / (float)panorama_width - 1);
        vec d = v3(cosf(height) * sinf(azimuth), sinf(height), cosf(height) * cosf(azimuth));
        vec c = sky_clear(d);
        float veil_x = d.x / (d.y + 0.08f), veil_z = d.z / (d.y + 0.08f);
        float veil = fbm2(veil_x * 0.55f + veil_z * 0.25f, veil_z * 0.16f + 2.0f, 7) +
                     0.35f * noise2(veil_x * 0.3f, veil_z * 0.1f);
        c = mix(c, v3(1.55f, 1.25f, 1.10f), 0.38f * step(0.05f, 0.6f, veil)); /* high ice clouds */
        float jitter = unit_float(hash32((uint32_t)(row * panorama_width + i) + 99u));
        panorama[row * panorama_width + i] = cloud_color(d, c, jitter);
    }
}

vec sky_seen(vec d) {
    float azimuth = atan2f(d.x, d.z), height = asinf(clampf(d.y, -1, 1));
    float x = (azimuth / span_azimuth + 1) * 0.5f * (float)panorama_width - 0.5f;
    float y = maxf(height, 0) / span_height * (float)panorama_height - 0.5f;
    int ix = floor_int(x), iy = floor_int(maxf(y, 0));
    if (ix < 0 || ix + 1 >= panorama_width || iy + 1 >= panorama_height)
        return sky_clear(d);
    const vec *a = &panorama[iy * panorama_width + ix];
    float fx = x - (float)ix, fy = maxf(y, 0) - (float)iy;
    return mix(mix(a[0], a[1], fx), mix(a[panorama_width], a[panorama_width + 1], fx), fy);
}

vec sky_ambient(vec n) {
    vec level = mix(v3(0.62f, 0.62f, 0.70f), v3(1.05f, 0.82f, 0.66f), 0.5f + 0.5f * dot(n, v3(-0.89f, 0, 0.45f)));
    vec sky = mix(level, v3(0.50f, 0.60f, 0.86f), clampf(n.y, 0, 1));
    return mix(v3(0.16f, 0.14f, 0.11f), sky, clampf(0.5f + 0.6f * n.y, 0, 1));
}

vec sky_through_air(vec color, vec d, float far, float y0, float y1, vec *kept) {
    /* Mist close to the lake: the integral of exp(-y / 14) along the way. */
    float low = expf(-maxf(y0, 0) / 14), high = expf(-maxf(y1, 0) / 14), rise = y1 - y0;
    float mean = fabsf(rise) < 0.1f ? low : 14 * (low - high) / rise;
    float mist = maxf(far - 25, 0) * 5.5e-4f * clampf(mean, 0, 1);
    float thin = far * (0.35f + 0.65f * expf(-maxf(y1, 0) / 1600));
    *kept = v3(expf(-thin * 5.0e-5f - mist), expf(-thin * 6.5e-5f - mist), expf(-thin * 9.5e-5f - mist));
    vec level = unit(v3(d.x, 0.06f, d.z)), glow = sky_clear(level);
    vec air = mul(glow, v3(0.66f, 0.80f, 1.02f));
    return add(mul(color, *kept), mul(air, sub(v3(1, 1, 1), *kept)));
}
