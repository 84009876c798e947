#include "tests/fuzz/FuzzPicture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    return crossiter::fuzz::decodePicture({ data, size }, crossiter::detail::decodeBmp);
}
