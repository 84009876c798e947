#pragma once

#include "core/classify/Classifier.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

namespace crossiter {

/// Loaded networks, shared by all calls of an engine. Thread-safe; a network that two threads ask
/// for at once is loaded once.
class NetworkCache
{
public:
    NetworkCache(StorePaths paths, std::uint64_t memoryBytes);

    /// Loads when needed. Throws what Classifier::load and ModelStore::find throw.
    [[nodiscard]] std::shared_ptr<const Classifier> get(
        const std::string& id, Numerics numerics, torch::Device device);

    /// get() would not have to load it.
    [[nodiscard]] bool has(const std::string& id, Numerics numerics, torch::Device device) const;

    /// Bytes of all networks that are loaded now.
    [[nodiscard]] std::uint64_t bytes() const;

private:
    using Key = std::tuple<std::string, Numerics, std::string>;
    struct Entry
    {
        std::shared_ptr<const Classifier> network; ///< null: being loaded
        std::uint64_t lastUse = 0;
        std::uint64_t expectedBytes = 0; ///< while it is being loaded
    };
    /// Until the budget holds what is there, what is being loaded and `room` more; never what is in
    /// use. Lock held.
    void unloadLeastUsed(std::uint64_t room = 0);
    [[nodiscard]] std::uint64_t total() const; ///< with what is expected of loads. Lock held.

    StorePaths m_paths;
    std::uint64_t m_memoryBytes;
    mutable std::mutex m_mutex;
    std::condition_variable m_loaded;
    std::map<Key, Entry> m_entries;
    std::uint64_t m_clock = 0;
};

} // namespace crossiter
