#include "core/image/Codec.h"

#include "tests/fuzz/Fuzz.h"

using namespace crossiter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const fuzz::Input input({ data + 1, size - 1 });
    DecodeLimits limits;
    limits.maxPixels = 1 << 16;
    limits.maxMemoryBytes = 16U << 20U;
    limits.deadlineMs = 500;
    const DecodeRule rule = (data[0] & 1) != 0 ? DecodeRule::Contest : DecodeRule::Person;
    return fuzz::attempt([&] {
        const Image image = decodeImage(input.bytes, "fuzz", rule, limits);
        fuzz::require(image.rgb.size()
            == static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
    });
}
