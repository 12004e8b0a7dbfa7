/* What the command says on stderr, and its exit statuses. */
#ifndef KB3D_TOOLS_REPORT_H
#define KB3D_TOOLS_REPORT_H

#include <stdbool.h>

typedef enum kb3d_exit {
    KB3D_EXIT_OK = 0,
    KB3D_EXIT_FAILED = 1,
    KB3D_EXIT_USAGE = 2
} kb3d_exit;

/* One line `kb3d: FILE: cause`; file may be NULL. Answers KB3D_EXIT_FAILED, so that a caller can return it. */
kb3d_exit kb3d_report(const char *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a command line that cannot be followed. Answers KB3D_EXIT_USAGE. */
kb3d_exit kb3d_report_usage(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line that is no error: nothing unless the notes were switched on by --verbose. */
void kb3d_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void kb3d_note_enable(bool on);

kb3d_exit kb3d_report_memory(void);

#endif
