#include "core/engine/PurifierCache.h"

namespace crossiter {

std::shared_ptr<const Purifier> PurifierCache::get(
    const std::string& id, torch::ScalarType type, torch::Device device)
{
    const std::lock_guard lock(m_mutex);
    auto& known = m_known[{ id, type, device.str() }];
    if (!known)
        known = loadPurifier(ModelStore(m_paths).find(id), type, device);
    return known;
}

} // namespace crossiter
