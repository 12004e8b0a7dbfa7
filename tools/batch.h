/* Which pictures become which files. */
#ifndef KB3D_TOOLS_BATCH_H
#define KB3D_TOOLS_BATCH_H

#include "options.h"

typedef struct kb3d_job {
    char *picture;
    char *output; /* NULL: none */
    char *frames; /* NULL: none */
} kb3d_job;

typedef struct kb3d_batch {
    kb3d_job *jobs;
    int count;
    bool is_single; /* one picture, named by itself: no folder and no list */
    const char *made[2]; /* folders that did not exist before */
} kb3d_batch;

/* Expands folders, names the outputs and makes the folders they go to. Reports. */
kb3d_exit kb3d_batch_plan(kb3d_batch *batch, const kb3d_options *options);

/* Frees; removes folders that were made and stayed empty. */
void kb3d_batch_free(kb3d_batch *batch);

#endif
