/* The only user of stb_image. Its allocations come out of the context's memory,
   zeroed, because it shows what it has not written, and out of a budget, because
   it grows them as the file asks. Compiled with -fwrapv, as it lets sums wrap, and
   without two checks of UBSan, for faults of it that do no harm: see meson.build. */
#include "picture.h"

#include <string.h>

/* stb_image's macros carry no context, so that of the running decode lies here. */
static _Thread_local struct {
    kb3d_mem *mem;
    uint64_t left;      /* of the budget */
    kb3d_status status; /* of the allocation that was refused */
} decoding;

static void *take(size_t byte_count) {
    void *memory = NULL;
    if (byte_count > decoding.left) {
        decoding.status = KB3D_ERROR_FORMAT;
        return NULL;
    }
    decoding.left -= byte_count;
    kb3d_status status = kb3d_mem_alloc_zero(decoding.mem, &memory, byte_count, 1, NULL);
    if (status)
        decoding.status = status;
    return memory;
}

static void give(void *memory) {
    kb3d_mem_free(decoding.mem, memory);
}

static void *grow(void *memory, size_t old_count, size_t byte_count) {
    void *larger = take(byte_count);
    if (!larger)
        return NULL;
    if (memory)
        memcpy(larger, memory, old_count < byte_count ? old_count : byte_count);
    give(memory);
    return larger;
}

#define STBI_MALLOC(size) take(size)
#define STBI_REALLOC_SIZED(memory, old_size, size) grow(memory, old_size, size)
#define STBI_FREE(memory) give(memory)
#define STBI_ASSERT(condition) ((void)0) /* the library never aborts */
#define STBI_NO_STDIO
#define STBI_NO_PIC /* nobody's format */
#define STBI_NO_PNM /* its 16 bit samples come in the wrong byte order: pnm.c */
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb_image.h>

/* Grey with alpha, the one layout that a raster does not have, becomes RGBA. */
static kb3d_status widen(kb3d_mem *mem, kb3d_raster *raster, kb3d_call *call) {
    size_t pixels = (size_t)raster->width * (size_t)raster->height, sample = raster->sample;
    unsigned char *from = raster->data, *to;
    kb3d_status status = kb3d_mem_alloc(mem, &to, pixels, 4 * sample, call);
    for (size_t i = 0; !status && i < 4 * pixels; i++)
        memcpy(to + i * sample, from + (2 * (i / 4) + (i % 4 == 3)) * sample, sample);
    kb3d_mem_free(mem, from);
    raster->data = status ? NULL : to;
    raster->channels = 4;
    return status;
}

kb3d_status kb3d_stb_load(kb3d_mem *mem, const kb3d_blob *blob, const kb3d_layout *layout, kb3d_raster *raster,
                          kb3d_call *call) {
    int width = 0, height = 0, channels = 0, count = (int)blob->count;
    void *data;
    decoding.mem = mem;
    decoding.left = layout->budget;
    decoding.status = KB3D_OK;
    if (layout->sample == KB3D_SAMPLE_F32)
        data = stbi_loadf_from_memory(blob->data, count, &width, &height, &channels, 0);
    else if (layout->sample == KB3D_SAMPLE_U16)
        data = stbi_load_16_from_memory(blob->data, count, &width, &height, &channels, 0);
    else
        data = stbi_load_from_memory(blob->data, count, &width, &height, &channels, 0);
    kb3d_status refused = decoding.status;
    if (!data && refused && refused != KB3D_ERROR_FORMAT)
        return kb3d_no_memory(blob->name, mem, refused, call);
    if (!data && refused)
        return kb3d_fail(call, KB3D_ERROR_FORMAT, "%s: damaged: it asks for far more memory than its pixels need",
                         blob->name);
    if (!data)
        return kb3d_fail(call, KB3D_ERROR_FORMAT, "%s: damaged: %s", blob->name, stbi_failure_reason());
    if (width != layout->width || height != layout->height || channels < 1 || channels > 4) {
        kb3d_mem_free(mem, data);
        return kb3d_fail(call, KB3D_ERROR_FORMAT, "%s: damaged: its size is not that of its header", blob->name);
    }
    *raster = (kb3d_raster){.width = width, .height = height, .channels = channels, .sample = layout->sample,
                            .linear = layout->sample == KB3D_SAMPLE_F32, .data = data};
    return channels == 2 ? widen(mem, raster, call) : KB3D_OK;
}
