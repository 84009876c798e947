#include "core/engine/NetworkCache.h"

namespace crossiter {

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
        network = Classifier::load(ModelStore(m_paths).find(id), numerics, device);
    } catch (...) {
        lock.lock();
        m_entries.erase(key);
        m_loaded.notify_all();
        throw;
    }
    lock.lock();
    m_entries[key] = { network, ++m_clock };
    m_loaded.notify_all();
    unloadLeastUsed();
    return network;
}

void NetworkCache::unloadLeastUsed()
{
    if (m_memoryBytes == 0)
        return;
    for (;;) {
        std::uint64_t total = 0;
        auto oldest = m_entries.end();
        for (auto it = m_entries.begin(); it != m_entries.end(); ++it) {
            if (!it->second.network)
                continue;
            total += it->second.network->bytes();
            const bool idle = it->second.network.use_count() == 1;
            if (idle && (oldest == m_entries.end() || it->second.lastUse < oldest->second.lastUse))
                oldest = it;
        }
        if (total <= m_memoryBytes || oldest == m_entries.end())
            return;
        m_entries.erase(oldest);
    }
}

} // namespace crossiter
