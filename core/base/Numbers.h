#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace crossiter {

// Numbers of files and options. All of them go through these functions, because printf, streams
// and strtod follow the locale that a host program chose (Qt's application objects choose the
// user's): under a German desktop they would write 0,5 into a CSV and stop reading 0.5 at its
// point. These never ask the locale.

/// Nine significant digits, enough for every float to read back as itself: byte for byte what
/// printf's "%.9g" writes in the C locale ("1e-05", "-0", "inf", "-inf", "nan").
[[nodiscard]] std::string numberText(double value);

/// `digits` (0..60; others are brought there) digits behind the point: byte for byte printf's
/// "%.*f" in the C locale.
[[nodiscard]] std::string fixedText(double value, int digits);

/// The fewest digits that read back as exactly this number: "0.1", "200", "1e-05".
[[nodiscard]] std::string shortestText(double value);

/// Six significant digits at most, for sentences: printf's "%g" in the C locale.
[[nodiscard]] std::string briefText(double value);

/// Decimal, with zeros before it up to `digits` digits: "0042".
[[nodiscard]] std::string paddedText(std::uint64_t value, int digits);

/// Small hex digits, with zeros before them up to `digits` digits.
[[nodiscard]] std::string hexText(std::uint64_t value, int digits);

/// The number that the whole text is, by from_chars: a point, no spaces, no plus sign, nothing
/// behind it; nothing if it is none or does not fit into T. A double may be "inf" or "nan":
/// whoever reads a file checks its range.
template <typename T>
[[nodiscard]] std::optional<T> parseNumber(std::string_view text)
{
    T value {};
    const char* end = text.data() + text.size();
    const auto [last, fault] = std::from_chars(text.data(), end, value);
    if (text.empty() || fault != std::errc() || last != end)
        return std::nullopt;
    return value;
}

/// Decimal digits only: no sign, no spaces, nothing after them; nothing above int's range.
[[nodiscard]] inline std::optional<int> wholeNumber(std::string_view text)
{
    return text.starts_with('-') ? std::nullopt : parseNumber<int>(text);
}

} // namespace crossiter
