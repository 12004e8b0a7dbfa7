/**
 * @file cpp/scene.hpp
 * @brief A scene.
 */
#ifndef KB3D_CPP_SCENE_HPP
#define KB3D_CPP_SCENE_HPP

#include <kb3d/cpp/context.hpp>

namespace kb3d {

/** A mask of the host's. */
struct mask {
    kb3d_class kind;
    source from;
};

/** Parameters of a scene: the C struct's, with sources as values. */
struct scene_params : prepared<kb3d_scene_params> {
    std::optional<source> depth_map; /**< in the place of `depth` */
    std::vector<mask> own_masks;     /**< in the place of `masks` */
};

/** Picture, depth and surfaces; never changes, may be used by several threads. */
class scene {
public:
    static result<scene> try_make(const context &from, const source &picture, const scene_params &params = {},
                                  call *c = nullptr) {
        kb3d_scene_params p = params;
        kb3d_source picture_c = picture.c(), depth_c;
        p.picture = &picture_c;
        if (params.depth_map) {
            depth_c = params.depth_map->c();
            p.depth = &depth_c;
        }
        std::size_t count = params.own_masks.size();
        std::vector<kb3d_source> sources(count);
        std::vector<prepared<kb3d_mask>> masks(count);
        std::vector<const kb3d_mask *> listed(count);
        for (std::size_t i = 0; i < count; i++) {
            sources[i] = params.own_masks[i].from.c();
            masks[i].kind = params.own_masks[i].kind;
            masks[i].source = &sources[i];
            listed[i] = &masks[i];
        }
        if (count) {
            p.masks = listed.data();
            p.mask_count = static_cast<int>(count);
        }
        scene made{nobody()};
        made.callbacks_ = from.callbacks_;
        kb3d_scene *handle = nullptr;
        auto done = detail::with_call(
            c, [&](kb3d_call *cc) { return kb3d_scene_create(from.get(), &p, &handle, cc); });
        made.handle_.reset(handle);
        if (!done)
            return done.why();
        return made;
    }
    result<scene_info> try_info() const {
        return detail::ask<scene_info>(
            [&](scene_info *to, kb3d_call *c) { return kb3d_scene_get_info(get(), to, c); });
    }
    /** The camera that took the picture. */
    result<camera> try_source_camera() const {
        return detail::ask<camera>([&](camera *to, kb3d_call *c) { return kb3d_scene_get_camera(get(), to, c); });
    }
    result<model_info> try_model(kb3d_model_role role) const {
        return detail::ask<model_info>(
            [&](model_info *to, kb3d_call *c) { return kb3d_scene_get_model(get(), role, to, c); });
    }
    /** A stage's inverse depth, one float a pixel or 16 bits. */
    result<image> try_depth(kb3d_stage stage = KB3D_STAGE_REFINE, kb3d_format format = KB3D_FORMAT_GRAYF32) const {
        int width = 0, height = 0;
        auto done = detail::with_call(nullptr, [&](kb3d_call *c) {
            return kb3d_scene_get_depth_size(get(), stage, &width, &height, c);
        });
        if (!done)
            return done.why();
        auto map = image::try_make(width, height, format);
        if (!map)
            return map;
        done = try_depth_into(map->view(), stage);
        if (!done)
            return done.why();
        return map;
    }
    result<void> try_depth_into(const image_view &to, kb3d_stage stage = KB3D_STAGE_REFINE) const {
        return detail::with_call(nullptr, [&](kb3d_call *c) { return kb3d_scene_get_depth(get(), stage, &to, c); });
    }
    kb3d_scene *get() const noexcept {
        return handle_.get();
    }

#if defined(__cpp_exceptions)
    scene(const context &from, const source &picture, const scene_params &params = {}, call *c = nullptr)
        : scene(try_make(from, picture, params, c).value()) {
    }
    scene_info info() const {
        return try_info().value();
    }
    camera source_camera() const {
        return try_source_camera().value();
    }
    model_info model(kb3d_model_role role) const {
        return try_model(role).value();
    }
    image depth(kb3d_stage stage = KB3D_STAGE_REFINE, kb3d_format format = KB3D_FORMAT_GRAYF32) const {
        return try_depth(stage, format).value();
    }
    void depth_into(const image_view &to, kb3d_stage stage = KB3D_STAGE_REFINE) const {
        try_depth_into(to, stage).value();
    }
#endif

private:
    friend class path;
    struct nobody {};
    explicit scene(nobody) noexcept {
    }
    std::shared_ptr<detail::callbacks> callbacks_;
    detail::handle<kb3d_scene> handle_;
};

} // namespace kb3d

#endif
