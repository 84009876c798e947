#pragma once

// Private to core/checkpoint: the tensors in a pickle, by their names.

#include "core/checkpoint/PickleNode.h"

#include <string>
#include <utility>
#include <vector>

namespace crossiter::detail {

using NamedNodes = std::vector<std::pair<std::string, const PickleNode*>>;

/// A dict of tensors.
struct FoundDict
{
    std::string key; ///< the texts that lead to it, "ema.state_dict"; empty: the root
    NamedNodes tensors; ///< in the dict's order, each name once
    std::size_t others = 0; ///< what lies beside them and is no tensor
};

/// The dicts of tensors that texts lead to from the root, at most 4 deep, those above first; the
/// first 64. Throws Error(BadInput): no dict, or none with a tensor in it; a name twice, more than
/// 1024 bytes long, too many tensors.
[[nodiscard]] std::vector<FoundDict> dictsOf(const PickleNode& root, const std::string& place);

/// A dict of layers with a dict of arrays each, as one: "LAYER.weights". Throws as dictsOf() does.
[[nodiscard]] std::vector<FoundDict> layersOf(const PickleNode& root, const std::string& place);

} // namespace crossiter::detail
