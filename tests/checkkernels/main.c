/*
 * checkkernels [--cuda] [--benchmark]: all kernels at all levels of the CPU, or on a CUDA device and against the CPU's;
 * with --benchmark nanoseconds a pixel instead.
 */
#include "checkkernels.h"

#include <backend.h>

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static void run_forward(void *impl, int count, kb3d_task_fn task, void *arg) {
    for (int i = 0; i < count; i++)
        task(arg, i);
}

static void run_backward(void *impl, int count, kb3d_task_fn task, void *arg) {
    for (int i = count - 1; i >= 0; i--)
        task(arg, i);
}

typedef struct crowd {
    kb3d_task_fn task;
    void *arg;
    int count;
    atomic_int next;
} crowd;

static void *help(void *arg) {
    crowd *c = arg;
    for (int i; (i = atomic_fetch_add(&c->next, 1)) < c->count;)
        c->task(c->arg, i);
    return NULL;
}

static void run_threads(void *impl, int count, kb3d_task_fn task, void *arg) {
    crowd c = {.task = task, .arg = arg, .count = count};
    pthread_t threads[2];
    int started = 0;
    while (started < 2 && !pthread_create(&threads[started], NULL, help, &c))
        started++;
    help(&c);
    while (started)
        pthread_join(threads[--started], NULL);
}

kb3d_parallel parallels[3] = {{run_forward, NULL, 1, NULL}, {run_backward, NULL, 2, NULL}, {run_threads, NULL, 3, NULL}};

static uint32_t random_state = 1;

