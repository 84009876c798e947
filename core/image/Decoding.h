#pragma once

// Private to core/image: what the two decoders share.

#include "core/base/Error.h"
#include "core/image/ByteSource.h"
#include "core/image/Codec.h"

#include <string>

namespace crossiter::detail {

/// The most that is kept of an EXIF block, wherever it stands: what a JPEG's segment can hold.
inline constexpr std::size_t kMaxExifBytes = std::size_t { 64 } << 10U;

struct DecodeJob
{
    ByteSource& source;
    std::string place; ///< the path, for errors
    DecodeRule rule = DecodeRule::Person;
    DecodeLimits limits;
    TimeLimit time;
};

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

} // namespace crossiter::detail
