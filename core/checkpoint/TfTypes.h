#pragma once

// Private to core/checkpoint: TensorFlow's numbers for types.

#include "core/checkpoint/StateDict.h"

#include <optional>

namespace crossiter::detail {

/// Nothing: a type that StateDict does not know (tensorflow/core/framework/types.proto has the
/// numbers).
[[nodiscard]] inline std::optional<DType> tfType(int number) noexcept
{
    switch (number) {
    case 1:
        return DType::F32;
    case 2:
        return DType::F64;
    case 3:
        return DType::I32;
    case 4:
        return DType::U8;
    case 5:
        return DType::I16;
    case 6:
        return DType::I8;
    case 9:
        return DType::I64;
    case 10:
        return DType::Bool;
    case 14:
        return DType::BF16;
    case 19:
        return DType::F16;
    default:
        return std::nullopt;
    }
}

/// Text, resource, variant: nothing that weights consist of.
[[nodiscard]] inline bool isTfNoNumber(int number) noexcept
{
    return number == 7 || number == 20 || number == 21;
}

} // namespace crossiter::detail
