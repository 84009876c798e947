#pragma once

#include "core/image/Decoding.h"

#include <cstdint>

namespace crossiter::detail {

/// What a walk over the boxes tells before libavif sees a byte.
struct AvifBoxes
{
    std::uint64_t brandsAt = 0; ///< in the file, of the first compatible brand
    std::uint64_t brandsEnd = 0;
    std::uint64_t parts = 1; ///< pictures that the largest grid is made of, at least 1
};

/// Checks boxes against the file, that there is a still picture, and that the lists which libavif
/// searches one by one are short. Throws Error(BadInput), OutOfTime.
/// Format: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (items), AV1 Image File Format 1.1.
[[nodiscard]] AvifBoxes walkAvifBoxes(const DecodeJob& job);

} // namespace crossiter::detail
