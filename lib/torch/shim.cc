// Networks through libtorch. C++ ends here: no exception, warning or print leaves this file.
#include <infer.h>

#include <ATen/Parallel.h>
#include <torch/script.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

struct kb3d_infer_model {
    torch::jit::Module module;
};

namespace {

// A function of a library that libtorch itself is linked to, or NULL.
template <typename Function> Function *function_named(const char *name) {
    return reinterpret_cast<Function *>(dlsym(RTLD_DEFAULT, name));
}

// OpenBLAS starts threads of its own beside libtorch's, and both kinds wait by spinning: on two
// cores that costs a factor of ten. Its thread count belongs to the process, so it is one while a
// network runs and the host's again after the last.
class OneBlasThread {
  public:
    OneBlasThread() {
        std::lock_guard<std::mutex> guard(lock);
        auto get = function_named<int()>("openblas_get_num_threads");
        auto set = function_named<void(int)>("openblas_set_num_threads");
        if (!users++ && get && set) {
            before = get();
            set(1);
        }
    }
    ~OneBlasThread() {
        std::lock_guard<std::mutex> guard(lock);
        auto set = function_named<void(int)>("openblas_set_num_threads");
        if (!--users && before && set)
            set(before);
    }

  private:
    static std::mutex lock;
    static int users, before;
};
std::mutex OneBlasThread::lock;
int OneBlasThread::users, OneBlasThread::before;

class Silence : public c10::WarningHandler {
    void process(const c10::SourceLocation &, const std::string &, const bool) override {}
};

// The sentence that matters: after a TorchScript traceback its last "...Error: " line, else the first line.
std::string sentence(const std::string &text) {
    size_t begin = text.rfind("Error: ");
    size_t line = begin == std::string::npos ? 0 : text.rfind('\n', begin) + 1;
    if (text.find("Traceback of TorchScript") == std::string::npos)
        line = 0;
    return text.substr(line, text.find('\n', line) - line);
}

void say(char *message, const std::string &text) {
    snprintf(message, KB3D_INFER_MESSAGE_SIZE, "%s", text.c_str());
}

template <typename Work> int attempt(char *message, Work work) noexcept {
    try {
        work();
        return 0;
    } catch (const std::bad_alloc &) {
        say(message, "out of memory");
    } catch (const c10::Error &e) {
        say(message, sentence(e.what_without_backtrace()));
    } catch (const std::exception &e) {
        say(message, sentence(e.what()));
    } catch (...) {
        say(message, "libtorch threw something unknown");
    }
    return 1;
}

// libtorch's settings are per thread: OpenMP's thread count, the warning handler, the inference
// mode, the optimiser. A thread of our own leaves the host's as they were, and has a full stack.
template <typename Work> int on_own_thread(char *message, Work work) noexcept {
    int failed = 0;
    int not_started = attempt(message, [&] {
        std::thread([&] {
            failed = attempt(message, [&] {
                Silence silence;
                c10::Warning::WarningHandlerGuard silent(&silence);
                work();
            });
        }).join();
    });
    return failed || not_started;
}

// One processor is left free. libtorch's loops end in libgomp's barriers, which spin: when every
// processor has a spinning thread and anything else runs too, a network takes ten times as long.
void set_threads(int threads) {
    int spare = (int)std::thread::hardware_concurrency() - 1;
    at::get_num_threads(); // else libtorch's first loop on this thread sets its own number
    if (auto set = function_named<void(int)>("omp_set_num_threads"))
        set(std::max(1, std::min(threads, spare)));
}

std::string load_sentence(const std::string &text) {
    if (text.find("open file failed") != std::string::npos)
        return "cannot be opened";
    if (text.find("PytorchStreamReader") != std::string::npos)
        return "not a TorchScript file, or a damaged one";
    return sentence(text);
}

kb3d_status load(void *, const kb3d_infer_file *file, kb3d_infer_model **model, uint64_t *weight_bytes, char *message) {
    *model = nullptr;
    *weight_bytes = 0;
    return on_own_thread(message, [&] {
        try {
            std::istringstream stream(std::string((const char *)file->bytes, file->byte_count));
            *model = new kb3d_infer_model{torch::jit::load(stream, at::kCPU)};
        } catch (const c10::Error &e) {
            throw std::runtime_error(load_sentence(e.what_without_backtrace()));
        }
        (*model)->module.eval();
    }) ? KB3D_ERROR_MODEL : KB3D_OK;
}

void unload(kb3d_infer_model *model) {
    char message[KB3D_INFER_MESSAGE_SIZE];
    attempt(message, [&] { delete model; });
}

at::Tensor answer(const kb3d_infer_model *model, const kb3d_infer_request *r) {
    auto method = model->module.find_method(r->entry);
    if (!method)
        throw std::runtime_error(std::string("the network has no method \"") + r->entry + "\"");
    std::vector<c10::IValue> inputs;
    for (int i = 0; i < r->input_count; i++)
        inputs.push_back(torch::from_blob(r->inputs[i].data, at::IntArrayRef(r->inputs[i].shape, r->inputs[i].rank), at::kFloat));
    c10::IValue value = (*method)(inputs);
    if (!value.isTensor())
        throw std::runtime_error("the network answered with a " + value.tagKind() + ", not a tensor");
    if (value.toTensor().dim() > KB3D_TENSOR_RANK_MAX)
        throw std::runtime_error("the network answered with a tensor of more than four dimensions");
    return value.toTensor().to(at::kCPU, at::kFloat).contiguous();
}

kb3d_status run(kb3d_infer_model *model, const kb3d_infer_request *request, void **output_owner, char *message) {
    return on_own_thread(message, [&] {
        c10::InferenceMode no_gradients;
        torch::jit::GraphOptimizerEnabledGuard plain(false);
        OneBlasThread one_blas_thread;
        set_threads(request->threads);
        auto owner = std::make_unique<at::Tensor>(answer(model, request));
        kb3d_tensor *output = request->outputs;
        output->data = owner->data_ptr<float>();
        output->rank = (int)owner->dim();
        for (int i = 0; i < output->rank; i++)
            output->shape[i] = owner->size(i);
        *output_owner = owner.release();
    }) ? KB3D_ERROR_MODEL : KB3D_OK;
}

void release_output(void *output_owner) {
    char message[KB3D_INFER_MESSAGE_SIZE];
    attempt(message, [&] { delete static_cast<at::Tensor *>(output_owner); });
}

const kb3d_infer_api api = {KB3D_INFER_ABI, "libtorch " TORCH_VERSION, load, unload, run, release_output, nullptr, nullptr};

} // namespace

extern "C" __attribute__((visibility("default"))) const kb3d_infer_api *kb3d_infer_open(void) {
    return &api;
}
