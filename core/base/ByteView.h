#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace crossiter {

/// Bytes of a file or a part of one, read and not owned.
using ByteView = std::span<const std::uint8_t>;

/// The `count` bytes (0..8) from `at` on as a number, the least significant first. They must be
/// there: nothing is checked.
[[nodiscard]] inline std::uint64_t littleEndian(
    ByteView bytes, std::size_t at, std::size_t count) noexcept
{
    std::uint64_t value = 0;
    for (std::size_t i = count; i > 0; --i)
        value = value << 8U | bytes[at + i - 1];
    return value;
}

} // namespace crossiter
