#include "core/image/Exif.h"

#include <cstddef>
#include <optional>

namespace crossiter::detail {

namespace {

class TiffBytes
{
public:
    explicit TiffBytes(ByteView bytes)
        : m_bytes(bytes)
    {
    }

    /// "II" little-endian, "MM" big-endian, then 42.
    [[nodiscard]] bool readByteOrder() noexcept
    {
        if (m_bytes.size() < 8 || m_bytes[0] != m_bytes[1])
            return false;
        m_bigEndian = m_bytes[0] == 'M';
        return (m_bigEndian || m_bytes[0] == 'I') && u16(2) == 42U;
    }

    [[nodiscard]] std::optional<std::uint32_t> u16(std::size_t at) const noexcept
    {
        return number(at, 2);
    }
    [[nodiscard]] std::optional<std::uint32_t> u32(std::size_t at) const noexcept
    {
        return number(at, 4);
    }

private:
    [[nodiscard]] std::optional<std::uint32_t> number(
        std::size_t at, std::size_t size) const noexcept
    {
        if (at > m_bytes.size() || m_bytes.size() - at < size)
            return std::nullopt;
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i)
            value = (value << 8U) | m_bytes[at + (m_bigEndian ? i : size - 1 - i)];
        return value;
    }

    ByteView m_bytes;
    bool m_bigEndian = false;
};

} // namespace

int exifOrientation(ByteView tiff) noexcept
{
    constexpr std::uint32_t kOrientationTag = 0x0112;
    constexpr std::uint32_t kShort = 3;
    constexpr std::uint32_t kLong = 4;

    TiffBytes bytes(tiff);
    if (!bytes.readByteOrder())
        return 1;
    const std::size_t directory = bytes.u32(4).value_or(0);
    const std::uint32_t entries = directory >= 8 ? bytes.u16(directory).value_or(0) : 0;
    for (std::uint32_t i = 0; i < entries; ++i) {
        const std::size_t entry = directory + 2 + std::size_t { 12 } * i;
        const auto tag = bytes.u16(entry);
        if (!tag)
            return 1;
        if (*tag != kOrientationTag)
            continue;
        const auto type = bytes.u16(entry + 2);
        const auto value = type == kShort ? bytes.u16(entry + 8)
            : type == kLong               ? bytes.u32(entry + 8)
                                          : std::nullopt;
        const bool good = bytes.u32(entry + 4) == 1U && value && *value >= 1 && *value <= 8;
        return good ? static_cast<int>(*value) : 1;
    }
    return 1;
}

} // namespace crossiter::detail
