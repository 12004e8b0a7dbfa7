#include "options.h"

#include "values.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANIMATE = KB3D_COMMAND_ANIMATE,
    DEPTH = KB3D_COMMAND_DEPTH,
    VIEW = KB3D_COMMAND_VIEW,
    BENCH = KB3D_COMMAND_BENCH,
    INFO = KB3D_COMMAND_INFO,
    SCENES = ANIMATE | DEPTH | VIEW,
    ALL = SCENES | BENCH | INFO
};

typedef enum option_id {
    OUTPUT, FRAMES, FROM, TO, MOTION, ZOOM, SHIFT, RANGE, DURATION, FPS, SIZE, EASE, LOOP, DEPTH_FILE, DEPTH_KIND,
    FOCAL, FOCUS, EXTEND, STAGE, FALSE_COLOR, TRANSLATE, HOLES, MODEL, MODEL_PATH, MASK, SKIP, QUALITY, NETWORKS,
    WORKER_MEMORY, WORKER_TIME, ALLOW_OPERATORS, BACKEND, DEVICE, THREADS, SEED, JSON, QUIET, VERBOSE, HELP, VERSION
} option_id;

typedef struct option {
    option_id id;
    int commands;
    const char *name;
    const char *letter;   /* NULL: none */
    const char *argument; /* NULL: takes none */
    const char *help;
} option;

