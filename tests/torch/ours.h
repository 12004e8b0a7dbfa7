/* The library's side of a host that has a libtorch of its own, for orders.c and, as a library, for python.py. */
#ifndef KB3D_TESTS_OURS_H
#define KB3D_TESTS_OURS_H

enum { OURS_TEXT_SIZE = 512 };

/* Makes a scene whose depth comes from a network, which runs where kb3d_networks says. The
   status, and in `text` what ran the network, or the message. */
__attribute__((visibility("default"))) int ours_run(int networks, const char *model, char *text);

#endif
