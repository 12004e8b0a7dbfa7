/* libFuzzer without a corpus folder: an empty input, and now and then another,
   becomes one of the target's own seeds. */
#include "fuzz.h"

#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t count, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t count, size_t most, unsigned int random);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t count, size_t most, unsigned int random) {
    seed s = {0};
    if (count < 2 || random % 256 == 0) {
        if (!fuzz_seed(&s, (int)(random / 256 % 64)))
            fuzz_seed(&s, 0);
        count = s.count < most ? s.count : most;
        memcpy(data, s.data, count);
        seed_free(&s);
    }
    return LLVMFuzzerMutate(data, count, most);
}
