/*
 * keep_behind: what it promises in kernels.h. Exact, but for the rounding of a position and of a depth that
 * goes there and back in floats: 1e-4 of it, and hardly any pixel that rounds into another of the picture's.
 */
#include "checkkernels.h"

enum { W = 61, H = 43, FW = 70, FH = 50 };

int check_behind(const kb3d_kernels *k) {
    static float disp[W * H], behind_disp[W * H], before[FW * FH];
    static uint8_t mask[W * H];
    for (int i = 0; i < W * H; i++) {
        disp[i] = (i % W / 13 + i / W / 9) % 2 ? 0.8f : 0.2f;
        behind_disp[i] = 0.05f;
        mask[i] = i % W / 7 % 3 == 0;
    }
    const kb3d_surface picture = {.width = W, .height = H, .jump = 0.1f, .disp = disp};
    const kb3d_surface behind = {.width = W, .height = H, .jump = 0.1f, .disp = behind_disp, .mask = mask};
    for (int round = 0; round < 8; round++) {
        /* from a camera aside and nearer, in the picture's pixels */
        double f = 50, x = 0.2 * round - 0.7, z = 0.05 * round;
        const kb3d_warp warp = {.a = {1, 0, 0.5 * (W - FW), 0, 1, 0.5 * (H - FH), 0, 0, 1},
                                .b = {f * x + 0.5 * W * z, 0.5 * H * z, z}};
        kb3d_planes p = {.width = FW, .height = FH};
        p.disp = guarded(FW * FH * sizeof *p.disp);
        p.cover = guarded(FW * FH);
        for (int i = 0; i < FW * FH; i++) {
            p.cover[i] = random_next() % 3 ? (uint8_t)(random_next() % 255) : 255;
            before[i] = p.disp[i] = (float)random_in(0, 1);
        }
        k->keep_behind(&parallels[round % PARALLELS], &p, &warp, &picture, round % 2 ? &behind : NULL);
        int hides = 0, moved = 0;
        for (int i = 0; i < FW * FH; i++) {
            CHECK(p.cover[i] != 255 || p.disp[i] == before[i]);
            CHECK(p.disp[i] >= 0 && p.disp[i] <= before[i]);
            moved += p.disp[i] != before[i];
            double u = i % FW + 0.5, v = i / FW + 0.5, d = p.disp[i], c = 1 + d * warp.b[2];
            int px = (int)floor((u + warp.a[2] + d * warp.b[0]) / c), py = (int)floor((v + warp.a[5] + d * warp.b[1]) / c);
            if (p.cover[i] == 255 || px < 0 || py < 0 || px >= W || py >= H)
                continue;
            double shown = round % 2 && mask[py * W + px] ? behind_disp[py * W + px] : disp[py * W + px];
            hides += d / c > shown + 0.25 * picture.jump + 1e-4;
        }
        CHECK(moved > FW * FH / 20); /* else the test shows nothing */
        CHECK(hides <= FW * FH / 200);
        CHECK(guards_stand(p.disp));
        CHECK(guards_stand(p.cover));
    }
    return check_failures;
}
