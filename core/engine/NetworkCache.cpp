#include "core/engine/NetworkCache.h"

namespace crossiter {

namespace {

/// Weights are stored in float32; `exact` widens them. A packed file is longer once it is open, but
/// no one knows how much before.
std::uint64_t expectedBytes(const StoredModel& model, Numerics numerics)
{
    std::error_code fault;
    const std::uint64_t bytes = std::filesystem::file_size(model.weights, fault);
    return fault ? 0 : bytes * (numerics == Numerics::Exact ? 2 : 1);
}

} // namespace

NetworkCache::NetworkCache(StorePaths paths, std::uint64_t memoryBytes)
    : m_paths(std::move(paths))
    , m_memoryBytes(memoryBytes)
{
}

std::shared_ptr<const Classifier> NetworkCache::get(
    const std::string& id, Numerics numerics, torch::Device device)
{
    const Key key { id, numerics, device.str() };
    std::unique_lock lock(m_mutex);
    for (;;) {
        const auto found = m_entries.find(key);
        if (found == m_entries.end())
            break;
        if (found->second.network) {
            found->second.lastUse = ++m_clock;
            return found->second.network;
        }
        m_loaded.wait(lock); // another thread loads it
    }
    m_entries[key]; // says that this thread loads it
    lock.unlock();
    std::shared_ptr<const Classifier> network;
    try {
        const StoredModel model = ModelStore(m_paths).find(id);
        const std::uint64_t expected = expectedBytes(model, numerics);
        lock.lock();
        // Room is made before it is needed: the peak is what a small machine dies of.
        unloadLeastUsed(expected);
        m_entries[key].expectedBytes = expected;
        lock.unlock();
        network = Classifier::load(model, numerics, device);
    } catch (...) {
        if (!lock.owns_lock())
            lock.lock();
        m_entries.erase(key);
        m_loaded.notify_all();
        throw;
    }
    lock.lock();
    m_entries[key] = { network, ++m_clock, 0 };
    m_loaded.notify_all();
    unloadLeastUsed();
    return network;
}

bool NetworkCache::has(const std::string& id, Numerics numerics, torch::Device device) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_entries.find({ id, numerics, device.str() });
    return found != m_entries.end() && found->second.network;
}

std::uint64_t NetworkCache::bytes() const
{
    const std::lock_guard lock(m_mutex);
    std::uint64_t bytes = 0;
    for (const auto& [key, entry] : m_entries)
        bytes += entry.network ? entry.network->bytes() : 0;
    return bytes;
}

std::uint64_t NetworkCache::total() const
{
    std::uint64_t bytes = 0;
    for (const auto& [key, entry] : m_entries)
        bytes += entry.network ? entry.network->bytes() : entry.expectedBytes;
    return bytes;
}

void NetworkCache::unloadLeastUsed(std::uint64_t room)
{
    if (m_memoryBytes == 0)
        return;
    while (total() + room > m_memoryBytes) {
        auto oldest = m_entries.end();
        for (auto it = m_entries.begin(); it != m_entries.end(); ++it) {
            const bool idle = it->second.network && it->second.network.use_count() == 1;
            if (idle && (oldest == m_entries.end() || it->second.lastUse < oldest->second.lastUse))
                oldest = it;
        }
        if (oldest == m_entries.end())
            return; // all the rest is in use: a budget does not stop work
        m_entries.erase(oldest);
    }
}

} // namespace crossiter
