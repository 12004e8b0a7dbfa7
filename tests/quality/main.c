/*
 * How good new views are, in figures: each pair's first picture and its true depth give the second view, and that
 * is known too.
 *
 *     quality [OPTION]... [-- FILE...]
 *     --stereo DISPARITY.pfm LEFT.png RIGHT.png     a rectified pair besides
 *     --lake LEFT.ppm LEFT.pfm RIGHT.ppm RIGHT.pfm  two views by kb3d-demo, the second one 0.25 to the right
 *     --network FILE                                an inpainting network, for the way of that name
 *     --program COMMAND                             for further ways to fill, such as tests/quality/quality.py
 *     --each                                        a row for every pair, not only for the drawn ones' mean
 *     --only WAY                                    one row a pair
 *     --write FOLDER                                the views, as PAIR-WAY.ppm
 */
#include "quality.h"

enum { PAIRS_MAX = DRAWN_PAIRS + 2 };

/* Ways to fill. The first three are the library's. */
enum { CLASSICAL, NETWORK, QUICK, SIXTEEN, TELEA, NAVIER_STOKES, WAYS };
static const char *const way_names[WAYS] = {"classical", "network", "quick", "16 directions", "Telea", "Navier-Stokes"};
static const char *const program_words[WAYS] = {NULL, NULL, NULL, NULL, "telea", "ns"};

typedef struct options {
    const char **stereo, **lake, *network, *program, *folder, *only;
    int each;
} options;

static kb3d_ctx *ctx;

static void write_view(const options *o, const pair *p, const char *way, const uint8_t *rgb) {
    char name[512];
    int length = snprintf(name, sizeof name, "%s/%s-%s.ppm", o->folder, p->name, way);
    FILE *file = length < (int)sizeof name ? fopen(name, "wb") : NULL;
    size_t bytes = 3 * (size_t)p->width * (size_t)p->height;
    int good = file && fprintf(file, "P6\n%d %d\n255\n", p->width, p->height) > 0;
    if (!CHECK(good && fwrite(rgb, 1, bytes, file) == bytes))
        fprintf(stderr, "    %s\n", name);
    if (file)
        fclose(file);
}

/* Answers whether this way is there. */
static int make_view(const options *o, const pair *p, int way, view *v) {
    kb3d_scene *scene = make_scene(ctx, p->from, p->disp, p->width, p->height, p->focal);
    kb3d_camera camera = source_camera(scene);
    for (int i = 0; i < 3; i++)
        camera.translation[i] = -p->step[i];
    kb3d_path *path = make_path(scene, &camera, 1);
    if (way == CLASSICAL || (way == NETWORK && o->network)) {
        kb3d_prepare_params prepare;
        kb3d_call call;
        KB3D_INIT(prepare);
        KB3D_INIT(call);
        prepare.extend = way == NETWORK ? KB3D_EXTEND_NETWORK : KB3D_EXTEND_CLASSICAL;
        if (!CHECK_INT(kb3d_path_prepare(path, &prepare, &call), KB3D_OK))
            fprintf(stderr, "    %s\n", call.message);
    }
    render(path, 0, p->width, p->height, v->rgb, v->disp, v->painted);
    kb3d_path_destroy(&path);
    kb3d_scene_destroy(&scene);
    if (way == SIXTEEN)
        fill_sixteen(p, v);
    if (way == NETWORK)
        return o->network != NULL;
    return !program_words[way] || (o->program && fill_by_program(p, v, o->program, program_words[way]));
}

static void show(const char *pairs, int way, const score *s) {
    printf("| %s | %s | %.2f | %.2f | %.2f | %.3f | %.2f |\n", pairs, way_names[way], s->visible, s->hidden, s->all,
           s->ssim, s->energy);
}

static void add_to(score *sum, const score *s, double share) {
    sum->visible += share * s->visible;
    sum->hidden += share * s->hidden;
    sum->all += share * s->all;
    sum->ssim += share * s->ssim;
    sum->energy += share * s->energy;
}

static score measure(const options *o, const pair *p, int way, view *v) {
    score s = score_view(p, v->rgb);
    if (o->folder)
        write_view(o, p, way_names[way], v->rgb);
    if (o->each || way == CLASSICAL)
        CHECK(isfinite(s.hidden)); /* else the pair shows nothing */
    return s;
}

