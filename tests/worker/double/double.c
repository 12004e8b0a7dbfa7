/* A worker that lies: in kb3d-worker's place it does what is asked but for the one thing that
   KB3D_TEST_DOUBLE names. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "worker/channel.h"
#include "worker/protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *lie;
static unsigned seed;

static int lies(const char *what) {
    return !strcmp(lie, what);
}

static unsigned roll(void) {
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static void send_bytes(const void *bytes, size_t size) {
    kb3d_channel_send(KB3D_WORKER_SOCKET, bytes, size, NULL, 0);
}

static void nap(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* The shapes of a run's answer; an orderly one is 1x1x2x3. */
static void lie_about_shapes(kb3d_worker_reply *reply) {
    kb3d_worker_tensor *t = reply->tensors;
    int64_t most = INT64_MAX;
    if (lies("rank-5"))
        t->rank = 5;
    if (lies("rank-negative"))
        t->rank = -1;
    if (lies("rank-huge"))
        t->rank = INT32_MAX;
    if (lies("side-negative"))
        t->shape[2] = -2;
    if (lies("side-least"))
        t->shape[2] = INT64_MIN;
    if (lies("overflow"))
        t->shape[0] = t->shape[1] = t->shape[2] = (int64_t)1 << 31;
    if (lies("overflow-hidden")) /* 2^64 + 24 bytes */
        t->shape[0] = 0, t->shape[1] = most;
    if (lies("bytes-just-over"))
        t->shape[2] = ((int64_t)1 << 30) / 12 + 1;
    if (lies("most"))
        t->shape[0] = most;
    if (lies("count-0"))
        reply->tensor_count = 0;
    if (lies("count-9"))
        reply->tensor_count = 9;
    if (lies("count-negative"))
        reply->tensor_count = -1;
    if (lies("offset"))
        t->offset = UINT64_MAX;
}

/* Answers, as the lie has it. */
static void reply_to(const kb3d_worker_request *request, kb3d_worker_reply *reply) {
    unsigned char large[sizeof *reply + 1] = {0};
    int is_run = request->kind == KB3D_WORKER_RUN;
    if (is_run)
        lie_about_shapes(reply);
    if (lies("protocol") && is_run)
        reply->protocol++;
    if (lies("kind") && is_run)
        reply->kind = KB3D_WORKER_FETCH;
    if (lies("serial") && is_run)
        reply->serial--;
    if (lies("start-protocol") && request->kind == KB3D_WORKER_START)
        reply->protocol++;
    if (lies("texts")) {
        memset(reply->message, 0xff, sizeof reply->message);
        memset(reply->runtime, '\033', sizeof reply->runtime);
        memset(reply->unconfined, '\n', sizeof reply->unconfined);
        reply->weight_bytes = UINT64_MAX;
        if (is_run)
            reply->status = KB3D_ERROR_MODEL;
    }
    if (lies("status-positive") && is_run)
        reply->status = INT32_MAX;
    if (lies("fuzz") && !(roll() % 4))
        for (unsigned i = roll() % 6; i--;)
            ((unsigned char *)reply)[roll() % (roll() % 2 ? sizeof *reply : 96)] = (unsigned char)roll();
    if (lies("mute") && is_run)
        for (;;)
            pause();
    if (lies("mute-start"))
        for (;;)
            pause();
    if (lies("empty") && is_run)
        send_bytes("", 0);
    if (lies("short") && is_run)
        send_bytes(reply, sizeof *reply - 1);
    if (lies("one") && is_run)
        send_bytes("x", 1);
    if (lies("long") && is_run) {
        memcpy(large, reply, sizeof *reply);
        send_bytes(large, sizeof large);
    }
    if (lies("flood"))
        for (int i = 0; i < 2000; i++)
            send_bytes(reply, sizeof *reply);
    if (lies("descriptors")) {
        int files[4] = {0, 1, 2, 3};
        kb3d_channel_send(KB3D_WORKER_SOCKET, reply, sizeof *reply, files, 4);
        return;
    }
    send_bytes(reply, sizeof *reply);
    if (lies("twice") && request->kind == KB3D_WORKER_FETCH)
        send_bytes(reply, sizeof *reply);
}

/* What can be done to the memory of an input: 0 when nothing, as it should be. */
static float harm_input(int file) {
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    float harm = memory != MAP_FAILED;
    harm += 2 * !ftruncate(file, 0);
    harm += 4 * !ftruncate(file, 1 << 30);
    harm += 8 * (pwrite(file, "x", 1, 0) == 1);
    return harm;
}

int main(void) {
    static kb3d_worker_request request;
    float harm = 0, *kept = NULL;
    lie = getenv("KB3D_TEST_DOUBLE");
    seed = (unsigned)atoi(getenv("KB3D_TEST_SEED") ? getenv("KB3D_TEST_SEED") : "0");
    for (;;) {
        int files[KB3D_INFER_TENSOR_MAX], count = KB3D_INFER_TENSOR_MAX;
        if (kb3d_channel_receive(KB3D_WORKER_SOCKET, &request, sizeof request, files, &count))
            _exit(0);
        kb3d_worker_reply reply = {.protocol = KB3D_WORKER_PROTOCOL, .kind = request.kind, .serial = request.serial,
                                   .runtime = "double"};
        if (request.kind == KB3D_WORKER_UNLOAD || request.kind == KB3D_WORKER_DROP)
            continue;
        if (request.kind == KB3D_WORKER_RUN) {
            reply.tensor_count = 1;
            reply.tensors[0] = (kb3d_worker_tensor){.rank = 4, .shape = {1, 1, 2, 3}};
            harm = harm_input(files[0]);
        }
        if (request.kind == KB3D_WORKER_FETCH) {
            size_t size = request.byte_count;
            float *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, files[0], 0);
            harm += 16 * !ftruncate(files[0], 0);
            if (memory != MAP_FAILED) {
                memory[0] = harm;
                memory[1] = 1;
                kept = memory;
            }
        }
        reply_to(&request, &reply);
        if (request.kind == KB3D_WORKER_FETCH && kept) {
            nap(5);
            kept[1] = 2; /* too late, or the answer is no longer 1 */
        }
        for (int i = 0; i < count; i++)
            close(files[i]);
    }
}
