#include "core/checkpoint/KitLayers.h"

#include "core/checkpoint/KeyMap.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace crossiter::detail {

namespace {

constexpr std::array<std::string_view, 10> kOperations { "_Conv2D", "_convolution", "_MatMul",
    "_BiasAdd", "_FusedBatchNorm", "_FusedBatchNormV2", "_FusedBatchNormV3", "_batchnorm_mul_1",
    "_batchnorm_add_1", "_batchnorm" };

using Part = std::pair<std::string_view, std::string_view>;
constexpr std::array<Part, 9> kParts { { { "weights", "weight" }, { "weight", "weight" },
    { "scale", "weight" }, { "bias", "bias" }, { "mean", "running_mean" }, { "var", "running_var" },
    { "running_mean", "running_mean" }, { "running_var", "running_var" },
    { "num_batches_tracked", "num_batches_tracked" } } };

std::string underscored(std::string text)
{
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

/// Layer without its operation, with the places of its parts: "weight" -> 17.
using Layers = std::map<std::string, std::map<std::string_view, std::size_t>>;

Layers layersIn(const std::vector<TensorView>& tensors)
{
    Layers layers;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const std::string& name = tensors[i].name;
        const std::size_t dot = name.rfind('.');
        if (dot == std::string::npos)
            continue;
        std::string layer = underscored(name.substr(0, dot));
        const auto* const operation = std::find_if(kOperations.begin(), kOperations.end(),
            [&](std::string_view end) { return layer.ends_with(end); });
        if (operation != kOperations.end())
            layer.resize(layer.size() - operation->size());
        for (const auto& [theirs, ours] : kParts)
            if (name.substr(dot + 1) == theirs)
                layers[layer].emplace(ours, i);
    }
    return layers;
}

/// What stands before the first layer of the network, and each shorter beginning of it.
std::vector<std::string> prefixesOf(const Layers& layers, const std::string& first)
{
    std::optional<std::string> shortest;
    for (const auto& [name, parts] : layers) {
        for (const std::string& end : { first, first + "_BatchNorm" }) {
            const bool last = name == end || name.ends_with("_" + end);
            if (last && (!shortest || name.size() - end.size() < shortest->size()))
                shortest = name.substr(0, name.size() - end.size());
        }
    }
    if (!shortest)
        return {};
    std::vector<std::string> prefixes { *shortest };
    while (!prefixes.back().empty()) {
        std::string next = prefixes.back();
        next.pop_back();
        prefixes.push_back(next.substr(0, next.rfind('_') + 1)); // npos + 1 is 0
    }
    return prefixes;
}

} // namespace

std::vector<std::string> fromKitLayers(
    const std::vector<TensorView>& tensors, const std::string& architecture)
{
    std::vector<std::string> names(tensors.size());
    const std::vector<MappedLayer> wanted = tfLayers(architecture);
    if (wanted.empty())
        return names;
    const Layers layers = layersIn(tensors);
    const auto prefixes = prefixesOf(layers, underscored(wanted.front().scope));
    const auto take = [&](const std::string& scope, const std::string& member) {
        for (const std::string& prefix : prefixes) {
            const auto layer = layers.find(prefix + underscored(scope));
            if (layer == layers.end())
                continue;
            for (const auto& [part, place] : layer->second)
                names[place] = member + "." + std::string(part);
            return;
        }
    };
    for (const MappedLayer& layer : wanted) {
        const bool norm = layer.kind == MappedLayer::Kind::ConvNorm;
        take(layer.scope, layer.member + (norm ? ".conv" : ""));
        if (norm)
            take(layer.scope + "/BatchNorm", layer.member + ".bn");
    }
    return names;
}

} // namespace crossiter::detail
