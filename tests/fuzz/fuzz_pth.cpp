#include "core/checkpoint/PthReader.h"
#include "core/checkpoint/WeightNames.h"

#include "tests/fuzz/Fuzz.h"

using namespace crossiter;

namespace {

/// Some members of Inception v3: enough for every way that names are found.
const std::vector<NetMember>& members()
{
    static const std::vector<NetMember> kMembers { { "Conv2d_1a_3x3.conv.weight", { 2, 3, 1, 2 },
                                                       false },
        { "Conv2d_1a_3x3.bn.weight", { 2 }, false }, { "Conv2d_1a_3x3.bn.bias", { 2 }, false },
        { "Conv2d_1a_3x3.bn.running_mean", { 2 }, false },
        { "Conv2d_1a_3x3.bn.running_var", { 2 }, false }, { "fc.weight", { -1, 3 }, false },
        { "fc.bias", { -1 }, false } };
    return kMembers;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const fuzz::Input input({ data, size });
    return fuzz::attempt([&] {
        const PthFile file(input.bytes, input.owner, "fuzz");
        fuzz::require(!file.dicts().empty());
        for (std::size_t i = 0; i < file.dicts().size(); ++i) {
            const PthDict& dict = file.dicts()[i];
            const Recognition how = recogniseNames(dict.tensors, "inception-v3", members());
            const StateDict state = file.read(i);
            fuzz::checkWhole(state);
            fuzz::require(state.tensors.size() == dict.tensors.size());
            fuzz::checkWhole(renamed(state, how));
            fuzz::require(!lineOf(how).empty());
        }
    });
}
