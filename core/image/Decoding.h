#pragma once

// Private to core/image: what the decoders share.

#include "core/base/Error.h"
#include "core/image/ByteSource.h"
#include "core/image/Codec.h"

#include <algorithm>
#include <string>
#include <vector>

namespace crossiter::detail {

/// The most that is kept of an EXIF block, wherever it stands: what a JPEG's segment can hold.
inline constexpr std::size_t kMaxExifBytes = std::size_t { 64 } << 10U;

struct DecodeJob
{
    ByteSource& source;
    std::string place; ///< the path, for errors
    ReadRule rule;
    DecodeLimits limits;
    TimeLimit time;
    FoundProfile* profile = nullptr; ///< hears of the colour profile; may be null

    [[nodiscard]] bool forPerson() const { return rule.decode == DecodeRule::Person; }
    /// Somebody wants to know of the colour profile, or its colours.
    [[nodiscard]] bool wantsProfile() const
    {
        return profile != nullptr || rule.colour == ColourRule::Srgb;
    }
};

/// The most that is kept of a colour profile.
inline constexpr std::size_t kMaxProfileBytes = std::size_t { 4 } << 20U;

/// A colour profile as it came out of the file.
struct ProfileBytes
{
    std::vector<std::uint8_t> bytes; ///< empty: none, or see `fault`
    std::string fault; ///< why it cannot be used, where the container knows
};

/// Throws OutOfTime.
void checkTime(const DecodeJob& job);

/// Throws Error(BadInput).
[[noreturn]] void failRead(const DecodeJob& job, const std::string& text,
    const std::string& expected, const std::string& found);

/// Throws Error(BadInput) when a side is 0 or over the limits.
void checkDimensions(
    const DecodeJob& job, const char* format, std::uint64_t width, std::uint64_t height);

/// Throws Error(BadInput) when buffers and picture together would pass the memory limit.
void checkMemory(const DecodeJob& job, const char* format, std::uint64_t bytes);

/// Puts decoded rows where the EXIF orientation wants them, so that a turned picture needs no
/// second copy.
class OrientedImage
{
public:
    /// width, height: as stored in the file; orientation 1..8 as EXIF numbers them.
    OrientedImage(int width, int height, int orientation);

    /// Pixels (firstX + i * stepX, y) of the stored picture, i = 0 .. count - 1.
    void putRow(int y, int firstX, int stepX, int count, const std::uint8_t* rgb) noexcept;

    /// Every pixel, red, green and blue.
    void fill(std::uint8_t value) { std::ranges::fill(m_image.rgb, value); }

    [[nodiscard]] Image take() { return std::move(m_image); }

private:
    Image m_image;
    std::ptrdiff_t m_origin = 0; ///< of stored pixel (0, 0), in bytes
    std::ptrdiff_t m_perColumn = 0; ///< from stored x to x + 1, in bytes
    std::ptrdiff_t m_perRow = 0;
};

/// Throw Error(BadInput), and OutOfTime when the job's time is over.
[[nodiscard]] Image decodePng(const DecodeJob& job);
[[nodiscard]] Image decodeJpeg(const DecodeJob& job);
[[nodiscard]] Image decodeWebp(const DecodeJob& job);
[[nodiscard]] Image decodeAvif(const DecodeJob& job);
[[nodiscard]] Image decodeTiff(const DecodeJob& job);
[[nodiscard]] Image decodeGif(const DecodeJob& job);
[[nodiscard]] Image decodeBmp(const DecodeJob& job);

} // namespace crossiter::detail
