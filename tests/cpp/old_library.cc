// A library of another API is refused before anything of it is called: kb3d_api_version is a stand-in here.
#include <kb3d/kb3d.hpp>

#include <cstdio>

extern "C" std::uint32_t kb3d_api_version(void) {
    return (KB3D_API_MAJOR + 1) << 16;
}

int main() {
    auto made = kb3d::context::try_make();
    if (!made)
        std::puts(made.why().message.c_str());
    return !made && made.why().status == KB3D_ERROR_UNAVAILABLE ? 0 : 1;
}
