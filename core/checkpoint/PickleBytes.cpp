#include "core/checkpoint/PickleBytes.h"

#include "core/base/Error.h"

#include <algorithm>

namespace crossiter::detail {

PickleBytes::PickleBytes(std::span<const std::uint8_t> bytes, std::string place)
    : m_bytes(bytes)
    , m_place(std::move(place))
{
}

void PickleBytes::fail(
    const std::string& text, const std::string& expected, const std::string& found) const
{
    throw Error(ErrorKind::BadInput, text, m_place + " pickle byte " + std::to_string(m_at),
        expected, found);
}

std::span<const std::uint8_t> PickleBytes::take(std::uint64_t count)
{
    if (count > left())
        fail("truncated pickle", std::to_string(count) + " bytes", std::to_string(left()));
    const auto taken = m_bytes.subspan(m_at, static_cast<std::size_t>(count));
    m_at += taken.size();
    return taken;
}

std::uint64_t PickleBytes::takeNumber(std::size_t bytes)
{
    std::uint64_t number = 0;
    const auto taken = take(bytes);
    for (std::size_t i = 0; i < bytes; ++i)
        number |= static_cast<std::uint64_t>(taken[i]) << (8U * i);
    return number;
}

std::string_view PickleBytes::takeLine(std::size_t most)
{
    const auto rest = m_bytes.subspan(m_at, std::min(most, m_bytes.size() - m_at));
    const auto end = std::find(rest.begin(), rest.end(), '\n');
    if (end == rest.end())
        fail("bad pickle", "a line of at most " + std::to_string(most) + " bytes", "no end");
    const auto length = static_cast<std::size_t>(end - rest.begin());
    m_at += length + 1;
    return { reinterpret_cast<const char*>(rest.data()), length };
}

} // namespace crossiter::detail
