/*
 * kb3d-demo OUT_PICTURE.ppm OUT_DEPTH.pfm [WIDTH HEIGHT [SEED [ASIDE]]]
 *
 * Draws a photograph-like picture of a lake in the evening by tracing light, and its exact depth: the first thing
 * that `kb3d animate` can fly through when no network is installed. For each pixel's centre the depth file holds
 * 1/z, with z in metres along the optical axis, 0 for the sky. The camera is a pinhole with the principal point in
 * the picture's middle and a focal length of 28 / 36 of the width (a 28 mm lens on 36 mm film), which is also what
 * the library takes for a picture that says nothing; it is printed on standard output as `focal_px VALUE`.
 *
 * ASIDE moves the camera to the right, in metres: a second view of the same valley.
 *
 * The same seed gives the same picture for any number of threads. It needs the C library, libm and threads only.
 */
#include "develop.h"
#include "noise.h"
#include "scene.h"
#include "sky.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SMOOTHING = 4, MAX_THREADS = 64, MAX_SIDE = 8192 };

typedef struct job {
    forest scene;
    pixel *pixels, *others;
    vec *glow;
    unsigned char *rgb;
    int width, height, stride;
    uint32_t seed;
    float aside;
} job;

typedef void (*row_work)(job *j, int y);

typedef struct crew {
    job *job;
    row_work work;
    atomic_int next;
    int count;
} crew;

static void *help(void *argument) {
    crew *c = argument;
    for (int y; (y = atomic_fetch_add(&c->next, 1)) < c->count;)
        c->work(c->job, y);
    return NULL;
}

static void for_rows(job *j, int count, row_work work) {
    crew c = {.job = j, .work = work, .count = count};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t threads[MAX_THREADS];
    int started = 0;
    while (started + 1 < cores && started < MAX_THREADS && !pthread_create(&threads[started], NULL, help, &c))
        started++;
    help(&c);
    while (started > 0)
        pthread_join(threads[--started], NULL);
}

static void paint_sky(job *j, int y) {
    (void)j;
    sky_paint_row(y);
}

static void trace(job *j, int y) {
    trace_row(&j->scene, j->pixels + y * j->width, y, j->width, j->height, j->seed, j->aside);
}

static void smooth(job *j, int y) {
    develop_smooth_row(j->pixels, j->others, y, j->width, j->height, j->stride);
}

static void develop(job *j, int y) {
    develop_row(j->pixels + y * j->width, j->glow, y, j->width, j->height,
                j->rgb + 3 * (size_t)y * (size_t)j->width);
}

static void draw(job *j) {
    noise_init(j->seed);
    scene_build(&j->scene, j->width, j->seed);
    for_rows(j, sky_panorama_begin(j->width), paint_sky);
    for_rows(j, j->height, trace);
    for (j->stride = 1; j->stride < 1 << SMOOTHING; j->stride *= 2) {
        for_rows(j, j->height, smooth);
        pixel *kept = j->pixels;
        j->pixels = j->others;
        j->others = kept;
    }
    j->glow = develop_glow(j->pixels, j->width, j->height);
    for_rows(j, j->height, develop);
}

static bool write_picture(const job *j, FILE *file) {
    size_t bytes = 3 * (size_t)j->width * (size_t)j->height;
    return fprintf(file, "P6\n%d %d\n255\n", j->width, j->height) > 0 && fwrite(j->rgb, 1, bytes, file) == bytes;
}

/* Rows from the bottom up; the scale says that the floats are little-endian. */
static bool write_depth(const job *j, FILE *file) {
    if (fprintf(file, "Pf\n%d %d\n-1.0\n", j->width, j->height) < 0)
        return false;
    for (int y = j->height - 1; y >= 0; y--)
        for (int x = 0; x < j->width; x++) {
            uint32_t bits;
            memcpy(&bits, &j->pixels[y * j->width + x].inverse_depth, sizeof bits);
            unsigned char bytes[4] = {bits & 255, bits >> 8 & 255, bits >> 16 & 255, bits >> 24};
            if (fwrite(bytes, 1, 4, file) != 4)
                return false;
        }
    return true;
}

static bool save(const job *j, const char *name, bool (*write)(const job *, FILE *)) {
    FILE *file = fopen(name, "wb");
    bool good = file && write(j, file);
    if (file && fclose(file))
        good = false;
    if (!good)
        fprintf(stderr, "kb3d-demo: %s: cannot be written\n", name);
    return good;
}

int main(int count, char **words) {
    job j = {.width = 1536, .height = 1024, .seed = 1};
    if (count >= 5)
        j.width = atoi(words[3]), j.height = atoi(words[4]);
    if (count >= 6)
        j.seed = (uint32_t)strtoul(words[5], NULL, 10);
    if (count == 7)
        j.aside = strtof(words[6], NULL);
    bool sized = j.width >= 16 && j.height >= 16 && j.width <= MAX_SIDE && j.height <= MAX_SIDE;
    if (count < 3 || count == 4 || count > 7 || !sized) {
        fputs("usage: kb3d-demo OUT_PICTURE.ppm OUT_DEPTH.pfm [WIDTH HEIGHT [SEED [ASIDE]]], sides of 16 to 8192\n",
              stderr);
        return 2;
    }
    size_t pixels = (size_t)j.width * (size_t)j.height;
    j.pixels = malloc(sizeof *j.pixels * pixels);
    j.others = malloc(sizeof *j.others * pixels);
    j.rgb = malloc(3 * pixels);
    if (!j.pixels || !j.others || !j.rgb) {
        fputs("kb3d-demo: out of memory\n", stderr);
        return 1;
    }
    draw(&j);
    if (!save(&j, words[1], write_picture) || !save(&j, words[2], write_depth))
        return 1;
    printf("focal_px %g\n", (double)(focal_of_width * (float)j.width));
    return 0;
}
