#include "noise.h"

static uint8_t order[512];

void noise_init(uint32_t seed) {
    for (int i = 0; i < 256; i++)
        order[i] = (uint8_t)i;
    for (int i = 255; i > 0; i--) {
        int j = (int)(hash32(seed * 977u + (uint32_t)i) % (uint32_t)(i + 1));
        uint8_t kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    for (int i = 0; i < 256; i++)
        order[256 + i] = order[i];
}

static float fade(float t) {
    return t * t * t * (t * (t * 6.0f - 15.0f) + 10.0f);
}

static float slope2(int h, float x, float y) {
    static const float directions[8][2] = {{1, 0},     {0, 1},      {-1, 0},     {0, -1},
                                           {.7f, .7f}, {-.7f, .7f}, {.7f, -.7f}, {-.7f, -.7f}};
    return directions[h & 7][0] * x + directions[h & 7][1] * y;
}

static float slope3(int h, float x, float y, float z) {
    static const float directions[16][3] = {
        {1, 1, 0}, {-1, 1, 0}, {1, -1, 0}, {-1, -1, 0}, {1, 0, 1}, {-1, 0, 1}, {1, 0, -1}, {-1, 0, -1},
        {0, 1, 1}, {0, -1, 1}, {0, 1, -1}, {0, -1, -1}, {1, 1, 0}, {-1, 1, 0}, {0, -1, 1}, {0, -1, -1}};
    const float *d = directions[h & 15];
    return d[0] * x + d[1] * y + d[2] * z;
}

float noise2(float x, float y) {
    int ix = floor_int(x), iy = floor_int(y);
    float fx = x - (float)ix, fy = y - (float)iy;
    int a = order[ix & 255] + (iy & 255), b = order[(ix + 1) & 255] + (iy & 255);
    float u = fade(fx), v = fade(fy);
    float low = mixf(slope2(order[a & 255], fx, fy), slope2(order[b & 255], fx - 1, fy), u);
    float high = mixf(slope2(order[(a + 1) & 255], fx, fy - 1), slope2(order[(b + 1) & 255], fx - 1, fy - 1), u);
    return 1.5f * mixf(low, high, v);
}

float noise3(vec p) {
    int ix = floor_int(p.x), iy = floor_int(p.y), iz = floor_int(p.z);
    float x = p.x - (float)ix, y = p.y - (float)iy, z = p.z - (float)iz;
    ix &= 255, iy &= 255, iz &= 255;
    int a = order[ix] + iy, aa = order[a] + iz, ab = order[a + 1] + iz;
    int b = order[ix + 1] + iy, ba = order[b] + iz, bb = order[b + 1] + iz;
    float u = fade(x), v = fade(y), w = fade(z);
    float near_low = mixf(slope3(order[aa], x, y, z), slope3(order[ba], x - 1, y, z), u);
    float near_high = mixf(slope3(order[ab], x, y - 1, z), slope3(order[bb], x - 1, y - 1, z), u);
    aa++, ab++, ba++, bb++;
    float far_low = mixf(slope3(order[aa], x, y, z - 1), slope3(order[ba], x - 1, y, z - 1), u);
    float far_high = mixf(slope3(order[ab], x, y - 1, z - 1), slope3(order[bb], x - 1, y - 1, z - 1), u);
    return mixf(mixf(near_low, near_high, v), mixf(far_low, far_high, v), w);
}

/* Each octave turns the plane, so that the lattices of the octaves do not line up. */
float fbm2(float x, float y, int octaves) {
    float sum = 0, weight = 0.5f;
    for (int i = 0; i < octaves; i++, weight *= 0.5f) {
        sum += weight * noise2(x, y);
        float turned = 1.6f * x + 1.2f * y + 17.3f;
        y = -1.2f * x + 1.6f * y + 5.1f;
        x = turned;
    }
    return sum;
}

float fbm3(vec p, int octaves) {
    float sum = 0, weight = 0.5f;
    for (int i = 0; i < octaves; i++, weight *= 0.5f) {
        sum += weight * noise3(p);
        p = v3(1.62f * p.x + 1.2f * p.z + 3.1f, 2.03f * p.y + 7.7f, -1.2f * p.x + 1.62f * p.z + 1.9f);
    }
    return sum;
}

float ridged2(float x, float y, int octaves) {
    float sum = 0, weight = 0.5f, carry = 1.0f;
    for (int i = 0; i < octaves; i++, weight *= 0.5f) {
        float crest = 1.0f - fabsf(noise2(x, y));
        crest *= crest * carry;
        carry = clampf(crest * 1.6f, 0.0f, 1.0f);
        sum += weight * crest;
        float turned = 1.6f * x + 1.2f * y + 31.7f;
        y = -1.2f * x + 1.6f * y + 11.9f;
        x = turned;
    }
    return sum;
}
