// kb3d.hpp without exceptions: every failure is a value.
#include "../check.h"
#include "scenery.hpp"

#include <climits>

#if defined(__cpp_exceptions)
#error "to be compiled with -fno-exceptions"
#endif

int main() {
    pixels p;
    auto context = kb3d::context::try_make(p.alone());
    CHECK(context);
    auto missing = kb3d::scene::try_make(*context, kb3d::source::file("no such file.jpg"));
    CHECK(!missing);
    CHECK_INT(missing.why().status, KB3D_ERROR_IO);
    CHECK_TEXT(missing.why().message.c_str(), "no such file.jpg");
    auto scene = kb3d::scene::try_make(*context, p.picture(), p.params());
    CHECK(scene);
    CHECK_INT(scene->try_info()->width, pixels::WIDTH);
    auto path = kb3d::path::try_make(*scene);
    CHECK(path);
    CHECK(path->try_prepare(48, 32));
    auto frame = path->try_render(*path->try_time(0.5), 48, 32, KB3D_FORMAT_BGRA8);
    CHECK(frame);
    CHECK_INT(static_cast<long long>(frame->bytes().size()), 48 * 32 * 4);
    CHECK_INT(path->try_render(0, 1 << 30, 1 << 30).why().status, KB3D_ERROR_MEMORY);
    CHECK_INT(path->try_render(0, INT_MAX, INT_MAX, KB3D_FORMAT_RGBAF32).why().status, KB3D_ERROR_MEMORY);
    CHECK_INT(path->try_render(0, -1, 32).why().status, KB3D_ERROR_ARGUMENT);
    CHECK_INT(path->try_render(2e6, 48, 32).why().status, KB3D_ERROR_ARGUMENT);
    kb3d::call call([](std::string_view, double) { return false; });
    CHECK_INT(path->try_prepare(48, 32, KB3D_EXTEND_AUTO, &call).why().status, KB3D_ERROR_CANCELLED);
    CHECK(!context->try_add_model(KB3D_MODEL_DEPTH, "nowhere.pt"));
    CHECK_INT(context->try_add_model(KB3D_MODEL_DEPTH, kb3d::network_fn()).why().status, KB3D_ERROR_ARGUMENT);
    return check_end();
}
