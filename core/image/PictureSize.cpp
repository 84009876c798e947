#include "core/image/PictureSize.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/image/Codec.h"

#include <cstdint>
#include <string_view>

namespace crossiter {

namespace {

bool isPictureSize(const PictureSize& size)
{
    const DecodeLimits limits;
    return size.width >= 1 && size.height >= 1 && size.width <= limits.maxSide
        && size.height <= limits.maxSide
        && static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height)
        <= limits.maxPixels;
}

} // namespace

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
    const auto width = wholeNumber(all.substr(0, between));
    const auto height = wholeNumber(all.substr(between + 1));
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

void requireComparable(
    const PictureSize& found, const std::optional<PictureSize>& size, const std::string& place)
{
    if (found == size.value_or(PictureSize()))
        return;
    if (size)
        throw Error(ErrorKind::BadInput, "the result has another size than the one asked for",
            place, toString(*size), toString(found));
    throw Error(ErrorKind::BadInput, "the result has a wrong size", place,
        "299x299, or --size " + toString(found) + " to compare at that size", toString(found));
}

} // namespace crossiter
