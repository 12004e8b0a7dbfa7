/* Lines to the host's log callback. */
#ifndef KB3D_LIB_LOG_H
#define KB3D_LIB_LOG_H

#include <kb3d/context.h>

typedef struct kb3d_log {
    kb3d_log_fn fn; /* NULL: silent */
    void *user;
    kb3d_log_level level;
} kb3d_log;

void kb3d_log_line(const kb3d_log *log, kb3d_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
