/* tools/report.h and tools/interrupt.h as the video writer of the command wants them from its host. */
#include "writer.h"

#include "interrupt.h"
#include "report.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdio.h>

static char last[2048];
static const char *unfinished; /* there is one video at a time */
static GMutex lock;

kb3d_exit kb3d_report(const char *file, const char *format, ...) {
    int used = snprintf(last, sizeof last, "%.1024s%s", file ? file : "", file ? ": " : "");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last + used, sizeof last - (size_t)used, format, arguments);
    va_end(arguments);
    return KB3D_EXIT_FAILED;
}

kb3d_exit kb3d_report_memory(void) {
    return kb3d_report(NULL, "out of memory");
}

void kb3d_note(const char *format, ...) {
    (void)format; /* nobody asked for details */
}

const char *ken_writer_last(void) {
    return last;
}

void kb3d_interrupt_protect(const char *temporary) {
    g_mutex_lock(&lock);
    unfinished = temporary;
    g_mutex_unlock(&lock);
}

void kb3d_interrupt_release(const char *temporary) {
    (void)temporary;
    kb3d_interrupt_protect(NULL);
}

void ken_writer_abandon(void) {
    g_mutex_lock(&lock);
    if (unfinished)
        g_unlink(unfinished);
    g_mutex_unlock(&lock);
}
