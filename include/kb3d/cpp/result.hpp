/**
 * @file cpp/result.hpp
 * @brief Errors as exceptions or as values.
 */
#ifndef KB3D_CPP_RESULT_HPP
#define KB3D_CPP_RESULT_HPP

#include <kb3d/status.h>

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#if defined(__cpp_exceptions)
#include <stdexcept>
#endif

namespace kb3d {

/** Why a call failed. */
struct failure {
    kb3d_status status = KB3D_OK;
    std::string message; /**< one sentence that can be shown */
};

#if defined(__cpp_exceptions)
/** What is thrown; what() is the sentence. */
class error : public std::runtime_error {
public:
    explicit error(const failure &why) : std::runtime_error(why.message), status_(why.status) {
    }
    kb3d_status status() const noexcept {
        return status_;
    }

private:
    kb3d_status status_;
};
#endif

/** A value, or why there is none. T may be void. */
template <class T> class [[nodiscard]] result {
    using held = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

public:
    result(held value) : state_(std::in_place_index<0>, std::move(value)) {
    }
    result(failure why) : state_(std::in_place_index<1>, std::move(why)) {
    }
    explicit operator bool() const noexcept {
        return state_.index() == 0;
    }
    /** The value of a success. */
    held &operator*() noexcept {
        return *std::get_if<0>(&state_);
    }
    held *operator->() noexcept {
        return std::get_if<0>(&state_);
    }
    /** The failure of a failure. */
    const failure &why() const noexcept {
        return *std::get_if<1>(&state_);
    }
#if defined(__cpp_exceptions)
    /** The value, moved out, or kb3d::error is thrown. */
    T value() {
        if (!*this)
            throw error(why());
        if constexpr (!std::is_void_v<T>)
            return std::move(**this);
    }
#endif

private:
    std::variant<held, failure> state_;
};

} // namespace kb3d

#endif
