// Networks through libtorch. C++ ends here: no exception, warning or print leaves this module.
#include "answer.h"
#include "failure.h"
#include "threads.h"
#include "weights.h"

#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

struct kb3d_infer_model {
    torch::jit::Module module;
};

namespace {

// The file's contents in place: libtorch copies out of them what it keeps.
class Bytes : public caffe2::serialize::ReadAdapterInterface {
  public:
    explicit Bytes(const kb3d_infer_file &file) : file(file) {
    }
    size_t size() const override {
        return file.byte_count;
    }
    size_t read(uint64_t position, void *to, size_t count, const char *) const override {
        if (position >= file.byte_count)
            return 0;
        count = std::min(count, file.byte_count - (size_t)position);
        memcpy(to, static_cast<const char *>(file.bytes) + position, count);
        return count;
    }

  private:
    const kb3d_infer_file &file;
};

kb3d_status load(void *, const kb3d_infer_file *file, kb3d_infer_model **model, uint64_t *weight_bytes,
                 char *message) {
    *model = nullptr;
    return on_own_thread(message, [&] {
        auto loaded = std::make_unique<kb3d_infer_model>();
        try {
            loaded->module = torch::jit::load(std::make_shared<Bytes>(*file), at::kCPU);
        } catch (const c10::Error &e) {
            // a file that is no archive, lacks a part, or has a damaged one
            if (!strstr(e.what_without_backtrace(), "PytorchStreamReader"))
                throw;
            throw std::runtime_error("not a TorchScript file, or a damaged one");
        }
        loaded->module.eval();
        *weight_bytes = Weights(loaded->module).bytes;
        *model = loaded.release();
    });
}

void unload(kb3d_infer_model *model) {
    char message[KB3D_INFER_MESSAGE_SIZE];
    attempt(message, [&] { delete model; });
}

c10::IValue call(const kb3d_infer_model &model, const kb3d_infer_request &request) {
    auto method = model.module.find_method(request.entry);
    if (!method)
        throw std::runtime_error(std::string("the network has no method \"") + request.entry + "\"");
    std::vector<c10::IValue> inputs;
    for (int i = 0; i < request.input_count; i++) {
        const kb3d_tensor &input = request.inputs[i];
        inputs.push_back(torch::from_blob(input.data, at::IntArrayRef(input.shape, input.rank), at::kFloat));
    }
    return (*method)(inputs);
}

kb3d_status run(kb3d_infer_model *model, const kb3d_infer_request *request, void **answer, char *message) {
    return on_own_thread(message, [&] {
        c10::InferenceMode no_gradients;
        // A picture is run once: profiling and specialising the graph would only delay its first runs.
        torch::jit::GraphOptimizerEnabledGuard plain(false);
        RunThreads threads(request->threads);
        auto tensors = std::make_unique<std::vector<at::Tensor>>(wanted_tensors(call(*model, *request), *request));
        for (int i = 0; i < request->output_count; i++) {
            const at::Tensor &tensor = (*tensors)[i];
            kb3d_tensor &output = request->outputs[i];
            output.data = tensor.data_ptr<float>();
            output.rank = (int)tensor.dim();
            std::copy_n(tensor.sizes().begin(), output.rank, output.shape);
        }
        *answer = tensors.release();
    });
}

void release(void *answer) {
    char message[KB3D_INFER_MESSAGE_SIZE];
    attempt(message, [&] { delete static_cast<std::vector<at::Tensor> *>(answer); });
}

const kb3d_infer_api api = {KB3D_INFER_ABI, "libtorch " TORCH_VERSION, load, unload, run, release, nullptr,
                            nullptr};

} // namespace

extern "C" __attribute__((visibility("default"))) const kb3d_infer_api *kb3d_infer_open(void) {
    return &api;
}
