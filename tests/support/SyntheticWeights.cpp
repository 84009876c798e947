#include "tests/support/SyntheticWeights.h"

#include <cmath>

namespace crossiter::test {

torch::Tensor uniformValues(const std::string& key, std::int64_t count)
{
    std::uint64_t hash = 0xCBF29CE484222325ULL; // FNV-1a
    for (const char c : key)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    torch::Tensor values = torch::empty({ count }, torch::kDouble);
    auto* data = values.mutable_data_ptr<double>();
    for (std::int64_t i = 0; i < count; ++i) { // splitmix64
        std::uint64_t z = hash + static_cast<std::uint64_t>(i) + 0x9E3779B97F4A7C15ULL;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        z ^= z >> 31U;
        data[i] = static_cast<double>(z >> 11U) * 0x1.0p-53;
    }
    return values;
}

torch::Tensor syntheticValues(const std::string& key, at::IntArrayRef shape)
{
    std::int64_t count = 1;
    for (const std::int64_t side : shape)
        count *= side;
    torch::Tensor value = uniformValues(key, count);
    if (key.ends_with("running_var")) {
        value = value * 0.5 + 0.75;
    } else if (key.ends_with(".weight") && shape.size() == 1) {
        value = value * 0.2 + 0.9;
    } else if (key.ends_with(".weight")) {
        const std::int64_t fanIn = count / shape[0];
        value = (value * 2.0 - 1.0) * std::sqrt(6.0 / static_cast<double>(fanIn));
    } else {
        value = value * 0.2 - 0.1;
    }
    return value.to(torch::kFloat).view(shape);
}

void fillWithSyntheticWeights(torch::nn::Module& module)
{
    const torch::NoGradGuard guard;
    const auto fill = [](const auto& items) {
        for (const auto& item : items)
            if (!item.key().ends_with("num_batches_tracked"))
                item.value().copy_(syntheticValues(item.key(), item.value().sizes()));
    };
    fill(module.named_parameters());
    fill(module.named_buffers());
}

StateDict stateOf(const torch::nn::Module& module)
{
    StateDict state;
    const auto add = [&](const std::string& name, const torch::Tensor& tensor) {
        if (tensor.scalar_type() == torch::kFloat)
            state.tensors.push_back({ name, DType::F32, tensor.sizes().vec(),
                { static_cast<const std::byte*>(tensor.data_ptr()), tensor.nbytes() } });
    };
    for (const auto& item : module.named_parameters())
        add(item.key(), item.value());
    for (const auto& item : module.named_buffers())
        add(item.key(), item.value());
    return state;
}

torch::Tensor syntheticPicture(int side, int images)
{
    const std::int64_t count = static_cast<std::int64_t>(images) * 3 * side * side;
    return (uniformValues("input " + std::to_string(side), count) * 2.0 - 1.0)
        .to(torch::kFloat)
        .view({ images, 3, side, side });
}

} // namespace crossiter::test
