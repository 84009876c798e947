#include "core/base/Archive.h"

#include "tests/fuzz/Fuzz.h"

using namespace crossiter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const fuzz::Input input({ data, size });
    ArchiveLimits limits;
    limits.unpackedBytes = 1U << 22U;
    return fuzz::attempt([&] {
        const auto members = readTar(
            input.bytes, "fuzz", [](const std::string& name) { return name.size() % 2 == 0; },
            limits);
        for (const ArchiveMember& member : members) {
            fuzz::require(!member.name.empty() && member.name.front() != '/');
            fuzz::require(("/" + member.name + "/").find("/../") == std::string::npos);
        }
    });
}
