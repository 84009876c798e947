#pragma once

#include "core/image/Image.h"

namespace crossiter {

/// How a photo of any size enters image space.
enum class CropRule
{
    Whole, ///< the toolkit's rule: Lanczos to 299x299 of the whole picture, aspect ratio not kept
    CentreCrop, ///< the largest centred square, then Lanczos
};

/// Lanczos (a = 3) with antialiasing and fixed-point weights, as Pillow's Image.LANCZOS computes
/// it: equal within 1 grey level. width, height in 1..16384; image not empty.
[[nodiscard]] Image lanczosResize(const Image& image, int width, int height);

/// A photo of any size -> 299x299. An image that already is 299x299 comes back unchanged.
[[nodiscard]] Image toImageSpace(const Image& image, CropRule rule = CropRule::Whole);

} // namespace crossiter
