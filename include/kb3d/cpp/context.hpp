/**
 * @file cpp/context.hpp
 * @brief The context: threads, memory, limits, networks.
 */
#ifndef KB3D_CPP_CONTEXT_HPP
#define KB3D_CPP_CONTEXT_HPP

#include <kb3d/cpp/call.hpp>

namespace kb3d {

/** Whether the library that was loaded fits this header; each context asks. */
inline result<void> check_library() {
    std::uint32_t has = kb3d_api_version();
    if (has >> 16 == KB3D_API_MAJOR && (has & 0xffff) >= KB3D_API_MINOR)
        return std::monostate();
    auto text = [](std::uint32_t major, std::uint32_t minor) {
        return std::to_string(major) + "." + std::to_string(minor);
    };
    return failure{KB3D_ERROR_UNAVAILABLE, "libkb3d " + std::string(kb3d_version()) + " has API " +
                                               text(has >> 16, has & 0xffff) + ", this program was compiled for " +
                                               text(KB3D_API_MAJOR, KB3D_API_MINOR)};
}

/** Whether a backend could be used here. */
inline result<void> try_probe(kb3d_backend backend) {
    return detail::with_call(nullptr, [&](kb3d_call *c) { return kb3d_backend_probe(backend, c); });
}

/** The devices that a backend has here. */
inline result<std::vector<device_info>> try_devices(kb3d_backend backend) {
    int count = 0;
    auto counted = detail::with_call(nullptr, [&](kb3d_call *c) {
        return kb3d_backend_device_count(backend, &count, c);
    });
    if (!counted)
        return counted.why();
    std::vector<device_info> devices(static_cast<std::size_t>(count));
    for (int i = 0; i < count; i++) {
        auto told = detail::with_call(nullptr, [&](kb3d_call *c) {
            return kb3d_backend_get_device(backend, i + 1, &devices[static_cast<std::size_t>(i)], c);
        });
        if (!told)
            return told.why();
    }
    return devices;
}

/** Parameters of a context: the C struct's, with a function for the log. */
struct context_params : prepared<kb3d_ctx_params> {
    detail::log_fn on_log; /**< in the place of `log`; may run on any thread, several at once */
};

/** Threads, memory, limits, networks. */
class context {
public:
    static result<context> try_make(const context_params &params = {}, call *c = nullptr) {
        if (auto fits = check_library(); !fits)
            return fits.why();
        context made{nobody()};
        made.callbacks_ = std::make_shared<detail::callbacks>();
        kb3d_ctx_params p = params;
        if (params.on_log) {
            made.callbacks_->log = params.on_log;
            p.log = detail::send_log;
            p.log_user = &made.callbacks_->log;
        }
        kb3d_ctx *handle = nullptr;
        auto done = detail::with_call(c, [&](kb3d_call *cc) { return kb3d_ctx_create(&handle, &p, cc); });
        made.handle_.reset(handle);
        if (!done)
            return done.why();
        return made;
    }
    /** A network from a file, or by name from the search path. */
    result<void> try_add_model(kb3d_model_role role, const std::string &path, const char *manifest = nullptr) {
        prepared<kb3d_model_source> from;
        from.path = path.c_str();
        return add(from, role, manifest);
    }
    /** From a TorchScript file's contents. */
    result<void> try_add_model(kb3d_model_role role, span<const std::byte> contents, const char *manifest = nullptr) {
        prepared<kb3d_model_source> from;
        from.bytes = contents.data();
        from.byte_count = contents.size();
        return add(from, role, manifest);
    }
    /** A function of the host's. */
    result<void> try_add_model(kb3d_model_role role, network_fn network, const char *manifest = nullptr) {
        if (!network)
            return failure{KB3D_ERROR_ARGUMENT, "the network is a function that is empty"};
        prepared<kb3d_model_source> from;
        auto kept = std::make_unique<network_fn>(std::move(network));
        from.run = detail::run_network;
        from.user = kept.get();
        auto done = add(from, role, manifest);
        if (done)
            callbacks_->networks.push_back(std::move(kept));
        return done;
    }
    result<context_info> try_info() const {
        return detail::ask<context_info>(
            [&](context_info *to, kb3d_call *c) { return kb3d_ctx_get_info(get(), to, c); });
    }
    result<model_info> try_model(kb3d_model_role role) const {
        return detail::ask<model_info>(
            [&](model_info *to, kb3d_call *c) { return kb3d_ctx_get_model(get(), role, to, c); });
    }
    kb3d_ctx *get() const noexcept {
        return handle_.get();
    }

#if defined(__cpp_exceptions)
    explicit context(const context_params &params = {}, call *c = nullptr) : context(try_make(params, c).value()) {
    }
    template <class From> void add_model(kb3d_model_role role, From &&from, const char *manifest = nullptr) {
        try_add_model(role, std::forward<From>(from), manifest).value();
    }
    context_info info() const {
        return try_info().value();
    }
    model_info model(kb3d_model_role role) const {
        return try_model(role).value();
    }
#endif

private:
    friend class scene;
    struct nobody {};
    explicit context(nobody) noexcept {
    }
    result<void> add(prepared<kb3d_model_source> &from, kb3d_model_role role, const char *manifest) {
        from.role = role;
        from.manifest = manifest;
        return detail::with_call(nullptr, [&](kb3d_call *c) { return kb3d_ctx_add_model(get(), &from, c); });
    }
    std::shared_ptr<detail::callbacks> callbacks_;
    detail::handle<kb3d_ctx> handle_;
};

} // namespace kb3d

#endif
