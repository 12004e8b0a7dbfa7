#include "job.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TICK_MS = 100 };

/* The stages of a scene, in their order; others report a whole part each. */
static double find_whole(const char *stage, double fraction) {
    static const char *const stages[] = {"decode", "depth", "adjust", "refine", "surface"};
    for (size_t i = 0; i < G_N_ELEMENTS(stages); i++)
        if (!strcmp(stage, stages[i]))
            return ((double)i + fraction) / G_N_ELEMENTS(stages);
    return fraction;
}

static int report_progress(void *user, const char *stage, double fraction) {
    ken_job *job = user;
    g_mutex_lock(&job->lock);
    job->fraction = job->base + job->span * find_whole(stage, CLAMP(fraction, 0, 1));
    g_mutex_unlock(&job->lock);
    return 0;
}

void ken_job_part(ken_job *job, double base, double span, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_mutex_lock(&job->lock);
    vsnprintf(job->text, sizeof job->text, format, arguments);
    job->base = job->fraction = base;
    job->span = span;
    g_mutex_unlock(&job->lock);
    va_end(arguments);
}

bool ken_job_fail(ken_job *job, kb3d_status status) {
    job->error[0] = 0;
    if (status != KB3D_ERROR_CANCELLED)
        snprintf(job->error, sizeof job->error, "%s: %s", job->name, job->call.message);
    return false;
}

bool ken_job_fail_text(ken_job *job, const char *text) {
    g_strlcpy(job->error, text, sizeof job->error);
    return false;
}

void ken_job_cancel(ken_job *job) {
    kb3d_call_cancel(&job->call);
}

static gboolean tick(gpointer user) {
    ken_job *job = user;
    char text[sizeof job->text];
    g_mutex_lock(&job->lock);
    memcpy(text, job->text, sizeof text);
    double fraction = job->fraction;
    g_mutex_unlock(&job->lock);
    job->tick(job->user, text, fraction);
    return G_SOURCE_CONTINUE;
}

static gboolean note_done(gpointer user) {
    ((ken_job *)user)->is_done = true;
    return G_SOURCE_REMOVE;
}

static gpointer run(gpointer user) {
    ken_job *job = user;
    bool good = job->work(job, job->data);
    g_idle_add(note_done, job);
    return GINT_TO_POINTER(good);
}

bool ken_job_run(ken_job *job, bool (*work)(ken_job *job, void *data), void *data) {
    KB3D_INIT(job->call);
    job->call.progress = report_progress;
    job->call.user = job;
    job->error[0] = 0;
    job->is_done = false;
    job->work = work;
    job->data = data;
    ken_job_part(job, 0, 0, "%s", "");
    guint timer = g_timeout_add(TICK_MS, tick, job);
    GThread *thread = g_thread_new("3D Ken Burns", run, job);
    while (!job->is_done)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(timer);
    return GPOINTER_TO_INT(g_thread_join(thread));
}
