#include "report.h"

#include "progress.h"

#include <stdarg.h>
#include <stdio.h>

static bool notes;

/* Names come from the user and may hold anything; a line stays one line. */
static void print_line(const char *file, const char *format, va_list arguments) {
    char line[2048];
    int used = snprintf(line, sizeof line, "kb3d: %.1024s%s", file ? file : "", file ? ": " : "");
    vsnprintf(line + used, sizeof line - (size_t)used, format, arguments);
    for (unsigned char *c = (unsigned char *)line; *c; c++)
        if (*c < 32 || *c == 127)
            *c = '?';
    kb3d_progress_clear();
    fprintf(stderr, "%s\n", line);
}

kb3d_exit kb3d_report(const char *file, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line(file, format, arguments);
    va_end(arguments);
    return KB3D_EXIT_FAILED;
}

kb3d_exit kb3d_report_usage(const char *what, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line(what, format, arguments);
    va_end(arguments);
    return KB3D_EXIT_USAGE;
}

void kb3d_note(const char *format, ...) {
    if (!notes)
        return;
    va_list arguments;
    va_start(arguments, format);
    print_line(NULL, format, arguments);
    va_end(arguments);
}

void kb3d_note_enable(bool on) {
    notes = on;
}

kb3d_exit kb3d_report_memory(void) {
    return kb3d_report(NULL, "out of memory");
}
