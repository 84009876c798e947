#pragma once

#include <cstdint>
#include <span>

namespace crossiter {

/// Bytes of a file or a part of one, read and not owned.
using ByteView = std::span<const std::uint8_t>;

} // namespace crossiter
