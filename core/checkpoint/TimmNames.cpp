#include "core/checkpoint/TimmNames.h"

#include "core/base/Numbers.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace crossiter {

namespace {

using Renamed = std::pair<std::string_view, std::string_view>;

constexpr std::array<Renamed, 5> kEnds { { { "conv_stem", "_conv_stem" }, { "bn1", "_bn0" },
    { "conv_head", "_conv_head" }, { "bn2", "_bn1" }, { "classifier", "_fc" } } };
/// The first stage does not expand: its layers are counted from the depthwise one.
constexpr std::array<Renamed, 4> kFirstStage { { { "conv_dw", "_depthwise_conv" },
    { "bn1", "_bn1" }, { "conv_pw", "_project_conv" }, { "bn2", "_bn2" } } };
constexpr std::array<Renamed, 6> kStage { { { "conv_pw", "_expand_conv" }, { "bn1", "_bn0" },
    { "conv_dw", "_depthwise_conv" }, { "bn2", "_bn1" }, { "conv_pwl", "_project_conv" },
    { "bn3", "_bn2" } } };

template <std::size_t N>
std::string_view newName(const std::array<Renamed, N>& names, std::string_view old)
{
    for (const auto& [from, to] : names)
        if (from == old)
            return to;
    return {};
}

/// "blocks.2.1.conv_pwl.weight" -> stage 2, repeat 1, layer "conv_pwl", ".weight".
struct BlockKey
{
    std::pair<int, int> place;
    std::string_view layer;
    std::string_view rest;
};

std::optional<BlockKey> blockKey(std::string_view name)
{
    constexpr std::string_view kBegin = "blocks.";
    if (!name.starts_with(kBegin))
        return std::nullopt;
    std::array<std::string_view, 3> parts;
    std::string_view left = name.substr(kBegin.size());
    for (std::string_view& part : parts) {
        const std::size_t dot = left.find('.');
        if (dot == std::string_view::npos)
            return std::nullopt;
        part = left.substr(0, dot);
        left.remove_prefix(dot + 1);
    }
    const auto stage = wholeNumber(parts[0]);
    const auto repeat = wholeNumber(parts[1]);
    if (!stage || !repeat)
        return std::nullopt;
    return BlockKey { { *stage, *repeat }, parts[2], left };
}

} // namespace

void renameTimmKeys(StateDict& state, const std::string& architecture)
{
    // A file with names of both kinds is nobody's, and two of its keys could become one.
    const bool mixed = std::ranges::any_of(
        state.tensors, [](const TensorView& tensor) { return tensor.name.starts_with('_'); });
    if (mixed || !architecture.starts_with("efficientnet-lite")
        || state.find("conv_stem.weight") == nullptr)
        return;
    std::map<std::pair<int, int>, int> order; // our blocks are numbered through
    for (const TensorView& tensor : state.tensors)
        if (const auto key = blockKey(tensor.name))
            order.emplace(key->place, 0);
    int next = 0;
    for (auto& [place, number] : order)
        number = next++;
    for (TensorView& tensor : state.tensors) {
        if (const auto key = blockKey(tensor.name)) {
            const std::string_view layer = key->place.first == 0 ? newName(kFirstStage, key->layer)
                                                                 : newName(kStage, key->layer);
            if (!layer.empty())
                tensor.name = "_blocks." + std::to_string(order[key->place]) + "."
                    + std::string(layer) + "." + std::string(key->rest);
            continue;
        }
        const std::size_t dot = tensor.name.find('.');
        const std::string_view name = newName(kEnds, std::string_view(tensor.name).substr(0, dot));
        if (!name.empty() && dot != std::string::npos)
            tensor.name = std::string(name) + tensor.name.substr(dot);
    }
}

} // namespace crossiter
