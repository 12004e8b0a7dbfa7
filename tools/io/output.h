/*
 * A file being written: under a temporary name beside its own, which it takes when it is whole. Whoever looks sees
 * the old file or the new one, never half of one.
 */
#ifndef KB3D_TOOLS_OUTPUT_H
#define KB3D_TOOLS_OUTPUT_H

#include "../report.h"

#include <stddef.h>

typedef struct kb3d_output {
    const char *path; /* as the user gave it, for messages; must stay valid */
    char *target;     /* links followed */
    char *temporary;
    int file;
} kb3d_output;

/* All of them report what goes wrong. */
kb3d_exit kb3d_output_open(kb3d_output *output, const char *path);
kb3d_exit kb3d_output_write(kb3d_output *output, const void *bytes, size_t byte_count);

/* Makes sure the bytes are on the disk and gives the file its name. */
kb3d_exit kb3d_output_commit(kb3d_output *output);

/* Frees; removes a file that was not committed. Also of an output that is all zero. */
void kb3d_output_close(kb3d_output *output);

#endif
