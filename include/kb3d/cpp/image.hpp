/**
 * @file cpp/image.hpp
 * @brief Values of the C API: prepared structs, spans, pixels and where they come from.
 */
#ifndef KB3D_CPP_IMAGE_HPP
#define KB3D_CPP_IMAGE_HPP

#include <kb3d/cpp/result.hpp>
#include <kb3d/kb3d.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace kb3d {

/** A struct of the C API, prepared: every member is its default. */
template <class T> struct prepared : T {
    prepared() : T() {
        kb3d_struct_init(static_cast<T *>(this), sizeof(T));
    }
};

using camera = prepared<kb3d_camera>;
using context_info = prepared<kb3d_ctx_info>;
using device_info = prepared<kb3d_device_info>;
using path_params = prepared<kb3d_path_params>;
using prepare_params = prepared<kb3d_prepare_params>;
using scene_info = prepared<kb3d_scene_info>;
using model_info = prepared<kb3d_model_info>;

/** A view of values that lie in a row: std::span for C++17. */
template <class T> class span {
public:
    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {
    }
    /** Of a vector, an array or a string. */
    template <class C, class = decltype(std::declval<C &>().data()),
              class = std::enable_if_t<std::is_convertible_v<decltype(std::declval<C &>().data()), T *>>>
    constexpr span(C &&container) noexcept : data_(container.data()), size_(container.size()) {
    }
    constexpr T *data() const noexcept {
        return data_;
    }
    constexpr std::size_t size() const noexcept {
        return size_;
    }
    constexpr bool empty() const noexcept {
        return !size_;
    }
    constexpr T *begin() const noexcept {
        return data_;
    }
    constexpr T *end() const noexcept {
        return data_ + size_;
    }
    constexpr T &operator[](std::size_t index) const noexcept {
        return data_[index];
    }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/** A strided view of the host's pixels; keeps nothing alive. */
class image_view : public prepared<kb3d_image> {
public:
    image_view() = default;
    /** Interleaved pixels; a stride of 0 says tightly packed. The library does not write to an input. */
    image_view(const void *pixels, int image_width, int image_height, kb3d_format image_format,
               std::ptrdiff_t row_stride = 0) {
        format = image_format;
        width = image_width;
        height = image_height;
        data[0] = const_cast<void *>(pixels);
        stride[0] = row_stride;
    }
    /** The samples of a row of interleaved pixels, as T. */
    template <class T> span<T> row(int y) const {
        std::size_t bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(kb3d_format_bytes(format));
        std::ptrdiff_t step = stride[0] ? stride[0] : static_cast<std::ptrdiff_t>(bytes);
        return {reinterpret_cast<T *>(static_cast<std::byte *>(data[0]) + y * step), bytes / sizeof(T)};
    }
};

/** Tightly packed pixels of its own, interleaved; zero at first. Moves, and is not copied. */
class image {
public:
    static result<image> try_make(int width, int height, kb3d_format format) {
        image made(width, height, format, 0);
        std::size_t row = static_cast<std::size_t>(std::max(width, 0)) * static_cast<std::size_t>(kb3d_format_bytes(format));
        std::size_t rows = static_cast<std::size_t>(std::max(height, 0));
        if (!rows || row <= static_cast<std::size_t>(PTRDIFF_MAX) / rows)
            made.bytes_.reset(new (std::nothrow) std::byte[made.size_ = row * rows]());
        if (!made.bytes_)
            return failure{KB3D_ERROR_MEMORY, "out of memory for an image of " + std::to_string(width) + " x " +
                                                  std::to_string(height)};
        return made;
    }
#if defined(__cpp_exceptions)
    image(int width, int height, kb3d_format format) : image(try_make(width, height, format).value()) {
    }
#endif
    int width() const noexcept {
        return width_;
    }
    int height() const noexcept {
        return height_;
    }
    kb3d_format format() const noexcept {
        return format_;
    }
    span<std::byte> bytes() noexcept {
        return {bytes_.get(), size_};
    }
    span<const std::byte> bytes() const noexcept {
        return {bytes_.get(), size_};
    }
    image_view view() const noexcept {
        return {bytes_.get(), width_, height_, format_};
    }
    /** The samples of a row, as T. */
    template <class T> span<T> row(int y) {
        return view().template row<T>(y);
    }

private:
    image(int width, int height, kb3d_format format, std::size_t size) noexcept
        : size_(size), width_(width), height_(height), format_(format) {
    }
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_;
    int width_, height_;
    kb3d_format format_;
};

/** Where a picture, depth map or mask comes from. Pixels and bytes are viewed: they must outlive the call. */
class source {
public:
    static source file(std::string path) {
        source s;
        s.path_ = std::move(path);
        return s;
    }
    static source contents(span<const std::byte> bytes) {
        source s;
        s.bytes_ = bytes;
        return s;
    }
    static source pixels(const image_view &view) {
        source s;
        s.view_ = view;
        return s;
    }
    /** As the C API wants it; points into this object. */
    kb3d_source c() const noexcept {
        prepared<kb3d_source> to;
        to.path = path_ ? path_->c_str() : nullptr;
        to.bytes = bytes_.data();
        to.byte_count = bytes_.size();
        to.image = view_ ? &*view_ : nullptr;
        return to;
    }

private:
    std::optional<std::string> path_;
    span<const std::byte> bytes_;
    std::optional<image_view> view_;
};

} // namespace kb3d

#endif
