#define _GNU_SOURCE
#include "progress.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 24 };

static struct {
    bool enabled;
    atomic_bool on_line; /* the log may clear the bar from another thread */
    const char *title;
    char stage[16];
    int frame, frame_count;
    double stage_start, last_shown;
} bar = {.frame_count = 1};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void kb3d_progress_enable(void) {
    bar.enabled = isatty(STDERR_FILENO);
}

void kb3d_progress_title(const char *title) {
    bar.title = title;
    bar.stage[0] = 0;
}

void kb3d_progress_frames(int frame, int frame_count) {
    bar.frame = frame;
    bar.frame_count = frame_count;
}

void kb3d_progress_clear(void) {
    if (atomic_exchange(&bar.on_line, false))
        fputs("\r\033[K", stderr);
}

static void print_bar(const char *stage, double fraction, double elapsed) {
    char cells[BAR_WIDTH + 1];
    int full = (int)(fraction * BAR_WIDTH);
    memset(cells, '-', BAR_WIDTH);
    memset(cells, '#', (size_t)full);
    cells[BAR_WIDTH] = 0;
    char left[32] = "";
    if (fraction > 0.02 && elapsed > 0.5) {
        int seconds = (int)(elapsed * (1 - fraction) / fraction + 0.5);
        snprintf(left, sizeof left, "  %d:%02d left", seconds / 60, seconds % 60);
    }
    fprintf(stderr, "\r%.30s%s%-8s [%s] %3d %%%s\033[K", bar.title ? bar.title : "", bar.title ? "  " : "", stage,
            cells, (int)(fraction * 100), left);
    fflush(stderr);
    atomic_store(&bar.on_line, true);
}

int kb3d_progress_show(void *user, const char *stage, double fraction) {
    (void)user;
    if (!bar.enabled)
        return 0;
    if (!strcmp(stage, "render"))
        fraction = (bar.frame + fraction) / bar.frame_count;
    fraction = fraction > 0 ? fraction < 1 ? fraction : 1 : 0;
    double time = now();
    if (strcmp(stage, bar.stage)) {
        snprintf(bar.stage, sizeof bar.stage, "%s", stage);
        bar.stage_start = time;
        bar.last_shown = 0;
    }
    if (time - bar.last_shown >= 0.1) {
        bar.last_shown = time;
        print_bar(stage, fraction, time - bar.stage_start);
    }
    return 0;
}
