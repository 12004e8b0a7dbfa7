// What a host does with a libtorch of its own.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <cmath>

#define EXPORT extern "C" __attribute__((visibility("default")))

// A few convolutions; zero when they come out right.
EXPORT int host_use() {
    try {
        c10::InferenceMode no_gradients;
        at::Tensor picture = at::ones({1, 3, 64, 96}), weight = at::full({8, 3, 3, 3}, 1.0 / 27);
        for (int i = 0; i < 3; i++) {
            at::Tensor answer = at::conv2d(picture, weight);
            if (answer.size(3) != 94 || std::fabs(answer.mean().item<float>() - 1) > 1e-4)
                return 1;
        }
        return 0;
    } catch (...) {
        return 2;
    }
}

EXPORT void host_set_threads(int count) {
    at::set_num_threads(count);
}

EXPORT int host_get_threads() {
    return at::get_num_threads();
}
