/* What the measurements of kb3d bench share. */
#ifndef KB3D_TOOLS_BENCH_H
#define KB3D_TOOLS_BENCH_H

#include "picture.h"
#include "tool.h"

enum { KB3D_BENCH_RUNS = 5, KB3D_BENCH_RESULT_MAX = 256 };

typedef struct kb3d_bench_result {
    char name[64]; /* ends in _fps, _ms or _mb */
    double value;
} kb3d_bench_result;

typedef struct kb3d_bench {
    kb3d_tool tool;
    kb3d_image picture, depth; /* drawn */
    bool has_network;          /* one for depth ran: the whole job is measured with it */
    kb3d_bench_result results[KB3D_BENCH_RESULT_MAX];
    int count;
} kb3d_bench;

double kb3d_bench_now_ms(void);

/* A median of five runs, or of fewer where each takes seconds. */
bool kb3d_bench_is_enough(int runs, double start_ms);

/* Sorts the values. */
double kb3d_bench_median(double *values, int count);

void kb3d_bench_add(kb3d_bench *bench, double value, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The scene of the drawn picture, with the drawn depth or with the network's. */
kb3d_status kb3d_bench_create_scene(kb3d_bench *bench, bool network, kb3d_scene **scene);

/* Scene, path, preparation and frames of the drawn picture. Reports. */
kb3d_exit kb3d_bench_pixels(kb3d_bench *bench);

/* The networks, given or found: in the process and in the worker, with every number of threads; and from a photo to its
   first frame. In contexts of its own: the bench's tool must be closed. Reports. */
kb3d_exit kb3d_bench_networks(kb3d_bench *bench, const kb3d_options *options);

#endif
