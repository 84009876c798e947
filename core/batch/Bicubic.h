#pragma once

#include "core/image/Image.h"

namespace crossiter {

/// Bicubic (a = -0.5) with antialiasing when it shrinks, as Pillow's Image.BICUBIC: what the
/// official evaluation did to outputs of a wrong size. Within 1 grey level of it: weights here are
/// double, there fixed-point. width, height in 1..16384; image not empty.
[[nodiscard]] Image bicubicResize(const Image& image, int width, int height);

} // namespace crossiter
