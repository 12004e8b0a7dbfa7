#include "log.h"

#include <stdarg.h>
#include <stdio.h>

void kb3d_log_line(const kb3d_log *log, kb3d_log_level level, const char *format, ...) {
    if (!log->fn || level > log->level)
        return;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    log->fn(log->user, level, text);
}
