/* What a fuzz target defines, for libFuzzer and for replay.c alike. */
#ifndef KB3D_TESTS_FUZZ_H
#define KB3D_TESTS_FUZZ_H

#include "seeds.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count);

/* The target's n-th seed; 0 behind the last. */
int fuzz_seed(seed *s, int n);

/* What must hold whatever the input; counts in release builds too. */
#define FUZZ_MUST(condition)                                                       \
    do {                                                                           \
        if (!(condition)) {                                                        \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                               \
        }                                                                          \
    } while (0)

#endif
