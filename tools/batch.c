#define _GNU_SOURCE
#include "batch.h"

#include "io/video.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_folder(const char *path) {
    struct stat there;
    return !stat(path, &there) && S_ISDIR(there.st_mode);
}

static int has_picture_name(const struct dirent *entry) {
    static const char *const extensions[] = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".tga",
                                             ".psd", ".hdr",  ".gif",  ".pnm", ".ppm", ".pgm"};
    const char *dot = strrchr(entry->d_name, '.');
    if (!dot || dot == entry->d_name)
        return false;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (!strcasecmp(dot, extensions[i]))
            return true;
    return false;
}

/* Takes the path over, also when it fails. */
static kb3d_exit add_picture(kb3d_batch *batch, char *path) {
    kb3d_job *jobs = path ? reallocarray(batch->jobs, (size_t)batch->count + 1, sizeof *jobs) : NULL;
    if (!jobs) {
        free(path);
        return kb3d_report_memory();
    }
    batch->jobs = jobs;
    jobs[batch->count++] = (kb3d_job){.picture = path};
    return KB3D_EXIT_OK;
}

static kb3d_exit add_folder(kb3d_batch *batch, const char *folder) {
    struct dirent **entries;
    int count = scandir(folder, &entries, has_picture_name, alphasort);
    if (count < 0)
        return kb3d_report(folder, "cannot be read: %s", strerror(errno));
    kb3d_exit status = count ? KB3D_EXIT_OK : kb3d_report(folder, "holds no pictures");
    size_t length = strlen(folder);
    for (int i = 0; i < count; i++) {
        char *path = NULL;
        if (!status && asprintf(&path, "%s%s%s", folder, folder[length - 1] == '/' ? "" : "/",
                                entries[i]->d_name) < 0)
            path = NULL;
        if (!status)
            status = add_picture(batch, path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* "FOLDER/NAME-2.mp4" for the second picture of that name; an empty extension names a folder of frames. */
static char *name_output(const char *folder, const char *picture, const char *extension, int copy) {
    const char *slash = strrchr(picture, '/');
    const char *name = slash ? slash + 1 : picture;
    const char *dot = strrchr(name, '.');
    int length = dot && dot != name ? (int)(dot - name) : (int)strlen(name);
    size_t folder_length = strlen(folder);
    const char *between = !folder_length || folder[folder_length - 1] == '/' ? "" : "/";
    char number[16] = "", *path;
    if (copy > 1)
        snprintf(number, sizeof number, "-%d", copy);
    return asprintf(&path, "%s%s%.*s%s%s", folder, between, length, name, number, extension) < 0 ? NULL : path;
}

static bool is_taken(const kb3d_batch *batch, int before, const char *path) {
    for (int i = 0; i < before; i++)
        if ((batch->jobs[i].output && !strcmp(batch->jobs[i].output, path)) ||
            (batch->jobs[i].frames && !strcmp(batch->jobs[i].frames, path)))
            return true;
    return false;
}

static char *name_free_output(const kb3d_batch *batch, int job, const char *folder, const char *extension) {
    for (int copy = 1;; copy++) {
        char *path = name_output(folder, batch->jobs[job].picture, extension, copy);
        if (!path || !is_taken(batch, job, path))
            return path;
        free(path);
    }
}

static kb3d_exit make_folder(kb3d_batch *batch, int which, const char *folder) {
    if (!*folder || is_folder(folder))
        return KB3D_EXIT_OK;
    if (mkdir(folder, 0777))
        return kb3d_report(folder, "the folder cannot be made: %s", strerror(errno));
    batch->made[which] = folder;
    return KB3D_EXIT_OK;
}

/* A single picture may name its video; everything else goes to a folder. */
static kb3d_exit name_outputs(kb3d_batch *batch, const kb3d_options *o) {
    bool wants_video = o->output || !o->frames;
    bool names_folder = o->output && (o->output[strlen(o->output) - 1] == '/' || is_folder(o->output));
    const kb3d_video_kind *kind = o->output ? kb3d_video_find_kind(o->output) : NULL;
    if (o->output && batch->is_single && !names_folder && !kind)
        return kb3d_report_usage(o->output, "is no video that can be written; .mp4, .webm, .gif and .avi are");
    if (o->output && !batch->is_single && !names_folder && kind)
        return kb3d_report_usage(o->output, "is one video; several pictures need -o FOLDER/");
    const char *folder = o->output ? o->output : "";
    bool by_name = batch->is_single && kind && !names_folder;
    kb3d_exit status = by_name ? KB3D_EXIT_OK : make_folder(batch, 0, folder);
    if (!status && o->frames && !batch->is_single)
        status = make_folder(batch, 1, o->frames);
    for (int i = 0; i < batch->count && !status; i++) {
        kb3d_job *job = &batch->jobs[i];
        if (wants_video)
            job->output = by_name ? strdup(o->output) : name_free_output(batch, i, folder, ".mp4");
        if (o->frames)
            job->frames = batch->is_single ? strdup(o->frames) : name_free_output(batch, i, o->frames, "");
        if ((wants_video && !job->output) || (o->frames && !job->frames))
            status = kb3d_report_memory();
    }
    return status;
}

kb3d_exit kb3d_batch_plan(kb3d_batch *batch, const kb3d_options *options) {
    *batch = (kb3d_batch){.is_single = options->input_count == 1 && !is_folder(options->inputs[0])};
    if (options->depth && !batch->is_single)
        return kb3d_report_usage("--depth", "is the depth of one picture; there are several");
    if (options->mask_count && !batch->is_single)
        return kb3d_report_usage("--mask", "belongs to one picture; there are several");
    kb3d_exit status = KB3D_EXIT_OK;
    for (int i = 0; i < options->input_count && !status; i++) {
        const char *input = options->inputs[i];
        status = is_folder(input) ? add_folder(batch, input) : add_picture(batch, strdup(input));
    }
    return status ? status : name_outputs(batch, options);
}

void kb3d_batch_free(kb3d_batch *batch) {
    for (int i = 0; i < batch->count; i++) {
        free(batch->jobs[i].picture);
        free(batch->jobs[i].output);
        free(batch->jobs[i].frames);
    }
    free(batch->jobs);
    for (int i = 0; i < 2; i++)
        if (batch->made[i])
            rmdir(batch->made[i]); /* only if nothing is in it */
    *batch = (kb3d_batch){0};
}
