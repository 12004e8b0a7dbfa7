/* Packets with descriptors over a socket pair; used on both sides. */
#ifndef KB3D_LIB_WORKER_CHANNEL_H
#define KB3D_LIB_WORKER_CHANNEL_H

#include <stddef.h>

/* Sends without waiting and without a SIGPIPE; 0 or the error's number. */
int kb3d_channel_send(int socket, const void *packet, size_t size, const int *files, int count);

/* Waits for a packet of exactly `size` bytes with at most `*count` descriptors, which are the
   caller's then; 0 or the error's number, EPIPE at the end, EPROTO for another size. */
int kb3d_channel_receive(int socket, void *packet, size_t size, int *files, int *count);

#endif