static const option table[] = {
    {OUTPUT, ANIMATE, "--output", "-o", "OUT", "video: .mp4 .webm .gif or .avi; FOLDER/ for several pictures"},
    {OUTPUT, DEPTH, "--output", "-o", "OUT", "depth map to write, .png (16 bit) or .pfm (float)"},
    {OUTPUT, VIEW, "--output", "-o", "OUT.png", "picture to write"},
    {FRAMES, ANIMATE, "--frames", NULL, "FOLDER", "write single pictures (PNG) too, or alone without -o"},
    {FROM, ANIMATE, "--from", NULL, "CX,CY,W,H", "crop window at the start: centre and size in pixels"},
    {TO, ANIMATE, "--to", NULL, "CX,CY,W,H", "crop window at the end"},
    {MOTION, ANIMATE, "--motion", NULL, "NAME", "auto, dolly or circle (default: auto; windows if one is given)"},
    {ZOOM, ANIMATE, "--zoom", NULL, "K", "ratio of window sizes (default 1.25, dolly 1.5)"},
    {SHIFT, ANIMATE, "--shift", NULL, "K", "auto: largest travel, part of the width (default 0.08)"},
    {RANGE, ANIMATE, "--range", NULL, "T0,T1", "part of the flight to show (default 0,1)"},
    {DURATION, ANIMATE, "--duration", NULL, "S", "seconds (default 5)"},
    {FPS, ANIMATE, "--fps", NULL, "N", "frames a second (default 25)"},
    {SIZE, ANIMATE, "--size", NULL, "WxH|native", "frame size (default: the picture's, long side at most 1920)"},
    {SIZE, VIEW, "--size", NULL, "WxH|native", "size of the view (default: the picture's)"},
    {SIZE, BENCH, "--size", NULL, "WxH", "measure this size alone (default 1024x768, 1080p and 4K)"},
    {EASE, ANIMATE, "--ease", NULL, "NAME", "linear, smooth, in or out (default smooth)"},
    {LOOP, ANIMATE, "--loop", NULL, "NAME", "once or bounce (default once)"},
    {DEPTH_FILE, SCENES, "--depth", NULL, "FILE", "depth map of the picture, instead of a network's"},
    {DEPTH_KIND, SCENES, "--depth-kind", NULL, "NAME", "its values: inverse (default) or z"},
    {FOCAL, SCENES, "--focal", NULL, "PX", "focal length in pixels (default: EXIF, else 28 mm equivalent)"},
    {FOCUS, ANIMATE, "--focus", NULL, "Z|X,Y", "depth, or pixel of the picture, that the windows hold for"},
    {EXTEND, ANIMATE | VIEW, "--extend", NULL, "NAME", "painting in: auto (default), none, classical or network"},
    {STAGE, DEPTH, "--stage", NULL, "NAME", "estimate, adjust or refine (default): the depth after that stage"},
    {FALSE_COLOR, DEPTH, "--view", NULL, NULL, "in false colours to look at: far dark blue, near light yellow (PNG)"},
    {TRANSLATE, VIEW, "--translate", NULL, "X,Y,Z", "move the camera: right, down, forward, in units of the depth"},
    {HOLES, VIEW, "--holes", NULL, "MASK.png", "also write where the view was painted in"},
    {MASK, SCENES, "--mask", NULL, "KIND=FILE", "keep whole: other, person, animal, vehicle; or sky; repeatable"},
    {SKIP, SCENES, "--skip", NULL, "STAGES", "leave out adjust, refine or both (adjust,refine)"},
    {QUALITY, SCENES, "--quality", NULL, "NAME", "of a network's depth: normal (default) or high (several runs)"},
    {MODEL, ALL, "--model", NULL, "ROLE=FILE", "network for depth, segment, refine, inpaint or inpaint_depth; repeatable"},
    {MODEL_PATH, ALL, "--model-path", NULL, "FOLDERS", "folders to look for models in first, colons between them"},
    {NETWORKS, SCENES | BENCH, "--networks", NULL, "NAME", "where they run: auto (default), process or worker"},
    {WORKER_MEMORY, SCENES | BENCH, "--worker-memory", NULL, "SIZE", "what the worker may hold, such as 2G"},
    {WORKER_TIME, SCENES | BENCH, "--worker-time", NULL, "MS", "milliseconds that one run may take in the worker"},
    {ALLOW_OPERATORS, SCENES | BENCH, "--allow-operators", NULL, NULL,
     "open libraries of custom operators that manifests name: they are code"},
    {BACKEND, SCENES | BENCH | INFO, "--backend", NULL, "NAME", "auto (default), cpu or cuda"},
    {DEVICE, SCENES | BENCH | INFO, "--device", NULL, "N", "of the backend cuda, from 1 as info lists them"},
    {THREADS, SCENES | BENCH | INFO, "--threads", NULL, "N", "1 to 256 (default: one for each processor)"},
    {SEED, ANIMATE, "--seed", NULL, "N", "auto: another of the good flights"},
    {JSON, BENCH, "--json", NULL, NULL, "one flat JSON object on stdout"},
    {QUIET, ALL, "--quiet", "-q", NULL, "errors only"},
    {VERBOSE, ALL, "--verbose", "-v", NULL, "what the library and libav have to say"},
    {HELP, ALL, "--help", "-h", NULL, "this text"},
    {VERSION, ALL, "--version", NULL, NULL, "the version"},
};

static const char *const motions[] = {"auto", "dolly", "circle", NULL};
static const char *const eases[] = {"smooth", "linear", "in", "out", NULL};
static const char *const loops[] = {"once", "bounce", NULL};
static const char *const depth_kinds[] = {"inverse", "z", NULL};
static const char *const extends[] = {"auto", "none", "classical", "network", NULL};
static const char *const stages[] = {"refine", "estimate", "adjust", NULL};
static const char *const qualities[] = {"normal", "high", NULL};
static const char *const networks[] = {"auto", "process", "worker", NULL};
static const char *const backends[] = {"auto", "cpu", "cuda", NULL};

static const char *read_motion(kb3d_options *o, const char *text) {
    int motion;
    const char *cause = kb3d_value_name(text, motions, &motion);
    static const kb3d_motion numbers[] = {KB3D_MOTION_AUTO, KB3D_MOTION_DOLLY, KB3D_MOTION_CIRCLE};
    o->path.motion = cause ? KB3D_MOTION_AUTO : numbers[motion];
    o->has_motion = true;
    return cause ? "is none of auto, dolly and circle" : NULL;
}

