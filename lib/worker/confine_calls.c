#define _GNU_SOURCE /* syscall, O_TMPFILE */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

#define REFUSE(error) (SECCOMP_RET_ERRNO | (error))
#define STEP(code, value, yes, no) ((struct sock_filter){(code), (yes), (no), (uint32_t)(value)})
#define LOAD(field) STEP(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field), 0, 0)
/* The low half of an argument; little endian, as both architectures are. */
#define LOAD_ARGUMENT(index) LOAD(args[index])
#define LOAD_ARGUMENT_HIGH(index) \
    STEP(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[index]) + 4, 0, 0)
#define RETURN(value) STEP(BPF_RET | BPF_K, value, 0, 0)
#define IF_EQUAL(value, yes, no) STEP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define IF_ANY_BIT(value, yes, no) STEP(BPF_JMP | BPF_JSET | BPF_K, value, yes, no)
#define REFUSE_CALL(number) IF_EQUAL(number, 0, 1), RETURN(REFUSE(EPERM))

/* Whatever is not named is allowed: libtorch's libraries, its threads and its just-in-time code
   need much, and other things with every release. What is named has no place in a network. */

/* Numbers that both architectures have; the older ones of x86-64 follow. */
#define REFUSED_EVERYWHERE \
    /* connections: the one to the library is open already */ \
    REFUSE_CALL(SYS_socket), REFUSE_CALL(SYS_socketpair), REFUSE_CALL(SYS_connect), REFUSE_CALL(SYS_bind), \
    REFUSE_CALL(SYS_listen), REFUSE_CALL(SYS_accept), REFUSE_CALL(SYS_accept4), \
    /* programs and other processes */ \
    REFUSE_CALL(SYS_execve), REFUSE_CALL(SYS_execveat), REFUSE_CALL(SYS_ptrace), \
    REFUSE_CALL(SYS_process_vm_readv), REFUSE_CALL(SYS_process_vm_writev), REFUSE_CALL(SYS_kcmp), \
    REFUSE_CALL(SYS_tkill), REFUSE_CALL(SYS_rt_sigqueueinfo), REFUSE_CALL(SYS_rt_tgsigqueueinfo), \
    REFUSE_CALL(CALL_PIDFD_SEND_SIGNAL), REFUSE_CALL(CALL_PIDFD_OPEN), REFUSE_CALL(CALL_PIDFD_GETFD), \
    /* files */ \
    REFUSE_CALL(SYS_mkdirat), REFUSE_CALL(SYS_mknodat), REFUSE_CALL(SYS_unlinkat), REFUSE_CALL(SYS_linkat), \
    REFUSE_CALL(SYS_symlinkat), REFUSE_CALL(SYS_renameat2), REFUSE_CALL(SYS_truncate), \
    REFUSE_CALL(SYS_fchmod), REFUSE_CALL(SYS_fchmodat), REFUSE_CALL(CALL_FCHMODAT2), REFUSE_CALL(SYS_fchown), \
    REFUSE_CALL(SYS_fchownat), REFUSE_CALL(SYS_utimensat), REFUSE_CALL(SYS_setxattr), REFUSE_CALL(SYS_lsetxattr), \
    REFUSE_CALL(SYS_fsetxattr), REFUSE_CALL(SYS_removexattr), REFUSE_CALL(SYS_lremovexattr), \
    REFUSE_CALL(SYS_fremovexattr), \
    /* the system */ \
    REFUSE_CALL(CALL_IO_URING_SETUP), REFUSE_CALL(CALL_IO_URING_ENTER), REFUSE_CALL(CALL_IO_URING_REGISTER), \
    REFUSE_CALL(SYS_bpf), REFUSE_CALL(SYS_perf_event_open), REFUSE_CALL(SYS_userfaultfd), REFUSE_CALL(SYS_keyctl), \
    REFUSE_CALL(SYS_add_key), REFUSE_CALL(SYS_request_key), REFUSE_CALL(SYS_mount), REFUSE_CALL(SYS_umount2), \
    REFUSE_CALL(CALL_OPEN_TREE), REFUSE_CALL(CALL_MOVE_MOUNT), REFUSE_CALL(CALL_FSOPEN), \
    REFUSE_CALL(SYS_pivot_root), REFUSE_CALL(SYS_chroot), REFUSE_CALL(SYS_unshare), REFUSE_CALL(SYS_setns), \
    REFUSE_CALL(SYS_init_module), REFUSE_CALL(SYS_finit_module), REFUSE_CALL(SYS_delete_module), \
    REFUSE_CALL(SYS_kexec_load), REFUSE_CALL(SYS_reboot), REFUSE_CALL(SYS_swapon), REFUSE_CALL(SYS_swapoff), \
    REFUSE_CALL(SYS_open_by_handle_at), REFUSE_CALL(SYS_shmget), REFUSE_CALL(SYS_msgget), REFUSE_CALL(SYS_semget), \
    REFUSE_CALL(SYS_mq_open), REFUSE_CALL(SYS_setrlimit)

