#include "mem.h"

#include "call.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

/* Stands right before the pointer that the caller gets. */
typedef struct header {
    void *block;
    uint64_t byte_count;
} header;

static void *default_alloc(void *user, size_t byte_count) {
    (void)user;
    return malloc(byte_count);
}

static void default_free(void *user, void *memory) {
    (void)user;
    free(memory);
}

void kb3d_mem_init(kb3d_mem *mem, const kb3d_allocator *allocator, uint64_t limit) {
    if (allocator && allocator->alloc)
        mem->allocator = *allocator;
    else
        mem->allocator = (kb3d_allocator){default_alloc, default_free, NULL};
    mem->limit = limit;
    atomic_init(&mem->used, 0);
    atomic_init(&mem->peak, 0);
}

static kb3d_status reserve(kb3d_mem *mem, uint64_t byte_count, kb3d_call *call) {
    uint64_t used = atomic_fetch_add(&mem->used, byte_count) + byte_count;
    if (mem->limit && used > mem->limit) {
        atomic_fetch_sub(&mem->used, byte_count);
        return kb3d_fail(call, KB3D_ERROR_LIMIT, "needs %llu more bytes than the memory limit of %llu allows",
                         (unsigned long long)(used - mem->limit), (unsigned long long)mem->limit);
    }
    uint64_t peak = atomic_load(&mem->peak);
    while (used > peak && !atomic_compare_exchange_weak(&mem->peak, &peak, used)) {
    }
    return KB3D_OK;
}

static kb3d_status allocate(kb3d_mem *mem, void *out, size_t count, size_t item_size, bool zero, kb3d_call *call) {
    void *none = NULL;
    memcpy(out, &none, sizeof none);
    size_t bytes;
    if (__builtin_mul_overflow(count, item_size, &bytes) ||
        __builtin_add_overflow(bytes, sizeof(header) + ALIGNMENT, &bytes))
        return kb3d_fail(call, KB3D_ERROR_MEMORY, "a size beyond the address space was asked for");
    kb3d_status status = reserve(mem, bytes, call);
    if (status)
        return status;
    /* calloc knows which pages the system has just zeroed; a host's allocator cannot tell */
    bool fresh = zero && mem->allocator.alloc == default_alloc;
    unsigned char *block = fresh ? calloc(1, bytes) : mem->allocator.alloc(mem->allocator.user, bytes);
    if (!block) {
        atomic_fetch_sub(&mem->used, bytes);
        return kb3d_fail(call, KB3D_ERROR_MEMORY, "out of memory: %zu bytes could not be had", bytes);
    }
    uintptr_t at = ((uintptr_t)block + sizeof(header) + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
    void *memory = block + (at - (uintptr_t)block);
    ((header *)memory)[-1] = (header){block, bytes};
    if (zero && !fresh)
        memset(memory, 0, count * item_size);
    memcpy(out, &memory, sizeof memory);
    return KB3D_OK;
}

kb3d_status kb3d_mem_alloc(kb3d_mem *mem, void *out, size_t count, size_t item_size, kb3d_call *call) {
    return allocate(mem, out, count, item_size, false, call);
}

kb3d_status kb3d_mem_alloc_zero(kb3d_mem *mem, void *out, size_t count, size_t item_size, kb3d_call *call) {
    return allocate(mem, out, count, item_size, true, call);
}

void kb3d_mem_free(kb3d_mem *mem, void *memory) {
    if (!memory)
        return;
    header h = ((header *)memory)[-1];
    atomic_fetch_sub(&mem->used, h.byte_count);
    mem->allocator.free(mem->allocator.user, h.block);
}
