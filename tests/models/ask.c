/* One run of a network, as a stage would make it, and its answer as it came:
       ask ROLE MODEL.pt WIDTH HEIGHT ANSWER
   for a drawn picture of that size, on one thread. Prints the answer's shape; ANSWER gets its floats. */
#include "../stage.h"
#include "model.h"
#include "tensor.h"

#include <string.h>

static int fail(const char *what, const kb3d_call *call) {
    fprintf(stderr, "%s: %s\n", what, call->message);
    return 1;
}

static kb3d_model_role role_named(const char *name) {
    for (int i = 1; i <= KB3D_ROLE_COUNT; i++)
        if (!strcmp(name, kb3d_role_name((kb3d_model_role)i)))
            return (kb3d_model_role)i;
    return KB3D_MODEL_DEPTH;
}

/* The inverse depth that refinement starts from: a quarter of the picture's input, between 0 and 1. */
static kb3d_status make_depth(kb3d_ctx *ctx, kb3d_model *model, int width, int height, kb3d_tensor *t, kb3d_call *call) {
    *t = (kb3d_tensor){.rank = 4, .shape = {1, 1, height, width}};
    kb3d_status status = kb3d_model_alloc(ctx, model, (size_t)width * (size_t)height, &t->data, call);
    for (int i = 0; !status && i < width * height; i++)
        t->data[i] = (float)(i / width + 1) / (float)height;
    return status;
}

static kb3d_status ask(kb3d_ctx *ctx, kb3d_model *model, int width, int height, const char *file, kb3d_call *call) {
    const kb3d_manifest *m = kb3d_model_manifest(model);
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);
    if (!rgb)
        return kb3d_fail(call, KB3D_ERROR_MEMORY, "no memory");
    draw_waves(rgb, width, height);
    kb3d_raster picture = {.width = width, .height = height, .channels = 3, .sample = KB3D_SAMPLE_U8, .data = rgb};
    kb3d_tensor inputs[2] = {{0}};
    int input_width, input_height, count = m->role == KB3D_MODEL_REFINE ? 2 : 1;
    kb3d_manifest_input_size(m, width, height, &input_width, &input_height);
    int part = m->depth_of_picture_size ? 1 : 4;
    kb3d_status status = kb3d_tensor_from_picture(ctx, model, &picture, input_width, input_height, inputs, call);
    if (!status && count == 2)
        status = make_depth(ctx, model, (input_width + part - 1) / part, (input_height + part - 1) / part, inputs + 1, call);
    kb3d_model_run run = {.model = model, .inputs = inputs, .input_count = count, .output_count = 1};
    if (!status && !(status = kb3d_model_execute(ctx, &run, call))) {
        const kb3d_tensor *t = run.outputs;
        size_t values = 1;
        for (int i = 0; i < t->rank; i++) {
            printf("%d ", (int)t->shape[i]);
            values *= (size_t)t->shape[i];
        }
        printf("\n");
        FILE *out = fopen(file, "wb");
        if (!out || fwrite(t->data, sizeof(float), values, out) != values || fclose(out))
            status = kb3d_fail(call, KB3D_ERROR_IO, "%s cannot be written", file);
        kb3d_model_run_end(&run);
    }
    for (int i = 0; i < 2; i++)
        kb3d_model_free(ctx, model, inputs[i].data);
    free(rgb);
    return status;
}

int main(int count, char **arguments) {
    if (count != 6)
        return 2;
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_ctx *ctx = make_ctx(1);
    kb3d_model_source source;
    KB3D_INIT(source);
    source.role = role_named(arguments[1]);
    source.path = arguments[2];
    kb3d_model *model;
    if (kb3d_ctx_add_model(ctx, &source, &call) || kb3d_model_find(ctx, source.role, &model, &call) ||
        ask(ctx, model, atoi(arguments[3]), atoi(arguments[4]), arguments[5], &call))
        return fail(arguments[2], &call);
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