uint32_t random_next(void) { /* xorshift32 (Marsaglia 2003) */
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

double random_in(double low, double high) {
    return low + (high - low) * random_next() / 4294967296.0;
}

enum { BAND = 256 };

typedef struct guard {
    size_t bytes;
    unsigned char band[BAND];
} guard;

void *guarded(size_t bytes) {
    unsigned char *block = malloc(sizeof(guard) + 64 + bytes + BAND);
    if (!block)
        exit(1);
    size_t offset = (sizeof(guard) + 63) / 64 * 64;
    guard g = {.bytes = bytes};
    memset(g.band, 0xa5, BAND);
    memcpy(block, &g, sizeof g);
    memset(block + sizeof g, 0xa5, offset - sizeof g);
    memset(block + offset, 0x5b, bytes);
    memset(block + offset + bytes, 0xa5, BAND);
    return block + offset;
}

int guards_stand(void *memory) {
    size_t offset = (sizeof(guard) + 63) / 64 * 64;
    unsigned char *block = (unsigned char *)memory - offset;
    guard g;
    memcpy(&g, block, sizeof g);
    int broken = 0;
    for (size_t i = sizeof g.bytes; i < offset; i++)
        broken += block[i] != 0xa5;
    for (size_t i = 0; i < BAND; i++)
        broken += ((unsigned char *)memory)[g.bytes + i] != 0xa5;
    free(block);
    return !broken;
}

double texel_at(const void *data, kb3d_texel texel, ptrdiff_t i) {
    return texel == KB3D_TEXEL_U8 ? ((const uint8_t *)data)[i]
           : texel == KB3D_TEXEL_U16 ? ((const uint16_t *)data)[i] : ((const float *)data)[i];
}

double texel_one(kb3d_texel texel) {
    return texel == KB3D_TEXEL_U8 ? 255 : texel == KB3D_TEXEL_U16 ? 65535 : 1;
}

/* kb3d_cloud_alloc's promise: one texel more than stride * rows. */
kb3d_texture make_texture(kb3d_texel texel, int width, int height) {
    kb3d_texture t = {.texel = texel, .width = width, .height = height, .stride = width + 2 * KB3D_APRON};
    size_t pixel = 4 * (size_t)texel, count = (size_t)t.stride * (size_t)(height + 2 * KB3D_APRON) + 1;
    unsigned char *memory = guarded(count * pixel);
    for (size_t i = 0; i < count * 4; i++) {
        float v = (float)random_in(0, 1);
        if (texel == KB3D_TEXEL_F32)
            memcpy(memory + 4 * i, &v, 4);
        else if (texel == KB3D_TEXEL_U16)
            ((uint16_t *)(void *)memory)[i] = (uint16_t)random_next();
        else
            memory[i] = (uint8_t)(random_next() >> 9);
    }
    t.data = memory + pixel * (size_t)(KB3D_APRON * t.stride + KB3D_APRON);
    return t;
}

int free_texture(kb3d_texture *t) {
    return guards_stand((char *)t->data - 4 * (ptrdiff_t)t->texel * (KB3D_APRON * t->stride + KB3D_APRON));
}

/* FNV-1a of what the first level gave, in the order of the calls. */
enum { SAME_MAX = 256 };
static uint64_t sums[SAME_MAX];
static int sum_count, sums_known;

void check_same_everywhere(const float *values, size_t count) {
    uint64_t sum = 14695981039346656037u;
    const unsigned char *bytes = (const unsigned char *)values;
    for (size_t i = 0; i < count * sizeof *values; i++)
        sum = (sum ^ bytes[i]) * 1099511628211u;
    if (!CHECK(sum_count < SAME_MAX))
        return;
    if (sum_count < sums_known)
        CHECK(sums[sum_count] == sum);
    sums[sum_count++] = sum;
}

void cut(const kb3d_kernels *k, const kb3d_parallel *par, kb3d_surface *s) {
    s->groups_x = (s->width + KB3D_GROUP_WIDTH - 1) / KB3D_GROUP_WIDTH;
    s->groups_y = (s->height + KB3D_GROUP_HEIGHT - 1) / KB3D_GROUP_HEIGHT;
    /* as long as kb3d_cloud_cut makes it */
    s->groups = guarded((size_t)(s->groups_x + 1) * (size_t)s->groups_y * sizeof *s->groups);
    memset(s->groups, 0, (size_t)(s->groups_x + 1) * (size_t)s->groups_y * sizeof *s->groups);
    s->patches = NULL;
    k->surface_cut(par, s);
    s->patches = guarded((s->patch_count + !s->patch_count) * sizeof *s->patches);
    k->surface_cut(par, s);
}

int free_cut(kb3d_surface *s) {
    return guards_stand(s->groups) & guards_stand(s->patches);
}

void measure(const kb3d_kernels *k, const char *name, double pixels, void (*work)(void *), void *arg) {
    double best = 1e300;
    for (int round = 0; round < 5; round++) {
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        work(arg);
        clock_gettime(CLOCK_MONOTONIC, &end);
        double ns = (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
        best = ns < best ? ns : best;
    }
    printf("%-28s %-7s %8.2f ns/pixel\n", name, k->simd, best / pixels);
}

static const struct {
    const char *name;
    kernel_test check;
    kernel_benchmark bench;
} tests[] = {{"area", check_area, bench_area},          {"surface", check_surface, bench_surface},
             {"matte", check_matte, bench_matte},
             {"render", check_render, bench_render},    {"fill", check_fill, bench_fill},
             {"behind", check_behind, NULL},             {"weave", check_weave, bench_weave},
             {"textures", check_textures, bench_textures}, {"export", check_export, bench_export},
             {"snap", check_snap, bench_snap},          {"upsample", check_upsample, bench_upsample}};
enum { TESTS = sizeof tests / sizeof *tests };
static int failures[TESTS];

static void run_all(const kb3d_kernels *k, int benchmark) {
    sums_known = sum_count > sums_known ? sum_count : sums_known;
    sum_count = 0;
    for (int i = 0; i < TESTS; i++) {
        random_state = 12345; /* the same numbers for every table */
        if (benchmark) {
            if (tests[i].bench)
                tests[i].bench(k);
            continue;
        }
        int before = failures[i];
        failures[i] = tests[i].check(k);
        if (!CHECK_INT(failures[i], before))
            fprintf(stderr, "    %s at %s\n", tests[i].name, k->simd);
    }
}

static void run_levels(int benchmark) {
    static const char *const LEVELS[] = {"none", "sse4", "avx2", "avx512"};
    for (int level = 0; level < 4; level++) {
        setenv("KB3D_SIMD", LEVELS[level], 1);
        const kb3d_kernels *k = kb3d_kernels_cpu();
        if (strcmp(k->simd, LEVELS[level]))
            printf("%s cannot run here\n", LEVELS[level]);
        else
            run_all(k, benchmark);
    }
}

/* A device's answers must be right by themselves, and the CPU's. */
static void run_cuda(int benchmark) {
    const kb3d_backend_api *api;
    kb3d_call call;
    int index;
    KB3D_INIT(call);
    if (!CHECK_INT(kb3d_backend_load(&api, &call), KB3D_OK) ||
        !CHECK_INT(kb3d_backend_choose(api, 0, &index, &call), KB3D_OK)) {
        fprintf(stderr, "    %s\n", call.message);
        return;
    }
    void *device = api->open(index), *queue = device ? api->queue_create(device, 1) : NULL;
    if (CHECK(queue)) {
        if (!benchmark)
            run_all(kb3d_kernels_cpu(), 0);
        for (int i = 0; i < PARALLELS; i++)
            parallels[i].queue = queue;
        run_all(api->kernels, benchmark);
        if (!benchmark)
            CHECK_INT(check_same_as_cpu(api->kernels), 0);
        api->queue_destroy(queue);
    }
    if (!CHECK_INT(kb3d_backend_check(&call), KB3D_OK))
        fprintf(stderr, "    %s\n", call.message);
    if (device)
        api->close(device);
}

int main(int count, char **arguments) {
    int benchmark = 0, cuda = 0;
    for (int i = 1; i < count; i++) {
        benchmark |= !strcmp(arguments[i], "--benchmark");
        cuda |= !strcmp(arguments[i], "--cuda");
    }
    if (cuda)
        run_cuda(benchmark);
    else
        run_levels(benchmark);
    return check_end();
}