/* All ways for pairs that are shown as one; sums[way].visible stays 0 where the way is not there. */
static void compare(const options *o, const char *name, const pair *pairs, int count, score sums[WAYS]) {
    for (int way = 0; way < WAYS; way++) {
        sums[way] = (score){0};
        int is_there = !o->only || !strcmp(o->only, way_names[way]);
        for (int i = 0; i < count && is_there; i++) {
            size_t pixels = (size_t)pairs[i].width * (size_t)pairs[i].height;
            view v = {malloc(3 * pixels), malloc(pixels), malloc(pixels * sizeof *v.disp)};
            if ((is_there = make_view(o, &pairs[i], way, &v))) {
                score s = measure(o, &pairs[i], way, &v);
                add_to(&sums[way], &s, 1.0 / count);
                if (o->each && count > 1)
                    show(pairs[i].name, way, &s);
            }
            free(v.rgb), free(v.painted), free(v.disp);
        }
        if (is_there)
            show(name, way, &sums[way]);
    }
}

/* Figures of this code, less what a change of compiler or libm may make of them. */
static void hold(const options *o, const char *pairs, const score *s, score floor) {
    if (o->only && strcmp(o->only, way_names[CLASSICAL]))
        return;
    int good = CHECK(s->visible >= floor.visible) & CHECK(s->hidden >= floor.hidden) & CHECK(s->all >= floor.all) &
               CHECK(s->ssim >= floor.ssim) & CHECK(s->energy >= floor.energy);
    if (!good)
        fprintf(stderr, "    %s\n", pairs);
}

static const char **take(char **words, int count, int *at, int wanted) {
    if (*at + wanted >= count) {
        fprintf(stderr, "quality: %s wants %d words\n", words[*at], wanted);
        exit(2);
    }
    const char **found = (const char **)words + *at + 1;
    *at += wanted;
    return found;
}

static options read_options(int count, char **words) {
    options o = {0};
    for (int i = 1; i < count; i++) {
        if (!strcmp(words[i], "--stereo"))
            o.stereo = take(words, count, &i, 3);
        else if (!strcmp(words[i], "--lake"))
            o.lake = take(words, count, &i, 4);
        else if (!strcmp(words[i], "--network"))
            o.network = take(words, count, &i, 1)[0];
        else if (!strcmp(words[i], "--program"))
            o.program = take(words, count, &i, 1)[0];
        else if (!strcmp(words[i], "--only"))
            o.only = take(words, count, &i, 1)[0];
        else if (!strcmp(words[i], "--write"))
            o.folder = take(words, count, &i, 1)[0];
        else if (!strcmp(words[i], "--each"))
            o.each = 1;
        else {
            fprintf(stderr, "quality: no option %s\n", words[i]);
            exit(2);
        }
    }
    return o;
}

static void add_network(const char *file) {
    kb3d_model_source source;
    kb3d_call call;
    KB3D_INIT(source);
    KB3D_INIT(call);
    source.role = KB3D_MODEL_INPAINT;
    source.path = file;
    if (!CHECK_INT(kb3d_ctx_add_model(ctx, &source, &call), KB3D_OK)) {
        fprintf(stderr, "quality: %s\n", call.message);
        exit(1);
    }
}

int main(int count, char **words) {
    options o = read_options(count, words);
    score sums[WAYS];
    ctx = make_ctx(0);
    if (o.network)
        add_network(o.network);
    pair drawn[DRAWN_PAIRS];
    for (int i = 0; i < DRAWN_PAIRS; i++)
        drawn[i] = pair_draw(i);
    printf("| pair | way | visible | hidden | all | SSIM | gradients |\n|---|---|---|---|---|---|---|\n");
    compare(&o, "things, mean of six", drawn, DRAWN_PAIRS, sums);
    hold(&o, "things", &sums[CLASSICAL], (score){36.1, 18.8, 31.3, 0.960, 0.8});
    for (int i = 0; i < DRAWN_PAIRS; i++)
        pair_free(&drawn[i]);
    if (o.lake) {
        pair lake = pair_read_demo(ctx, o.lake);
        compare(&o, lake.name, &lake, 1, sums);
        hold(&o, lake.name, &sums[CLASSICAL], (score){22.9, 15.6, 21.2, 0.740, 0.8});
        pair_free(&lake);
    }
    if (o.stereo) {
        pair stereo = pair_read_stereo(ctx, o.stereo);
        compare(&o, stereo.name, &stereo, 1, sums);
        hold(&o, stereo.name, &sums[CLASSICAL], (score){27.6, 16.2, 24.2, 0.898, 0.8});
        pair_free(&stereo);
    }
    kb3d_ctx_destroy(&ctx);
    return check_end();
}
