/* Why the video writer failed, instead of a line on stderr; and its unfinished file when GIMP ends the plug-in. */
#ifndef KEN_WRITER_H
#define KEN_WRITER_H

/* The writer's last reason, "FILE: cause". Of the thread that writes. */
const char *ken_writer_last(void);

/* Removes what is half written. */
void ken_writer_abandon(void);

#endif
