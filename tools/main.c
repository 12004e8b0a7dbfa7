#include "interrupt.h"
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct command {
    const char *name;
    kb3d_command id;
    kb3d_exit (*run)(const kb3d_options *options);
    const char *synopsis;
    const char *text;
} command;

static const command commands[] = {
    {"animate", KB3D_COMMAND_ANIMATE, kb3d_animate_run, "PICTURE... [-o OUT.mp4] [OPTION]...",
     "Makes a video of a camera flight through a picture, PICTURE.mp4 in the current folder.\n"
     "Several pictures, or a folder of them, become one video each in -o FOLDER/."},
    {"depth", KB3D_COMMAND_DEPTH, kb3d_depth_run, "PICTURE -o OUT.png|OUT.pfm [OPTION]...",
     "Writes the inverse depth of a picture: larger is nearer."},
    {"view", KB3D_COMMAND_VIEW, kb3d_view_run, "PICTURE -o OUT.png [OPTION]...",
     "Writes the picture as another camera sees it."},
    {"bench", KB3D_COMMAND_BENCH, kb3d_bench_run, "[OPTION]...",
     "Measures this machine on a drawn picture: frames a second, milliseconds, megabytes."},
    {"info", KB3D_COMMAND_INFO, kb3d_info_run, "[OPTION]...", "Tells what this kb3d can do here."},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_help(void) {
    printf("kb3d: one photograph becomes a camera flight through it\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  kb3d %s %s\n", commands[i].name, commands[i].synopsis);
    printf("\n  kb3d COMMAND --help      the options of a command\n"
           "  kb3d --version           the version\n\n"
           "The exit status is 0 on success, 1 on failure, 2 when the command line cannot be followed.\n");
}

static void print_command_help(const command *c) {
    printf("kb3d %s %s\n\n%s\n\n", c->name, c->synopsis, c->text);
    kb3d_options_print(c->id);
}

static void print_version(void) {
    printf("kb3d %s\n", kb3d_version());
}

static kb3d_exit run_command(const command *c, int count, char **words) {
    kb3d_options options;
    kb3d_exit failed = kb3d_options_read(&options, c->id, count, words);
    if (!failed && options.help)
        print_command_help(c);
    else if (!failed && options.version)
        print_version();
    else if (!failed)
        failed = c->run(&options);
    kb3d_options_free(&options);
    return failed;
}

static kb3d_exit run(int count, char **words) {
    if (count < 2) {
        print_help();
        return KB3D_EXIT_USAGE;
    }
    if (!strcmp(words[1], "--help") || !strcmp(words[1], "-h")) {
        print_help();
        return KB3D_EXIT_OK;
    }
    if (!strcmp(words[1], "--version")) {
        print_version();
        return KB3D_EXIT_OK;
    }
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(words[1], commands[i].name))
            return run_command(&commands[i], count - 2, words + 2);
    return kb3d_report_usage(words[1], "is no command; kb3d --help lists them");
}

int main(int count, char **words) {
    int status = run(count, words);
    if ((fflush(stdout) || ferror(stdout)) && !status)
        status = kb3d_report("standard output", "cannot be written: %s", strerror(errno));
    return status && kb3d_interrupt_signal() ? 128 + kb3d_interrupt_signal() : status;
}
