#pragma once

#include "core/image/Image.h"

#include <optional>
#include <string>

namespace crossiter {

/// The size that two pictures are compared at: image space, or that of a result which another
/// program made at its network's own size.
struct PictureSize
{
    int width = kImageSide; ///< pixels, 1..16384
    int height = kImageSide;

    bool operator==(const PictureSize&) const = default;
};

[[nodiscard]] PictureSize sizeOf(const Image& image);
/// "224x224"
[[nodiscard]] std::string toString(const PictureSize& size);
/// "224x224", also with a capital X or a multiplication sign; nothing for any other text and for
/// what decoding does not take (DecodeLimits): sides of 1..16384 and at most 100 megapixels.
[[nodiscard]] std::optional<PictureSize> findPictureSize(std::string text);
/// The same. Throws Error(Usage) that names `option`.
[[nodiscard]] PictureSize parsePictureSize(const std::string& option, const std::string& text);

/// Throws Error(BadInput) that names `place` and --size when a result has another size than the one
/// that it is to be compared at; size: nothing asked for, so image space.
void requireComparable(
    const PictureSize& found, const std::optional<PictureSize>& size, const std::string& place);

} // namespace crossiter
