#pragma once

// Private to core/engine: networks, purifiers and what stands in front of them.

#include "core/base/Progress.h"
#include "core/classify/Classifier.h"
#include "core/defense/DefendedSource.h"
#include "core/engine/NetworkCache.h"
#include "core/engine/PurifierCache.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace crossiter {

/// With batch statistics the plain network stands in for the folded one of `fast`.
[[nodiscard]] Numerics numericsBehind(const DefenseRequest& defense, Numerics numerics);

/// What an engine holds in memory, alone or behind a defense. Thread-safe.
class LoadedModels
{
public:
    /// memoryBytes: budget of the networks; 0: no limit.
    LoadedModels(const StorePaths& paths, std::uint64_t memoryBytes)
        : m_networks(paths, memoryBytes)
        , m_purifiers(paths)
    {
    }

    /// Those of `ids` that are not there yet, each named in the progress before it is loaded: a
    /// large one takes seconds. False when stopped, which is asked for between two networks.
    [[nodiscard]] bool load(const std::vector<std::string>& ids, Numerics numerics,
        torch::Device device, const ProgressSink& progress, const std::stop_token& stop);

    [[nodiscard]] std::shared_ptr<const Classifier> network(
        const std::string& id, Numerics numerics, torch::Device device)
    {
        return m_networks.get(id, numerics, device);
    }
    [[nodiscard]] std::vector<std::shared_ptr<const DifferentiableSource>> networks(
        const std::vector<std::string>& ids, Numerics numerics, torch::Device device);

    /// defense: checked.
    [[nodiscard]] std::shared_ptr<const DefenseStages> stages(
        const DefenseRequest& defense, torch::ScalarType type, torch::Device device);
    /// The network that a defense wants, in numericsBehind().
    [[nodiscard]] std::shared_ptr<const Classifier> networkBehind(const DefenseRequest& defense,
        const std::string& id, Numerics numerics, torch::Device device);
    /// The models behind the defense, in order, sharing one set of stages. defense: checked.
    [[nodiscard]] std::vector<std::shared_ptr<const DefendedSource>> defended(
        const DefenseRequest& defense, const std::vector<std::string>& ids, Numerics numerics,
        torch::Device device);

    /// SHA-256 of the weights of the models behind the defense and of its purifiers, by id. Loads
    /// what is not there yet: the hash is of what answers.
    [[nodiscard]] std::map<std::string, std::string> weights(const std::vector<std::string>& ids,
        const DefenseRequest& defense, Numerics numerics, torch::Device device);

private:
    NetworkCache m_networks;
    PurifierCache m_purifiers;
    ResizeBank m_resizes;
};

} // namespace crossiter
