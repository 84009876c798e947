#pragma once

// Private to core/checkpoint: sizes that a file claims, computed without overflow.

#include "core/checkpoint/StateDict.h"

#include <optional>

namespace crossiter::detail {

/// product(shape) * sizeOf(dtype), at most INT64_MAX; nothing when a side is negative or the
/// product is larger.
[[nodiscard]] std::optional<std::uint64_t> byteCount(
    std::span<const std::int64_t> shape, DType dtype) noexcept;

[[nodiscard]] std::string shapeText(std::span<const std::int64_t> shape); ///< "[32, 3, 3, 3]"

} // namespace crossiter::detail
