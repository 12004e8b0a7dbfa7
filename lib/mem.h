/* The only caller of malloc: limits, counts, and the host's allocator. */
#ifndef KB3D_LIB_MEM_H
#define KB3D_LIB_MEM_H

#include <kb3d/context.h>
#include <stdatomic.h>

typedef struct kb3d_mem {
    kb3d_allocator allocator;
    uint64_t limit; /* 0: none */
    _Atomic uint64_t used;
    _Atomic uint64_t peak;
} kb3d_mem;

void kb3d_mem_init(kb3d_mem *mem, const kb3d_allocator *allocator, uint64_t limit);

/* count * item_size bytes, aligned to 64, contents undefined. On failure *out is
   NULL and the status is MEMORY or LIMIT, with the message in call (may be NULL).
   A count of zero gives a valid pointer that must be freed too. */
kb3d_status kb3d_mem_alloc(kb3d_mem *mem, void *out, size_t count, size_t item_size, kb3d_call *call);
kb3d_status kb3d_mem_alloc_zero(kb3d_mem *mem, void *out, size_t count, size_t item_size, kb3d_call *call);
void kb3d_mem_free(kb3d_mem *mem, void *memory); /* NULL is ignored */

#endif
