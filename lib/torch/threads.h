// libtorch's threads: quick on a busy machine, and the host's settings as they were.
#ifndef KB3D_TORCH_THREADS_H
#define KB3D_TORCH_THREADS_H

#include "failure.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#if TORCH_VERSION_MAJOR < 2
namespace warnings = c10::Warning;
#else
namespace warnings = c10::WarningUtils;
#endif

// A function of a library that libtorch itself is linked to, or NULL.
template <typename Function> Function *function_named(const char *name) {
    return reinterpret_cast<Function *>(dlsym(RTLD_DEFAULT, name));
}

// OpenBLAS starts threads of its own beside libtorch's, and both kinds wait by spinning: on two
// cores that costs a factor of ten. Its thread count belongs to the process, so it is one while a
// network runs and the host's again after the last.
class OneBlasThread {
  public:
    OneBlasThread() {
        std::lock_guard<std::mutex> guard(lock);
        auto get = function_named<int()>("openblas_get_num_threads");
        auto set = function_named<void(int)>("openblas_set_num_threads");
        if (!users++ && get && set) {
            before = get();
            set(1);
        }
    }
    ~OneBlasThread() {
        std::lock_guard<std::mutex> guard(lock);
        auto set = function_named<void(int)>("openblas_set_num_threads");
        if (!--users && before && set)
            set(before);
    }

  private:
    static inline std::mutex lock;
    static inline int users, before;
};

// libgomp's barriers spin for milliseconds before they sleep. When every processor has a spinning
// thread and anything else runs too, a network takes ten times as long. The time is read from the
// environment when libgomp is loaded, too early for us; but libgomp spins a thousandth of it while it
// has more threads than processors. So some idle ones stand by during a run.
class IdleThreads {
  public:
    using Parallel = void(void (*)(void *), void *, unsigned, unsigned);

    IdleThreads(Parallel *parallel, int count) : master([this, parallel, count] { stand_by(parallel, count); }) {
        std::unique_lock<std::mutex> guard(lock);
        changed.wait(guard, [this] { return ready; });
    }
    ~IdleThreads() {
        {
            std::lock_guard<std::mutex> guard(lock);
            done = true;
        }
        changed.notify_all();
        master.join();
    }

  private:
    // libgomp keeps a team's threads for its master's next loop, and ends them with the master.
    void stand_by(Parallel *parallel, int count) {
        parallel([](void *) {}, nullptr, (unsigned)count + 1, 0);
        std::unique_lock<std::mutex> guard(lock);
        ready = true;
        changed.notify_all();
        changed.wait(guard, [this] { return done; });
    }

    std::mutex lock;
    std::condition_variable changed;
    bool ready = false, done = false;
    std::thread master; // last: it uses the others
};

// For the calling thread, until the end of the scope. Another OpenMP than GNU's (Intel's, in some
// builds of libtorch) spins without regard to the number of threads: one processor is left free.
class RunThreads {
  public:
    explicit RunThreads(int wanted) {
        int processors = std::max(1, (int)std::thread::hardware_concurrency());
        auto set = function_named<void(int)>("omp_set_num_threads");
        auto parallel = function_named<IdleThreads::Parallel>("GOMP_parallel");
        bool gnu = parallel && !function_named<void()>("kmp_set_blocktime");
        int threads = std::max(1, std::min(wanted, gnu ? processors : processors - 1));
        at::get_num_threads(); // else libtorch's first loop on this thread sets its own number
        if (set)
            set(threads);
        // with half the processors free, spinning harms no one
        if (gnu && threads > 1 && 2 * threads > processors)
            idle = std::make_unique<IdleThreads>(parallel, processors - threads + 1);
    }

  private:
    OneBlasThread one_blas_thread;
    std::unique_ptr<IdleThreads> idle;
};

class Silence : public c10::WarningHandler {
#if TORCH_VERSION_MAJOR < 2
    void process(const c10::SourceLocation &, const std::string &, const bool) override {
    }
#else
    void process(const c10::Warning &) override {
    }
#endif
};

// libtorch's settings are per thread: OpenMP's thread count, the warning handler, the inference
// mode, the optimiser. A thread of our own leaves the host's as they were, and has a full stack.
template <typename Work> kb3d_status on_own_thread(char *message, Work work) noexcept {
    kb3d_status status = KB3D_OK;
    kb3d_status started = attempt(message, [&] {
        std::thread([&] {
            status = attempt(message, [&] {
                Silence silence;
                warnings::WarningHandlerGuard silent(&silence);
                work();
            });
        }).join();
    });
    return started ? started : status;
}

#endif
