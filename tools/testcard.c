#include "testcard.h"

#include <math.h>

typedef struct disc {
    float x, y, radius; /* in frame heights; y from the top */
    float inverse_depth;
    unsigned char color[3];
} disc;

static const disc discs[] = {
    {0.25f, 0.45f, 0.07f, 0.20f, {190, 160, 90}},  {1.00f, 0.42f, 0.09f, 0.28f, {90, 150, 170}},
    {0.60f, 0.50f, 0.13f, 0.45f, {200, 90, 80}},   {1.25f, 0.60f, 0.16f, 0.60f, {100, 170, 90}},
    {0.35f, 0.72f, 0.19f, 0.85f, {230, 200, 120}}, {0.95f, 0.80f, 0.15f, 1.00f, {120, 100, 190}},
};

static float texture(float x, float y) {
    return 0.5f + 0.25f * sinf(x * 61) * sinf(y * 53) + 0.25f * sinf(x * 211 + y * 97);
}

/* One pixel at (x, y) in frame heights. */
static float shade(float x, float y, unsigned char *rgb) {
    float inverse = y > 0.4f ? 0.1f + (y - 0.4f) * 1.4f : 0.1f;
    float light = 0.6f + 0.4f * texture(y > 0.4f ? x / inverse : x, y > 0.4f ? 1 / inverse : y);
    float color[3] = {120, y > 0.4f ? 130 : 160, y > 0.4f ? 80 : 220};
    for (size_t i = 0; i < sizeof discs / sizeof *discs; i++) {
        float dx = x - discs[i].x, dy = y - discs[i].y;
        if (dx * dx + dy * dy < discs[i].radius * discs[i].radius && discs[i].inverse_depth > inverse) {
            inverse = discs[i].inverse_depth;
            light = 0.6f + 0.4f * texture(dx * 2, dy * 2);
            for (int k = 0; k < 3; k++)
                color[k] = discs[i].color[k];
        }
    }
    for (int k = 0; k < 3; k++)
        rgb[k] = (unsigned char)(color[k] * light);
    return inverse;
}

kb3d_exit kb3d_testcard_draw(kb3d_image *picture, kb3d_image *depth, int width, int height) {
    KB3D_INIT(*depth);
    kb3d_exit failed = kb3d_picture_alloc(picture, KB3D_FORMAT_RGB8, width, height);
    if (failed)
        return failed;
    if ((failed = kb3d_picture_alloc(depth, KB3D_FORMAT_GRAYF32, width, height))) {
        kb3d_picture_free(picture);
        return failed;
    }
    for (int y = 0; y < height; y++) {
        unsigned char *rgb = (unsigned char *)picture->data[0] + picture->stride[0] * y;
        float *inverse = (float *)(void *)((char *)depth->data[0] + depth->stride[0] * y);
        for (int x = 0; x < width; x++)
            inverse[x] = shade(((float)x + 0.5f) / (float)height, ((float)y + 0.5f) / (float)height, rgb + 3 * x);
    }
    return KB3D_EXIT_OK;
}
