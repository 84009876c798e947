#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace crossiter {

/// Side of the competition's image space, in pixels.
inline constexpr int kImageSide = 299;

/// 8-bit RGB, row by row, no padding: rgb.size() == width * height * 3. A plain value.
struct Image
{
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgb;

    Image() = default;
    /// A black picture. width, height >= 0.
    Image(int w, int h)
        : width(w)
        , height(h)
        , rgb(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * 3U)
    {
    }

    [[nodiscard]] bool empty() const { return rgb.empty(); }
    [[nodiscard]] bool isImageSpace() const { return width == kImageSide && height == kImageSide; }
    [[nodiscard]] std::size_t offset(int x, int y) const
    {
        return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width)
                   + static_cast<std::size_t>(x))
            * 3U;
    }
    bool operator==(const Image&) const = default;
};

} // namespace crossiter
