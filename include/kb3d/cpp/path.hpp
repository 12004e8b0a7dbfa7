/**
 * @file cpp/path.hpp
 * @brief A path and its frames.
 */
#ifndef KB3D_CPP_PATH_HPP
#define KB3D_CPP_PATH_HPP

#include <kb3d/cpp/scene.hpp>

namespace kb3d {

/** The images of one frame; what is not given is not made. */
struct frame_view {
    std::optional<image_view> color;
    std::optional<image_view> depth;   /**< KB3D_FORMAT_GRAYF32 */
    std::optional<image_view> painted; /**< KB3D_FORMAT_GRAY8 */
};

/** Cameras over time. Rendering may run in several threads; prepare() must be alone. */
class path {
public:
    static result<path> try_make(const scene &through, const path_params &params = {}, call *c = nullptr) {
        path made{nobody()};
        made.callbacks_ = through.callbacks_;
        kb3d_path *handle = nullptr;
        auto done = detail::with_call(
            c, [&](kb3d_call *cc) { return kb3d_path_create(through.get(), &params, &handle, cc); });
        made.handle_.reset(handle);
        if (!done)
            return done.why();
        return made;
    }
    /** A flight along cameras of the host's; without times evenly over 0..1. */
    static result<path> try_along(const scene &through, span<const camera> cameras, span<const double> times = {},
                                  path_params params = {}, call *c = nullptr) {
        if (!times.empty() && times.size() != cameras.size())
            return failure{KB3D_ERROR_ARGUMENT, "a time for each camera is needed, or none"};
        params.motion = KB3D_MOTION_CAMERAS;
        params.cameras = cameras.data();
        params.camera_count = cameras.size();
        params.times = times.data();
        return try_make(through, params, c);
    }
    result<void> try_prepare(int width = 0, int height = 0, kb3d_extend extend = KB3D_EXTEND_AUTO,
                             call *c = nullptr) {
        prepare_params p;
        p.extend = extend;
        p.width = width;
        p.height = height;
        return detail::with_call(c, [&](kb3d_call *cc) { return kb3d_path_prepare(get(), &p, cc); });
    }
    /** Time on the path of a video's progress, 0..1. */
    result<double> try_time(double progress) const {
        double t = 0;
        auto done = detail::with_call(
            nullptr, [&](kb3d_call *c) { return kb3d_path_get_time(get(), progress, &t, c); });
        if (!done)
            return done.why();
        return t;
    }
    result<camera> try_camera_at(double t, int width, int height) const {
        return detail::ask<camera>(
            [&](camera *to, kb3d_call *c) { return kb3d_path_get_camera(get(), t, width, height, to, c); });
    }
    result<void> try_render_into(const frame_view &to, double t, call *c = nullptr) const {
        prepared<kb3d_frame> frame = c_frame(to);
        return detail::with_call(c, [&](kb3d_call *cc) { return kb3d_path_render(get(), t, &frame, cc); });
    }
    /** As many frames as there are times. */
    result<void> try_render_many(span<const frame_view> to, span<const double> times, call *c = nullptr) const {
        std::vector<prepared<kb3d_frame>> frames(times.size()); /* one without images is refused */
        for (std::size_t i = 0; i < times.size() && i < to.size(); i++)
            frames[i] = c_frame(to[i]);
        return detail::with_call(c, [&](kb3d_call *cc) {
            return kb3d_path_render_many(get(), times.data(), frames.data(), frames.size(), cc);
        });
    }
    /** The frame's colours, of an interleaved format. */
    result<image> try_render(double t, int width, int height, kb3d_format format = KB3D_FORMAT_RGB8,
                             call *c = nullptr) const {
        auto made = image::try_make(width, height, format);
        if (!made)
            return made;
        frame_view to;
        to.color = made->view();
        auto done = try_render_into(to, t, c);
        if (!done)
            return done.why();
        return made;
    }
    kb3d_path *get() const noexcept {
        return handle_.get();
    }

#if defined(__cpp_exceptions)
    explicit path(const scene &through, const path_params &params = {}, call *c = nullptr)
        : path(try_make(through, params, c).value()) {
    }
    static path along(const scene &through, span<const camera> cameras, span<const double> times = {},
                      const path_params &params = {}, call *c = nullptr) {
        return try_along(through, cameras, times, params, c).value();
    }
    void prepare(int width = 0, int height = 0, kb3d_extend extend = KB3D_EXTEND_AUTO, call *c = nullptr) {
        try_prepare(width, height, extend, c).value();
    }
    double time(double progress) const {
        return try_time(progress).value();
    }
    camera camera_at(double t, int width, int height) const {
        return try_camera_at(t, width, height).value();
    }
    void render_into(const frame_view &to, double t, call *c = nullptr) const {
        try_render_into(to, t, c).value();
    }
    void render_many(span<const frame_view> to, span<const double> times, call *c = nullptr) const {
        try_render_many(to, times, c).value();
    }
    image render(double t, int width, int height, kb3d_format format = KB3D_FORMAT_RGB8, call *c = nullptr) const {
        return try_render(t, width, height, format, c).value();
    }
#endif

private:
    static prepared<kb3d_frame> c_frame(const frame_view &to) {
        prepared<kb3d_frame> frame;
        frame.color = to.color ? &*to.color : nullptr;
        frame.depth = to.depth ? &*to.depth : nullptr;
        frame.painted = to.painted ? &*to.painted : nullptr;
        return frame;
    }
    struct nobody {};
    explicit path(nobody) noexcept {
    }
    std::shared_ptr<detail::callbacks> callbacks_;
    detail::handle<kb3d_path> handle_;
};

} // namespace kb3d

#endif
