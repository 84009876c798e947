#include "core/engine/CellMemory.h"

namespace crossiter {

std::size_t CellMemory::bytesOf(const Entry& entry)
{
    constexpr std::size_t kNodes = 200; // list and map, roughly
    return kNodes + 2 * entry.key.size() + sizeof(Drawn) + entry.drawn->mean.size() * sizeof(float)
        + entry.drawn->top1.size() * sizeof(int);
}

std::shared_ptr<const Drawn> CellMemory::find(const std::string& key)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_byKey.find(key);
    if (found == m_byKey.end())
        return nullptr;
    m_order.splice(m_order.begin(), m_order, found->second);
    return found->second->drawn;
}

void CellMemory::keep(const std::string& key, std::shared_ptr<const Drawn> drawn)
{
    const std::lock_guard lock(m_mutex);
    if (m_byKey.contains(key))
        return;
    m_order.push_front({ key, std::move(drawn) });
    m_byKey.emplace(key, m_order.begin());
    m_bytes += bytesOf(m_order.front());
    while (m_bytes > m_maxBytes && m_order.size() > 1) {
        m_bytes -= bytesOf(m_order.back());
        m_byKey.erase(m_order.back().key);
        m_order.pop_back();
    }
}

std::size_t CellMemory::bytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_bytes;
}

} // namespace crossiter
