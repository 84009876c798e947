#pragma once

#include <algorithm>
#include <iterator>

namespace crossiter {

/// Whether a list holds a value.
template <typename List, typename Value>
[[nodiscard]] bool contains(const List& list, const Value& value)
{
    return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

} // namespace crossiter
