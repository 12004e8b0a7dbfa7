/* A module in the torch shim's place. The first word of the "network's" file says what it does. */
#include "infer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kb3d_infer_model {
    char kind[32];
};

static int fake_load(const char *path, kb3d_infer_model **model, char *message) {
    FILE *file = fopen(path, "r");
    kb3d_infer_model *made = calloc(1, sizeof *made);
    int found = file && made && fscanf(file, "%31s", made->kind) == 1 && strcmp(made->kind, "unloadable");
    if (file)
        fclose(file);
    *model = found ? made : NULL;
    if (!found) {
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "not a fake network");
        free(made);
    }
    return !found;
}

static void fake_unload(kb3d_infer_model *model) {
    free(model);
}

static float fake_value(const char *kind, const kb3d_tensor *input, int64_t i) {
    int64_t width = input->shape[3];
    if (!strcmp(kind, "flat"))
        return 7;
    if (!strcmp(kind, "nan") || (!strcmp(kind, "holes") && i % width < width / 2))
        return NAN;
    return input->data[i]; /* the first plane */
}

static int fake_run(kb3d_infer_model *model, const char *entry, const kb3d_tensor *input, int threads,
                    kb3d_tensor *output, void **output_owner, char *message) {
    if (!strcmp(model->kind, "fails") || strcmp(entry, "forward") || threads < 1) {
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "RuntimeError: it hurts");
        return 1;
    }
    int64_t height = input->shape[2], width = input->shape[3];
    float *data = malloc((size_t)(2 * height * width) * sizeof *data);
    for (int64_t i = 0; i < height * width; i++)
        data[i] = fake_value(model->kind, input, i);
    if (!strcmp(model->kind, "flat"))
        *output = (kb3d_tensor){data, 2, {height, width}};
    else
        *output = (kb3d_tensor){data, 4, {1, strcmp(model->kind, "shape") ? 1 : 2, height, width}};
    *output_owner = data;
    return 0;
}

static const kb3d_infer_api api = {KB3D_INFER_ABI, "fake", fake_load, fake_unload, fake_run, free};

const kb3d_infer_api *kb3d_infer_open(void);

__attribute__((visibility("default"))) const kb3d_infer_api *kb3d_infer_open(void) {
    return &api;
}
