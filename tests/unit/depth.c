/* Inverse depth maps: what values mean, how the unknown is filled, the range. */
#include "depth.h"

#include "../check.h"

#define N NAN

static void fill(float *values, int width, int height, kb3d_status want) {
    kb3d_raster map = {.width = width, .height = height, .channels = 1, .sample = KB3D_SAMPLE_F32, .data = values};
    kb3d_call call;
    KB3D_INIT(call);
    CHECK_INT(kb3d_depth_fill_unknown(&map, &call), want);
    CHECK(!want == !*call.message);
}

static void same(const float *got, const float *want, int count) {
    for (int i = 0; i < count; i++)
        if (!CHECK(got[i] == want[i]))
            fprintf(stderr, "    %d: got %g, want %g\n", i, got[i], want[i]);
}

static void test_interpret(void) {
    float inverse[] = {1, 0, -0.0f, -1, N, INFINITY, -INFINITY, 1e31f};
    float z[] = {4, 0, -2, N, INFINITY, -INFINITY, 1e-35f, 0.5f};
    kb3d_raster map = {.width = 8, .height = 1, .data = inverse};
    kb3d_depth_interpret(&map, KB3D_DEPTH_INVERSE);
    CHECK(inverse[0] == 1 && inverse[1] == 0 && inverse[2] == 0);
    for (int i = 3; i < 8; i++)
        CHECK(isnan(inverse[i]));
    map.data = z;
    kb3d_depth_interpret(&map, KB3D_DEPTH_Z);
    CHECK(z[0] == 0.25f && isnan(z[1]) && isnan(z[2]) && isnan(z[3]));
    CHECK(z[4] == 0); /* infinitely far is known */
    CHECK(isnan(z[5]) && isnan(z[6]) && z[7] == 2);
}

static void test_fill(void) {
    float row[] = {N, 3, N, N, 1, 2, N, 5, N};
    static const float row_filled[] = {3, 3, 1, 1, 1, 2, 2, 5, 5};
    fill(row, 9, 1, KB3D_OK);
    same(row, row_filled, 9);
    float rows[] = {N, N, N, N, 4, N, N, N, N, 1, N, 2, N, N, N};
    static const float rows_filled[] = {4, 4, 4, 4, 4, 4, 4, 4, 4, 1, 1, 2, 1, 1, 2};
    fill(rows, 3, 5, KB3D_OK);
    same(rows, rows_filled, 15);
    float none[] = {N, N, N, N};
    fill(none, 2, 2, KB3D_ERROR_FORMAT);
    float one[] = {0};
    fill(one, 1, 1, KB3D_OK);
}

static void test_measure(void) {
    static float values[10000];
    for (int i = 0; i < 10000; i++)
        values[(i * 7919) % 10000] = 1 + 0.001f * (float)i;
    kb3d_depth_range r = kb3d_depth_measure(values, 10000);
    CHECK_NEAR(r.min, 1, 0);
    CHECK_NEAR(r.max, 10.999, 1e-5);
    CHECK_NEAR(r.far, 1.05, 0.006); /* a bin is a 2047th of the range */
    CHECK_NEAR(r.near, 10.95, 0.006);
    for (int i = 0; i < 20; i++)
        values[i] = 1000; /* outliers do not move the percentiles far */
    r = kb3d_depth_measure(values, 10000);
    CHECK_NEAR(r.max, 1000, 0);
    CHECK(r.near < 12);
    for (int i = 0; i < 10000; i++)
        values[i] = 0.5f;
    r = kb3d_depth_measure(values, 10000);
    CHECK(r.min == 0.5f && r.max == 0.5f && r.far == 0.5f && r.near == 0.5f);
    r = kb3d_depth_measure(values, 1);
    CHECK(r.near == 0.5f);
    static const float wide[] = {0, 1e29f, 1e-30f};
    r = kb3d_depth_measure(wide, 3);
    CHECK(r.min == 0 && r.max == 1e29f && isfinite(r.near));
    static const float narrow[][2] = {{0, 1e-37f}, {1e-38f, 3e-38f}, {0, 1e-45f}}; /* as far apart as floats go */
    for (int i = 0; i < 3; i++) {
        r = kb3d_depth_measure(narrow[i], 2);
        CHECK(r.min == narrow[i][0] && r.max == narrow[i][1] && r.far >= r.min && r.near <= r.max);
    }
}

int main(void) {
    RUN(test_interpret);
    RUN(test_fill);
    RUN(test_measure);
    return check_end();
}
