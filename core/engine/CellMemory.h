#pragma once

// Private to core/engine: what sweeps have computed before.

#include "core/defense/DefendedSource.h"

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace crossiter {

/// Drawn outcomes by a text that says all they hang on. Those used longest ago go when the memory
/// is full. Thread-safe.
class CellMemory
{
public:
    /// A sweep of 299 sizes, two models and ten sub-steps takes 25 MB.
    static constexpr std::size_t kMaxBytes = 96U << 20U;

    explicit CellMemory(std::size_t maxBytes = kMaxBytes)
        : m_maxBytes(maxBytes)
    {
    }

    [[nodiscard]] std::shared_ptr<const Drawn> find(const std::string& key); ///< null: not there
    void keep(const std::string& key, std::shared_ptr<const Drawn> drawn);
    [[nodiscard]] std::size_t bytes() const;

private:
    struct Entry
    {
        std::string key;
        std::shared_ptr<const Drawn> drawn;
    };
    [[nodiscard]] static std::size_t bytesOf(const Entry& entry);

    std::size_t m_maxBytes;
    std::size_t m_bytes = 0;
    mutable std::mutex m_mutex;
    std::list<Entry> m_order; ///< used last at the front
    std::unordered_map<std::string, std::list<Entry>::iterator> m_byKey;
};

} // namespace crossiter
