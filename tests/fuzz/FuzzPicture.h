#pragma once

#include "core/image/Decoding.h"

#include "tests/fuzz/Fuzz.h"

namespace crossiter::fuzz {

/// One reader without the look at the signature, so that every input reaches it. The first byte
/// chooses the rules.
inline int decodePicture(
    std::span<const std::uint8_t> data, Image (*decode)(const detail::DecodeJob&))
{
    if (data.empty())
        return 0;
    const Input input(data.subspan(1));
    DecodeLimits limits;
    limits.maxPixels = 1 << 16;
    limits.maxMemoryBytes = 16U << 20U;
    limits.deadlineMs = 500;
    const ReadRule rule((data[0] & 1U) != 0 ? DecodeRule::Contest : DecodeRule::Person,
        (data[0] & 2U) != 0 ? ColourRule::Srgb : ColourRule::Ignore);
    return attempt([&] {
        detail::ByteSource source(input.bytes);
        FoundProfile profile;
        try {
            const Image image =
                decode({ source, "fuzz", rule, limits, TimeLimit(limits.deadlineMs), &profile });
            require(image.rgb.size()
                == static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height)
                    * 3);
        } catch (const detail::OutOfTime&) {
            return; // which decodeImage tells
        }
    });
}

} // namespace crossiter::fuzz
