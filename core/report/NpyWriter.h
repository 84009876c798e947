#pragma once

#include "core/attack/AttackTrace.h"

#include <cstdint>
#include <vector>

namespace crossiter {

/// The image as a NumPy .npy file, version 1.0: shape (3, 299, 299), '<f4' or '<f8', C order.
/// Throws Error(Internal) unless exactly one of f32 and f64 holds 3 * 299 * 299 values.
[[nodiscard]] std::vector<std::uint8_t> encodeNpy(const FloatImage& image);

} // namespace crossiter