static const char *read_positive(const char *text, double *value, double most) {
    const char *cause = kb3d_value_numbers(text, value, 1);
    return cause ? cause : *value <= 0 ? "is not above 0" : *value > most ? "is out of range" : NULL;
}

static const char *read_shift(const char *text, double *shift) {
    const char *cause = kb3d_value_numbers(text, shift, 1);
    if (!cause && *shift < 0)
        cause = "is below 0";
    if (!cause && *shift == 0)
        *shift = -1; /* the library's "none"; its 0 is the default */
    return cause;
}

static const char *read_range(const char *text, kb3d_path_params *path) {
    double range[2];
    const char *cause = kb3d_value_numbers(text, range, 2);
    path->range_start = cause ? 0 : range[0];
    path->range_end = cause ? 0 : range[1];
    return cause ? cause : range[0] == range[1] ? "has no extent" : NULL;
}

/* NULL, or what is wrong with the text. */
static const char *read_value(kb3d_options *o, option_id id, const char *text) {
    int choice = 0;
    const char *cause = NULL;
    switch (id) {
    case OUTPUT: o->output = text; return *text ? NULL : "is empty";
    case FRAMES: o->frames = text; return *text ? NULL : "is empty";
    case HOLES: o->holes = text; return *text ? NULL : "is empty";
    case DEPTH_FILE: o->depth = text; return *text ? NULL : "is empty";
    case FROM: return kb3d_value_window(text, &o->path.from);
    case TO: return kb3d_value_window(text, &o->path.to);
    case MOTION: return read_motion(o, text);
    case ZOOM: return read_positive(text, &o->path.zoom, 1000);
    case SHIFT: return read_shift(text, &o->path.shift);
    case RANGE: return read_range(text, &o->path);
    case DURATION: return read_positive(text, &o->duration, 86400);
    case FPS: return kb3d_value_fps(text, &o->fps_numerator, &o->fps_denominator);
    case SIZE: return kb3d_value_size(text, o);
    case EASE:
        cause = kb3d_value_name(text, eases, &choice);
        o->path.ease = (kb3d_ease)choice;
        return cause ? "is no easing; linear, smooth, in and out are" : NULL;
    case LOOP:
        cause = kb3d_value_name(text, loops, &choice);
        o->path.loop = (kb3d_loop)choice;
        return cause ? "is neither once nor bounce" : NULL;
    case DEPTH_KIND:
        cause = kb3d_value_name(text, depth_kinds, &choice);
        o->depth_kind = (kb3d_depth_kind)choice;
        return cause ? "is neither inverse nor z" : NULL;
    case FOCAL: return read_positive(text, &o->focal_px, 1e9);
    case FOCUS: return kb3d_value_focus(text, &o->path);
    case EXTEND:
        cause = kb3d_value_name(text, extends, &choice);
        o->extend = (kb3d_extend)choice;
        return cause ? "is none of auto, none, classical and network" : NULL;
    case STAGE:
        cause = kb3d_value_name(text, stages, &choice);
        o->stage = (kb3d_stage)choice;
        return cause ? "is none of estimate, adjust and refine" : NULL;
    case FALSE_COLOR: o->false_color = true; break;
    case TRANSLATE: return kb3d_value_numbers(text, o->translate, 3);
    case MODEL: return kb3d_value_model(text, o);
    case MODEL_PATH: o->model_path = text; return NULL;
    case MASK: return kb3d_value_mask(text, o);
    case SKIP: return kb3d_value_skip(text, &o->skip);
    case QUALITY:
        cause = kb3d_value_name(text, qualities, &choice);
        o->quality = (kb3d_depth_quality)choice;
        return cause ? "is neither normal nor high" : NULL;
    case NETWORKS:
        cause = kb3d_value_name(text, networks, &choice);
        o->networks = (kb3d_networks)choice;
        return cause ? "is none of auto, process and worker" : NULL;
    case WORKER_MEMORY: return kb3d_value_bytes(text, &o->worker_memory);
    case WORKER_TIME:
        return kb3d_value_integer(text, 1, INT_MAX, &o->worker_time_ms) ? "is no number of milliseconds" : NULL;
    case ALLOW_OPERATORS: o->allow_operators = true; break;
    case BACKEND:
        cause = kb3d_value_name(text, backends, &choice);
        o->backend = (kb3d_backend)choice;
        return cause ? "is none of auto, cpu and cuda" : NULL;
    case DEVICE: return kb3d_value_integer(text, 1, 1000, &o->device) ? "is no number of a device" : NULL;
    case THREADS: return kb3d_value_integer(text, 1, 256, &o->threads) ? "is no number from 1 to 256" : NULL;
    case SEED: return kb3d_value_seed(text, &o->path.seed);
    case JSON: o->json = true; break;
    case QUIET: o->quiet = true; break;
    case VERBOSE: o->verbose = true; break;
    case HELP: o->help = true; break;
    case VERSION: o->version = true; break;
    }
    return NULL;
}

