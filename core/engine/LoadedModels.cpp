#include "core/engine/LoadedModels.h"

#include "core/base/Contains.h"
#include "core/defense/DefenseRequest.h"

namespace crossiter {

bool LoadedModels::load(const std::vector<std::string>& ids, Numerics numerics,
    torch::Device device, const ProgressSink& progress, const std::stop_token& stop)
{
    std::vector<std::string> missing;
    for (const std::string& id : ids)
        if (!m_networks.has(id, numerics, device) && !contains(missing, id))
            missing.push_back(id);
    for (std::size_t i = 0; i < missing.size(); ++i) {
        if (stop.stop_requested())
            return false;
        if (progress)
            progress({ "loading " + missing[i], i, missing.size(), -1.0 });
        (void)m_networks.get(missing[i], numerics, device);
    }
    return !stop.stop_requested();
}

std::vector<std::shared_ptr<const DifferentiableSource>> LoadedModels::networks(
    const std::vector<std::string>& ids, Numerics numerics, torch::Device device)
{
    std::vector<std::shared_ptr<const DifferentiableSource>> found;
    found.reserve(ids.size());
    for (const std::string& id : ids)
        found.push_back(m_networks.get(id, numerics, device));
    return found;
}

std::shared_ptr<const DefenseStages> LoadedModels::stages(
    const DefenseRequest& defense, torch::ScalarType type, torch::Device device)
{
    std::map<std::string, std::shared_ptr<const Purifier>> loaded;
    for (const std::string& id : purifiersOf(defense))
        loaded[id] = m_purifiers.get(id, type, device);
    return std::make_shared<const DefenseStages>(defense, m_resizes, loaded);
}

Numerics numericsBehind(const DefenseRequest& defense, Numerics numerics)
{
    const bool plain = defense.batchStatistics && numerics == Numerics::Fast;
    return plain ? Numerics::Reference : numerics;
}

std::shared_ptr<const Classifier> LoadedModels::networkBehind(
    const DefenseRequest& defense, const std::string& id, Numerics numerics, torch::Device device)
{
    return m_networks.get(id, numericsBehind(defense, numerics), device);
}

std::vector<std::shared_ptr<const DefendedSource>> LoadedModels::defended(
    const DefenseRequest& defense, const std::vector<std::string>& ids, Numerics numerics,
    torch::Device device)
{
    const auto shared = stages(defense, scalarTypeOf(numerics), device);
    std::vector<std::shared_ptr<const DefendedSource>> found;
    found.reserve(ids.size());
    for (const std::string& id : ids)
        found.push_back(std::make_shared<const DefendedSource>(
            networkBehind(defense, id, numerics, device), defense, shared));
    return found;
}

std::map<std::string, std::string> LoadedModels::weights(const std::vector<std::string>& ids,
    const DefenseRequest& defense, Numerics numerics, torch::Device device)
{
    std::map<std::string, std::string> found;
    for (const std::string& id : ids)
        found[id] = networkBehind(defense, id, numerics, device)->weightsSha256();
    for (const std::string& id : purifiersOf(defense))
        found[id] = m_purifiers.get(id, scalarTypeOf(numerics), device)->weightsSha256();
    return found;
}

} // namespace crossiter
