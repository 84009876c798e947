#pragma once

// Private to core/engine: loaded purifiers.

#include "core/defense/Purifier.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

namespace crossiter {

/// Loaded purifiers. Thread-safe. They are few and small: the budget for networks leaves them out.
class PurifierCache
{
public:
    explicit PurifierCache(StorePaths paths)
        : m_paths(std::move(paths))
    {
    }
    /// Loads it at its first use. Throws Error(BadInput): unknown id, no purifier, weights not
    /// there or not the manifest's.
    [[nodiscard]] std::shared_ptr<const Purifier> get(
        const std::string& id, torch::ScalarType type, torch::Device device);

private:
    StorePaths m_paths;
    std::mutex m_mutex;
    std::map<std::tuple<std::string, torch::ScalarType, std::string>,
        std::shared_ptr<const Purifier>>
        m_known;
};

} // namespace crossiter
