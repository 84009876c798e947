#include "core/checkpoint/PthReader.h"

#include "tests/fuzz/Fuzz.h"

using namespace crossiter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const fuzz::Input input({ data, size });
    return fuzz::attempt([&] { fuzz::checkWhole(readPthBytes(input.bytes, input.owner, "fuzz")); });
}
