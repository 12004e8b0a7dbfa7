/* What the boundary to the worker costs, run by hand:
       meson devenv -C build tests/worker/worker_cost FILE.pt [CHANNELS HEIGHT WIDTH [RUNS]]
   Runs a TorchScript file on 1xCHANNELSxHEIGHTxWIDTH (3 1080 1920) in the process and in the worker,
   reads the whole answer, and prints the median and the least time. One thread, so that
   starting libtorch's is not measured. tests/unit/models/first.pt of the build answers
   its input's first plane, where it lies: all of its time is the boundary's. */
#include "stage.h"

#include "torch_module.h"

#include <unistd.h>

typedef struct side {
    const kb3d_infer_api *api;
    kb3d_infer_model *model;
    float *pixels;
    double *times, sum;
} side;

static int compare(const void *a, const void *b) {
    double d = *(const double *)a - *(const double *)b;
    return d < 0 ? -1 : d > 0;
}

static size_t volume(const kb3d_tensor *t) {
    size_t count = 1;
    for (int i = 0; i < t->rank; i++)
        count *= (size_t)t->shape[i];
    return count;
}

static int run(side *s, kb3d_tensor input, double *ms) {
    kb3d_tensor output;
    kb3d_infer_request request = {.entry = "forward", .inputs = &input, .input_count = 1, .output_key = "",
                                  .outputs = &output, .output_count = 1, .threads = 1};
    void *answer;
    for (size_t i = 0; i < volume(&input); i++)
        s->pixels[i] = (float)(i % 255) / 255;
    input.data = s->pixels;
    double begin = now_ms();
    if (s->api->run(s->model, &request, &answer, message)) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }
    s->sum = 0;
    for (size_t i = 0; i < volume(&output); i += 16) /* all of it comes into the cache */
        s->sum += output.data[i];
    *ms = now_ms() - begin;
    s->api->release(answer);
    return 0;
}

int main(int count, char **arguments) {
    kb3d_tensor input = {NULL, 4, {1, 3, 1080, 1920}};
    for (int i = 2; i < count && i < 5; i++)
        input.shape[i - 1] = atoi(arguments[i]);
    int runs = count > 5 ? atoi(arguments[5]) : 51, clash;
    FILE *from = count > 1 ? fopen(arguments[1], "rb") : NULL;
    size_t size = 512u << 20;
    char *bytes = malloc(size);
    side sides[2] = {{0}};
    kb3d_call call;
    KB3D_INIT(call);
    if (!from || !bytes || runs < 1) {
        fprintf(stderr, "worker_cost FILE.pt [CHANNELS HEIGHT WIDTH [RUNS]]\n");
        return 2;
    }
    kb3d_infer_file file = {.bytes = bytes, .byte_count = fread(bytes, 1, size, from)};
    worker_make((kb3d_worker_limits){0});
    if (kb3d_torch_module_open(&sides[0].api, &clash, &call)) {
        fprintf(stderr, "%s\n", call.message);
        return 1;
    }
    sides[1].api = kb3d_worker_api();
    for (int i = 0; i < 2; i++) {
        uint64_t weights;
        void *memory;
        double begin = now_ms();
        sides[i].times = malloc((size_t)runs * sizeof(double));
        if (sides[i].api->load(i ? worker : NULL, &file, &sides[i].model, &weights, message)) {
            fprintf(stderr, "%s\n", message);
            return 1;
        }
        printf("%-10s loaded in %.1f ms\n", i ? "worker" : "in process", now_ms() - begin);
        size_t byte_count = volume(&input) * sizeof(float);
        if (!sides[i].api->input_alloc)
            sides[i].pixels = malloc(byte_count);
        else if (!sides[i].api->input_alloc(sides[i].model, byte_count, &memory, message))
            sides[i].pixels = memory;
        for (int r = -3; r < runs; r++) {
            double ms;
            if (!sides[i].pixels || run(&sides[i], input, &ms))
                return 1;
            if (r >= 0)
                sides[i].times[r] = ms;
        }
        qsort(sides[i].times, (size_t)runs, sizeof *sides[i].times, compare);
        printf("%-10s %.2f ms (median of %d), %.2f ms (least), sum %.6f\n", i ? "worker" : "in process",
               sides[i].times[runs / 2], runs, sides[i].times[0], sides[i].sum);
    }
    printf("boundary   %.2f ms (of medians), %.2f ms (of the least)\n",
           sides[1].times[runs / 2] - sides[0].times[runs / 2], sides[1].times[0] - sides[0].times[0]);
    kb3d_worker_api()->input_free(sides[1].model, sides[1].pixels);
    kb3d_worker_api()->unload(sides[1].model);
    kb3d_worker_destroy(&worker);
    fflush(stdout);
    _exit(0); /* libtorch's exit handlers are not what is measured */
}
