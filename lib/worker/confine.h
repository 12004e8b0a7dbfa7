/* What a network in the worker may not do. */
#ifndef KB3D_LIB_WORKER_CONFINE_H
#define KB3D_LIB_WORKER_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Before libtorch is opened, so that what it needs counts too. 0: none. */
void kb3d_confine_memory(uint64_t byte_count);

/* For good, all threads: no file changed, no program, no connection, no other process touched,
   and, unless `reads_files`, no file read but the system's. After libtorch was opened. `missing`
   gets the names of what this system cannot do, "" if nothing. Each part stands alone: what
   cannot be had is left out. */
void kb3d_confine(bool reads_files, char *missing, size_t size);

/* Its larger parts: Landlock, and the filter of system calls. 0 or -1. */
int kb3d_confine_files(bool reads_files);
int kb3d_confine_calls(void);

#endif
