// kb3d.hpp with exceptions: handles, values, callbacks, and what goes wrong in them.
#include "../check.h"
#include "scenery.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>

template <class F> static kb3d_status status_of(F &&f, const char *part) {
    try {
        f();
    } catch (const kb3d::error &e) {
        CHECK_TEXT(e.what(), part);
        return e.status();
    }
    return KB3D_OK;
}

static void test_handles_move() {
    static_assert(!std::is_copy_constructible_v<kb3d::context> && std::is_nothrow_move_constructible_v<kb3d::context>);
    static_assert(!std::is_copy_constructible_v<kb3d::scene> && std::is_nothrow_move_assignable_v<kb3d::scene>);
    static_assert(!std::is_copy_constructible_v<kb3d::path> && std::is_nothrow_move_constructible_v<kb3d::path>);
    scenery s;
    kb3d::scene moved = std::move(s.scene);
    CHECK(!s.scene.get());
    CHECK_INT(moved.info().width, scenery::WIDTH);
    CHECK(moved.source_camera().focal_px > 0);
}

static void test_frames() {
    scenery s;
    kb3d::path path(s.scene);
    path.prepare(96, 64);
    kb3d::image frame = path.render(0.5, 96, 64);
    CHECK_INT(static_cast<long long>(frame.bytes().size()), 96 * 64 * 3);
    // into a buffer of mine, from the bottom up, with depth and what was painted in
    const std::ptrdiff_t stride = 96 * 3 + 20;
    std::vector<unsigned char> mine(static_cast<std::size_t>(stride * 64), 7);
    kb3d::image depth(96, 64, KB3D_FORMAT_GRAYF32), painted(96, 64, KB3D_FORMAT_GRAY8);
    kb3d::frame_view to;
    to.color = kb3d::image_view(mine.data() + 63 * stride, 96, 64, KB3D_FORMAT_RGB8, -stride);
    to.depth = depth.view();
    to.painted = painted.view();
    path.render_into(to, 0.5);
    for (int y = 0; y < 64; y++) {
        CHECK(!std::memcmp(to.color->row<unsigned char>(y).data(), frame.row<unsigned char>(y).data(), 96 * 3));
        CHECK_INT(mine[static_cast<std::size_t>(y * stride + 96 * 3)], 7);
    }
    CHECK_NEAR(depth.row<float>(32)[48], 0.8f, 0.1);
    CHECK_NEAR(path.time(0), 0, 1e-12);
    // several at once
    kb3d::image first(96, 64, KB3D_FORMAT_RGB8), second(96, 64, KB3D_FORMAT_RGB8);
    std::vector<kb3d::frame_view> both(2);
    both[0].color = first.view();
    both[1].color = second.view();
    path.render_many(both, std::vector<double>{0.1, 0.5});
    CHECK(!std::memcmp(second.bytes().data(), frame.bytes().data(), 96 * 64 * 3));
    CHECK(std::memcmp(first.bytes().data(), frame.bytes().data(), 96 * 64 * 3));
    CHECK_INT(status_of([&] { path.render_many(both, std::vector<double>{0, 0.5, 1}); }, "no image"), KB3D_ERROR_ARGUMENT);
    CHECK(kb3d::try_devices(KB3D_BACKEND_CPU).value().empty());
    CHECK_NEAR(path.time(1), 1, 1e-12);
    CHECK_INT(static_cast<long long>(s.scene.depth().bytes().size()), 4 * scenery::WIDTH * scenery::HEIGHT);
}

static void test_cameras() {
    scenery s;
    std::vector<kb3d::camera> cameras(3, s.scene.source_camera());
    cameras[2].translation[0] = -0.2;
    kb3d::path path = kb3d::path::along(s.scene, cameras);
    CHECK_NEAR(path.camera_at(0.75, 96, 64).translation[0], -0.1, 1e-9);
    const double times[] = {0, 1};
    CHECK_INT(status_of([&] { (void)kb3d::path::along(s.scene, cameras, {times, 2}); }, "each camera"),
              KB3D_ERROR_ARGUMENT);
}

static void test_errors() {
    kb3d::context context(scenery::alone());
    CHECK_INT(status_of([&] { kb3d::scene(context, kb3d::source::file("no such file.jpg")); }, "no such file.jpg"),
              KB3D_ERROR_IO);
    const char junk[] = "not a picture";
    kb3d::span<const std::byte> bytes(reinterpret_cast<const std::byte *>(junk), sizeof junk);
    CHECK_INT(status_of([&] { kb3d::scene(context, kb3d::source::contents(bytes)); }, ""), KB3D_ERROR_FORMAT);
    CHECK_INT(status_of([&] { (void)context.model(KB3D_MODEL_DEPTH); }, "depth"), KB3D_ERROR_MODEL);
    CHECK_INT(status_of([&] { context.add_model(KB3D_MODEL_DEPTH, "./nowhere.pt"); }, "nowhere.pt"), KB3D_ERROR_IO);
    scenery s;
    kb3d::path_params p;
    p.motion = KB3D_MOTION_WINDOWS;
    p.from = {0, 0, 50, 50};
    CHECK_INT(status_of([&] { kb3d::path(s.scene, p); }, "leaves the picture"), KB3D_ERROR_ARGUMENT);
    kb3d::path path(s.scene);
    CHECK_INT(status_of([&] { (void)path.render(0, 8, 8, KB3D_FORMAT_GRAY16); }, ""), KB3D_ERROR_ARGUMENT);
    CHECK_INT(status_of([&] { kb3d::try_probe(KB3D_BACKEND_CPU).value(); }, ""), KB3D_OK);
}

