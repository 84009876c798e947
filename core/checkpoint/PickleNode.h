#pragma once

// Private to core/checkpoint: what a pickle is made of.

#include "core/checkpoint/StateDict.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crossiter::detail {

/// A value of the pickle. Nodes belong to the machine and may refer to each other in circles.
struct PickleNode
{
    enum class Kind
    {
        None,
        Bool,
        Int,
        Long,
        Float,
        Text,
        Tuple,
        List,
        Dict,
        Global,
        Storage,
        Tensor
    };

    Kind kind = Kind::None;
    DType dtype = DType::F32; ///< Storage
    bool ordered = false; ///< Dict: it is an OrderedDict
    std::int64_t number = 0; ///< Bool, Int; Storage: elements; Tensor: offset in elements
    std::string text; ///< Text; Long: little-endian bytes; Global: "module.name"; Storage: key
    std::vector<PickleNode*> items; ///< Tuple, List; Dict: key, value, key, value ...
    PickleNode* storage = nullptr; ///< Tensor
    std::vector<std::int64_t> shape; ///< Tensor
    std::vector<std::int64_t> strides; ///< Tensor, in elements

    [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
    /// The value of a text key of a Dict; nullptr when it is absent.
    [[nodiscard]] const PickleNode* at(std::string_view key) const;
};

/// "a tuple", "an integer": for errors.
[[nodiscard]] const char* nameOfKind(PickleNode::Kind kind);

} // namespace crossiter::detail
