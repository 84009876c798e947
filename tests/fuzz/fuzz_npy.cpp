#include "core/image/NpyFile.h"

#include "tests/fuzz/Fuzz.h"

using namespace crossiter;

// The first byte chooses what is said of the array.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const fuzz::Input input({ data + 1, size - 1 });
    NpyReading reading;
    if ((data[0] & 1) != 0)
        reading.range = (data[0] & 2) != 0 ? NpyRange::ZeroOne : NpyRange::MinusOneOne;
    if ((data[0] & 4) != 0)
        reading.layout = (data[0] & 8) != 0 ? NpyLayout::Nhwc : NpyLayout::Nchw;
    return fuzz::attempt([&] {
        NpyFile array(input.bytes, "fuzz", reading);
        for (std::size_t i = 0; i < array.count(); ++i) {
            const Image image = array.picture(i);
            fuzz::require(sizeOf(image) == array.size() && !image.empty());
        }
    });
}