/* The same numbers on both, and newer than some C libraries. */
enum {
    CALL_PIDFD_SEND_SIGNAL = 424, CALL_IO_URING_SETUP = 425, CALL_IO_URING_ENTER = 426,
    CALL_IO_URING_REGISTER = 427, CALL_OPEN_TREE = 428, CALL_MOVE_MOUNT = 429, CALL_FSOPEN = 430,
    CALL_PIDFD_OPEN = 434, CALL_CLONE3 = 435, CALL_OPENAT2 = 437, CALL_PIDFD_GETFD = 438, CALL_FCHMODAT2 = 452
};

#ifdef __x86_64__
#define REFUSED_HERE \
    REFUSE_CALL(SYS_fork), REFUSE_CALL(SYS_vfork), REFUSE_CALL(SYS_creat), REFUSE_CALL(SYS_mkdir), \
    REFUSE_CALL(SYS_mknod), REFUSE_CALL(SYS_rmdir), REFUSE_CALL(SYS_unlink), REFUSE_CALL(SYS_link), \
    REFUSE_CALL(SYS_symlink), REFUSE_CALL(SYS_rename), REFUSE_CALL(SYS_renameat), REFUSE_CALL(SYS_chmod), \
    REFUSE_CALL(SYS_chown), REFUSE_CALL(SYS_lchown), REFUSE_CALL(SYS_utime), REFUSE_CALL(SYS_utimes), \
    REFUSE_CALL(SYS_futimesat),
#else
#define REFUSED_HERE REFUSE_CALL(SYS_renameat),
#endif

/* Opening a file to change it: the flags are this argument of this call. */
#define REFUSE_WRITING(number, flags) \
    IF_EQUAL(number, 0, 4), LOAD_ARGUMENT(flags), \
        IF_ANY_BIT(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY), 0, 1), \
        RETURN(REFUSE(EPERM)), RETURN(SECCOMP_RET_ALLOW)

/* A signal is for this process alone. */
#define REFUSE_OTHERS(number, self) \
    IF_EQUAL(number, 0, 4), LOAD_ARGUMENT(0), IF_EQUAL(self, 1, 0), RETURN(REFUSE(EPERM)), RETURN(SECCOMP_RET_ALLOW)

int kb3d_confine_calls(void) {
    pid_t self = getpid();
    const struct sock_filter steps[] = {
        LOAD(arch), IF_EQUAL(ARCHITECTURE, 1, 0), RETURN(REFUSE(EPERM)), LOAD(nr),
#ifdef __x86_64__
        /* the x32 calls, which nothing uses */
        STEP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), RETURN(REFUSE(EPERM)),
#endif
        REFUSED_EVERYWHERE, REFUSED_HERE
        /* Their arguments lie in memory, where a filter cannot look; the C library then uses the older ones. */
        IF_EQUAL(CALL_CLONE3, 0, 1), RETURN(REFUSE(ENOSYS)), IF_EQUAL(CALL_OPENAT2, 0, 1), RETURN(REFUSE(ENOSYS)),
        /* threads, but no processes */
        IF_EQUAL(SYS_clone, 0, 4), LOAD_ARGUMENT(0), IF_ANY_BIT(CLONE_THREAD, 1, 0), RETURN(REFUSE(EPERM)),
        RETURN(SECCOMP_RET_ALLOW),
#ifdef __x86_64__
        REFUSE_WRITING(SYS_open, 1),
#endif
        REFUSE_WRITING(SYS_openat, 2), REFUSE_OTHERS(SYS_kill, self), REFUSE_OTHERS(SYS_tgkill, self),
        /* limits can be asked for, not set */
        IF_EQUAL(SYS_prlimit64, 0, 6), LOAD_ARGUMENT(2), IF_EQUAL(0, 0, 2), LOAD_ARGUMENT_HIGH(2),
        IF_EQUAL(0, 1, 0), RETURN(REFUSE(EPERM)), RETURN(SECCOMP_RET_ALLOW),
        RETURN(SECCOMP_RET_ALLOW)};
    const struct sock_fprog program = {sizeof steps / sizeof *steps, (struct sock_filter *)steps};
    /* all threads: libtorch's libraries have started some */
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}

#else

int kb3d_confine_calls(void) {
    return -1;
}

#endif
