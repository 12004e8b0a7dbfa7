/*
 * Flights of 120 frames over drawn scenes, prepared without a network, from the picture's own camera to the pair's
 * second one: how much of a frame is painted in, how much a pixel changes that is followed through the frames, and
 * what contrast is left at silhouettes. Prints the table of docs/quality.md, and holds the changes below bounds.
 */
#include "quality.h"

enum { FRAMES = 120 };

typedef struct flight {
    const pair *p;
    uint8_t *rgb, *last, *painted;
    float *disp, *last_disp;
} flight;

typedef struct figures {
    double painted, painted_most; /* of a frame's pixels */
    double change, change_most;   /* levels a frame that a followed pixel changes; of the frame that changes most */
    double edges;                 /* contrast at silhouettes in the last frame, of that in the first */
} figures;

/* How far a frame's pixels are from those they show of the frame before, where one surface alone is around them. */
static double measure_change(const flight *f) {
    const pair *p = f->p;
    double sum = 0, count = 0, step[3];
    for (int i = 0; i < 3; i++)
        step[i] = p->step[i] / FRAMES;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            int at = y * p->width + x;
            double z = 1 / fmax(f->disp[at], 1e-6), there = z + step[2];
            double u = ((x + 0.5 - 0.5 * p->width) * z + p->focal * step[0]) / there + 0.5 * p->width - 0.5;
            double v = ((y + 0.5 - 0.5 * p->height) * z + p->focal * step[1]) / there + 0.5 * p->height - 0.5;
            if (!(u >= 0 && v >= 0 && u < p->width - 1 && v < p->height - 1))
                continue;
            int from = (int)v * p->width + (int)u, torn = 0;
            double fu = u - (int)u, fv = v - (int)v, off = 0, was[3] = {0};
            for (int k = 0; k < 4; k++) {
                int q = from + k % 2 + k / 2 * p->width;
                torn |= fabs(f->last_disp[q] * there - 1) > 0.05;
                for (int c = 0; c < 3; c++)
                    was[c] += (k % 2 ? fu : 1 - fu) * (k / 2 ? fv : 1 - fv) * f->last[3 * q + c];
            }
            for (int c = 0; c < 3; c++)
                off += fabs(f->rgb[3 * at + c] - was[c]) / 3;
            sum += torn ? 0 : off;
            count += !torn;
        }
    return sum / fmax(count, 1);
}

/* Mean difference of neighbours in a row between which inverse depth jumps. */
static double measure_edges(const flight *f) {
    double sum = 0, count = 0;
    for (int i = 0; i + 1 < f->p->width * f->p->height; i++) {
        if ((i + 1) % f->p->width == 0 || fabsf(f->disp[i] - f->disp[i + 1]) < 0.2f * fmaxf(f->disp[i], f->disp[i + 1]))
            continue;
        for (int c = 0; c < 3; c++)
            sum += abs(f->rgb[3 * i + c] - f->rgb[3 * i + 3 + c]) / 3.0;
        count++;
    }
    return sum / fmax(count, 1);
}

static figures fly(kb3d_ctx *ctx, const pair *p) {
    size_t pixels = (size_t)p->width * (size_t)p->height;
    flight f = {p, malloc(3 * pixels), malloc(3 * pixels), malloc(pixels), malloc(pixels * 4), malloc(pixels * 4)};
    kb3d_scene *scene = make_scene(ctx, p->from, p->disp, p->width, p->height, p->focal);
    kb3d_camera cameras[2] = {source_camera(scene), source_camera(scene)};
    for (int i = 0; i < 3; i++)
        cameras[1].translation[i] = -p->step[i];
    kb3d_path *path = make_path(scene, cameras, 2);
    CHECK_INT(kb3d_path_prepare(path, NULL, NULL), KB3D_OK);
    figures sum = {0};
    double first_edges = 0;
    for (int k = 0; k <= FRAMES; k++) {
        render(path, (double)k / FRAMES, p->width, p->height, f.rgb, f.disp, f.painted);
        double painted = 0, change = k ? measure_change(&f) : 0;
        for (size_t i = 0; i < pixels; i++)
            painted += f.painted[i] != 0;
        sum.painted += painted / (double)pixels / (FRAMES + 1);
        sum.painted_most = fmax(sum.painted_most, painted / (double)pixels);
        sum.change += change / FRAMES;
        sum.change_most = fmax(sum.change_most, change);
        if (!k)
            first_edges = measure_edges(&f);
        uint8_t *rgb = f.last;
        float *disp = f.last_disp;
        f.last = f.rgb, f.rgb = rgb;
        f.last_disp = f.disp, f.disp = disp;
    }
    memcpy(f.rgb, f.last, 3 * pixels);
    memcpy(f.disp, f.last_disp, pixels * sizeof *f.disp);
    sum.edges = measure_edges(&f) / first_edges;
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    free(f.rgb), free(f.last), free(f.painted), free(f.disp), free(f.last_disp);
    return sum;
}

int main(void) {
    kb3d_ctx *ctx = make_ctx(2);
    printf("| scene | painted in, %% | most | change, levels a frame | most | contrast at silhouettes |\n"
           "|---|---|---|---|---|---|\n");
    for (int i = 0; i < DRAWN_PAIRS; i++) {
        pair p = pair_draw(i);
        figures f = fly(ctx, &p);
        printf("| things %d | %.1f | %.1f | %.2f | %.2f | %.2f |\n", i + 1, 100 * f.painted, 100 * f.painted_most,
               f.change, f.change_most, f.edges);
        CHECK(f.change < 1.6 && f.change_most < 1.8);
        CHECK(f.edges > 0.75);
        pair_free(&p);
    }
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
