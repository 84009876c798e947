#pragma once

#include "core/image/Image.h"

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
/// default picture is taken; colour profiles and gamma are ignored, as the toolkit does. A JPEG is
/// refused where libjpeg would only warn of damage and guess, except for stray bytes before a
/// marker, which many cameras write.
/// Throws Error(BadInput) that names `path`: not an image, truncated, over a limit, chunk longer
/// than the bytes left. Never allocates for a size that the file only claims.
[[nodiscard]] Image decodeImage(std::span<const std::uint8_t> bytes,
    const std::filesystem::path& path, DecodeRule rule = DecodeRule::Person,
    const DecodeLimits& limits = {});

/// Maps or reads the file, then decodeImage. Throws Error(BadInput).
[[nodiscard]] Image readImage(const std::filesystem::path& path,
    DecodeRule rule = DecodeRule::Person, const DecodeLimits& limits = {});

/// 8-bit RGB PNG, no ancillary chunks: equal images give equal bytes. Not empty, else
/// Error(Internal).
[[nodiscard]] std::vector<std::uint8_t> encodePng(const Image& image);

/// encodePng, written to a temporary name and renamed. Throws Error(BadInput).
void writePng(const std::filesystem::path& path, const Image& image);

} // namespace crossiter
