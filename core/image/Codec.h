#pragma once

#include "core/base/ByteView.h"
#include "core/image/Image.h"
#include "core/image/TimeLimit.h"

#include <cstdint>
#include <filesystem>
#include <string>
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
    Person, ///< a photo opened by a person: orientation applied, alpha laid over white
    Contest, ///< as the competition's toolkit: no rotation, alpha dropped
};

/// What a colour profile (ICC) in the file does.
enum class ColourRule
{
    Ignore, ///< nothing, as the competition's toolkit
    Srgb, ///< the colours become sRGB's: perceptual intent, as Pillow's ImageCms by default
};

struct ReadRule
{
    DecodeRule decode = DecodeRule::Person;
    ColourRule colour = ColourRule::Ignore;

    ReadRule() = default;
    ReadRule(DecodeRule decodeRule, ColourRule colourRule = ColourRule::Ignore) // NOLINT: meant
        : decode(decodeRule)
        , colour(colourRule)
    {
    }
};

/// What a file says of its colours.
struct FoundProfile
{
    enum class Kind
    {
        None,
        Srgb, ///< its colours differ from sRGB's by a level at most: never converted
        Other,
        Unusable, ///< damaged, larger than 4 MB or of another kind of picture: ignored
    };
    Kind kind = Kind::None;
    std::string name; ///< the profile's own words, at most 80 bytes, safe to show; empty: none
    std::string fault; ///< why it is unusable, half a sentence
    bool converted = false; ///< the picture's colours are sRGB's now
};

/// Reads a picture, told by content, never by name:
///
/// - PNG: all colour types, 1..16 bit, palette, interlaced; of an animated one the default picture
/// - JPEG: grey, RGB, CMYK, YCCK; refused where libjpeg would only warn of damage and guess, and
///   where scans are missing; accepted with what libjpeg's sources call harmless: stray bytes
///   before a marker, an unknown JFIF version or Adobe transform, zeros in a baseline scan's header
/// - WebP: lossy, lossless, with alpha; of an animation the first frame on its canvas
/// - AVIF: 8, 10 and 12 bit, grids; of a sequence the still picture that it carries
/// - TIFF, BigTIFF: the first picture; strips and tiles, planes together or apart; grey, palette,
///   RGB, CMYK, YCbCr as JPEG; 1, 2, 4, 8 and 16 bit; not packed, PackBits, LZW, Deflate, JPEG, fax
/// - GIF: the first frame on its canvas; what it does not cover is transparent
/// - BMP: 1, 2, 4, 8, 16, 24 and 32 bit, RLE4, RLE8, bit fields, every header from OS/2 to V5
///
/// 16-bit samples keep their high byte (of 16-bit grey that alone: docs/formats.md); CMYK becomes
/// RGB = (255 - C)(255 - K) / 255, of JPEG as Adobe writes it (inverted). The orientation is that
/// of EXIF in JPEG, PNG and WebP, of the tag in TIFF, of irot and imir in AVIF.
/// Throws Error(BadInput) that names `path`: not an image (a known other format by its name),
/// truncated, damaged, over a limit. Never allocates for a size that the file only claims, where
/// the format lets that be known.
[[nodiscard]] Image decodeImage(ByteView bytes, const std::filesystem::path& path,
    ReadRule rule = {}, const DecodeLimits& limits = {});

/// The same for a file, of which 64 KB are held at a time: memory stays within
/// limits.maxMemoryBytes and a few MB. Throws Error(BadInput).
[[nodiscard]] Image readImage(
    const std::filesystem::path& path, ReadRule rule = {}, const DecodeLimits& limits = {});

/// The same within a time that the caller shares out (limits.deadlineMs does not count). Empty when
/// it was stopped. `profile`, where given, hears of the file's colour profile under either rule.
/// Throws Error(BadInput), also when it is late.
[[nodiscard]] Image readImage(const std::filesystem::path& path, ReadRule rule,
    const DecodeLimits& limits, const TimeLimit& time, FoundProfile* profile = nullptr);

/// 8-bit RGB PNG, no ancillary chunks: equal images give equal bytes. Not empty, else
/// Error(Internal).
[[nodiscard]] std::vector<std::uint8_t> encodePng(const Image& image);

/// encodePng, written to a temporary name and renamed. Throws Error(BadInput).
void writePng(const std::filesystem::path& path, const Image& image);

} // namespace crossiter
