#pragma once

#include "core/image/Image.h"
#include "core/image/TimeLimit.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace crossiter {

/// Limits that are checked before a pixel is decoded.
struct DecodeLimits
{
    int maxSide = 16384; ///< pixels, each side
    std::uint64_t maxPixels = 100'000'000;
    std::uint64_t maxFileBytes = 256ULL << 20;
    std::uint64_t maxMemoryBytes = 256ULL << 20; ///< the decoder's buffers and the picture
    int deadlineMs = 10'000; ///< decoding stops with an error after this long
};

/// How a file becomes 8-bit RGB.
enum class DecodeRule
{
    Person, ///< a photo opened by a person: EXIF orientation applied, alpha laid over white
    Contest, ///< as the competition's toolkit: no rotation, alpha dropped
};

/// Reads a PNG (all colour types, 1..16 bit, palette, interlaced) or a JPEG (grey, RGB, CMYK,
/// YCCK), told apart by content, never by name. 16-bit samples keep their high byte; CMYK is read
/// as Adobe writes it (inverted) and becomes RGB = (255 - C)(255 - K) / 255; of an animated PNG the
/// default picture is taken; colour profiles and gamma are ignored, as the toolkit does. The
/// orientation is a JPEG's EXIF segment, a PNG's eXIf chunk or its "Raw profile type exif". A JPEG
/// is refused where libjpeg would only warn of damage and guess, and where scans of it are missing;
/// accepted with what libjpeg's sources call harmless: stray bytes before a marker, an unknown JFIF
/// version or Adobe transform, zeros in a baseline scan's header.
/// Throws Error(BadInput) that names `path`: not an image (a known other format by its name),
/// truncated, over a limit, chunk longer than the bytes left. Never allocates for a size that the
/// file only claims.
[[nodiscard]] Image decodeImage(std::span<const std::uint8_t> bytes,
    const std::filesystem::path& path, DecodeRule rule = DecodeRule::Person,
    const DecodeLimits& limits = {});

/// The same for a file, of which 64 KB are held at a time: memory stays within
/// limits.maxMemoryBytes and a few MB. Throws Error(BadInput).
[[nodiscard]] Image readImage(const std::filesystem::path& path,
    DecodeRule rule = DecodeRule::Person, const DecodeLimits& limits = {});

/// The same within a time that the caller shares out (limits.deadlineMs does not count). Empty when
/// it was stopped. Throws Error(BadInput), also when it is late.
[[nodiscard]] Image readImage(const std::filesystem::path& path, DecodeRule rule,
    const DecodeLimits& limits, const TimeLimit& time);

/// 8-bit RGB PNG, no ancillary chunks: equal images give equal bytes. Not empty, else
/// Error(Internal).
[[nodiscard]] std::vector<std::uint8_t> encodePng(const Image& image);

/// encodePng, written to a temporary name and renamed. Throws Error(BadInput).
void writePng(const std::filesystem::path& path, const Image& image);

} // namespace crossiter
