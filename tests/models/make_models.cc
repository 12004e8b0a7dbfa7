// Writes the small TorchScript files of the tests into the folder given: make_models FOLDER OPERATORS
// The operators' library is tests/models/operators.cc, for the libtorch that this is linked to.
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>
#include <torch/script.h>

#include <dlfcn.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

struct Network {
    const char *name, *source;
};

// Each has the parameter "weight", 1x3x1x1, all ones.
static const Network networks[] = {
    // nearer where the picture is brighter
    {"bright", "def forward(self, x):\n    return torch.mean(x * self.weight, [1], True)\n"
               "def other(self, x):\n    return x[0, 0]\n"},
    // answers: 5 is half precision, 4 int64, 11 bool, 9 complex
    {"half", "def forward(self, x):\n    return torch.mean(x, [1]).to(5)\n"},
    {"integers", "def forward(self, x):\n    return torch.mean(x, [1]).to(4)\n"},
    {"truths", "def forward(self, x):\n    return torch.mean(x, [1]) > 3\n"},
    {"complex", "def forward(self, x):\n    return torch.mean(x, [1]).to(9)\n"},
    {"strided", "def forward(self, x):\n    return torch.transpose(torch.mean(x, [1], True), 2, 3)\n"},
    {"first", "def forward(self, x):\n    return torch.slice(x, 1, 0, 1)\n"},
    {"same", "def forward(self, x):\n    return x\n"},
    {"five", "def forward(self, x):\n    return torch.unsqueeze(x, 0)\n"},
    {"number", "def forward(self, x):\n    return float(torch.mean(x))\n"},
    {"nothing", "def forward(self, x):\n    return None\n"},
    {"tuple", "def forward(self, x):\n    return (torch.mean(x, [1], True), x)\n"},
    {"list", "def forward(self, x):\n    return [torch.mean(x, [1], True), x]\n"},
    {"nested", "def forward(self, x):\n    return ([x, torch.mean(x, [1], True)], 'text')\n"},
    {"dictionary", "def forward(self, x) -> Dict[str, Tensor]:\n"
                   "    return {'aux': x, 'out': torch.mean(x, [1], True)}\n"},
    {"lone", "def forward(self, x) -> Dict[str, Tensor]:\n    return {'out': torch.mean(x, [1], True)}\n"},
    {"sum", "def forward(self, x, y):\n    return torch.mean(x, [1], True) + y\n"},
    // paints brown, as far as the farthest; with and without a look at the picture before
    {"two_entries", "def context(self, x, d):\n    return torch.cat([x, d], 1)\n"
                    "def inpaint(self, x, d, c, m):\n    assert c.size(1) == 4, 'no channels'\n"
                    "    return (x * m + 0.3 * (1.0 - m), d)\n"},
    {"one_entry", "def forward(self, x, m):\n    return x + 0.3 * (1.0 - m)\n"},
    {"depth_only", "def forward(self, x, d, m):\n    return d * m + 0.1 * (1.0 - m)\n"},
    {"wants_list", "def forward(self, x: List[Tensor]):\n    return x[0]\n"},
    {"throws", "def forward(self, x):\n    assert bool(torch.mean(x) < -1000), 'no picture is good enough'\n"
               "    return x\n"},
    {"mismatch", "def forward(self, x):\n    return torch.matmul(x, torch.zeros([7, 7]))\n"},
    {"nan", "def forward(self, x):\n    return torch.mean(x, [1], True) * float('nan')\n"},
    {"prints",
     "def forward(self, x):\n    print('a network talks')\n    torch.warn('a network warns')\n    return x\n"},
    // never comes back
    {"endless", "def forward(self, x):\n    while True:\n        x = x + 1\n    return x\n"},
    // more than a process can address, at once; and 3 GB in small pieces
    {"huge", "def forward(self, x):\n    return torch.empty([1 << 46])\n"},
    {"greedy", "def forward(self, x):\n    kept = [x]\n    while len(kept) < 200:\n"
               "        kept.append(torch.ones([4194304]))\n    return torch.cat(kept)\n"},
    // what TorchScript may do: the first bytes of a file that is not its own
    {"reads", "def forward(self, x):\n    return torch.from_file('/etc/passwd', False, 4, dtype=0)\n"},
    {"writes", "def forward(self, x):\n    return torch.from_file('/tmp/kb3d-test-written', True, 4, dtype=0)\n"},
    {"custom", "def forward(self, x):\n    return kb3d_test.twice(x)\n"},
    {"threads", "def forward(self, x):\n    return kb3d_test.threads(x)\n"},
    {"dies", "def forward(self, x):\n    return kb3d_test.die(x)\n"},
};

// What a name in a source means: the operators' library, or what is built in.
struct Resolver : torch::jit::NativeResolver {
    std::shared_ptr<torch::jit::SugaredValue> resolveValue(const std::string &name,
                                                           torch::jit::GraphFunction &function,
                                                           const torch::jit::SourceRange &range) override {
        if (name == "kb3d_test")
            return std::make_shared<torch::jit::BuiltinModule>(name);
        return torch::jit::NativeResolver::resolveValue(name, function, range);
    }
};

static torch::jit::Module module_of(const Network &network) {
    torch::jit::Module module(network.name);
    module.register_parameter("weight", torch::ones({1, 3, 1, 1}), false);
    module.define(network.source, std::make_shared<Resolver>());
    return module;
}

// Weights stored in half precision: as they are, as the constants of a frozen network, and with an
// input that is converted for them. A convolution, for it is that which the processor cannot run.
static void save_half(const std::string &folder) {
    for (int converts = 0; converts < 2; converts++) {
        torch::jit::Module module("half");
        module.register_parameter("weight", torch::full({1, 3, 1, 1}, 1.0 / 3).to(at::kHalf), false);
        module.register_buffer("offset", torch::full({1}, 0.5).to(at::kBFloat16));
        module.define(converts ? "def forward(self, x):\n"
                                 "    return torch.conv2d(x.to(5), self.weight) + self.offset.to(5)\n"
                               : "def forward(self, x):\n    return torch.conv2d(x, self.weight) + self.offset\n");
        module.eval();
        module.save(folder + (converts ? "half_input.pt" : "half_weights.pt"));
        if (!converts)
            torch::jit::freeze(module).save(folder + "half_frozen.pt");
    }
}

static void write_file(const std::string &path, const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

int main(int count, char **arguments) {
    if (count != 3 || !dlopen(arguments[2], RTLD_NOW)) {
        const char *reason = dlerror();
        fprintf(stderr, "make_models FOLDER OPERATORS: %s\n", reason ? reason : "two arguments");
        return 2;
    }
    std::string folder = std::string(arguments[1]) + "/";
    for (const Network &network : networks)
        module_of(network).save(folder + network.name + ".pt");
    save_half(folder);

    std::ifstream whole(folder + "bright.pt", std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(whole)), std::istreambuf_iterator<char>());
    write_file(folder + "truncated.pt", bytes.substr(0, bytes.size() / 2));
    write_file(folder + "text.pt", "not a network\n");
    size_t pickle = bytes.find("\x80\2c__torch__"); // an object's first bytes
    if (pickle == std::string::npos)
        return 1;
    bytes[pickle] = '\xff';
    write_file(folder + "damaged.pt", bytes);
    return 0;
}
