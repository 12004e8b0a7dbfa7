#define _GNU_SOURCE /* MSG_CMSG_CLOEXEC */
#include "channel.h"

#include "infer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the descriptors of one packet. */
typedef union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(KB3D_INFER_TENSOR_MAX * sizeof(int))];
} control;

int kb3d_channel_send(int socket, const void *packet, size_t size, const int *files, int count) {
    control space;
    struct iovec part = {(void *)packet, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count) {
        size_t bytes = (size_t)count * sizeof *files;
        memset(&space, 0, sizeof space);
        message.msg_control = &space;
        message.msg_controllen = CMSG_SPACE(bytes);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(bytes);
        memcpy(CMSG_DATA(head), files, bytes);
    }
    ssize_t sent;
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : (size_t)sent == size ? 0 : EPROTO;
}

int kb3d_channel_receive(int socket, void *packet, size_t size, int *files, int *count) {
    control space;
    struct iovec part = {packet, size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &space, .msg_controllen = sizeof space};
    int room = *count;
    *count = 0;
    ssize_t got;
    do
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        size_t sent = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < sent; i++) {
            int file;
            memcpy(&file, CMSG_DATA(head) + i * sizeof file, sizeof file);
            if (*count < room)
                files[(*count)++] = file;
            else
                close(file);
        }
    }
    if ((size_t)got == size && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return 0;
    for (int i = 0; i < *count; i++)
        close(files[i]);
    *count = 0;
    return got ? EPROTO : EPIPE;
}
