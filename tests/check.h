/*
 * What a test program needs: checks that count, tell where they failed, and go on.
 *
 *     static void test_sum(void) { CHECK(1 + 1 == 2); CHECK_INT(1 + 1, 2); }
 *     int main(void) { RUN(test_sum); return check_end(); }
 */
#ifndef KB3D_TESTS_CHECK_H
#define KB3D_TESTS_CHECK_H

#include <math.h>
#include <stdio.h>
#include <string.h>

static int check_count, check_failures;

static inline int check_that(int holds, const char *file, int line, const char *text) {
    check_count++;
    if (!holds) {
        check_failures++;
        fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
    }
    return holds;
}

static inline int check_int(long long got, long long want, const char *file, int line, const char *text) {
    int holds = check_that(got == want, file, line, text);
    if (!holds)
        fprintf(stderr, "    got %lld, want %lld\n", got, want);
    return holds;
}

static inline int check_near(double got, double want, double most, const char *file, int line, const char *text) {
    int holds = check_that(fabs(got - want) <= most, file, line, text);
    if (!holds)
        fprintf(stderr, "    got %.17g, want %.17g within %g\n", got, want, most);
    return holds;
}

static inline int check_text(const char *got, const char *part, const char *file, int line, const char *text) {
    int holds = check_that(got && strstr(got, part), file, line, text);
    if (!holds)
        fprintf(stderr, "    \"%s\" does not contain \"%s\"\n", got ? got : "(null)", part);
    return holds;
}

/* Each gives 1 when it holds, so that a test can stop: if (!CHECK(pointer)) return; */
#define CHECK(condition) check_that(!!(condition), __FILE__, __LINE__, #condition)
#define CHECK_INT(got, want) check_int(got, want, __FILE__, __LINE__, #got " == " #want)
#define CHECK_NEAR(got, want, most) check_near(got, want, most, __FILE__, __LINE__, #got " near " #want)
#define CHECK_TEXT(got, part) check_text(got, part, __FILE__, __LINE__, #got " contains " #part)

#define RUN(test)                                                            \
    do {                                                                     \
        int before = check_failures;                                         \
        test();                                                              \
        printf("%s %s\n", check_failures == before ? "ok" : "FAILED", #test); \
    } while (0)

/* The exit status. */
static inline int check_end(void) {
    printf("%d checks, %d failed\n", check_count, check_failures);
    return check_failures ? 1 : 0;
}

#endif
