/* The command line as values. */
#ifndef KB3D_TOOLS_OPTIONS_H
#define KB3D_TOOLS_OPTIONS_H

#include "report.h"

#include <kb3d/kb3d.h>

/* One bit a subcommand, so that an option can belong to several. */
typedef enum kb3d_command {
    KB3D_COMMAND_ANIMATE = 1,
    KB3D_COMMAND_DEPTH = 2,
    KB3D_COMMAND_VIEW = 4,
    KB3D_COMMAND_BENCH = 8,
    KB3D_COMMAND_INFO = 16
} kb3d_command;

enum { KB3D_MODEL_MAX = 16, KB3D_MASK_MAX = 256 };

typedef struct kb3d_model_option {
    kb3d_model_role role;
    const char *path;
} kb3d_model_option;

typedef struct kb3d_mask_option {
    kb3d_class kind;
    const char *path;
} kb3d_mask_option;

/* Zero where the user said nothing. Texts point into argv. */
typedef struct kb3d_options {
    kb3d_command command;
    const char **inputs; /* freed by kb3d_options_free */
    int input_count;
    const char *output;
    const char *frames;
    const char *holes;
    const char *depth;
    kb3d_depth_kind depth_kind;
    double focal_px;
    kb3d_path_params path;
    bool has_motion;
    double duration;
    int fps_numerator;
    int fps_denominator;
    int width; /* 0: from the picture */
    int height;
    bool native_size;
    kb3d_extend extend;
    kb3d_stage stage;
    bool false_color;
    double translate[3];
    kb3d_model_option models[KB3D_MODEL_MAX];
    int model_count;
    const char *model_path;
    kb3d_networks networks;
    uint64_t worker_memory; /* bytes */
    int worker_time_ms;
    bool allow_operators;
    kb3d_depth_quality quality;
    int skip; /* kb3d_skip values */
    kb3d_mask_option masks[KB3D_MASK_MAX];
    int mask_count;
    kb3d_backend backend;
    int device; /* from 1; 0: none asked for */
    int threads;
    bool json;
    bool quiet;
    bool verbose;
    bool help;
    bool version;
} kb3d_options;

/* Reads what follows the subcommand's name. Reports; KB3D_EXIT_USAGE when it cannot be followed. */
kb3d_exit kb3d_options_read(kb3d_options *options, kb3d_command command, int count, char **words);
void kb3d_options_free(kb3d_options *options);

/* The lines of --help, one for each option of the subcommand, on stdout. */
void kb3d_options_print(kb3d_command command);

#endif
