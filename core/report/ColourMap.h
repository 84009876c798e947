#pragma once

#include <array>
#include <cstdint>

namespace crossiter {

/// A colour for a value 0..1 (clipped; NaN counts as 0): dark blue over grey to yellow, in equal
/// steps of lightness. Lightness alone tells the order, and blue and yellow stay apart for
/// red-green blind eyes and in print. A straight line in Oklab (Ottosson 2020,
/// bottosson.github.io/posts/oklab) from #00204d to #ffea46.
[[nodiscard]] std::array<std::uint8_t, 3> heatColour(double value);

} // namespace crossiter
