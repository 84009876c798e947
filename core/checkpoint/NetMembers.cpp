#include "core/checkpoint/NetMembers.h"

#include "core/nets/Net.h"

namespace crossiter {

std::vector<NetMember> netMembers(const std::string& architecture)
{
    const std::string aux = auxPrefix(architecture);
    NetOptions options;
    options.auxHead = !aux.empty();
    const auto net = makeNet(architecture, options);
    const std::string key = classifierKey(architecture);
    const std::string classifier = key.substr(0, key.rfind('.') + 1);
    std::vector<NetMember> members;
    const auto add = [&](const std::string& name, const torch::Tensor& value) {
        const bool auxiliary = !aux.empty() && name.starts_with(aux);
        NetMember member { name, value.sizes().vec(),
            auxiliary || name.ends_with("num_batches_tracked") };
        if (name.starts_with(classifier) || (auxiliary && name.starts_with(aux + "fc.")))
            member.shape[0] = -1;
        members.push_back(std::move(member));
    };
    for (const auto& item : net->named_parameters())
        add(item.key(), item.value());
    for (const auto& item : net->named_buffers())
        add(item.key(), item.value());
    return members;
}

} // namespace crossiter
