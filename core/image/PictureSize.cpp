#include "core/image/PictureSize.h"

#include "core/base/Error.h"
#include "core/image/Codec.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace crossiter {

namespace {

std::optional<int> sideIn(std::string_view text)
{
    int side = 0;
    const char* end = text.data() + text.size();
    const auto [last, fault] = std::from_chars(text.data(), end, side);
    if (text.empty() || text.front() == '-' || fault != std::errc() || last != end)
        return std::nullopt;
    return side;
}

Image centredPart(const Image& image, int width, int height)
{
    const int left = (image.width - width) / 2;
    const int top = (image.height - height) / 2;
    Image out(width, height);
    for (int y = 0; y < height; ++y)
        std::copy_n(image.rgb.data() + image.offset(left, top + y),
            static_cast<std::size_t>(width) * 3U, out.rgb.data() + out.offset(0, y));
    return out;
}

/// The largest centred part with the aspect ratio of `size`.
Image centredPart(const Image& image, const PictureSize& size)
{
    const std::int64_t width = image.width;
    const std::int64_t height = image.height;
    if (width * size.height == height * size.width)
        return image;
    if (width * size.height > height * size.width) {
        const auto part = std::max<std::int64_t>(1, height * size.width / size.height);
        return centredPart(image, static_cast<int>(part), image.height);
    }
    const auto part = std::max<std::int64_t>(1, width * size.height / size.width);
    return centredPart(image, image.width, static_cast<int>(part));
}

} // namespace

bool isPictureSize(const PictureSize& size)
{
    const DecodeLimits limits;
    return size.width >= 1 && size.height >= 1 && size.width <= limits.maxSide
        && size.height <= limits.maxSide
        && static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height)
        <= limits.maxPixels;
}

PictureSize sizeOf(const Image& image)
{
    return { image.width, image.height };
}

std::string toString(const PictureSize& size)
{
    return std::to_string(size.width) + "x" + std::to_string(size.height);
}

std::optional<PictureSize> findPictureSize(std::string text)
{
    constexpr std::string_view kTimes = "\xc3\x97";
    if (const auto sign = text.find(kTimes); sign != std::string::npos)
        text.replace(sign, kTimes.size(), "x");
    const auto between = text.find_first_of("xX");
    if (between == std::string::npos)
        return std::nullopt;
    const std::string_view all = text;
    const auto width = sideIn(all.substr(0, between));
    const auto height = sideIn(all.substr(between + 1));
    if (!width || !height || !isPictureSize({ *width, *height }))
        return std::nullopt;
    return PictureSize { *width, *height };
}

PictureSize parsePictureSize(const std::string& option, const std::string& text)
{
    if (const auto size = findPictureSize(text))
        return *size;
    throw Error(ErrorKind::Usage, "wrong value", option,
        "WxH as 224x224, sides of 1..16384 and at most 100 megapixels", text);
}

Image toSize(const Image& image, const PictureSize& size, CropRule rule)
{
    if (sizeOf(image) == size)
        return image;
    if (rule == CropRule::CentreCrop && !image.empty())
        return lanczosResize(centredPart(image, size), size.width, size.height);
    return lanczosResize(image, size.width, size.height);
}

void requireComparable(
    const Image& result, const std::optional<PictureSize>& size, const std::string& place)
{
    const PictureSize found = sizeOf(result);
    if (found == size.value_or(PictureSize()))
        return;
    if (size)
        throw Error(ErrorKind::BadInput, "the result has another size than --size says", place,
            toString(*size), toString(found));
    throw Error(ErrorKind::BadInput, "the result has a wrong size", place,
        "299x299, or --size " + toString(found) + " to compare at that size", toString(found));
}

} // namespace crossiter
