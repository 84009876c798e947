#pragma once

#include <string>

namespace crossiter {

/// How a network is computed; named in every trace.
enum class Numerics
{
    Fast, ///< float32, batch norm folded into the convolutions, channels-last: the default
    Reference, ///< float32, the plain network, NCHW
    Exact, ///< float64, the plain network, NCHW: the same bytes at any thread count
};

/// "fast", "reference", "exact". parseNumerics throws Error(Usage).
[[nodiscard]] std::string toString(Numerics numerics);
[[nodiscard]] Numerics parseNumerics(const std::string& text);

} // namespace crossiter
