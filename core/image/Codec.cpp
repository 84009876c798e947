#include "core/image/Codec.h"

#include "core/base/ByteCount.h"
#include "core/base/Numbers.h"
#include "core/base/RegularFile.h"
#include "core/image/Decoding.h"
#include "core/image/FileKinds.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace crossiter {

namespace {

std::string firstBytes(ByteView bytes)
{
    std::string text = "bytes";
    for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 8)))
        text += " " + hexText(byte, 2);
    return text;
}

PictureKind sniff(ByteView bytes, const std::string& place)
{
    const std::string all = "a PNG, JPEG, WebP, AVIF, TIFF, GIF or BMP ";
    if (bytes.empty())
        throw Error(ErrorKind::BadInput, "empty file", place, all + "image", "0 bytes");
    const auto head = bytes.first(std::min(bytes.size(), kForeignHeadBytes));
    if (const auto kind = pictureKind(head))
        return *kind;
    if (const auto other = foreignFile(head))
        throw Error(ErrorKind::BadInput, "not an image that is read here", place,
            all + "image: " + other->advice, other->name);
    throw Error(ErrorKind::BadInput, "not an image", place, all + "signature", firstBytes(bytes));
}

Image decodeAs(PictureKind kind, const detail::DecodeJob& job)
{
    switch (kind) {
    case PictureKind::Png:
        return detail::decodePng(job);
    case PictureKind::Jpeg:
        return detail::decodeJpeg(job);
    case PictureKind::Webp:
        return detail::decodeWebp(job);
    case PictureKind::Avif:
        return detail::decodeAvif(job);
    case PictureKind::Tiff:
        return detail::decodeTiff(job);
    case PictureKind::Gif:
        return detail::decodeGif(job);
    case PictureKind::Bmp:
        break;
    }
    return detail::decodeBmp(job);
}

Image decode(const detail::DecodeJob& job)
{
    if (job.source.size() > job.limits.maxFileBytes) {
        const SizeTexts sizes = sizeTexts(job.limits.maxFileBytes, job.source.size());
        throw Error(ErrorKind::BadInput, "file too large", job.place, "at most " + sizes.limit,
            sizes.found);
    }
    if (job.profile != nullptr)
        *job.profile = {};
    const PictureKind kind = sniff(job.source.view(0), job.place);
    try {
        return decodeAs(kind, job);
    } catch (const detail::OutOfTime&) {
        if (job.time.stopped())
            return {};
        throw Error(ErrorKind::BadInput, std::string(nameOf(kind)) + " takes too long to decode",
            job.place, "at most " + std::to_string(job.time.milliseconds()) + " ms",
            "no end by then");
    }
}

} // namespace

Image decodeImage(
    ByteView bytes, const std::filesystem::path& path, ReadRule rule, const DecodeLimits& limits)
{
    detail::ByteSource source(bytes);
    return decode({ source, path.string(), rule, limits, TimeLimit(limits.deadlineMs) });
}

Image readImage(const std::filesystem::path& path, ReadRule rule, const DecodeLimits& limits)
{
    return readImage(path, rule, limits, TimeLimit(limits.deadlineMs));
}

Image readImage(const std::filesystem::path& path, ReadRule rule, const DecodeLimits& limits,
    const TimeLimit& time, FoundProfile* profile)
{
    // Read, not mapped: a file that another program cuts short while it is mapped would end this
    // process with a signal.
    const RegularFile file(path);
    detail::ByteSource source(file);
    return decode({ source, path.string(), rule, limits, time, profile });
}

namespace detail {

void checkTime(const DecodeJob& job)
{
    if (job.time.over())
        throw OutOfTime();
}

void failRead(const DecodeJob& job, const std::string& text, const std::string& expected,
    const std::string& found)
{
    throw Error(ErrorKind::BadInput, text, job.place, expected, found);
}

void checkDimensions(
    const DecodeJob& job, const char* format, std::uint64_t width, std::uint64_t height)
{
    const auto maxSide = static_cast<std::uint64_t>(std::max(job.limits.maxSide, 0));
    const std::string found = std::to_string(width) + "x" + std::to_string(height);
    if (width == 0 || height == 0)
        throw Error(ErrorKind::BadInput, std::string("bad ") + format + " dimensions", job.place,
            "at least 1x1", found);
    if (width > maxSide || height > maxSide)
        throw Error(ErrorKind::BadInput, std::string(format) + " too large", job.place,
            "at most " + std::to_string(maxSide) + " pixels a side", found);
    if (width * height > job.limits.maxPixels)
        throw Error(ErrorKind::BadInput, std::string(format) + " too large", job.place,
            "at most " + std::to_string(job.limits.maxPixels) + " pixels", found);
}

void checkMemory(const DecodeJob& job, const char* format, std::uint64_t bytes)
{
    if (bytes <= job.limits.maxMemoryBytes)
        return;
    const SizeTexts sizes = sizeTexts(job.limits.maxMemoryBytes, bytes);
    throw Error(ErrorKind::BadInput, std::string(format) + " needs too much memory", job.place,
        "at most " + sizes.limit, sizes.found);
}

OrientedImage::OrientedImage(int width, int height, int orientation)
    : m_image(orientation >= 5 ? height : width, orientation >= 5 ? width : height)
{
    // Where the stored axes run in the upright picture: EXIF 2.3, tag 274.
    const bool swapped = orientation >= 5;
    const bool columnsBackwards =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool rowsBackwards =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const std::ptrdiff_t right = 3;
    const std::ptrdiff_t down = 3 * static_cast<std::ptrdiff_t>(m_image.width);
    m_perColumn = (swapped ? down : right) * (columnsBackwards ? -1 : 1);
    m_perRow = (swapped ? right : down) * (rowsBackwards ? -1 : 1);
    m_origin = (columnsBackwards ? -m_perColumn * (width - 1) : 0)
        + (rowsBackwards ? -m_perRow * (height - 1) : 0);
}

void OrientedImage::putRow(
    int y, int firstX, int stepX, int count, const std::uint8_t* rgb) noexcept
{
    std::ptrdiff_t at = m_origin + m_perRow * y + m_perColumn * firstX;
    const std::ptrdiff_t step = m_perColumn * stepX;
    if (step == 3) {
        std::copy_n(rgb, static_cast<std::size_t>(count) * 3U, m_image.rgb.data() + at);
        return;
    }
    for (int i = 0; i < count; ++i, at += step, rgb += 3)
        std::copy_n(rgb, 3, m_image.rgb.data() + at);
}

} // namespace detail

} // namespace crossiter
