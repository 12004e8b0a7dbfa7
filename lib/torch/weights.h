// The weights of a network that has just been loaded, and has not run yet.
#ifndef KB3D_TORCH_WEIGHTS_H
#define KB3D_TORCH_WEIGHTS_H

#include <torch/script.h>

#include <torch/csrc/jit/api/function_impl.h>

#include <unordered_set>

// Counts the weights, and makes floats of those that were stored in half precision, which the
// processor cannot run: parameters, buffers, and the constants that freezing turns them into.
class Weights {
  public:
    explicit Weights(const torch::jit::Module &module) {
        for (const torch::jit::Module &part : module.modules())
            for (size_t i = 0; i < part._ivalue()->slots().size(); i++)
                if (part._ivalue()->getSlot(i).isTensor())
                    take(part._ivalue()->getSlot(i).toTensor());
        for (torch::jit::Function *function : module._ivalue()->compilation_unit()->get_functions()) {
            function->ensure_defined();
            if (torch::jit::GraphFunction *with_graph = torch::jit::tryToGraphFunction(*function))
                graphs.push_back(with_graph->graph());
        }
        for (const auto &graph : graphs)
            each_node(graph->block(), [this](torch::jit::Node *node) { take_constant(node); });
        for (const auto &graph : graphs)
            each_node(graph->block(), [this](torch::jit::Node *node) { adapt(node); });
    }

    uint64_t bytes = 0;

  private:
    static bool is_half(c10::ScalarType type) {
        return type == at::kHalf || type == at::kBFloat16;
    }

    void take(at::Tensor tensor) {
        if (!tensor.defined() || !known.insert(tensor.unsafeGetTensorImpl()).second)
            return;
        if (is_half(tensor.scalar_type())) {
            tensor.set_data(tensor.to(at::kFloat)); // in place, for all who share it
            some_were_half = true;
        }
        bytes += tensor.nbytes();
    }

    void take_constant(torch::jit::Node *node) {
        if (node->kind() != c10::prim::Constant || !node->hasAttribute(c10::attr::value) ||
            node->kindOf(c10::attr::value) != torch::jit::AttributeKind::t)
            return;
        take(node->t(c10::attr::value));
        node->output()->inferTypeFrom(node->t(c10::attr::value));
    }

    // A network stored in half precision may also convert its input; one that was not keeps all it does.
    // And what a network prints has no place to go.
    void adapt(torch::jit::Node *node) {
        if (node->kind() == c10::prim::Print)
            return node->destroy();
        const c10::FunctionSchema *schema = some_were_half ? node->maybeSchema() : nullptr;
        if (!schema)
            return;
        for (size_t i = 0; i < schema->arguments().size(); i++) {
            if (schema->arguments()[i].name() != "dtype")
                continue;
            auto type = torch::jit::toIValue(node->input(i));
            if (!type || !type->isInt() || !is_half((c10::ScalarType)type->toInt()))
                continue;
            torch::jit::WithInsertPoint before(node);
            node->replaceInput(i, node->owningGraph()->insertConstant((int64_t)at::kFloat));
        }
    }

    template <typename Visit> static void each_node(torch::jit::Block *block, Visit visit) {
        for (auto node = block->nodes().begin(); node != block->nodes().end();) {
            torch::jit::Node *current = *node++; // the visit may end its life
            for (torch::jit::Block *inner : current->blocks())
                each_node(inner, visit);
            visit(current);
        }
    }

    std::vector<std::shared_ptr<torch::jit::Graph>> graphs;
    std::unordered_set<const c10::TensorImpl *> known;
    bool some_were_half = false;
};

#endif
