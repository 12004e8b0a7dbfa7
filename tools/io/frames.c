#define _GNU_SOURCE
#include "frames.h"

#include "../picture.h"
#include "png.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct frames {
    kb3d_sink sink; /* first, so that a sink is the folder it begins */
    kb3d_image image;
    int written;
    bool made_folder;
    bool finished;
} frames;

static char *frame_path(const frames *f, int number) {
    char *path;
    return asprintf(&path, "%s/frame_%05d.png", f->sink.path, number) < 0 ? NULL : path;
}

static kb3d_exit begin(kb3d_sink *sink, kb3d_image *image) {
    *image = ((frames *)sink)->image;
    return KB3D_EXIT_OK;
}

static kb3d_exit end(kb3d_sink *sink, const kb3d_image *image) {
    frames *f = (frames *)sink;
    char *path = frame_path(f, f->written + 1);
    kb3d_exit status = path ? kb3d_png_write(path, image) : kb3d_report_memory();
    if (!status)
        f->written++;
    free(path);
    return status;
}

static kb3d_exit finish(kb3d_sink *sink) {
    ((frames *)sink)->finished = true;
    return KB3D_EXIT_OK;
}

static void remove_written(frames *f) {
    for (int i = 1; i <= f->written; i++) {
        char *path = frame_path(f, i);
        if (path)
            unlink(path);
        free(path);
    }
    if (f->made_folder)
        rmdir(f->sink.path);
}

static void close_frames(kb3d_sink *sink) {
    frames *f = (frames *)sink;
    if (!f->finished)
        remove_written(f);
    kb3d_picture_free(&f->image);
    free(f);
}

kb3d_exit kb3d_frames_open(kb3d_sink **sink, const char *path, const kb3d_video_params *params) {
    *sink = NULL;
    frames *f = calloc(1, sizeof *f);
    if (!f)
        return kb3d_report_memory();
    f->sink = (kb3d_sink){.path = path, .begin = begin, .end = end, .finish = finish, .close = close_frames};
    kb3d_format format = params->has_alpha ? KB3D_FORMAT_RGBA8 : KB3D_FORMAT_RGB8;
    kb3d_exit status = kb3d_picture_alloc(&f->image, format, params->width, params->height);
    if (!status) {
        f->made_folder = !mkdir(path, 0777);
        if (!f->made_folder && errno != EEXIST)
            status = kb3d_report(path, "the folder cannot be made: %s", strerror(errno));
    }
    if (status) {
        kb3d_picture_free(&f->image);
        free(f);
        return status;
    }
    *sink = &f->sink;
    return KB3D_EXIT_OK;
}
