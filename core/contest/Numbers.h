#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace crossiter {

/// Decimal digits only: no sign, no spaces, nothing after them.
[[nodiscard]] inline std::optional<int> wholeNumber(std::string_view text)
{
    int number = 0;
    const char* end = text.data() + text.size();
    const auto [last, fault] = std::from_chars(text.data(), end, number);
    if (text.empty() || text.front() == '-' || fault != std::errc() || last != end)
        return std::nullopt;
    return number;
}

} // namespace crossiter
