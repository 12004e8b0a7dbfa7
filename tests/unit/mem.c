/* The memory: alignment, books, limits, overflow. */
#include "mem.h"

#include "../check.h"

#include <kb3d/call.h>

static kb3d_mem mem;
static kb3d_call call;

static void test_alignment_and_books(void) {
    kb3d_mem_init(&mem, NULL, 0);
    char *blocks[40];
    for (size_t i = 0; i < 40; i++) {
        CHECK_INT(kb3d_mem_alloc(&mem, &blocks[i], i, 3, &call), KB3D_OK);
        CHECK(blocks[i] && (uintptr_t)blocks[i] % 64 == 0);
        memset(blocks[i], 0x5a, 3 * i);
    }
    uint64_t most = atomic_load(&mem.used);
    CHECK(most >= 3 * 39 * 40 / 2);
    CHECK_INT(atomic_load(&mem.peak), most);
    for (int i = 0; i < 40; i++)
        kb3d_mem_free(&mem, blocks[i]);
    kb3d_mem_free(&mem, NULL);
    CHECK_INT(atomic_load(&mem.used), 0);
    CHECK_INT(atomic_load(&mem.peak), most);
}

static void test_zero(void) {
    kb3d_mem_init(&mem, NULL, 0);
    for (int round = 0; round < 3; round++) {
        unsigned char *block;
        CHECK_INT(kb3d_mem_alloc_zero(&mem, &block, 100, 10, &call), KB3D_OK);
        int others = 0;
        for (int i = 0; i < 1000; i++)
            others += block[i] != 0;
        CHECK_INT(others, 0);
        memset(block, 0xff, 1000);
        kb3d_mem_free(&mem, block);
    }
}

static void test_limit(void) {
    kb3d_mem_init(&mem, NULL, 10000);
    char *first, *second;
    CHECK_INT(kb3d_mem_alloc(&mem, &first, 6000, 1, &call), KB3D_OK);
    second = first;
    CHECK_INT(kb3d_mem_alloc(&mem, &second, 6000, 1, &call), KB3D_ERROR_LIMIT);
    CHECK(!second);
    CHECK_TEXT(call.message, "limit");
    CHECK_INT(kb3d_mem_alloc(&mem, &second, 6000, 1, NULL), KB3D_ERROR_LIMIT);
    kb3d_mem_free(&mem, first);
    CHECK_INT(kb3d_mem_alloc(&mem, &second, 6000, 1, &call), KB3D_OK); /* a refusal takes nothing */
    kb3d_mem_free(&mem, second);
    CHECK_INT(atomic_load(&mem.used), 0);
    CHECK(atomic_load(&mem.peak) <= 10000);
}

static void test_overflow(void) {
    kb3d_mem_init(&mem, NULL, 0);
    void *block = &mem;
    CHECK_INT(kb3d_mem_alloc(&mem, &block, SIZE_MAX / 2, 3, &call), KB3D_ERROR_MEMORY);
    CHECK(!block);
    CHECK_INT(kb3d_mem_alloc(&mem, &block, SIZE_MAX, 1, &call), KB3D_ERROR_MEMORY);
    CHECK_INT(kb3d_mem_alloc(&mem, &block, SIZE_MAX - 32, 1, &call), KB3D_ERROR_MEMORY);
    CHECK_INT(atomic_load(&mem.used), 0);
}

static void *refuse(void *user, size_t byte_count) {
    ++*(int *)user;
    return NULL;
}

static void no_free(void *user, void *memory) {
    CHECK(!"nothing was given");
}

static void test_refusing_allocator(void) {
    int asked = 0;
    const kb3d_allocator allocator = {refuse, no_free, &asked};
    kb3d_mem_init(&mem, &allocator, 0);
    void *block;
    CHECK_INT(kb3d_mem_alloc(&mem, &block, 10, 1, &call), KB3D_ERROR_MEMORY);
    CHECK(!block && asked == 1 && *call.message);
    CHECK_INT(atomic_load(&mem.used), 0);
}

int main(void) {
    KB3D_INIT(call);
    RUN(test_alignment_and_books);
    RUN(test_zero);
    RUN(test_limit);
    RUN(test_overflow);
    RUN(test_refusing_allocator);
    return check_end();
}
