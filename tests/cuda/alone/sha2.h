/* In the place of libmd's, as jansson.h beside it: no manifest is read, so no sum is asked for. */
#ifndef KB3D_TESTS_ALONE_SHA2_H
#define KB3D_TESTS_ALONE_SHA2_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SHA256_DIGEST_LENGTH = 32 };
typedef struct SHA2_CTX {
    int unused;
} SHA2_CTX;

static inline void SHA256Init(SHA2_CTX *sum) {
    sum->unused = 0;
}

static inline void SHA256Update(SHA2_CTX *sum, const uint8_t *bytes, size_t count) {
    (void)sum;
    (void)bytes;
    (void)count;
}

static inline void SHA256Final(uint8_t *digest, SHA2_CTX *sum) {
    (void)sum;
    memset(digest, 0, SHA256_DIGEST_LENGTH);
}

#endif
