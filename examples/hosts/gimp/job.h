/* Work in a thread, while GIMP's progress bar and, when there is one, the dialog stay alive. */
#ifndef KEN_JOB_H
#define KEN_JOB_H

#include <glib.h>
#include <kb3d/call.h>
#include <stdbool.h>

/* Zero but for what is marked. */
typedef struct ken_job {
    const char *name; /* of the picture, for errors; to be set */
    void (*tick)(void *user, const char *text,
                 double fraction); /* to be set; on ken_job_run's thread, now and then */
    void *user;                    /* likewise */
    kb3d_call call;
    char error[2048]; /* why it failed; empty: it was cancelled */
    /* the rest is its own */
    GMutex lock;
    char text[80];
    double base, span, fraction; /* of the part now done within the whole, and where it stands */
    bool is_done;
    bool (*work)(struct ken_job *job, void *data);
    void *data;
} ken_job;

/* Runs the work in a thread and returns when it is done; the default main context runs in the meantime. */
bool ken_job_run(ken_job *job, bool (*work)(ken_job *job, void *data), void *data);

/* From the work: what the next calls do, and the stretch of the whole that they take. */
void ken_job_part(ken_job *job, double base, double span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* From the work: a call of the library with job->call failed; likewise, with a reason that names what it is about.
   Answer false, so that the work can return it. */
bool ken_job_fail(ken_job *job, kb3d_status status);
bool ken_job_fail_text(ken_job *job, const char *text);

/* From anywhere: the work ends soon. */
void ken_job_cancel(ken_job *job);

#endif
