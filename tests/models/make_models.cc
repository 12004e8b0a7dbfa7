// Writes the small TorchScript files of the shim's test into the folder given: make_models FOLDER
#include <torch/script.h>

#include <cstdio>
#include <fstream>
#include <string>

struct Network {
    const char *name, *source;
};

static const Network networks[] = {
    // nearer where the picture is brighter, with a weight so that a tensor is stored
    {"bright", "def forward(self, x):\n    return torch.mean(x * self.weight, [1], True)\n"
               "def other(self, x):\n    return x[0, 0]\n"},
    // 5 is half precision
    {"half", "def forward(self, x):\n    return torch.mean(x, [1]).to(5)\n"},
    {"strided", "def forward(self, x):\n    return torch.transpose(torch.mean(x, [1], True), 2, 3)\n"},
    {"same", "def forward(self, x):\n    return x\n"},
    {"five", "def forward(self, x):\n    return torch.unsqueeze(x, 0)\n"},
    {"tuple", "def forward(self, x):\n    return (x, x)\n"},
    {"throws", "def forward(self, x):\n    assert bool(torch.mean(x) < -1000), 'no picture is good enough'\n"
               "    return x\n"},
    {"mismatch", "def forward(self, x):\n    return torch.matmul(x, torch.zeros([7, 7]))\n"},
    {"nan", "def forward(self, x):\n    return torch.mean(x, [1], True) * float('nan')\n"},
};

int main(int count, char **arguments) {
    if (count != 2)
        return 2;
    std::string folder = std::string(arguments[1]) + "/";
    for (const Network &network : networks) {
        torch::jit::Module module(network.name);
        module.register_parameter("weight", torch::ones({1, 3, 1, 1}), false);
        module.define(network.source);
        module.save(folder + network.name + ".pt");
    }
    std::ifstream whole(folder + "bright.pt", std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(whole)), std::istreambuf_iterator<char>());
    std::ofstream(folder + "truncated.pt", std::ios::binary) << bytes.substr(0, bytes.size() / 2);
    std::ofstream(folder + "text.pt") << "not a network\n";
    return 0;
}
