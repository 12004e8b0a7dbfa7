/*
 * Runs a fuzz target without libFuzzer.
 *
 *     replay_picture FILE...   each file once: to look into a finding
 *     replay_picture -n COUNT  COUNT changed seeds, the same ones on each run: for CI
 */
#include "fuzz.h"

#include <string.h>

static uint32_t state = 1;

static uint32_t below(uint32_t count) {
    state = state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)state * count >> 32);
}

/* Changes bytes, cuts, or doubles a piece; the target sees a block of the exact size. */
static void run_changed(const seed *s) {
    static const unsigned char telling[] = {0, 1, 0x7f, 0x80, 0xff, 0xd8, 0xda, 0xc4};
    size_t cut = below(4) ? s->count : below((uint32_t)s->count + 1), again = below(4) ? 0 : below((uint32_t)cut + 1);
    unsigned char *data = malloc(cut + again + 1);
    memcpy(data, s->data, cut);
    memcpy(data + cut, s->data + (cut - again), again);
    for (uint32_t changes = below(6); changes && cut; changes--) {
        unsigned char *at = data + below((uint32_t)(cut + again));
        *at = below(2) ? telling[below(sizeof telling)] : *at ^ (unsigned char)(1u << below(8));
    }
    unsigned char *exact = realloc(data, cut + again ? cut + again : 1);
    LLVMFuzzerTestOneInput(exact, cut + again);
    free(exact);
}

static int run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    seed s = {0};
    unsigned char block[4096];
    size_t n;
    if (!file) {
        perror(path);
        return 1;
    }
    while ((n = fread(block, 1, sizeof block, file)))
        seed_bytes(&s, block, n);
    fclose(file);
    LLVMFuzzerTestOneInput(s.data, s.count);
    printf("%s: %zu bytes\n", path, s.count);
    seed_free(&s);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "-n")) {
        long count = strtol(argv[2], NULL, 10);
        for (int n = 0; count > 0; n++) {
            seed s = {0};
            if (!fuzz_seed(&s, n)) {
                n = -1;
                continue;
            }
            LLVMFuzzerTestOneInput(s.data, s.count);
            for (int i = 0; i < 20 && count > 0; i++, count--)
                run_changed(&s);
            seed_free(&s);
        }
        return 0;
    }
    int failures = argc < 2;
    for (int i = 1; i < argc; i++)
        failures += run_file(argv[i]);
    return failures ? 1 : 0;
}
