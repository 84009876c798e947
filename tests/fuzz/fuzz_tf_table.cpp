// A file as it lies on disk. Checksums make most changes end early; fuzz_tf_records goes behind
// them.
#include "core/checkpoint/KeyMap.h"
#include "core/checkpoint/TfCheckpointReader.h"

#include "tests/fuzz/Fuzz.h"

using namespace crossiter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const fuzz::Input input({ data, size });
    static const std::vector<std::uint8_t> kShard(1 << 12, 1);
    return fuzz::attempt([&] {
        const StateDict state = isTfIndex(input.bytes, "fuzz")
            ? readTfV2(
                input.bytes, [](int, int) { return std::span(kShard); }, nullptr, "fuzz")
            : readTfV1(input.bytes, "fuzz");
        fuzz::checkWhole(state);
        (void)mapTfVariables(state, "inception-v3", "fuzz");
    });
}
