#include "falsecolor.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS = 1024, SAMPLE_MAX = 1 << 20 };

/* Linear light to an sRGB-encoded byte. */
static unsigned char encode(double light) {
    double v = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055;
    return (unsigned char)(fmin(fmax(v, 0), 1) * 255 + 0.5);
}

/* A line through the colour space Oklab (Bjoern Ottosson, "A perceptual color space for image processing", 2020):
   lightness and hue go evenly, at the largest chroma that stays within sRGB all the way. */
static void draw_step(double t, unsigned char *rgb) {
    double lightness = 0.25 + 0.68 * t, hue = (268 + 192 * t) * acos(-1) / 180;
    double a = 0.13 * cos(hue), b = 0.13 * sin(hue);
    double l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    double m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    double s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    rgb[0] = encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
    rgb[1] = encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
    rgb[2] = encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
}

static const float *map_row(const kb3d_image *map, int y) {
    return (const float *)(const void *)((const char *)map->data[0] + map->stride[0] * y);
}

static int compare(const void *a, const void *b) {
    float first = *(const float *)a, second = *(const float *)b;
    return (first > second) - (first < second);
}

/* The map's ends, from at most a million values spread over it. */
static kb3d_exit find_ends(const kb3d_image *map, float *low, float *high) {
    size_t pixels = (size_t)map->width * (size_t)map->height;
    size_t step = (pixels + SAMPLE_MAX - 1) / SAMPLE_MAX, count = 0;
    float *values = malloc((pixels / step + 1) * sizeof *values);
    if (!values)
        return kb3d_report_memory();
    for (size_t i = 0; i < pixels; i += step) {
        float value = map_row(map, (int)(i / (size_t)map->width))[i % (size_t)map->width];
        if (isfinite(value))
            values[count++] = value;
    }
    qsort(values, count, sizeof *values, compare);
    *low = count ? values[(size_t)(0.005 * (double)(count - 1) + 0.5)] : 0;
    *high = count ? values[(size_t)(0.995 * (double)(count - 1) + 0.5)] : 0;
    free(values);
    return KB3D_EXIT_OK;
}

kb3d_exit kb3d_false_color(const kb3d_image *map, kb3d_image *color) {
    static unsigned char steps[STEPS][3];
    float low = 0, high = 0;
    kb3d_exit failed = find_ends(map, &low, &high);
    if (failed)
        return failed;
    for (int i = 0; i < STEPS; i++)
        draw_step(i / (STEPS - 1.0), steps[i]);
    for (int y = 0; y < map->height; y++) {
        const float *from = map_row(map, y);
        unsigned char *to = (unsigned char *)color->data[0] + color->stride[0] * y;
        for (int x = 0; x < map->width; x++, to += 3) {
            /* a flat map is all near */
            double share = high > low ? ((double)from[x] - low) / ((double)high - low) : 1;
            int step = share > 0 ? (int)(fmin(share, 1) * (STEPS - 1) + 0.5) : 0;
            for (int c = 0; c < 3; c++)
                to[c] = steps[step][c];
        }
    }
    return KB3D_EXIT_OK;
}