/* The option that a word names, up to an equals sign in a long one. */
static const option *find(kb3d_command command, const char *word) {
    size_t length = strncmp(word, "--", 2) ? strlen(word) : strcspn(word, "=");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const option *o = &table[i];
        if ((o->commands & (int)command) && ((strlen(o->name) == length && !memcmp(o->name, word, length)) ||
                                             (o->letter && !strcmp(o->letter, word))))
            return o;
    }
    return NULL;
}

kb3d_exit kb3d_options_read(kb3d_options *options, kb3d_command command, int count, char **words) {
    *options = (kb3d_options){.command = command, .duration = 5, .fps_numerator = 25, .fps_denominator = 1};
    KB3D_INIT(options->path);
    options->inputs = calloc((size_t)count + 1, sizeof *options->inputs);
    if (!options->inputs)
        return kb3d_report_memory();
    bool only_inputs = false;
    for (int i = 0; i < count; i++) {
        char *word = words[i];
        if (only_inputs || word[0] != '-' || !word[1]) {
            options->inputs[options->input_count++] = word;
            continue;
        }
        if (!strcmp(word, "--")) {
            only_inputs = true;
            continue;
        }
        const option *o = find(command, word);
        if (!o)
            return kb3d_report_usage(word, "is no option here; --help lists them");
        char *equals = strncmp(word, "--", 2) ? NULL : strchr(word, '=');
        if (equals && !o->argument)
            return kb3d_report_usage(o->name, "takes no value");
        const char *text = equals ? equals + 1 : o->argument ? i + 1 < count ? words[++i] : NULL : "";
        if (!text)
            return kb3d_report_usage(o->name, "needs a value %s", o->argument);
        const char *cause = read_value(options, o->id, text);
        if (cause)
            return kb3d_report_usage(o->name, "%.200s %s", text, cause);
    }
    bool windows = options->path.from.width > 0 || options->path.to.width > 0;
    if (windows && options->has_motion && options->path.motion == KB3D_MOTION_AUTO)
        return kb3d_report_usage("--motion auto", "finds its own windows; leave it, or --from and --to, out");
    if (windows && !options->has_motion)
        options->path.motion = KB3D_MOTION_WINDOWS;
    return KB3D_EXIT_OK;
}

void kb3d_options_free(kb3d_options *options) {
    free(options->inputs);
    options->inputs = NULL;
}

void kb3d_options_print(kb3d_command command) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const option *o = &table[i];
        if (!(o->commands & (int)command))
            continue;
        char name[64];
        snprintf(name, sizeof name, "%s%s%s %s", o->letter ? o->letter : "", o->letter ? ", " : "", o->name,
                 o->argument ? o->argument : "");
        printf("  %-24s %s\n", name, o->help);
    }
}
