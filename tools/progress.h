/* The progress bar: stage and time left, on a terminal only. */
#ifndef KB3D_TOOLS_PROGRESS_H
#define KB3D_TOOLS_PROGRESS_H

#include <stdbool.h>

/* Shows bars from now on if stderr is a terminal. */
void kb3d_progress_enable(void);

/* What the next stages belong to, such as a file's name; the text must stay. NULL: nothing. */
void kb3d_progress_title(const char *title);

/* The library reports each frame from 0 to 1; a video counts all its frames as one stage. */
void kb3d_progress_frames(int frame, int frame_count);

/* A kb3d_progress_fn. */
int kb3d_progress_show(void *user, const char *stage, double fraction);

/* Takes the bar off the line, before anything else is printed and at the end. */
void kb3d_progress_clear(void);

#endif
