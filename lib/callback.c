/* The host's own functions in the place of libtorch. */
#include "models.h"

#include <stdio.h>

/* Values of one answer; a gigabyte of floats is no picture. */
#define ANSWER_LIMIT ((int64_t)1 << 28)

/* What the library keeps of a run, behind kb3d_run::library and as the answer. */
typedef struct answers {
    kb3d_mem *mem;
    const kb3d_infer_request *request;
    float *memory[KB3D_MODEL_OUTPUT_MAX];
    kb3d_status status; /* why memory for an answer could not be had */
} answers;

static void release(void *answer) {
    answers *a = answer;
    for (int i = 0; i < KB3D_MODEL_OUTPUT_MAX; i++)
        kb3d_mem_free(a->mem, a->memory[i]);
    kb3d_mem_free(a->mem, a);
}

float *kb3d_run_answer(kb3d_run *run, int index, int rank, const int64_t *shape) {
    if (!run || !run->library || index < 0 || rank < 0 || rank > KB3D_TENSOR_RANK_MAX || (rank && !shape))
        return NULL;
    answers *a = run->library;
    if (index >= a->request->output_count || index >= KB3D_MODEL_OUTPUT_MAX || a->memory[index])
        return NULL;
    int64_t count = 1;
    kb3d_tensor *to = &a->request->outputs[index];
    *to = (kb3d_tensor){.rank = rank};
    for (int i = 0; i < rank; i++) {
        if (shape[i] < 1 || shape[i] > ANSWER_LIMIT / count)
            return NULL;
        count *= shape[i];
        to->shape[i] = shape[i];
    }
    kb3d_status status = kb3d_mem_alloc_zero(a->mem, &a->memory[index], (size_t)count, sizeof(float), NULL);
    if (status) {
        a->status = status;
        return NULL;
    }
    return to->data = a->memory[index];
}

int kb3d_run_is_cancelled(const kb3d_run *run) {
    const answers *a = run ? run->library : NULL;
    return a && a->request->stop(a->request->user);
}

/* There is nothing to load. */
static kb3d_status load(void *self, const kb3d_infer_file *file, kb3d_infer_model **model, uint64_t *weight_bytes,
                        char *message) {
    (void)file;
    (void)message;
    *weight_bytes = 0;
    *model = self;
    return KB3D_OK;
}

static void unload(kb3d_infer_model *model) {
    (void)model;
}

static kb3d_status check_answers(const answers *a, char *message) {
    for (int i = 0; i < a->request->output_count; i++)
        if (!a->memory[i]) {
            snprintf(message, KB3D_INFER_MESSAGE_SIZE, "the host's network gave no answer %d", i);
            return KB3D_ERROR_MODEL;
        }
    return KB3D_OK;
}

static kb3d_status run(kb3d_infer_model *model, const kb3d_infer_request *request, void **answer, char *message) {
    const kb3d_callback *callback = (const kb3d_callback *)model;
    answers *a;
    if (kb3d_mem_alloc_zero(callback->mem, &a, 1, sizeof *a, NULL)) {
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "out of memory");
        return KB3D_ERROR_MEMORY;
    }
    a->mem = callback->mem;
    a->request = request;
    kb3d_run told = {.size = sizeof told,
                     .entry = request->entry,
                     .inputs = request->inputs,
                     .input_count = request->input_count,
                     .output_count = request->output_count,
                     .threads = request->threads,
                     .message = message,
                     .library = a};
    message[0] = 0;
    int failed = callback->run(callback->user, &told);
    message[KB3D_INFER_MESSAGE_SIZE - 1] = 0;
    kb3d_status status = a->status ? a->status : failed ? KB3D_ERROR_MODEL : check_answers(a, message);
    if (a->status)
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "no memory for the network's answer");
    else if (failed && !message[0])
        snprintf(message, KB3D_INFER_MESSAGE_SIZE, "the host's network failed with %d", failed);
    if (status)
        release(a);
    else
        *answer = a;
    return status;
}

const kb3d_infer_api *kb3d_callback_api(void) {
    static const kb3d_infer_api api = {
        .abi = KB3D_INFER_ABI, .runtime = "host", .load = load, .unload = unload, .run = run, .release = release};
    return &api;
}
