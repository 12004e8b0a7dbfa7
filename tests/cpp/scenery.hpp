// A ball before a wall, for the tests of kb3d.hpp.
#ifndef KB3D_TESTS_SCENERY_HPP
#define KB3D_TESTS_SCENERY_HPP

#include <kb3d/kb3d.hpp>

#include <array>

struct pixels {
    enum { WIDTH = 90, HEIGHT = 60 };
    std::vector<unsigned char> rgb = std::vector<unsigned char>(3 * WIDTH * HEIGHT);
    std::vector<float> near = std::vector<float>(WIDTH * HEIGHT);

    pixels() {
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int x = i % WIDTH - WIDTH / 2, y = i / WIDTH - HEIGHT / 2, is_ball = x * x + y * y < 15 * 15;
            std::size_t at = static_cast<std::size_t>(i);
            near[at] = is_ball ? 0.8f : 0.2f;
            for (int k = 0; k < 3; k++)
                rgb[3 * at + static_cast<std::size_t>(k)] = static_cast<unsigned char>(is_ball ? 220 - 40 * k : i * (k + 3));
        }
    }
    kb3d::source picture() const {
        return kb3d::source::pixels(kb3d::image_view(rgb.data(), WIDTH, HEIGHT, KB3D_FORMAT_RGB8));
    }
    kb3d::source depth() const {
        return kb3d::source::pixels(kb3d::image_view(near.data(), WIDTH, HEIGHT, KB3D_FORMAT_GRAYF32));
    }
    static kb3d::context_params alone() { // no network by chance
        kb3d::context_params params;
        params.threads = 2;
        params.model_path = "";
        return params;
    }
    kb3d::scene_params params() const {
        kb3d::scene_params p;
        p.depth_map = depth();
        return p;
    }
};

#if defined(__cpp_exceptions)
struct scenery : pixels {
    kb3d::context context{alone()};
    kb3d::scene scene{context, picture(), params()};
};
#endif

#endif
