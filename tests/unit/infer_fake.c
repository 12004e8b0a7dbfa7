/* A module in the torch shim's place. The first word of the "network's" file says what it does. */
#include "infer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kb3d_infer_model {
    char kind[32];
};

static kb3d_status fake_load(void *self, const kb3d_infer_file *file, kb3d_infer_model **model,
                             uint64_t *weight_bytes, char *message) {
    kb3d_infer_model *made = calloc(1, sizeof *made);
    char text[32] = "";
    memcpy(text, file->bytes, file->byte_count < 31 ? file->byte_count : 31);
    int found = made && sscanf(text, "%31s", made->kind) == 1 && strcmp(made->kind, "unloadable");
    *weight_bytes = 7;
    *model = found ? made : NULL;
    if (!found) {
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "not a fake network");
        free(made);
    }
    return found ? KB3D_OK : KB3D_ERROR_MODEL;
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

static kb3d_status fake_run(kb3d_infer_model *model, const kb3d_infer_request *r, void **answer, char *message) {
    if (!strcmp(model->kind, "fails") || strcmp(r->entry, "forward") || r->threads < 1) {
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "RuntimeError: it hurts");
        return KB3D_ERROR_MODEL;
    }
    int64_t height = r->inputs[0].shape[2], width = r->inputs[0].shape[3];
    float *data = malloc((size_t)(2 * height * width) * sizeof *data);
    for (int64_t i = 0; i < height * width; i++)
        data[i] = fake_value(model->kind, &r->inputs[0], i);
    if (!strcmp(model->kind, "flat"))
        r->outputs[0] = (kb3d_tensor){data, 2, {height, width}};
    else
        r->outputs[0] = (kb3d_tensor){data, 4, {1, strcmp(model->kind, "shape") ? 1 : 2, height, width}};
    *answer = data;
    return KB3D_OK;
}

static const kb3d_infer_api api = {KB3D_INFER_ABI, "fake", fake_load, fake_unload, fake_run, free, NULL, NULL};

const kb3d_infer_api *kb3d_infer_open(void);

__attribute__((visibility("default"))) const kb3d_infer_api *kb3d_infer_open(void) {
    return &api;
}
