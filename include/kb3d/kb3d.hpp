/**
 * @file kb3d.hpp
 * @brief The API for C++17: handles that free themselves, values, errors as exceptions or results.
 *
 * A layer over the C headers, which remain the manual: what a call does, its units and its threads.
 * Every call that can fail comes twice: by its name it throws kb3d::error, and as `try_` and its name it answers a
 * kb3d::result. Without exceptions in the compiler only the second kind is there.
 *
 *     kb3d::context context;
 *     kb3d::scene scene(context, kb3d::source::file("photo.jpg"));
 *     kb3d::path path(scene);
 *     path.prepare(1920, 1080);
 *     kb3d::image frame = path.render(0.5, 1920, 1080);
 */
#ifndef KB3D_KB3D_HPP
#define KB3D_KB3D_HPP

#include <kb3d/cpp/call.hpp>
#include <kb3d/cpp/context.hpp>
#include <kb3d/cpp/image.hpp>
#include <kb3d/cpp/path.hpp>
#include <kb3d/cpp/result.hpp>
#include <kb3d/cpp/scene.hpp>

#endif
