#include "core/image/ByteSource.h"

#include <algorithm>

namespace crossiter::detail {

namespace {

constexpr std::size_t kWindowBytes = std::size_t { 64 } << 10U;

} // namespace

ByteView ByteSource::view(std::uint64_t at)
{
    if (at >= m_size)
        return {};
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(kWindowBytes, m_size - at));
    if (m_file == nullptr)
        return m_bytes.subspan(static_cast<std::size_t>(at), most);
    m_window.resize(kWindowBytes);
    const std::span<std::uint8_t> window = std::span(m_window).first(most);
    return window.first(m_file->readAt(at, window));
}

bool ByteReader::refill()
{
    if (m_time.over())
        throw OutOfTime();
    m_base += m_next;
    m_next = 0;
    m_window = m_source.view(m_base);
    return !m_window.empty();
}

std::size_t ByteReader::read(std::span<std::uint8_t> to)
{
    std::size_t done = 0;
    while (done < to.size()) {
        const ByteView part = ahead();
        if (part.empty())
            break;
        const std::size_t count = std::min(part.size(), to.size() - done);
        std::copy_n(part.begin(), count, to.begin() + static_cast<std::ptrdiff_t>(done));
        m_next += count;
        done += count;
    }
    return done;
}

void ByteReader::skip(std::uint64_t count) noexcept
{
    const std::uint64_t atHand = m_window.size() - m_next;
    if (count <= atHand) {
        m_next += static_cast<std::size_t>(count);
        return;
    }
    // What lies between is not even read.
    m_base = position() + std::min(count, left());
    m_window = {};
    m_next = 0;
}

} // namespace crossiter::detail
