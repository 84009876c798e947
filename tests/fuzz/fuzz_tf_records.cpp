// What lies behind a table's checksums: any records in a table that LevelDB itself wrote.
#include "core/checkpoint/KeyMap.h"
#include "core/checkpoint/TfCheckpointReader.h"

#include "tests/fuzz/Fuzz.h"
#include "tests/fuzz/TableMaker.h"

using namespace crossiter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const auto records = fuzz::recordsOf({ data + 1, size - 1 });
    const fuzz::Input table(fuzz::makeTable(records, (data[0] & 1) != 0));
    static const std::vector<std::uint8_t> kShard(1 << 12, 1);
    return fuzz::attempt([&] {
        const StateDict state = isTfIndex(table.bytes, "fuzz")
            ? readTfV2(
                table.bytes, [](int, int) { return std::span(kShard); }, nullptr, "fuzz")
            : readTfV1(table.bytes, "fuzz");
        fuzz::checkWhole(state);
        (void)mapTfVariables(state, "inception-resnet-v2", "fuzz");
    });
}
