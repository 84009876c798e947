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
        Bytes,
        Tuple,
        List,
        Dict,
        Global,
        Storage,
        Tensor, ///< of torch, in a storage; or an array of NumPy, whose numbers are `text`
        Array, ///< of NumPy, before its numbers come
        NumberType, ///< NumPy's: "f4"
        Opaque ///< anything else: what it is called, and nothing more
    };

    Kind kind = Kind::None;
    DType dtype = DType::F32; ///< Storage, Tensor of NumPy
    bool bigEndian = false; ///< NumberType
    std::int64_t number = 0; ///< Bool, Int; Storage: elements; Tensor: offset in elements
    /// Text, Bytes; Long: little-endian bytes; Global: "module.name"; Storage: key; NumberType;
    /// Tensor of NumPy: its numbers; Opaque: what made it. Lies in the pickle or in the machine.
    std::string_view text;
    std::vector<PickleNode*> items; ///< Tuple, List; Dict: key, value, key, value ...
    PickleNode* storage = nullptr; ///< Tensor of torch
    std::vector<std::int64_t> shape; ///< Tensor
    std::vector<std::int64_t> strides; ///< Tensor, in elements

    [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
    /// A text, or the bytes that Python 2 wrote for one.
    [[nodiscard]] bool isName() const { return kind == Kind::Text || kind == Kind::Bytes; }
    /// The value of a text key of a Dict; nullptr when it is absent.
    [[nodiscard]] const PickleNode* at(std::string_view key) const;
};

/// "a tuple", "an integer": for errors.
[[nodiscard]] const char* nameOfKind(PickleNode::Kind kind);

} // namespace crossiter::detail
