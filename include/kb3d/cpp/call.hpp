/**
 * @file cpp/call.hpp
 * @brief One call: progress, cancel, what it answers; and the functions of the host that the library calls.
 */
#ifndef KB3D_CPP_CALL_HPP
#define KB3D_CPP_CALL_HPP

#include <kb3d/cpp/image.hpp>
#include <kb3d/cpp/result.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#if defined(__cpp_exceptions)
#include <exception>
#endif

namespace kb3d {

/** One call's own matters: progress, cancel. May be used again and again, by one call at a time. */
class call {
public:
    /** Answers false to cancel. What it throws cancels too, and comes out of the call. */
    using progress_fn = std::function<bool(std::string_view stage, double fraction)>;

    explicit call(progress_fn progress = {}) : progress_(std::move(progress)) {
        c_.user = this;
        c_.progress = progress_ ? &report : nullptr;
    }
    call(const call &) = delete;
    call &operator=(const call &) = delete;
    /** From any thread and from a signal handler. */
    void cancel() noexcept {
        kb3d_call_cancel(&c_);
    }
    /** Takes a request to cancel back. */
    void reset() noexcept {
        c_.cancel = 0;
    }
    kb3d_call *c() noexcept {
        return &c_;
    }
    /** What a status of a call with this means; throws on what the progress function threw. */
    result<void> answer(kb3d_status status) {
#if defined(__cpp_exceptions)
        if (std::exception_ptr thrown = std::exchange(thrown_, nullptr)) {
            reset();
            std::rethrow_exception(thrown);
        }
#endif
        if (status == KB3D_OK)
            return std::monostate();
        return failure{status, *c_.message ? c_.message : kb3d_status_text(status)};
    }

private:
    static int report(void *user, const char *stage, double fraction) {
        call *self = static_cast<call *>(user);
#if defined(__cpp_exceptions)
        try {
            return !self->progress_(stage, fraction);
        } catch (...) { /* no exception may pass through C */
            self->thrown_ = std::current_exception();
            return 1;
        }
#else
        return !self->progress_(stage, fraction);
#endif
    }
    prepared<kb3d_call> c_;
    progress_fn progress_;
#if defined(__cpp_exceptions)
    std::exception_ptr thrown_;
#endif
};

/** One run of the host's network; see kb3d_run. */
class run {
public:
    explicit run(kb3d_run *c) noexcept : c_(c) {
    }
    std::string_view entry() const noexcept {
        return c_->entry;
    }
    span<const kb3d_tensor> inputs() const noexcept {
        return {c_->inputs, static_cast<std::size_t>(c_->input_count)};
    }
    int output_count() const noexcept {
        return c_->output_count;
    }
    int threads() const noexcept {
        return c_->threads;
    }
    bool is_cancelled() const noexcept {
        return kb3d_run_is_cancelled(c_);
    }
    /** Zeroed memory for an answer; empty when the shape is wrong or there is no memory. */
    span<float> answer(int index, span<const std::int64_t> shape) noexcept {
        float *values = kb3d_run_answer(c_, index, static_cast<int>(shape.size()), shape.data());
        std::size_t count = values ? 1 : 0;
        for (std::int64_t size : shape)
            count *= static_cast<std::size_t>(size);
        return {values, count};
    }

private:
    kb3d_run *c_;
};

/** A network of the host's. Answers "" or why it failed; what it throws is a failure too. May run on any thread. */
using network_fn = std::function<std::string(run &)>;

namespace detail {

struct destroy {
    void operator()(kb3d_ctx *handle) const noexcept {
        kb3d_ctx_destroy(&handle);
    }
    void operator()(kb3d_scene *handle) const noexcept {
        kb3d_scene_destroy(&handle);
    }
    void operator()(kb3d_path *handle) const noexcept {
        kb3d_path_destroy(&handle);
    }
};
template <class T> using handle = std::unique_ptr<T, destroy>;

using log_fn = std::function<void(kb3d_log_level, std::string_view)>;

/** Functions of the host's that a context calls; its scenes and paths keep them too. */
struct callbacks {
    log_fn log;
    std::vector<std::unique_ptr<network_fn>> networks;
};

inline void send_log(void *user, kb3d_log_level level, const char *text) {
#if defined(__cpp_exceptions)
    try {
        (*static_cast<log_fn *>(user))(level, text);
    } catch (...) { /* nobody to tell */
    }
#else
    (*static_cast<log_fn *>(user))(level, text);
#endif
}

inline int fail_run(kb3d_run *c, std::string_view why) {
    std::size_t length = std::min<std::size_t>(why.size(), 383);
    std::memcpy(c->message, why.data(), length);
    c->message[length] = 0;
    return 1;
}

inline int run_network(void *user, kb3d_run *c) {
    run r(c);
#if defined(__cpp_exceptions)
    try {
        std::string why = (*static_cast<network_fn *>(user))(r);
        return why.empty() ? 0 : fail_run(c, why);
    } catch (const std::exception &thrown) {
        return fail_run(c, thrown.what());
    } catch (...) {
        return fail_run(c, "the network threw what is no std::exception");
    }
#else
    std::string why = (*static_cast<network_fn *>(user))(r);
    return why.empty() ? 0 : fail_run(c, why);
#endif
}

/** Makes a call with the host's kb3d::call or with one of its own. */
template <class F> result<void> with_call(call *given, F &&make) {
    if (given)
        return given->answer(make(given->c()));
    call own;
    return own.answer(make(own.c()));
}

/** A value that a call fills. */
template <class T, class F> result<T> ask(F &&fill) {
    T value;
    auto done = with_call(nullptr, [&](kb3d_call *c) { return fill(&value, c); });
    if (!done)
        return done.why();
    return value;
}

} // namespace detail

} // namespace kb3d

#endif
