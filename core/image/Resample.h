#pragma once

#include "core/image/Image.h"
#include "core/image/PictureSize.h"
#include "core/image/TimeLimit.h"

#include <functional>
#include <string>

namespace crossiter {

/// How a photo of any size enters image space.
enum class CropRule
{
    Whole, ///< the toolkit's rule: Lanczos to 299x299 of the whole picture, aspect ratio not kept
    CentreCrop, ///< the largest centred square, then Lanczos
};

/// Lanczos (a = 3) with antialiasing and fixed-point weights, as Pillow's Image.LANCZOS computes
/// it: equal within 1 grey level. width, height in 1..16384; image not empty. Both passes go side
/// by side over a few rows, so that memory rises by the result alone. Empty when `time` was
/// stopped. Throws Error(BadInput) when it is late or a side is out of range.
[[nodiscard]] Image lanczosResize(
    const Image& image, int width, int height, const TimeLimit& time = {});

/// A photo of any size -> 299x299. An image that already is 299x299 comes back unchanged. Empty and
/// throws as lanczosResize; `place` is for the error.
[[nodiscard]] Image toImageSpace(const Image& image, CropRule rule = CropRule::Whole,
    const TimeLimit& time = {}, const std::string& place = {});

/// A picture that is given row by row, because it is kept in another form.
struct RowSource
{
    int width = 0; ///< 1..16384
    int height = 0;
    /// Row y, 3 * width bytes RGB, valid until the next call; asked for from the first to the last.
    std::function<const std::uint8_t*(int y)> row;
};

/// Of a picture that outlives it.
[[nodiscard]] RowSource rowsOf(const Image& image);

/// toImageSpace of such a picture.
[[nodiscard]] Image toImageSpace(const RowSource& picture, CropRule rule,
    const TimeLimit& time = {}, const std::string& place = {});

/// What toImageSpace does, to any size of findPictureSize: Lanczos of the whole picture, or of the
/// largest centred part with the size's aspect ratio. A picture that has the size comes back
/// unchanged.
[[nodiscard]] Image toSize(const Image& image, const PictureSize& size,
    CropRule rule = CropRule::Whole, const TimeLimit& time = {}, const std::string& place = {});
[[nodiscard]] Image toSize(const RowSource& picture, const PictureSize& size, CropRule rule,
    const TimeLimit& time = {}, const std::string& place = {});

} // namespace crossiter
