// The tensors that are wanted of what a network answered.
#ifndef KB3D_TORCH_ANSWER_H
#define KB3D_TORCH_ANSWER_H

#include <infer.h>

#include <torch/script.h>

#include <stdexcept>
#include <string>
#include <vector>

[[noreturn]] inline void refuse(const std::string &text) {
    throw std::runtime_error("the network answered with " + text);
}

inline std::vector<c10::IValue> elements(const c10::IValue &value) {
    if (value.isTuple())
        return value.toTupleRef().elements().vec();
    std::vector<c10::IValue> values;
    for (const c10::IValue &element : value.toList())
        values.push_back(element);
    return values;
}

// Without a key the only one.
inline c10::IValue of_dictionary(const c10::IValue &value, const std::string &key) {
    auto dictionary = value.toGenericDict();
    std::string names;
    for (const auto &entry : dictionary) {
        if (!entry.key().isString())
            continue;
        if (entry.key().toStringRef() == key || (key.empty() && dictionary.size() == 1))
            return entry.value();
        names += (names.empty() ? "\"" : ", \"") + entry.key().toStringRef() + "\"";
    }
    refuse("a dictionary of " + (names.empty() ? "nothing that has a name" : names) +
           (key.empty() ? ", and the manifest does not say which" : ", without \"" + key + "\""));
}

inline c10::IValue of_sequence(const c10::IValue &value, const std::string &key) {
    std::vector<c10::IValue> values = elements(value);
    for (size_t i = 0; i < values.size(); i++)
        if (key == std::to_string(i))
            return values[i];
    refuse("a " + value.tagKind() + " of " + std::to_string(values.size()) + ", without a part \"" + key + "\"");
}

inline c10::IValue part(const c10::IValue &value, const std::string &key) {
    if (value.isGenericDict())
        return of_dictionary(value, key);
    if (key.empty())
        return value;
    if (value.isTuple() || value.isList())
        return of_sequence(value, key);
    refuse("a " + value.tagKind() + ", which has no part \"" + key + "\"");
}

// A gigabyte of floats is no picture.
enum { VALUES_MAX = 1 << 28 };

inline at::Tensor dense_floats(const c10::IValue &value) {
    if (!value.isTensor() || !value.toTensor().defined())
        refuse("a " + value.tagKind() + " where a tensor is needed");
    at::Tensor tensor = value.toTensor();
    if (tensor.dim() > KB3D_TENSOR_RANK_MAX)
        refuse("a tensor of more than four dimensions");
    if (tensor.numel() > VALUES_MAX) // a view of few values can claim any size
        refuse("a tensor of " + std::to_string(tensor.numel()) + " values");
    if (tensor.is_complex())
        refuse("a tensor of complex numbers");
    if (tensor.is_quantized())
        tensor = tensor.dequantize();
    return tensor.to_dense().to(at::kCPU, at::kFloat).contiguous();
}

inline std::vector<at::Tensor> wanted_tensors(const c10::IValue &answered, const kb3d_infer_request &request) {
    c10::IValue value = part(answered, request.output_key ? request.output_key : "");
    std::vector<c10::IValue> values{value};
    if (value.isTuple() || value.isList())
        values = elements(value);
    if (values.size() < (size_t)request.output_count)
        refuse(std::to_string(values.size()) + (values.size() == 1 ? " tensor" : " tensors") + " instead of " +
               std::to_string(request.output_count));
    std::vector<at::Tensor> tensors;
    for (int i = 0; i < request.output_count; i++)
        tensors.push_back(dense_floats(values[i]));
    return tensors;
}

#endif
