#pragma once

#include "core/base/ByteView.h"

#include <cstdint>

namespace crossiter {

/// CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected), as iSCSI, LevelDB and TensorFlow use it:
/// RFC 3720, appendix B.4. "123456789" gives 0xE3069283.
[[nodiscard]] std::uint32_t crc32c(ByteView bytes) noexcept;

/// The form in which LevelDB and TensorFlow store a checksum: rotated by 15 bits, plus a constant,
/// so that a checksum of data that holds checksums stays a good one.
[[nodiscard]] std::uint32_t maskedCrc32c(ByteView bytes) noexcept;

} // namespace crossiter