static void test_progress_and_cancel() {
    scenery s;
    int reports = 0;
    kb3d::call counting([&](std::string_view stage, double fraction) {
        reports++;
        return stage == "extend" && fraction >= 0;
    });
    kb3d::path path(s.scene);
    path.prepare(96, 64, KB3D_EXTEND_AUTO, &counting);
    CHECK(reports > 1);
    kb3d::call stopping([](std::string_view, double) { return false; });
    CHECK_INT(status_of([&] { path.prepare(96, 64, KB3D_EXTEND_AUTO, &stopping); }, "cancelled"), KB3D_ERROR_CANCELLED);
    kb3d::call asked;
    asked.cancel();
    CHECK_INT(status_of([&] { (void)path.render(0, 96, 64, KB3D_FORMAT_RGB8, &asked); }, "cancelled"),
              KB3D_ERROR_CANCELLED);
    asked.reset();
    (void)path.render(0, 96, 64, KB3D_FORMAT_RGB8, &asked);
    kb3d::call throwing([](std::string_view, double) -> bool { throw std::logic_error("mine"); });
    try {
        path.prepare(96, 64, KB3D_EXTEND_AUTO, &throwing);
        CHECK(false);
    } catch (const std::logic_error &e) {
        CHECK_TEXT(e.what(), "mine");
    }
}

static std::string answer_gradient(kb3d::run &run) {
    const kb3d_tensor &in = run.inputs()[0];
    const std::int64_t shape[] = {1, 1, in.shape[2], in.shape[3]};
    kb3d::span<float> near = run.answer(0, {shape, 4});
    if (near.empty())
        return "no memory";
    for (std::size_t i = 0; i < near.size(); i++)
        near[i] = static_cast<float>(i) / static_cast<float>(near.size());
    return run.is_cancelled() || run.entry() != "forward" ? "odd" : "";
}

static void test_networks() {
    scenery s;
    std::atomic<int> lines{0};
    kb3d::context_params params = scenery::alone();
    params.log_level = KB3D_LOG_DEBUG;
    params.on_log = [&](kb3d_log_level, std::string_view) { lines++; };
    kb3d::context context(params);
    context.add_model(KB3D_MODEL_DEPTH, answer_gradient);
    CHECK_TEXT(kb3d::scene(context, s.picture()).model(KB3D_MODEL_DEPTH).runtime, "host");
    std::optional<kb3d::scene> scene;
    int painted = 0;
    {
        kb3d::context gone(params);
        gone.add_model(KB3D_MODEL_INPAINT, [&painted](kb3d::run &run) -> std::string {
            painted++;
            const kb3d_tensor &in = run.inputs()[0];
            const std::int64_t shape[] = {1, 3, in.shape[2], in.shape[3]};
            return run.answer(0, {shape, 4}).empty() ? "no memory" : "";
        });
        scene.emplace(gone, s.picture(), s.params());
    }
    std::vector<kb3d::camera> cameras(2, scene->source_camera());
    cameras[1].translation[0] = -0.4; // far enough for holes
    kb3d::path path = kb3d::path::along(*scene, cameras); // the function is still there, though the context's handle is not
    scene.reset();
    path.prepare(96, 64, KB3D_EXTEND_NETWORK);
    CHECK(painted > 0);

    kb3d::context bad(params);
    bad.add_model(KB3D_MODEL_DEPTH, [](kb3d::run &) -> std::string { throw std::runtime_error("out of ideas"); });
    CHECK_INT(status_of([&] { kb3d::scene(bad, s.picture()); }, "out of ideas"), KB3D_ERROR_MODEL);
    CHECK(lines > 0);
}

static void test_masks() {
    scenery s;
    std::vector<unsigned char> selected(scenery::WIDTH * scenery::HEIGHT, 0);
    for (std::size_t i = 0; i < selected.size(); i++)
        selected[i] = s.near[i] > 0.5f ? 255 : 0; // the ball
    kb3d::scene_params params;
    params.depth_map = s.depth();
    params.own_masks.push_back({KB3D_CLASS_SKY, kb3d::source::pixels(kb3d::image_view(
                                                    selected.data(), scenery::WIDTH, scenery::HEIGHT,
                                                    KB3D_FORMAT_GRAY8))});
    kb3d::scene scene(s.context, s.picture(), params);
    kb3d::image map = scene.depth(KB3D_STAGE_ADJUST);
    CHECK(map.row<float>(30)[45] < 0.25f); // the sky is the farthest
    CHECK(s.scene.depth().row<float>(30)[45] > 0.7f);
}

static void test_threads() {
    scenery s;
    kb3d::path path(s.scene);
    path.prepare(96, 64);
    kb3d::image one = path.render(0.3, 96, 64);
    std::vector<std::thread> threads;
    std::atomic<int> same{0};
    for (int i = 0; i < 4; i++)
        threads.emplace_back([&] {
            kb3d::image again = path.render(0.3, 96, 64);
            same += !std::memcmp(again.bytes().data(), one.bytes().data(), one.bytes().size());
        });
    for (std::thread &t : threads)
        t.join();
    CHECK_INT(same, 4);
}

int main() {
    RUN(test_handles_move);
    RUN(test_frames);
    RUN(test_cameras);
    RUN(test_errors);
    RUN(test_progress_and_cancel);
    RUN(test_networks);
    RUN(test_masks);
    RUN(test_threads);
    return check_end();
}
